public import RegisterBus

/// A bus of registers behind a device of this machine.
public protocol Bridge: RegisterBus {
  var kind: BridgeKind { get }

  /// What went wrong on the way to the bus behind the last error, and what to do; `nil` where the fault was on the bus.
  var lastProblem: String? { get }

  /// Whether the interrupt line that hangs on the bridge is low; false where there is none to see.
  mutating func interruptIsLow() throws(RegisterBusError) -> Bool
  /// Makes pins that were driven inputs; nothing where there are none.
  mutating func letGo() throws(RegisterBusError)
}

extension Bridge {
  public var traits: BridgeTraits { kind.traits }
  public mutating func interruptIsLow() throws(RegisterBusError) -> Bool { false }
  public mutating func letGo() throws(RegisterBusError) {}
}

extension FTDIBridge: Bridge {
  public var kind: BridgeKind {
    switch model {
    case .ft232h: .ft232h
    case .ft2232h: .ft2232h
    case .ft4232h: .ft4232h
    }
  }
  public var lastProblem: String? { lastFault?.description }
}

extension I2CTinyUSBBridge: Bridge {
  public var kind: BridgeKind { .i2cTinyUSB }
  public var lastProblem: String? { lastFault?.description }
}

extension WCHBridge: Bridge {
  public var kind: BridgeKind { model.kind }
  public var lastProblem: String? { lastFault?.description }
}

extension MCP2221ABridge: Bridge {
  public var kind: BridgeKind { .mcp2221a }
  public var lastProblem: String? { lastFault?.description }
}

extension LinuxI2CBus: Bridge {
  public var kind: BridgeKind { .linuxI2C }
}
