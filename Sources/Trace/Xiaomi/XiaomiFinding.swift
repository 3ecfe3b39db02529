/// Why a phone stayed slow, or could have been faster, with its evidence and what to do.
///
/// spec/text/xiaomi.md 9 lists the codes; they do not change.
public struct XiaomiFinding: Equatable, Sendable {
  public enum Severity: String, Sendable {
    /// It keeps the phone from more power by itself.
    case reason
    /// Worth a look: it may have, or it may in future.
    case hint
  }

  public enum Code: String, CaseIterable, Sendable {
    case revision2 = "xiaomi-pd2"
    case swapRejected = "xiaomi-swap-rejected"
    case swapNotSupported = "xiaomi-swap-not-supported"
    case swapUnanswered = "xiaomi-swap-unanswered"
    case swapNotAsked = "xiaomi-swap-not-asked"
    case identityRefused = "xiaomi-identity-refused"
    case identityUnanswered = "xiaomi-identity-unanswered"
    case svidMissing = "xiaomi-svid-missing"
    case notStarted = "xiaomi-not-started"
    case rpLow = "xiaomi-rp-low"
    case rpSilence = "xiaomi-rp-silence"
    case commandUnanswered = "xiaomi-command-unanswered"
    case commandNotSupported = "xiaomi-command-not-supported"
    case answerLate = "xiaomi-answer-late"
    case answerSlow = "xiaomi-answer-slow"
    case noKey = "xiaomi-no-key"
    case proofWrong = "xiaomi-proof-wrong"
    case phoneProofWrong = "xiaomi-phone-proof-wrong"
    case notVerified = "xiaomi-not-verified"
    case brokeOff = "xiaomi-broke-off"
    case reverseRefused = "xiaomi-reverse-refused"
    case hardReset = "xiaomi-hard-reset"
    case noNewOffer = "xiaomi-no-new-offer"
    case offerNotLarger = "xiaomi-offer-not-larger"
    case objectTooSmall = "xiaomi-apdo-small"
    case currentLimited = "xiaomi-current-limited"
    case requestRejected = "xiaomi-request-rejected"
    case asksForLess = "xiaomi-asks-for-less"
  }

  public var code: Code
  public var severity: Severity
  /// Where the evidence stands; `nil` where it is an absence.
  public var place: EntryPlace?
  /// What the recording shows.
  public var text: String
  /// What to do about it.
  public var advice: String { code.advice }
}

extension XiaomiFinding.Code {
  var advice: String {
    switch self {
    case .revision2: "Offer revision 3.x in the header of Source_Capabilities."
    case .swapRejected: "Accept DR_Swap: the phone must be DFP; Wait is taken twice at most."
    case .swapNotSupported: "Support DR_Swap, and say Dual-Role Data in the first object."
    case .swapUnanswered: "Answer DR_Swap with Accept within 15 ms."
    case .swapNotAsked: "Set Dual-Role Data in the first object; a charger may also ask for the swap itself."
    case .identityRefused: "Answer Discover Identity with ACK: VID 0x2717 and an adapter id (2.2)."
    case .identityUnanswered: "Answer Discover Identity within 15 ms, NAK included."
    case .svidMissing: "List SVID 0x2717 in the answer to Discover SVIDs (2.2)."
    case .notStarted:
      "Check Rp, the contract of 5 V and the identity; some phones need them exactly as in 2.3."
    case .rpLow: "Keep Rp at 3.0 A (SinkTxOK) between your own messages (2.3)."
    case .rpSilence: "Measure CC: vRd must be 1.31 V to 2.04 V while the phone waits to speak."
    case .commandUnanswered: "Answer every command, unknown ones with Not_Supported (3.5)."
    case .commandNotSupported: "Answer it as in 3.2 where you can; most phones go on without."
    case .answerLate: "Answer within 15 ms (5.4); have the digest ready or give up in time."
    case .answerSlow: "Aim at 15 ms (5.4)."
    case .noKey: "Give the charger keys: it has none for this seed, or got the digest too late."
    case .proofWrong: "Check key, byte order (3.4) and the adapter id of the digest (4.2)."
    case .phoneProofWrong:
      "The phone holds another key, or takes another adapter id (2.2): send exactly three VDOs."
    case .notVerified: "Check the proof with --keys; a wrong key or adapter id looks like this."
    case .brokeOff: "Look at the last answer: its form, its time, and whether it fits 3.2."
    case .reverseRefused: "Check the key of the charger and the half of the digest it compares (4.1)."
    case .hardReset: "Find out who reset and why: late answers, PS_RDY or a faulty cable."
    case .noNewOffer: "Send the larger offer when asked, or by yourself within 2 s (5.2)."
    case .offerNotLarger: "Offer more after verification (6.1)."
    case .objectTooSmall: "Offer a PPS object of at least 10 V and 2 A (6.2)."
    case .currentLimited: "Use a cable that is known to carry more, or configure the captive one (6.1)."
    case .requestRejected: "Grant what was offered; see the findings at the Request."
    case .asksForLess: "Not the charger's doing as a rule: a warm or nearly full battery asks for less."
    }
  }
}
