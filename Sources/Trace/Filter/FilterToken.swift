/// The words of a filter expression.
struct FilterToken: Equatable {
  enum Kind: Equatable {
    case word(String)
    case quoted(String)
    /// A number in the base unit of its suffix (mV, mA, mW, ns), or plain.
    /// `text` is how it was written.
    case number(Int64, unit: String?, text: String)
    case comparison(FilterExpression.Comparison)
    case and, or, not, open, close
  }

  var kind: Kind
  /// Place in the text, counted from 1, for error messages.
  var column: Int

  /// Splits an expression into words.
  /// - Throws: `FilterError` where a character, a number or a unit makes no sense.
  static func split(_ text: String) throws(FilterError) -> [FilterToken] {
    var scanner = FilterScanner(characters: Array(text))
    var tokens: [FilterToken] = []
    while let token = try scanner.next() { tokens.append(token) }
    return tokens
  }
}

/// Why a filter expression cannot be used.
public struct FilterError: Error, Equatable, Sendable, CustomStringConvertible {
  public var reason: String
  /// Place in the expression, counted from 1.
  public var column: Int

  public var description: String { "the filter makes no sense at column \(column): \(reason)" }
}

private struct FilterScanner {
  let characters: [Character]
  var index = 0

  mutating func next() throws(FilterError) -> FilterToken? {
    while index < characters.count, characters[index].isWhitespace { index += 1 }
    guard index < characters.count else { return nil }
    let column = index + 1
    let character = characters[index]
    if character == "\"" { return FilterToken(kind: .quoted(try quoted()), column: column) }
    if character.isNumber { return FilterToken(kind: try number(), column: column) }
    if isWordCharacter(character) { return FilterToken(kind: word(), column: column) }
    return FilterToken(kind: try symbol(), column: column)
  }

  private func isWordCharacter(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "_.′″'".contains(character)
  }

  private mutating func take(while condition: (Character) -> Bool) -> String {
    var text = ""
    while index < characters.count, condition(characters[index]) {
      text.append(characters[index])
      index += 1
    }
    return text
  }

  private mutating func word() -> FilterToken.Kind {
    let text = take(while: isWordCharacter)
    return switch text.lowercased() {
    case "and": .and
    case "or": .or
    case "not": .not
    default: .word(text)
    }
  }

  private mutating func quoted() throws(FilterError) -> String {
    let column = index + 1
    index += 1
    let text = take { $0 != "\"" }
    guard index < characters.count else {
      throw FilterError(reason: "the quotation has no end", column: column)
    }
    index += 1
    return text
  }

  private mutating func number() throws(FilterError) -> FilterToken.Kind {
    let column = index + 1
    let text = take { $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" }.replacing("_", with: "")
    if text.hasPrefix("0x") || text.hasPrefix("0X") {
      guard let value = Int64(text.dropFirst(2), radix: 16) else {
        throw FilterError(reason: "`\(text)` is not a hexadecimal number", column: column)
      }
      return .number(value, unit: nil, text: text)
    }
    let digits = text.prefix { $0.isNumber || $0 == "." }
    var suffix = String(text.dropFirst(digits.count))
    if suffix.isEmpty { suffix = unitBehindSpace() }
    guard let value = Double(digits), value.magnitude < 1e15 else {
      throw FilterError(reason: "`\(digits)` is not a number", column: column)
    }
    guard !suffix.isEmpty else { return .number(Int64(value.rounded()), unit: nil, text: text) }
    guard let (unit, factor) = FilterScanner.units[suffix] else {
      // Bytes and ids are written in hexadecimal: 3C84, 05AC.
      if text.count > 2, text.allSatisfy(\.isHexDigit) { return .word(text) }
      throw FilterError(
        reason: "`\(suffix)` is not a unit; there are V, mV, A, mA, W, mW, s, ms, us, ns", column: column)
    }
    guard let exact = Int64(exactly: (value * factor).rounded()) else {
      throw FilterError(reason: "`\(text)` is too large", column: column)
    }
    return .number(exact, unit: unit, text: text)
  }

  /// Takes a unit that stands apart from its number, as in `9 V`; empty where another word or none follows.
  private mutating func unitBehindSpace() -> String {
    let start = index
    _ = take { $0.isWhitespace }
    let word = take(while: isWordCharacter)
    if FilterScanner.units[word] != nil { return word }
    index = start
    return ""
  }

  private static let units: [String: (String, Double)] = [
    "V": ("mV", 1_000), "mV": ("mV", 1), "A": ("mA", 1_000), "mA": ("mA", 1), "W": ("mW", 1_000),
    "mW": ("mW", 1), "s": ("ns", 1e9), "ms": ("ns", 1e6), "us": ("ns", 1e3), "µs": ("ns", 1e3),
    "ns": ("ns", 1),
  ]

  private mutating func symbol() throws(FilterError) -> FilterToken.Kind {
    let column = index + 1
    let pair = String(characters[index..<min(index + 2, characters.count)])
    let double: [String: FilterToken.Kind] = [
      "==": .comparison(.equal), "!=": .comparison(.notEqual), "<=": .comparison(.atMost),
      ">=": .comparison(.atLeast), "&&": .and, "||": .or,
    ]
    if let kind = double[pair] {
      index += 2
      return kind
    }
    let single: [Character: FilterToken.Kind] = [
      "=": .comparison(.equal), "<": .comparison(.below), ">": .comparison(.above),
      "~": .comparison(.contains), "!": .not, "(": .open, ")": .close,
    ]
    guard let kind = single[characters[index]] else {
      throw FilterError(reason: "`\(characters[index])` is not part of an expression", column: column)
    }
    index += 1
    return kind
  }
}
