public import Quantities
public import XiaomiCharge

/// One command of a dialogue with its answer.
public struct XiaomiExchange: Equatable, Sendable {
  /// What became of the command.
  public enum Answer: Equatable, Sendable {
    /// None came, as far as the recording shows.
    case none
    case words(XiaomiWords)
    case notSupported
  }

  public var command: XiaomiCommand
  /// Where the command was sent first; `nil` where the recording has the answer only.
  public var request: EntryPlace?
  /// When its last copy ended, from where the answer counts.
  var requestEnd: Nanoseconds?
  /// How often the phone asked, with a MessageID of its own each time; retries of the protocol layer are not counted.
  public var tries = 1
  public var requestWords = XiaomiWords()
  public var answer = Answer.none
  public var answerPlace: EntryPlace?
  /// From the end of the command to the start of the answer; `nil` where there is no answer and in recordings without
  /// times. Where the source does not tell the end, it is reckoned from the length.
  public var delay: Nanoseconds?
  /// Whether the proof that the exchange carries is right: that of the charger in AUTHENTICATION, that of the phone in
  /// REVERSE_AUTHEN; `nil` for other commands and where no proof was seen.
  public var proof: XiaomiProofCheck?
  /// Whether the recording went on long enough behind the command to say that no answer came.
  public var isOver = false

  public init(_ command: XiaomiCommand) { self.command = command }

  public var isAnswered: Bool { answer != .none }

  /// The first word of the answer; `nil` where there is none.
  public var answerWord: UInt32? {
    guard case .words(let words) = answer, words.count > 0 else { return nil }
    return words[0]
  }
}

/// What can be said of a proof.
public enum XiaomiProofCheck: String, Sendable {
  case right, wrong
  case noKeys = "no keys given"
  case noKeyForSeed = "no key for this seed"
  case noSeed = "no seed recorded"
  case noChallenge = "no challenge recorded"
  case noAdapterID = "no adapter id recorded"

  /// Whether there was everything that a check needs.
  public var isChecked: Bool { self == .right || self == .wrong }
}
