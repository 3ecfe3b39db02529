import PortEngine
import Quantities

// Looking for a partner by itself: CONTROL2 TOGGLE and MODE, STATUS1A TOGSS, I_TOGDONE.

extension FUSB302Model {
  /// Where the search is.
  struct Toggle: Sendable {
    /// Whether Rp is presented; Rd otherwise.
    var isSource: Bool
    /// When the phase ends.
    var end: Instant
  }

  /// CONTROL2: MODE 1 looks for both kinds of partner, 2 for a source, 3 for a sink.
  mutating func writeControl2(_ byte: UInt8, at now: Instant) {
    let wasOn = registers[0x08] & 0x01 != 0
    registers[0x08] = byte
    guard byte & 0x01 != 0 else { return toggle = nil }
    guard !wasOn, byte & 0x06 != 0 else { return }
    registers[0x3D] &= ~0x38
    toggle = Toggle(isSource: byte & 0x06 == 0x06, end: now + FUSB302Model.phase)
  }

  /// The middle of both phases' windows (30 to 60 ms as a sink, 20 to 40 ms as a source).
  private static var phase: Nanoseconds { Nanoseconds(38_000_000) }

  /// The phase is over: the other one begins, or with one kind of partner only, the same again.
  mutating func advanceToggle(at now: Instant) {
    guard let toggle, toggle.end <= now else { return }
    let changes = registers[0x08] & 0x06 == 0x02
    self.toggle = Toggle(
      isSource: changes ? !toggle.isSource : toggle.isSource, end: now + FUSB302Model.phase)
  }

  /// A partner is on a pin: the search stops there, with what is presented left as it is until the host takes over.
  mutating func lookForPartner(_ cc1: Millivolts, _ cc2: Millivolts) {
    guard let toggle, registers[0x3D] & 0x38 == 0,
      let code = toggle.isSource ? sinkCode(cc1, cc2) : FUSB302Model.sourceCode(cc1, cc2)
    else { return }
    registers[0x3D] |= code << 3
    interruptA |= 0x40
    self.toggle?.end = .distantFuture
  }

  /// TOGSS where a source is found.
  private static func sourceCode(_ cc1: Millivolts, _ cc2: Millivolts) -> UInt8? {
    if cc1 > Millivolts(200) { return 5 }
    return cc2 > Millivolts(200) ? 6 : nil
  }

  /// TOGSS where a sink is found: Rd on a pin, or Ra on both, an audio accessory, which TOG_RD_ONLY leaves alone.
  private func sinkCode(_ cc1: Millivolts, _ cc2: Millivolts) -> UInt8? {
    let isRd = { (voltage: Millivolts) in voltage > Millivolts(200) && voltage < Millivolts(2_600) }
    if isRd(cc1) { return 1 }
    if isRd(cc2) { return 2 }
    let isRaOnBoth = cc1 <= Millivolts(200) && cc2 <= Millivolts(200)
    return isRaOnBoth && registers[0x08] & 0x20 == 0 ? 7 : nil
  }

  /// What both pins present while the chip searches, or has found somebody; `nil` where the switches say it.
  var toggleTermination: PinTermination? {
    guard let toggle else { return nil }
    guard toggle.isSource else { return .rd }
    switch registers[0x06] >> 2 & 3 {
    case 1: return .rp(.usbDefault)
    case 2: return .rp(.current1500)
    case 3: return .rp(.current3000)
    default: return .open
    }
  }
}
