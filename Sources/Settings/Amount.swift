/// A number, or a range of numbers, with its unit as it was written: `9 V`, `3.3–11 V`.
public struct Amount: Equatable, Sendable {
  public var lower: DecimalNumber
  /// Equal to `lower` where no range was written.
  public var upper: DecimalNumber
  public var unit: String

  public var isRange: Bool { lower != upper }

  /// Why a text is no amount.
  public struct Fault: Error, Equatable, Sendable {
    public var reason: String
    public var hint: String?

    public init(_ reason: String, hint: String? = nil) {
      self.reason = reason
      self.hint = hint
    }
  }

  /// Reads amounts that stand one behind the other, separated by spaces.
  static func list(_ text: String) throws(Fault) -> [Amount] {
    var scanner = AmountScanner(text)
    var amounts: [Amount] = []
    while let amount = try scanner.next() { amounts.append(amount) }
    guard !amounts.isEmpty else { throw Fault("a number with its unit is expected here") }
    return amounts
  }
}

/// A decimal number, exactly: `mantissa` divided by 10 to the power of `places`.
public struct DecimalNumber: Equatable, Sendable {
  public var mantissa: Int64
  /// How many decimals were written, 0 to 9.
  public var places: Int

  /// Multiplied by a whole number; `nil` where the result is not whole or does not fit.
  public func times(_ factor: Int64) -> Int64? {
    let (product, overflow) = mantissa.multipliedReportingOverflow(by: factor)
    guard !overflow else { return nil }
    var divisor: Int64 = 1
    for _ in 0..<places { divisor *= 10 }
    return product % divisor == 0 ? product / divisor : nil
  }

  /// Whether the number is larger than fits into anything that is measured here.
  var isHuge: Bool { mantissa.magnitude > 1_000_000_000_000 }
}

/// Takes a text apart into amounts.
private struct AmountScanner {
  private let text: [Character]
  private var index = 0

  init(_ text: String) { self.text = Array(text) }

  mutating func next() throws(Amount.Fault) -> Amount? {
    skipSpaces()
    guard index < text.count else { return nil }
    let lower = try number()
    var upper = lower
    var lowerUnit = ""
    skipSpaces()
    if isRangeSign() {
      upper = try number()
    } else {
      let mark = index
      lowerUnit = unit()
      skipSpaces()
      if isRangeSign() {
        upper = try number()
      } else {
        index = mark
        lowerUnit = ""
      }
    }
    skipSpaces()
    let unit = unit()
    guard !unit.isEmpty else {
      throw Amount.Fault(
        "the number has no unit", hint: "write the unit behind it, such as V, mV, A, mA, W, s, ms")
    }
    guard lowerUnit.isEmpty || lowerUnit == unit else {
      throw Amount.Fault("a range has one unit, not `\(lowerUnit)` and `\(unit)`")
    }
    return Amount(lower: lower, upper: upper, unit: unit)
  }

  private mutating func skipSpaces() {
    while index < text.count, text[index].isWhitespace { index += 1 }
  }

  /// `-`, `–`, `…`, `..` or `to` between two numbers.
  private mutating func isRangeSign() -> Bool {
    let rest = text[index...]
    for sign in ["–", "—", "-", "…", "...", "..", "to "] where rest.starts(with: Array(sign)) {
      index += sign.count
      skipSpaces()
      return true
    }
    return false
  }

  private mutating func number() throws(Amount.Fault) -> DecimalNumber {
    let start = index
    var mantissa: Int64 = 0
    var places = 0
    var hasPoint = false
    var digits = 0
    let isNegative = index < text.count && text[index] == "-"
    if isNegative || index < text.count && text[index] == "+" { index += 1 }
    while index < text.count {
      if text[index] == ",", index + 1 < text.count, text[index + 1].isASCII, text[index + 1].isNumber {
        throw Amount.Fault("`\(word(from: start))` has a comma", hint: "write decimals behind a point")
      }
      if text[index] == ".", !hasPoint, index + 1 < text.count, digit(index + 1) != nil {
        hasPoint = true
        index += 1
      }
      guard let digit = digit(index) else { break }
      guard digits < 15, places < 9 else {
        throw Amount.Fault("`\(word(from: start))` has too many digits")
      }
      mantissa = mantissa * 10 + digit
      digits += 1
      if hasPoint { places += 1 }
      index += 1
    }
    guard digits > 0 else {
      throw Amount.Fault("`\(word(from: start))` is no number with a unit")
    }
    return DecimalNumber(mantissa: isNegative ? -mantissa : mantissa, places: places)
  }

  private func digit(_ place: Int) -> Int64? {
    guard place < text.count, text[place].isASCII, let value = text[place].wholeNumberValue else {
      return nil
    }
    return Int64(value)
  }

  private mutating func unit() -> String {
    skipSpaces()
    var unit = ""
    while index < text.count, text[index].isLetter || "°%Ωµ/".contains(text[index]) {
      unit.append(text[index])
      index += 1
    }
    return unit
  }

  private func word(from start: Int) -> String {
    String(text[start...].prefix { !$0.isWhitespace }.prefix(20))
  }
}
