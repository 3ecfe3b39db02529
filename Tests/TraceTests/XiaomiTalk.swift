import Crypto
import Foundation
import LineCode
import PowerDelivery
import Quantities
import TestSupport
import XiaomiCharge

@testable import Trace

/// Digests with the invented key of the vectors, 00 to 1F, or with one that is a byte further on; for every seed, or for
/// all but one.
struct SyntheticDigests: XiaomiDigestProvider {
  var first: UInt8 = 0
  var unknownSeed: XiaomiOctets?

  func digest(_ question: XiaomiDigestQuestion) -> XiaomiDigest? {
    guard question.seed != unknownSeed else { return nil }
    let key = SymmetricKey(data: (first..<first + 32).map { $0 })
    let message = (0..<XiaomiDigestQuestion.messageLength).map { question.messageByte($0) }
    let code = Array(HMAC<SHA256>.authenticationCode(for: message, using: key))
    return XiaomiDigest(code.span)
  }
}

/// A charger and a phone that talk; a test leaves parts out or changes them.
struct XiaomiTalk {
  var script = Script()
  /// Whose messages are recorded.
  var recordsCharger = true
  var recordsPhone = true
  var phoneIsDFP = false
  /// The code in the header: 1 for revision 2.0, 2 for 3.x.
  var revision: UInt16 = 2
  var svid: UInt32 = 0x2717
  private var ids: [UInt16] = [0, 0]

  static let publicOffer: [UInt32] = [0x0E01_912C, 0x0002_D12C, 0xC0DC_213C]
  /// As before, and 3.3-11 V 6.1 A and 5-20 V 6 A.
  static let largeOffer: [UInt32] = publicOffer + [0xC0DC_217A, 0xC190_3278]
  static let seed: [UInt32] = [0x0960_4EB9, 0xAD37_E17B, 0xD6B2_A4F2, 0xA351_5984]
  static let challenge: [UInt32] = [0x7B00_768F, 0x9972_2A0C, 0xBCD4_13B2, 0x6A7B_7C56]
  /// Digest XD1 of the vectors.
  static let chargerProof: [UInt32] = [0xF8B5_5C75, 0x89FF_0890, 0x785F_D800, 0xC55F_03F2]
  static let phoneProof: [UInt32] = [0x91E1_BD98, 0xB555_D8A6, 0x532F_A8FB, 0x7F82_5312]
  /// Set B of the vectors belongs to a key that is secret.
  static let otherProof: [UInt32] = [0xC21E_AB20, 0xD9B9_A48D, 0x6232_7F59, 0x1C07_88A5]

  enum Control: UInt16 {
    case accept = 3, reject, psRDY = 6, getSourceCap, drSwap = 9, wait = 12, notSupported = 16
  }

  mutating func phone(_ control: Control, after gap: Int64 = 2_000) { say(false, control.rawValue, [], gap) }
  mutating func charger(_ control: Control, after gap: Int64 = 2_000) { say(true, control.rawValue, [], gap) }

  private mutating func say(_ isCharger: Bool, _ type: UInt16, _ objects: [UInt32], _ gap: Int64) {
    let isDFP = isCharger != phoneIsDFP
    let id = ids[isCharger ? 1 : 0]
    ids[isCharger ? 1 : 0] = (id + 1) % 8
    let header =
      type | (isDFP ? 0x20 : 0) | revision << 6 | (isCharger ? 0x100 : 0) | id << 9
      | UInt16(objects.count) << 12
    guard isCharger ? recordsCharger : recordsPhone else {
      script.wait(gap / 1_000 + 1)
      return
    }
    var wire = [UInt8(header & 0xFF), UInt8(header >> 8)]
    for object in objects {
      for shift in 0..<4 { wire.append(UInt8(truncatingIfNeeded: object >> UInt32(8 * shift))) }
    }
    script.exchange(hexadecimal(wire), after: gap)
  }

  // MARK: - Parts

  mutating func offer(_ objects: [UInt32], after gap: Int64 = 2_000) { say(true, 1, objects, gap) }

  mutating func request(_ object: UInt32, _ answer: Control = .accept, after gap: Int64 = 2_000) {
    say(false, 2, [object], gap)
    charger(answer)
    if answer == .accept { charger(.psRDY, after: 20_000) }
  }

