import Quantities
import Testing

@testable import Settings

@Suite struct AmountTests {
  @Test(
    arguments: [
      ("5 V 3 A", ["5 V", "3 A"]), ("5V 3A", ["5 V", "3 A"]), ("3.3–11 V 3 A", ["3.3–11 V", "3 A"]),
      ("3.3-11V 3.25A", ["3.3–11 V", "3.25 A"]), ("3.3 V to 11 V", ["3.3–11 V"]), ("3 to 11 V", ["3–11 V"]),
      ("3.3..11 V", ["3.3–11 V"]), ("-20 °C", ["-20 °C"]), ("0.5 %", ["0.5 %"]),
      ("15 V … 28 V 140 W", ["15–28 V", "140 W"]),
    ] as [(String, [String])])
  func amounts(_ text: String, _ expected: [String]) throws {
    let read = try Amount.list(text).map { amount in
      (amount.isRange ? "\(Self.text(amount.lower))–" : "") + "\(Self.text(amount.upper)) \(amount.unit)"
    }
    #expect(read == expected)
  }

  private static func text(_ number: DecimalNumber) -> String {
    guard number.places > 0 else { return "\(number.mantissa)" }
    let digits = String(number.mantissa.magnitude)
    let padded = String(repeating: "0", count: max(0, number.places + 1 - digits.count)) + digits
    return padded.dropLast(number.places) + "." + padded.suffix(number.places)
  }

  @Test(arguments: [
    "5", "5 V 3", "V", "3–11", "3 V–11 A", "1..", "--3 V", "5 V,", "1234567890123456 V", "é V",
  ])
  func noAmounts(_ text: String) {
    #expect(throws: Amount.Fault.self) { try Amount.list(text) }
  }

  @Test(
    arguments: [
      (Millivolts(9_000), "9 V"), (Millivolts(3_300), "3.3 V"), (Millivolts(20), "20 mV"),
      (Millivolts(0), "0 V"),
      (Millivolts(-1_500), "-1.5 V"),
    ] as [(Millivolts, String)])
  func text(_ value: Millivolts, _ text: String) throws {
    #expect(value.settingsText == text)
    #expect(try Millivolts.parse(text) == value)
  }

  @Test(
    arguments: [(150_000_000, "150 ms"), (1_500, "1.5 µs"), (90_000_000_000, "1.5 min"), (7, "7 ns")]
      as [(Int64, String)])
  func spans(_ count: Int64, _ text: String) throws {
    #expect(Nanoseconds(count).settingsText == text)
    #expect(try Nanoseconds.parse(text) == Nanoseconds(count))
  }

  @Test(
    arguments: [("name", "nmae", 1), ("rp", "rp", 0), ("ports", "port", 1), ("abc", "", 3)]
      as [(String, String, Int)])
  func spelling(_ left: String, _ right: String, _ distance: Int) {
    #expect(Spelling.distance(Array(left), Array(right)) == distance)
    #expect(Spelling.distance(Array(right), Array(left)) == distance)
  }

  @Test(
    arguments: [
      ("27", 27), ("-3", -3), ("0xA819", 0xA819), ("0X00030001", 0x3_0001), ("0x0", 0),
      ("0x7fffffffffffffff", Int.max), ("0x8000000000000000", nil), ("0x", nil), ("0x-1", nil), ("0x+1", nil),
      ("-0x1", nil), ("0xG", nil), ("A819", nil), ("0x１", nil), ("", nil), ("1_000", nil),
    ] as [(String, Int?)])
  func wholeNumbers(_ text: String, _ value: Int?) {
    #expect(WholeNumber(text)?.value == value)
  }
}
