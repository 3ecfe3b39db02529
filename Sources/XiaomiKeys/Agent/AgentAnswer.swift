import XiaomiCharge

/// A line of an agent; spec/xiaomi-keys.md describes the dialogue.
enum AgentAnswer: Equatable {
  /// `digest ID DIGEST`
  case digest(UInt64, XiaomiDigest)
  /// `none ID`
  case none(UInt64)

  /// The number of the question.
  var id: UInt64 {
    switch self {
    case .digest(let id, _), .none(let id): id
    }
  }

  /// `nil` for a line that the protocol does not know.
  init?(_ line: [UInt8]) {
    let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count >= 2, let id = AgentAnswer.number(words[1]) else { return nil }
    switch (String(decoding: words[0], as: UTF8.self), words.count) {
    case ("digest", 3):
      let digits = Array(words[2])
      let bytes = (0..<32).compactMap { Hexadecimal.byte(digits.span, at: 2 * $0) }
      guard digits.count == 64, let digest = XiaomiDigest(bytes.span) else { return nil }
      self = .digest(id, digest)
    case ("none", 2): self = .none(id)
    default: return nil
    }
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
    let isPlain = digits.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    return isPlain ? UInt64(String(decoding: digits, as: UTF8.self)) : nil
  }
}

extension XiaomiDigestQuestion {
  /// `digest ID SEED CHALLENGE ADAPTER`, with the end of the line.
  func line(id: UInt64) -> [UInt8] {
    var line = Array("digest \(id) ".utf8)
    for index in 0..<16 { Hexadecimal.append(seed[index], to: &line) }
    line.append(UInt8(ascii: " "))
    for index in 0..<16 { Hexadecimal.append(challenge[index], to: &line) }
    line.append(UInt8(ascii: " "))
    for index in 16..<20 { Hexadecimal.append(messageByte(index), to: &line) }
    line.append(UInt8(ascii: "\n"))
    return line
  }
}
