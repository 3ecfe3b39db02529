public import PowerDelivery
public import PowerSupervision
public import Quantities

/// What the driver has to do, in the order in which `PortEngine.nextAction()` hands it out.
public enum PortAction: Equatable, Sendable {
  /// Send this packet; the CRC is the driver's. Answered by `.transmitted`.
  case transmit(ShortMessage)
  /// Send Hard Reset signalling. Answered by `.hardResetSent`.
  case sendHardReset
  /// Send Cable Reset signalling.
  case sendCableReset
  /// Apply this termination to the CC pins.
  case terminate(Termination)
  /// Send and receive on this pin, with VCONN on the other; `nil` stops receiving.
  case setOrientation(CCPin?)
  /// Which kinds of packet to listen to.
  case listen(ReceiverFilter)
  /// The header fields of GoodCRCs that silicon sends by itself.
  case setGoodCRCHeader(MessageHeader)
  /// Supply VCONN on the pin that is not used for communication, or stop.
  case setVCONN(Bool)
  /// For the `PowerSupervisor`.
  case supply(SupplyCommand)
  /// For the load: draw at most this much from now on.
  case draw(SinkAllowance)
  /// Send the BIST carrier (alternating bits) until `.stopBISTCarrier`.
  case startBISTCarrier
  case stopBISTCarrier
  /// Something that the user of the engine may want to know.
  case notify(PortNotice)
}

/// What a port puts on its CC pins.
public enum Termination: Equatable, Sendable {
  /// Neither Rp nor Rd.
  case open
  case rd
  case rp(RpCurrent)
}

/// The current that Rp advertises. In a Revision 3 contract it says whether the sink may speak first instead
/// (USB-PD R3.2 §5.7): 1.5 A is SinkTxNG, 3.0 A is SinkTxOK.
public enum RpCurrent: UInt8, Equatable, Sendable {
  case usbDefault, current1500, current3000

  public static var sinkTxNG: RpCurrent { .current1500 }
  public static var sinkTxOK: RpCurrent { .current3000 }

  /// What a sink may draw without a contract.
  public var current: Milliamperes {
    switch self {
    case .usbDefault: Milliamperes(500)
    case .current1500: Milliamperes(1_500)
    case .current3000: Milliamperes(3_000)
    }
  }
}

/// Which kinds of packet the receiver passes.
public enum ReceiverFilter: UInt8, Equatable, Sendable {
  case off
  case sop
  /// SOP and SOP′: what a VCONN source listens to before it knows the cable.
  case sopAndPrime
  /// SOP, SOP′ and SOP″.
  case all
}

/// What a sink may draw.
public struct SinkAllowance: Equatable, Sendable {
  public enum Reason: UInt8, Equatable, Sendable {
    /// Nothing: detached, Hard Reset, role swap.
    case nothing
    /// What Rp advertises.
    case typeC
    /// At most iSnkStdby while VBUS changes.
    case standby
    /// The contract.
    case contract
  }

  public var reason: Reason
  /// What is, or will be, on VBUS.
  public var voltage: Millivolts
  public var current: Milliamperes

  public init(_ reason: Reason, voltage: Millivolts, current: Milliamperes) {
    self.reason = reason
    self.voltage = voltage
    self.current = current
  }
}