  static func pps(_ position: UInt32, _ millivolts: UInt32, _ milliamperes: UInt32) -> UInt32 {
    position << 28 | 0x0300_0000 | (millivolts / 20) << 9 | milliamperes / 50
  }

  /// The first contract, 5 V 3 A.
  mutating func contract() {
    offer(Self.publicOffer)
    request(0x1304_B12C)
  }

  mutating func swap(_ answer: Control? = .accept) {
    phone(.drSwap, after: 20_000)
    guard let answer else { return }
    charger(answer)
    if answer == .accept { phoneIsDFP = true }
  }

  mutating func identity(_ answer: [UInt32]? = [0xFF00_A041, 0x05C0_2717, 0, 0x1234_A819]) {
    say(false, 15, [0xFF00_A001], 5_000)
    if let answer { say(true, 15, answer, 2_000) }
  }

  /// Source_Capabilities_Extended with VID 2717 and PID A819, unasked.
  mutating func vendorOfCharger() {
    // Extended, chunked, 25 bytes: VID, PID and nothing more.
    let header = (phoneIsDFP ? 0 : 0x20) | 0x8000 | 0x100 | revision << 6 | ids[1] << 9 | 7 << 12 | 1
    ids[1] = (ids[1] + 1) % 8
    let wire = [UInt8(header & 0xFF), UInt8(header >> 8), 0x19, 0x80, 0x17, 0x27, 0x19, 0xA8]
    script.exchange(hexadecimal(wire + [UInt8](repeating: 0, count: 22)))
  }

  mutating func svids(_ answer: [UInt32]? = [0xFF00_A042, 0x2717_0000]) {
    say(false, 15, [0xFF00_A002], 5_000)
    if let answer { say(true, 15, answer, 2_000) }
  }

  /// Contract, DR_Swap and discovery.
  mutating func prepare() {
    contract()
    swap()
    identity()
    svids()
  }

  mutating func ask(
    _ command: UInt32, _ words: [UInt32] = [], after gap: Int64 = 5_000, direction: UInt32 = 1
  ) {
    say(false, 15, [svid << 16 | direction << 8 | command] + words, gap)
  }

  mutating func answer(
    _ command: UInt32, _ words: [UInt32] = [], after gap: Int64 = 2_000, direction: UInt32 = 2
  ) {
    say(true, 15, [svid << 16 | direction << 8 | command] + words, gap)
  }

  /// A command with its answer.
  mutating func exchange(_ command: UInt32, _ words: [UInt32], _ answer: [UInt32], after gap: Int64 = 2_000) {
    ask(command, words)
    self.answer(command, answer, after: gap)
  }

  /// Commands 1, 3, 4 and 5; the last one with `proof`.
  mutating func authenticate(proof: [UInt32] = chargerProof) {
    exchange(1, [], [0x0003_0001])
    exchange(3, [], [25])
    exchange(4, Self.seed, Self.seed)
    exchange(5, Self.challenge, proof)
  }

  /// Commands 6, 8 and 7.
  mutating func confirm(_ verdict: UInt32 = 1, proof: [UInt32] = phoneProof, result: UInt32 = 1) {
    exchange(6, [verdict], [verdict])
    guard verdict == 1 else { return }
    exchange(8, proof, [result])
    guard result == 1 else { return }
    exchange(7, [1], [1])
  }

  /// Get_Source_Cap, the larger offer and a contract of 120 W.
  mutating func charge(_ objects: [UInt32] = largeOffer) {
    phone(.getSourceCap)
    offer(objects)
    request(Self.pps(UInt32(objects.count), 20_000, 6_000))
  }

  /// The whole way to 120 W.
  mutating func everything() {
    prepare()
    authenticate()
    confirm()
    charge()
  }

  // MARK: - Reading

  func story(keys: (any XiaomiDigestProvider)? = SyntheticDigests()) -> XiaomiStory? {
    Recording(script.records, keys: keys).stories.first
  }

  static func story(
    keys: (any XiaomiDigestProvider)? = SyntheticDigests(), _ write: (inout XiaomiTalk) -> Void
  ) -> XiaomiStory? {
    var talk = XiaomiTalk()
    write(&talk)
    return talk.story(keys: keys)
  }
}
