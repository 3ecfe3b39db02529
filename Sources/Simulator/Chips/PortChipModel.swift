public import PortEngine
public import Quantities

/// What a bench needs of the model of a port controller: its bus, its pins, and what it hears and says on CC.
public protocol PortChipModel: Sendable {
  /// The 7-bit address.
  var busAddress: UInt8 { get }
  /// Whether the interrupt pin is low.
  var interruptIsLow: Bool { get }
  /// What a pin presents.
  func termination(of pin: CCPin) -> PinTermination
  /// The pin that the receiver is connected to; `nil` for none.
  var measuredPin: CCPin? { get }
  /// Whether it acknowledges what it receives.
  var acknowledges: Bool { get }
  /// Whether the carrier that is being sent was stopped.
  var wantsToStopCarrier: Bool { get }
  /// When `advance` has something to do; `nil` while only the bus or the line can move the chip.
  var nextDeadline: Instant? { get }

  /// A write of the bus: the register, and the bytes behind it.
  mutating func write(_ bytes: [UInt8], to register: UInt8, at now: Instant)
  /// A read of the bus.
  mutating func read(_ count: Int, from register: UInt8, at now: Instant) -> [UInt8]

  mutating func setPins(_ cc1: Millivolts, _ cc2: Millivolts, at now: Instant)
  mutating func setVBUS(_ voltage: Millivolts, at now: Instant)
  mutating func setLine(busy: Bool)
  /// A transmission of somebody else is over.
  /// - Parameter isSound: whether it can be read.
  mutating func hear(_ signal: ChipSignal, isSound: Bool, at now: Instant)
  /// Serves what is due.
  /// - Returns: a transmission that begins now; its end is told by `transmissionEnded`.
  mutating func advance(to now: Instant) -> ChipTransmission?
  /// What the chip sent is over.
  mutating func transmissionEnded(at now: Instant)
  /// Its supply breaks in: everything is as after power-up.
  mutating func loseSupply(at now: Instant)
}

extension FUSB302Model: PortChipModel {
  public var busAddress: UInt8 { FUSB302Model.address }

  public mutating func loseSupply(at now: Instant) { loseSupply() }
}
