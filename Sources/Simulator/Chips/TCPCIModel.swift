import LineCode
public import PortEngine
import PowerDelivery
public import Quantities

/// A port controller that keeps to TCPCI, as seen from its bus and from its pins: registers, buffers, alerts, and what
/// it does by itself. Its identity is that of a PTN5110.
///
/// Written from the register table with numbers of its own, so that driver and model do not agree by sharing a mistake.
/// Strict where chips differ: a transfer reaches one register and no further. Not modelled: fast role swap, discharge,
/// the timer, unchunked messages.
///
/// The parts are in extensions: registers, pins, transmitter, receiver.
public struct TCPCIModel: PortChipModel {
  /// PD_INTERFACE_REV: which layout the buffers have.
  public enum Interface: UInt16, Sendable {
    case r1 = 0x1011
    case r2 = 0x2011
  }

  public var busAddress: UInt8 = 0x50
  public let interface: Interface

  // MARK: What differs between parts, or is not documented

  public var vendor: UInt16 = 0x1FC9
  public var product: UInt16 = 0x5110
  /// Whether it has an ADC for VBUS.
  public var measuresVBUS = true
  /// ALERT_MASK after power-up.
  public var alertMaskAtReset: UInt16 = 0x0FFF
  /// What is read behind the end of a message.
  public var fillByte: UInt8 = 0
  /// From power-up to being ready.
  public var initialisationTime = Nanoseconds(12_000_000)
  /// How long a change on the pins must last before CC_STATUS shows it.
  public var filterTime = Nanoseconds(300_000)
  /// From the write of TRANSMIT to the first bit, and from a received EOP to the GoodCRC.
  public var transmitLatency = Nanoseconds(40_000)
  public var goodCRCLatency = Nanoseconds(70_000)
  /// How long a GoodCRC is awaited (tReceive), and how soon after that the packet is repeated.
  public var receiveTime = Nanoseconds(1_000_000)
  public var retryTime = Nanoseconds(60_000)

  // MARK: What breaks

  /// Whether an alert for CC comes again as soon as it was cleared.
  public var isBabbling = false
  /// Whether the transmitter takes what it is given and is never heard of again.
  public var isTransmitterStuck = false
  /// Whether it never gets ready.
  public var neverReady = false
  /// What READABLE_BYTE_COUNT says instead of the truth.
  public var falseCount: UInt8?

  // MARK: What the bus sees

  var registers = [UInt8](repeating: 0, count: 0x80)
  var alert: UInt16 = 0
  /// Frames that wait to be read: count, kind, header, objects. The first one is in the buffer while its alert stands.
  public internal(set) var received: [[UInt8]] = []
  var transmitCount: UInt8 = 0
  var transmitBuffer = [UInt8](repeating: 0, count: 30)
  /// The commands that were written, the newest last.
  public internal(set) var commands: [UInt8] = []

  // MARK: What the pins see

  var cc1 = Millivolts.zero
  var cc2 = Millivolts.zero
  var vbus = Millivolts.zero
  var isLineBusy = false
  /// CC_STATUS as it is shown, and when another one will be.
  var shownPins: UInt8 = 0
  var pinsChange: Instant?
  var search: Search?
  /// VCONN is off until it is asked for anew.
  var hasVCONNTripped = false
  /// `nil` once it is ready.
  var readyTime: Instant?

  // MARK: Transmitter and receiver

  enum Transmitter: Equatable, Sendable {
    case idle
    /// Starts then, or when the line is idle.
    case waiting(Instant)
    case sending
    /// Until then a GoodCRC is awaited.
    case awaiting(Instant)
  }
  var transmitter = Transmitter.idle
  var outgoing = ChipSignal.hardReset
  var retriesLeft = 0
  var isCarrierStopped = false
  /// The GoodCRC that is due, when, and the frame that it acknowledges; no frame in the test mode.
  var goodCRC: (packet: ChipSignal, start: Instant, frame: [UInt8]?)?
  /// Whether it is being sent.
  var isSendingGoodCRC = false
  var acknowledged: [UInt8]?
  /// How many messages found no room.
  public internal(set) var lostMessages = 0

  public init(_ interface: Interface = .r2, now: Instant = .zero) {
    self.interface = interface
    loseSupply(at: now)
  }

  public var isReady: Bool { readyTime == nil }

  public var interruptIsLow: Bool { isReady && shownAlert & word(0x12) != 0 }

  var shownAlert: UInt16 { isBabbling ? alert | 0x0001 : alert }

  public var acknowledges: Bool { isReady && registers[0x2F] & 0x01 != 0 }

  /// The communication pin.
  public var measuredPin: CCPin? { isReady ? activePin : nil }

  var activePin: CCPin { registers[0x19] & 0x01 != 0 ? .cc2 : .cc1 }

  // MARK: What happens to the chip

  public mutating func loseSupply(at now: Instant) {
    registers = [UInt8](repeating: 0, count: 0x80)
    // Both pins present Rd, as without power; measurement and alarms of VBUS are off.
    for (address, value) in [
      (0x12, UInt8(truncatingIfNeeded: alertMaskAtReset)),
      (0x13, UInt8(truncatingIfNeeded: alertMaskAtReset >> 8)),
      (0x14, 0xFF), (0x15, 0xFF), (0x1A, 0x0A), (0x1C, 0x60), (0x1F, 0x80), (0x72, 0x8C),
    ] { registers[address] = value }
    alert = 0
    received = []
    transmitCount = 0
    pinsChange = nil
    search = nil
    shownPins = 0
    hasVCONNTripped = false
    goodCRC = nil
    if transmitter != .sending { transmitter = .idle }
    readyTime = now + initialisationTime
  }

  /// VCONN draws too much: the chip switches it off.
  public mutating func overloadVCONN() {
    guard registers[0x1C] & 0x01 != 0, registers[0x1B] & 0x01 == 0 else { return }
    hasVCONNTripped = true
    raise(fault: 0x02)
  }

  /// A bit of FAULT_STATUS comes.
  public mutating func raise(fault: UInt8) {
    registers[0x1F] |= fault
    if registers[0x1F] & registers[0x15] != 0 { alert |= 0x0200 }
  }

  /// Two bytes, low one first.
  func word(_ address: Int) -> UInt16 { UInt16(registers[address]) | UInt16(registers[address + 1]) << 8 }
}
