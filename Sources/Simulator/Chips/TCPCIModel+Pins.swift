public import PortEngine
public import Quantities

// Terminations, CC_STATUS, the search for a partner, and VBUS.

extension TCPCIModel {
  /// The search that COMMAND 0x99 begins while ROLE_CONTROL has DRP.
  struct Search: Equatable, Sendable {
    /// Whether Rp is presented; Rd otherwise.
    var isSource: Bool
    /// When the other one is presented; `nil` once somebody was found.
    var end: Instant?
  }

  // MARK: Terminations

  public func termination(of pin: CCPin) -> PinTermination {
    guard isReady else { return .rd }
    if registers[0x1C] & 0x01 != 0, !hasVCONNTripped, pin != activePin { return .vconn }
    if let search { return search.isSource ? rp : .rd }
    switch registers[0x1A] >> (pin == .cc1 ? 0 : 2) & 3 {
    case 1: return rp
    case 2: return .rd
    default: return .open
    }
  }

  private var rp: PinTermination {
    switch registers[0x1A] >> 4 & 3 {
    case 0: .rp(.usbDefault)
    case 1: .rp(.current1500)
    case 2: .rp(.current3000)
    default: .open
    }
  }

  mutating func writeRole(_ byte: UInt8, at now: Instant) {
    registers[0x1A] = byte & 0x7F
    search = nil
    notePins(at: now)
  }

  mutating func beginSearch(at now: Instant) {
    guard registers[0x1A] & 0x40 != 0 else { return }
    search = Search(isSource: registers[0x1A] & 0x03 == 1, end: now + TCPCIModel.phase)
    notePins(at: now)
  }

  /// Half of tDRP, 50 to 100 ms.
  private static var phase: Nanoseconds { Nanoseconds(36_000_000) }

  // MARK: CC_STATUS

  public mutating func setPins(_ cc1: Millivolts, _ cc2: Millivolts, at now: Instant) {
    guard (self.cc1, self.cc2) != (cc1, cc2) else { return }
    self.cc1 = cc1
    self.cc2 = cc2
    notePins(at: now)
  }

  /// Something about the pins has moved: it is shown when it has lasted.
  mutating func notePins(at now: Instant) {
    guard isReady else { return }
    pinsChange = pinStatus == shownPins ? nil : pinsChange ?? now + filterTime
  }

  /// CC_STATUS as the pins are now.
  private var pinStatus: UInt8 {
    var status: UInt8 = termination(of: activePin) == .rd ? 0x10 : 0
    if let search, search.end != nil {
      status |= 0x20
      // While it searches it shows nothing, unless it has just found somebody.
      guard hasFoundPartner else { return status }
    }
    return status | state(.cc1, cc1) | state(.cc2, cc2) << 2
  }

  /// What stands on a pin, by its own termination and the voltage.
  private func state(_ pin: CCPin, _ voltage: Millivolts) -> UInt8 {
    switch termination(of: pin) {
    case .rd:
      voltage < Millivolts(200)
        ? 0 : voltage < Millivolts(660) ? 1 : voltage < Millivolts(1_230) ? 2 : 3
    case .rp(let current):
      switch current {
      case .usbDefault: voltage > Millivolts(1_600) ? 0 : voltage < Millivolts(200) ? 1 : 2
      case .current1500: voltage > Millivolts(1_600) ? 0 : voltage < Millivolts(400) ? 1 : 2
      case .current3000: voltage > Millivolts(2_600) ? 0 : voltage < Millivolts(800) ? 1 : 2
      }
    case .open, .vconn: 0
    }
  }

  private var hasFoundPartner: Bool {
    let states = (state(.cc1, cc1), state(.cc2, cc2))
    return search?.isSource == true ? states.0 == 2 || states.1 == 2 : states.0 > 0 || states.1 > 0
  }

  /// Serves what is due on the pins.
  mutating func advancePins(to now: Instant) {
    if let search, let end = search.end, end <= now {
      self.search = Search(isSource: !search.isSource, end: now + TCPCIModel.phase)
      notePins(at: now)
    }
    guard let pinsChange, pinsChange <= now else { return }
    self.pinsChange = nil
    if search?.end != nil, hasFoundPartner { search?.end = nil }
    let before = shownPins
    shownPins = pinStatus
    guard before != shownPins else { return }
    // r2 has to be asked for it.
    if interface == .r1 || registers[0x19] & 0x40 != 0 { alert |= 0x0001 }
    let mask: UInt8 = activePin == .cc1 ? 0x03 : 0x0C
    if before & mask != 0, shownPins & mask == 0 { registers[0x2F] = 0 }
  }

  // MARK: VBUS

  var powerStatus: UInt8 {
    var status = registers[0x1E]
    if registers[0x1C] & 0x01 != 0, !hasVCONNTripped { status |= 0x02 }
    return status
  }

  public mutating func setVBUS(_ voltage: Millivolts, at now: Instant) {
    let before = vbus
    vbus = voltage
    guard isReady else { return }
    noteVBUS()
    let wasSafe = before < Millivolts(800), isSafe = voltage < Millivolts(800)
    if interface == .r2, wasSafe != isSafe, registers[0x16] & 0x01 != 0 { alert |= 0x2000 }
    if termination(of: activePin) == .rd, falls(below: 0x72, from: before) { alert |= 0x0800 }
    guard registers[0x1C] & 0x20 == 0 else { return }
    if before < threshold(0x76), vbus >= threshold(0x76) { alert |= 0x0080 }
    if falls(below: 0x78, from: before) { alert |= 0x0100 }
  }

  private func threshold(_ address: Int) -> Millivolts { Millivolts(Int32(word(address) & 0x03FF) * 25) }

  private func falls(below address: Int, from before: Millivolts) -> Bool {
    before >= threshold(address) && vbus < threshold(address)
  }

  /// VBUS is there from 4 V on, and gone below 3.5 V.
  private mutating func noteVBUS() {
    guard registers[0x1E] & 0x08 != 0 else { return }
    let wasPresent = registers[0x1E] & 0x04 != 0
    let isPresent = wasPresent ? vbus >= Millivolts(3_500) : vbus >= Millivolts(4_000)
    guard isPresent != wasPresent else { return }
    registers[0x1E] ^= 0x04
    if registers[0x14] & 0x04 != 0 { alert |= 0x0002 }
  }

  mutating func setStatus(_ bits: UInt8, _ on: Bool, at now: Instant) {
    let before = registers[0x1E]
    if on { registers[0x1E] |= bits } else { registers[0x1E] &= ~bits }
    if registers[0x1E] & 0x08 == 0 { registers[0x1E] &= ~0x04 }
    if (before ^ registers[0x1E]) & registers[0x14] != 0 { alert |= 0x0002 }
    noteVBUS()
  }

  /// VBUS_VOLTAGE: ten bits of 25 mV, and how often they count.
  var measuredVBUS: UInt16 {
    guard measuresVBUS, registers[0x1C] & 0x40 == 0 else { return 0 }
    let steps = UInt16(clamping: vbus.rawValue / 25)
    return steps < 0x400 ? steps : min(steps / 2, 0x3FF) | 0x0400
  }
}
