import LineCode
public import PortEngine
import PowerDelivery
public import Quantities

/// An onsemi FUSB302B as seen from its bus and from its pins: registers, FIFOs, interrupts, and what it does by itself.
///
/// Written from the data sheet's register table with bit numbers of its own, so that driver and model do not agree by
/// sharing a mistake. Not modelled: automatic Soft and Hard Resets, AUTO_PRE.
///
/// The parts are in extensions: registers, transmitter, receiver.
public struct FUSB302Model: Sendable {
  /// The 7-bit address.
  public static var address: UInt8 { 0x22 }
  static var receiveCapacity: Int { 80 }
  static var transmitCapacity: Int { 48 }

  // MARK: What stands in the data sheet and differs between parts

  /// DEVICE_ID.
  public var deviceID: UInt8 = 0x91
  /// What the undefined lower five bits of a receive token are.
  public var undefinedTokenBits: UInt8 = 0
  /// What an empty receive FIFO gives; the data sheet does not say.
  public var emptyFIFOByte: UInt8 = 0
  /// From TXON to the first bit, and from a received EOP to the GoodCRC (at most 195 µs).
  public var transmitLatency = Nanoseconds(30_000)
  public var goodCRCLatency = Nanoseconds(60_000)
  /// How long a GoodCRC is awaited (tReceive), and how soon after that the packet is repeated (at most 75 µs).
  public var receiveTime = Nanoseconds(1_000_000)
  public var retryTime = Nanoseconds(50_000)

  // MARK: What the bus sees

  var registers = [UInt8](repeating: 0, count: 0x44)
  var interrupt: UInt8 = 0
  var interruptA: UInt8 = 0
  var interruptB: UInt8 = 0
  public internal(set) var receiveFIFO: [UInt8] = []
  public internal(set) var transmitFIFO: [UInt8] = []

  // MARK: What the pins see

  var cc1 = Millivolts.zero
  var cc2 = Millivolts.zero
  var vbus = Millivolts.zero
  var isLineBusy = false
  /// What the comparators showed before the last change of switches, and until when they show it.
  var heldStatus: UInt8 = 0
  var settled = Instant.zero
  var lastStatus: UInt8 = 0
  var isOverCurrent = false

  // MARK: Transmitter and receiver

  enum Transmitter: Equatable, Sendable {
    case idle
    /// Starts then; `isRetry` waits for a busy line, a new packet collides with it.
    case waiting(Instant, isRetry: Bool)
    case sending
    /// Until then a GoodCRC is awaited.
    case awaiting(Instant)
  }
  var transmitter = Transmitter.idle
  var outgoing = ChipSignal.hardReset
  var retriesLeft = 0
  /// The GoodCRC that is due, and when.
  var goodCRC: (packet: ChipSignal, start: Instant)?
  var isSendingGoodCRC = false
  /// SOP, SOP′, SOP″, SOP′_Debug, SOP″_Debug of the newest packet, from bit 0.
  var newestKind: UInt8 = 0
  var hasGoodCRC = false
  /// The search for a partner; `nil` while the host does it.
  var toggle: Toggle?
  /// Whether an interrupt comes without a cause, again and again: ALERT, which stands in no mask of a driver.
  public var isBabbling = false
  /// How many bytes found no room.
  public internal(set) var lostBytes = 0

  public init() { resetRegisters() }

  /// The pin INT_N: low while an interrupt that is not masked waits to be read.
  public var interruptIsLow: Bool {
    guard registers[0x06] & 0x20 == 0 else { return false }
    return isBabbling || interrupt & ~registers[0x0A] != 0 || interruptA & ~registers[0x0E] != 0
      || interruptB & ~registers[0x0F] & 1 != 0
  }

  /// What a pin presents.
  public func termination(of pin: CCPin) -> PinTermination {
    if let toggleTermination { return toggleTermination }
    let switches = registers[0x02]
    let isSecond = pin == .cc2
    if switches & (isSecond ? 0x20 : 0x10) != 0 { return .vconn }
    if switches & (isSecond ? 0x80 : 0x40) != 0 {
      switch registers[0x06] >> 2 & 3 {
      case 1: return .rp(.usbDefault)
      case 2: return .rp(.current1500)
      case 3: return .rp(.current3000)
      default: return .open
      }
    }
    return switches & (isSecond ? 0x02 : 0x01) != 0 ? .rd : .open
  }

  /// Whether it acknowledges what it receives: SWITCHES1 AUTO_CRC.
  public var acknowledges: Bool { toggle == nil && registers[0x03] & 0x04 != 0 }

  /// The pin that receiver and comparators are connected to; `nil` for none, and for both, which is not allowed.
  public var measuredPin: CCPin? {
    switch registers[0x02] & 0x0C {
    case 0x04: .cc1
    case 0x08: .cc2
    default: nil
    }
  }

  /// The pin that the transmitter drives.
  var drivenPin: CCPin? {
    switch registers[0x03] & 0x03 {
    case 0x01: .cc1
    case 0x02: .cc2
    default: nil
    }
  }

  // MARK: What happens to the chip

  /// Its supply breaks in: everything is as after power-up.
  public mutating func loseSupply() {
    resetRegisters()
    resetLogic()
  }

  /// VCONN draws too much.
  public mutating func overloadVCONN() {
    isOverCurrent = true
    interruptA |= 0x80
  }

  public mutating func endOverload() { isOverCurrent = false }

  /// The FIFO loses a byte in its middle: what follows is out of step.
  public mutating func dropReceivedByte() {
    if receiveFIFO.count > 3 { receiveFIFO.remove(at: 3) }
  }

  public mutating func setPins(_ cc1: Millivolts, _ cc2: Millivolts, at now: Instant) {
    guard (self.cc1, self.cc2) != (cc1, cc2) else { return }
    self.cc1 = cc1
    self.cc2 = cc2
    lookForPartner(cc1, cc2)
    noteComparators(at: now)
  }

  public mutating func setVBUS(_ voltage: Millivolts, at now: Instant) {
    vbus = voltage
    noteComparators(at: now)
  }

  public mutating func setLine(busy: Bool) {
    guard busy != isLineBusy else { return }
    isLineBusy = busy
    interrupt |= 0x40
  }
}
