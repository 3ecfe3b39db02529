public import Quantities
public import RegisterBus

/// How a TCPC is driven.
public struct TCPCIOptions: Equatable, Sendable {
  /// 0x50 to 0x53 for a PTN5110, by its pins.
  public var address = BusAddress(rawValue: 0x50)
  /// Whether somebody watches the interrupt pin and calls `interrupt(at:)` while it is low. Otherwise `poll(at:)` asks
  /// for alerts, and `attachedPoll` should be 1 to 2 ms.
  public var hasInterruptPin = true
  /// Whether `interrupt(at:)` reads the whole receive buffer together with ALERT: a message costs a round trip less.
  /// Behind a short message, and where the alert was no message, bytes are read that mean nothing; other drivers read
  /// the count first. Polling never reads ahead.
  public var readsAhead = true
  /// How often a chip without a watched pin is asked for alerts while a partner is attached, and while none is or its
  /// pin is masked because of a storm.
  public var attachedPoll = Nanoseconds(1_000_000)
  public var idlePoll = Nanoseconds(5_000_000)
  /// How often pins, VBUS, faults and masks are looked at without an alert: a chip that lost its registers, or fell
  /// silent, is found so.
  public var statusPoll = Nanoseconds(10_000_000)
  /// How many interrupts in 50 ms that bring nothing are a storm; the pin is masked for a while then.
  public var interruptLimit = 12
  /// Which switches of VBUS hang on the chip.
  public var paths = TCPCIPaths.none
  /// Whether a port that was stopped goes on presenting Rd, as a chip without power does.
  public var keepsRdWhenStopped = false

  public init() {}
}

/// The switches of VBUS that a TCPC drives by COMMAND. Voltage and current are the power stage's affair in any case: it
/// is the one that reports to the engine.
public struct TCPCIPaths: OptionSet, Hashable, Sendable {
  public var rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static var none: TCPCIPaths { [] }
  /// The path from a 5 V supply: 0x77 when the engine wants VBUS, 0x66 when it wants it off.
  public static var source: TCPCIPaths { TCPCIPaths(rawValue: 1) }
  /// Contracts above 5 V go over a path of their own: 0x88 instead of 0x77. Without it, one path carries all voltages.
  public static var highVoltageSource: TCPCIPaths { TCPCIPaths(rawValue: 2) }
  /// The path to the load: 0x55 as soon as the engine allows to draw, 0x44 when it does not.
  public static var sink: TCPCIPaths { TCPCIPaths(rawValue: 4) }
}
