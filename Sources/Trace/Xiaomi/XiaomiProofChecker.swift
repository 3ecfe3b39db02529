import XiaomiCharge

/// Holds seed and challenge of a dialogue and compares proofs with what the keys give (Xiaomi 4).
struct XiaomiProofChecker: Sendable {
  /// Where digests come from; `nil`: no proof can be checked.
  var keys: (any XiaomiDigestProvider)?
  var seed: XiaomiOctets?
  var challenge: XiaomiOctets?

  /// The proof of the charger, bytes 0 to 15 of the digest.
  func check(charger proof: XiaomiOctets, _ adapterIDs: [XiaomiAdapterID]) -> XiaomiProofCheck {
    check(adapterIDs) { $0.chargerProof.matches(proof) }
  }

  /// The proof of the phone, bytes 16 to 31 of the same digest.
  func check(phone proof: XiaomiOctets, _ adapterIDs: [XiaomiAdapterID]) -> XiaomiProofCheck {
    check(adapterIDs) { $0.phoneProof.matches(proof) }
  }

  /// A proof is right when it fits any of the numbers that a phone may have taken for the adapter id (Xiaomi 2.2).
  private func check(
    _ adapterIDs: [XiaomiAdapterID], _ matches: (XiaomiDigest) -> Bool
  ) -> XiaomiProofCheck {
    guard let keys else { return .noKeys }
    guard let seed else { return .noSeed }
    guard let challenge else { return .noChallenge }
    guard !adapterIDs.isEmpty else { return .noAdapterID }
    var hasKey = false
    for id in adapterIDs {
      let question = XiaomiDigestQuestion(seed: seed, challenge: challenge, adapterID: id)
      guard let digest = keys.digest(question) else { continue }
      hasKey = true
      if matches(digest) { return .right }
    }
    return hasKey ? .wrong : .noKeyForSeed
  }
}
