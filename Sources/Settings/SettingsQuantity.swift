public import Quantities

/// A quantity that can be written in a file of settings, always with its unit.
public protocol SettingsQuantity: Quantity {
  /// The units that may be written, the usual one first, and how many of the type's own unit each is.
  static var units: [(symbol: String, factor: Int64)] { get }
  /// How to write one.
  static var example: String { get }
}

extension SettingsQuantity {
  /// Reads one amount.
  /// - Throws: what is wrong and what to do: no unit, another unit, finer than can be told, too large.
  public static func parse(_ text: String) throws(Amount.Fault) -> Self {
    if let number = Double(text), number.isFinite {
      throw Amount.Fault(
        "`\(text)` has no unit", hint: "write `\(text) \(units[0].symbol)` if that is what is meant")
    }
    let amounts = try Amount.list(text)
    guard amounts.count == 1, !amounts[0].isRange else {
      throw Amount.Fault("one amount is expected here, such as \(example), not `\(text)`")
    }
    return try amount(amounts[0].lower, unit: amounts[0].unit)
  }

  /// Makes a quantity of a number and a unit as they were written.
  public static func amount(_ number: DecimalNumber, unit: String) throws(Amount.Fault) -> Self {
    let spelling = unit.replacing("μ", with: "µ")
    guard let match = units.first(where: { $0.symbol == spelling }) else {
      let list = units.map(\.symbol).joined(separator: ", ")
      let sameLetters = units.first { $0.symbol.lowercased() == spelling.lowercased() }
      throw Amount.Fault(
        "`\(unit)` is no unit that fits here (\(list))",
        hint: sameLetters.map { "did you mean `\($0.symbol)`?" } ?? "write for example \(example)")
    }
    guard !number.isHuge else { throw Amount.Fault("the number is too large") }
    guard let count = number.times(match.factor) else {
      let smallest = (units.first { $0.factor == 1 } ?? units[0]).symbol
      throw Amount.Fault("the number is finer than 1 \(smallest)", hint: "leave the last digits out")
    }
    guard let raw = RawValue(exactly: count) else { throw Amount.Fault("the number is too large") }
    return Self(rawValue: raw)
  }

  /// Whether a unit is one of this quantity.
  public static func has(unit: String) -> Bool {
    units.contains { $0.symbol == unit.replacing("μ", with: "µ") }
  }

  /// The quantity with the largest unit that leaves at most three decimals.
  public var settingsText: String {
    let value = Int64(rawValue)
    if value == 0 { return "0 \(Self.units[0].symbol)" }
    let candidates = Self.units.sorted { $0.factor > $1.factor }
    for unit in candidates where value.magnitude >= unit.factor.magnitude || unit.factor == 1 {
      let thousandths = value.multipliedReportingOverflow(by: 1_000)
      guard !thousandths.overflow, thousandths.partialValue % unit.factor == 0 else { continue }
      return "\(Self.decimal(thousandths.partialValue / unit.factor)) \(unit.symbol)"
    }
    return "\(value) \((Self.units.first { $0.factor == 1 } ?? Self.units[0]).symbol)"
  }

  private static func decimal(_ thousandths: Int64) -> String {
    let whole = thousandths.magnitude / 1_000
    var rest = String(thousandths.magnitude % 1_000)
    rest = String(repeating: "0", count: 3 - rest.count) + rest
    while rest.hasSuffix("0") { rest.removeLast() }
    return (thousandths < 0 ? "-" : "") + "\(whole)" + (rest.isEmpty ? "" : ".\(rest)")
  }
}

extension Millivolts: SettingsQuantity {
  public static var units: [(symbol: String, factor: Int64)] { [("V", 1_000), ("mV", 1)] }
  public static var example: String { "9 V" }
}

extension Milliamperes: SettingsQuantity {
  public static var units: [(symbol: String, factor: Int64)] { [("A", 1_000), ("mA", 1)] }
  public static var example: String { "3 A" }
}

extension Milliwatts: SettingsQuantity {
  public static var units: [(symbol: String, factor: Int64)] { [("W", 1_000), ("mW", 1)] }
  public static var example: String { "27 W" }
}

extension Milliohms: SettingsQuantity {
  public static var units: [(symbol: String, factor: Int64)] {
    [("mΩ", 1), ("Ω", 1_000), ("mohm", 1), ("ohm", 1_000)]
  }
  public static var example: String { "100 mΩ" }
}

extension MilliwattHours: SettingsQuantity {
  public static var units: [(symbol: String, factor: Int64)] { [("Wh", 1_000), ("mWh", 1)] }
  public static var example: String { "15 Wh" }
}

extension Percent: SettingsQuantity {
  public static var units: [(symbol: String, factor: Int64)] { [("%", 1)] }
  public static var example: String { "20 %" }
}

extension DegreesCelsius: SettingsQuantity {
  public static var units: [(symbol: String, factor: Int64)] { [("°C", 1), ("C", 1)] }
  public static var example: String { "85 °C" }
}

extension Nanoseconds: SettingsQuantity {
  public static var units: [(symbol: String, factor: Int64)] {
    [
      ("s", 1_000_000_000), ("ms", 1_000_000), ("µs", 1_000), ("us", 1_000), ("ns", 1),
      ("min", 60_000_000_000), ("h", 3_600_000_000_000),
    ]
  }
  public static var example: String { "150 ms" }
}
