import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing
import XiaomiCharge

@testable import Simulator

/// Digests that need no hash function: what is right is what both ends compute alike.
struct PlainDigests: XiaomiDigestProvider {
  var secret: UInt32 = 0x1234_5678
  /// Seeds that have a key; `nil`: all.
  var seeds: [XiaomiOctets]?

  func digest(_ question: XiaomiDigestQuestion) -> XiaomiDigest? {
    if let seeds, !seeds.contains(question.seed) { return nil }
    var word = secret &* 0x9E37_79B9 ^ question.adapterID.rawValue
    var words: [UInt32] = []
    for index in 0..<8 {
      word = (word ^ UInt32(question.seed[index]) << 8 ^ UInt32(question.challenge[index])) &* 0x85EB_CA6B
      word ^= word >> 13
      words.append(word)
    }
    return XiaomiDigest(
      chargerProof: XiaomiOctets(words[0], words[1], words[2], words[3]),
      phoneProof: XiaomiOctets(words[4], words[5], words[6], words[7]))
  }
}

struct XiaomiTests {
  static let captive = XiaomiCable.captive(Milliamperes(6_200))

  static func link(
    _ profile: XiaomiPhoneProfile, _ powerClass: XiaomiPowerClass = .watts120,
    charger: XiaomiChargerSetup.Keys = .provider(PlainDigests()),
    phone: (any XiaomiDigestProvider)? = PlainDigests(), seed: UInt64 = 1
  ) -> Link {
    Link(
      .xiaomi(powerClass, keys: charger, phone: profile, phoneKeys: phone), seed: seed)
  }
}
