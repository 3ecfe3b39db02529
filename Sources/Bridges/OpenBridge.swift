public import RegisterBus

/// A bridge that is open, of whatever kind, with what can be said of it.
public struct OpenBridge: RegisterBus {
  /// Names this bridge and no other, also after it was unplugged.
  public let selection: BridgeSelection
  private var bridge: any Bridge

  init(_ bridge: any Bridge, _ selection: BridgeSelection) {
    self.bridge = bridge
    self.selection = selection
  }

  public var kind: BridgeKind { bridge.kind }
  public var traits: BridgeTraits { bridge.traits }
  /// What went wrong on the way to the bus behind the last error, and what to do; `nil` where the fault was on the bus.
  public var lastProblem: String? { bridge.lastProblem }

  /// Whether the interrupt line that hangs on the bridge is low; false where there is none to see.
  public mutating func interruptIsLow() throws(RegisterBusError) -> Bool { try bridge.interruptIsLow() }
  /// Makes pins that were driven inputs: what they enabled goes off. The next call sets the bridge up again.
  public mutating func letGo() throws(RegisterBusError) { try bridge.letGo() }

  public mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) { try bridge.run(&batch) }
}
