/// What a message of the private protocol says (Xiaomi 3.2). `message(svid:)` makes the message again, bit by bit.
public enum XiaomiContent: Equatable, Sendable {
  // MARK: From the phone
  case versionRequest, voltageRequest, temperatureRequest
  case seed(XiaomiOctets)
  case challenge(XiaomiOctets)
  case verified(XiaomiVerified)
  case removeCompensation(XiaomiCompensation)
  /// The phone's proof.
  case reverseProof(XiaomiOctets)
  case tenAmpereRequest(XiaomiTenAmpereRequest)
  /// One or four words, of which only the first means something.
  case resetToSafe0V(XiaomiWords)

  // MARK: From the charger
  case version(XiaomiChargerVersion)
  /// The word in the reading of 100 mV; `XiaomiFineChargerVoltage` is the other one.
  case voltage(XiaomiChargerVoltage)
  case temperature(XiaomiChargerTemperature)
  /// Up to four words that no phone evaluates.
  case seedAnswer(XiaomiWords)
  /// The charger's proof.
  case proof(XiaomiOctets)
  /// Any words: what genuine chargers answer is unknown.
  case verifiedAnswer(XiaomiWords), removeCompensationAnswer(XiaomiWords)
  case reverseResult(XiaomiReverseResult)
  case tenAmpereResult(XiaomiTenAmpereResult)
}

/// Why the words of a message cannot be read.
public enum XiaomiContentError: Error, Equatable, Sendable {
  /// Bits 14 to 8 of the header name neither request nor answer.
  case unknownDirection(XiaomiDirection)
  /// Bits 7 to 0 of the header name no command.
  case unknownCommand(XiaomiCommand)
  /// No answer to the command is known.
  case noAnswerKnown(XiaomiCommand)
  /// Fewer or more words behind the header than the command has.
  case wordCount(expected: UInt8, found: UInt8)
}

extension XiaomiContent {
  /// Reads a message.
  /// - Throws: the rule that it breaks.
  public init(_ message: XiaomiMessage) throws(XiaomiContentError) {
    switch message.header.direction {
    case .request: self = try XiaomiContent.request(message)
    case .answer: self = try XiaomiContent.answer(message)
    default: throw .unknownDirection(message.header.direction)
    }
  }

  private static func request(_ message: XiaomiMessage) throws(XiaomiContentError) -> XiaomiContent {
    switch message.header.command {
    case .chargerVersion:
      try message.requireWords(0)
      return .versionRequest
    case .chargerVoltage:
      try message.requireWords(0)
      return .voltageRequest
    case .chargerTemperature:
      try message.requireWords(0)
      return .temperatureRequest
    case .sessionSeed: return .seed(try message.octets())
    case .authentication: return .challenge(try message.octets())
    case .verified: return .verified(XiaomiVerified(rawValue: try message.word()))
    case .removeCompensation: return .removeCompensation(XiaomiCompensation(rawValue: try message.word()))
    case .reverseAuthentication: return .reverseProof(try message.octets())
    case .tenAmpereAuthentication:
      return .tenAmpereRequest(XiaomiTenAmpereRequest(rawValue: try message.word()))
    case .resetToSafe0V:
      if message.words.count != 4 { try message.requireWords(1) }
      return .resetToSafe0V(message.words)
    default: throw .unknownCommand(message.header.command)
    }
  }

  private static func answer(_ message: XiaomiMessage) throws(XiaomiContentError) -> XiaomiContent {
    switch message.header.command {
    case .chargerVersion: return .version(XiaomiChargerVersion(rawValue: try message.word()))
    case .chargerVoltage: return .voltage(XiaomiChargerVoltage(rawValue: try message.word()))
    case .chargerTemperature: return .temperature(XiaomiChargerTemperature(rawValue: try message.word()))
    case .sessionSeed:
      if message.words.count > 4 { try message.requireWords(4) }
      return .seedAnswer(message.words)
    case .authentication: return .proof(try message.octets())
    case .verified: return .verifiedAnswer(message.words)
    case .removeCompensation: return .removeCompensationAnswer(message.words)
    case .reverseAuthentication: return .reverseResult(XiaomiReverseResult(rawValue: try message.word()))
    case .tenAmpereAuthentication:
      return .tenAmpereResult(XiaomiTenAmpereResult(rawValue: try message.word()))
    case .resetToSafe0V: throw .noAnswerKnown(.resetToSafe0V)
    default: throw .unknownCommand(message.header.command)
    }
  }

  /// The message that says it.
  public func message(svid: UInt16 = XiaomiSVID.xiaomi) -> XiaomiMessage {
    let (command, direction) = kind
    return XiaomiMessage(command, direction, words, svid: svid)
  }

  /// The command and who speaks.
  public var kind: (command: XiaomiCommand, direction: XiaomiDirection) {
    switch self {
    case .versionRequest: (.chargerVersion, .request)
    case .voltageRequest: (.chargerVoltage, .request)
    case .temperatureRequest: (.chargerTemperature, .request)
    case .seed: (.sessionSeed, .request)
    case .challenge: (.authentication, .request)
    case .verified: (.verified, .request)
    case .removeCompensation: (.removeCompensation, .request)
    case .reverseProof: (.reverseAuthentication, .request)
    case .tenAmpereRequest: (.tenAmpereAuthentication, .request)
    case .resetToSafe0V: (.resetToSafe0V, .request)
    case .version: (.chargerVersion, .answer)
    case .voltage: (.chargerVoltage, .answer)
    case .temperature: (.chargerTemperature, .answer)
    case .seedAnswer: (.sessionSeed, .answer)
    case .proof: (.authentication, .answer)
    case .verifiedAnswer: (.verified, .answer)
    case .removeCompensationAnswer: (.removeCompensation, .answer)
    case .reverseResult: (.reverseAuthentication, .answer)
    case .tenAmpereResult: (.tenAmpereAuthentication, .answer)
    }
  }

  private var words: XiaomiWords {
    switch self {
    case .versionRequest, .voltageRequest, .temperatureRequest: XiaomiWords()
    case .seed(let octets), .challenge(let octets), .reverseProof(let octets), .proof(let octets):
      octets.words
    case .verified(let word): XiaomiWords(word.rawValue)
    case .removeCompensation(let word): XiaomiWords(word.rawValue)
    case .tenAmpereRequest(let word): XiaomiWords(word.rawValue)
    case .version(let word): XiaomiWords(word.rawValue)
    case .voltage(let word): XiaomiWords(word.rawValue)
    case .temperature(let word): XiaomiWords(word.rawValue)
    case .reverseResult(let word): XiaomiWords(word.rawValue)
    case .tenAmpereResult(let word): XiaomiWords(word.rawValue)
    case .resetToSafe0V(let words), .seedAnswer(let words), .verifiedAnswer(let words),
      .removeCompensationAnswer(let words):
      words
    }
  }
}

extension XiaomiMessage {
  fileprivate func requireWords(_ expected: UInt8) throws(XiaomiContentError) {
    if words.count != Int(expected) {
      throw .wordCount(expected: expected, found: UInt8(truncatingIfNeeded: words.count))
    }
  }

  fileprivate func word() throws(XiaomiContentError) -> UInt32 {
    try requireWords(1)
    return words[0]
  }

  fileprivate func octets() throws(XiaomiContentError) -> XiaomiOctets {
    try requireWords(4)
    return XiaomiOctets(words[0], words[1], words[2], words[3])
  }
}
