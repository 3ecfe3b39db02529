import TestSupport
import Testing

@testable import Trace

@Suite struct FilterTests {
  /// Twenty entries: an offer, contracts by PPS and AVS, a refusal, damage, retries, and a Hard Reset.
  private static let recording = try? Recording("Tests/TraceTests/Golden/pps_avs.hex")
  private static let apple = try? Recording("Tests/Captures/pd/sigrok-dumps/apple_power_brick.sr")

  private static func matches(_ text: String, _ recording: Recording?) throws -> [Int] {
    let filter = try FilterExpression(text)
    return try #require(recording).entries.filter { filter.matches($0) }.map(\.number)
  }

  @Test(
    arguments: [
      // Names and marks
      ("Request", [2, 5, 8, 10, 13]), ("request", [2, 5, 8, 10, 13]), ("Wait or Reject", [9, 14]),
      ("error", [13, 15, 16]), ("warning", [1, 17, 18, 19]), ("note", []), ("retry", [18, 19]),
      ("damaged", [15]), ("reset", [20]), ("event", []), ("measurement", []),
      ("unacknowledged", [17, 18, 19]),
      ("acknowledged", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16]),
      ("message and not acknowledged", [17, 18, 19]),
      // Attributes
      ("name == wait", [9]), ("name ~ cap and damaged", [15]), ("from == sink and id == 0", [2]),
      ("from != source and message", [2, 5, 8, 10, 13, 17, 18, 19]),
      ("id >= 5 and from == sink", [17, 18, 19]),
      ("sop == SOP and number <= 2", [1, 2]), ("sop != SOP", [20]), ("revision == 3 and number > 18", [19]),
      ("time < 200ms", [1, 2, 3, 4]), ("time > 3.49 s", [17, 18, 19, 20]), ("time <= 100 ms", [1]),
      ("summary ~ avs", [1, 8, 10]), (#"bytes ~ "3C840353""#, [2]), ("bytes ~ 3C840353", [2]),
      ("time > 3.49", [17, 18, 19, 20]), ("code == PD0504", [13]),
      ("code == pd0104", [16]),
      ("svid == 0x05AC", []), ("line == CC1", []),
      // Fields
      ("outputVoltage > 9 V", [5, 8, 10, 13]), ("PPSRDO.outputVoltage > 9V", [5, 13]),
      ("AVSRDO.outputVoltage >= 12000 mV", [8, 10]), ("operatingCurrent < 3 A", [5]),
      ("objectPosition == 6", [8, 10]), ("maximumCurrent == 3.25 A", [1]), ("OUTPUTVOLTAGE = 9.2V", [5]),
      ("rawvalue == 1 or pdp == 0 W", nil),
      // Joined
      ("Wait or Request and objectPosition == 6", [8, 9, 10]),
      ("(Wait or Request) and objectPosition == 6", [8, 10]), ("not (message or reset)", [15]),
      ("!(message || reset)", [15]), ("not not Wait", [9]), ("not message && reset", [20]),
      (#"summary ~ "12.00 V" and Request"#, [8, 10]),
    ] as [(String, [Int]?)])
  func expressions(_ text: String, _ numbers: [Int]?) throws {
    guard let numbers else {
      #expect(throws: FilterError.self) { _ = try FilterExpression(text) }
      return
    }
    #expect(try Self.matches(text, Self.recording) == numbers)
  }

  /// Fields that are measured in milliseconds are compared with any unit of time: a holdup time of 3 ms (vector C34).
  @Test(arguments: [
    ("holdupTime == 3 ms", true), ("holdupTime == 3000us", true), ("holdupTime < 0.0031 s", true),
    ("holdupTime == 3", true), ("holdupTime > 3 ms", false), ("holdupTime == 3 ns", false),
  ])
  func times(_ text: String, _ expected: Bool) throws {
    var script = Script()
    script.exchange("a1f51980d118505001000000020101030703c90c00000000020301648c00")
    #expect(try Self.matches(text, Recording(script.records)) == (expected ? [1] : []))
  }

  /// Vendor messages, and two ways to write a kind of SOP.
  @Test func vendorMessages() throws {
    let apple = try Self.matches("svid == 0x05ac", Self.apple)
    #expect(apple.count > 5)
    #expect(try Self.matches("svid == \"05ac\"", Self.apple) == apple)
    #expect(try Self.matches("svid == 05AC", Self.apple) == apple)
    let others = try Self.matches("Vendor_Defined and svid != 0x05AC", Self.apple)
    #expect(try Self.matches("Vendor_Defined", Self.apple) == (apple + others).sorted() && !others.isEmpty)
    let primes = try Self.matches("sop == SOP'", Self.apple)
    #expect(try Self.matches("sop == SOP′", Self.apple) == primes)
  }

  @Test(arguments: [
    ("", 1), ("   ", 4), ("Request and", 12), ("Request Accept", 9), ("Reqest", 1), ("(Request", 9),
    ("Request)", 8), ("outputVoltage", 1), ("outputVoltage >", 16), ("outputVoltage > 9X", 17),
    ("outputVoltage > 9 X", 19), ("outputVoltage > 9 V V", 21), (#"id == "abc"#, 7), ("id === 1", 6),
    ("a.b.c == 1", 1), ("Request @", 9),
    ("0x == 1", 1), ("12 == id", 1), ("time < 0xZZ", 8), ("time < 1.2.3", 8), ("and", 1), ("not", 4),
    ("nosuch == 1", 1), ("PPSRDO.nosuch == 1", 1), ("time < 99999999999999 s", 8), ("id == )", 7),
    ("time < 0xFFFFFFFFFFFFFFFFFF", 8), ("outputVoltage > 9 A", 17), ("id == 2V", 7), ("time > 1 V", 8),
    ("objectPosition == 1 s", 19),
  ])
  func errors(_ text: String, column: Int) {
    #expect(throws: FilterError.self) { _ = try FilterExpression(text) }
    do {
      _ = try FilterExpression(text)
    } catch {
      #expect(error.column == column, "\(error)")
    }
  }

  @Test func manyParenthesesAreRefused() {
    let depth = 100_000
    let text = String(repeating: "(", count: depth) + "error" + String(repeating: ")", count: depth)
    #expect(throws: FilterError.self) { _ = try FilterExpression(text) }
  }

  /// A long expression is asked without using up the stack.
  @Test(arguments: ["not ", "retry or ", "message and ", "id == 9 || "]) func longRows(_ part: String) throws
  {
    let filter = try FilterExpression(String(repeating: part, count: 20_000) + "reset")
    let last = try #require(Self.recording).entries.last
    #expect(last.map { filter.matches($0) } == (part != "message and "))
  }

  /// Ten thousand texts, from words of the language and from anything, give an answer or an error.
  @Test func anyTextIsReadOrRefused() throws {
    let entries = try #require(Self.recording).entries
    let operands = ["id", "time", "outputVoltage", "PPSRDO.outputVoltage", "name", "bytes", "svid", "code"]
    let comparisons = ["==", "~", "<", ">=", "!=", "="]
    let values = [
      "9", "9 V", "0x10", "0.5s", "\"a b\"", "123456789012345 s", "Wait", "SOP′", "99999999999 ms",
    ]
    let words = [
      "Request", "error", "not", "and", "or", "(", ")", "==", "~", "<", ">=", "id", "time", "outputVoltage",
      "PPSRDO.outputVoltage", "9", "9 V", "0x10", "0.5s", "\"a b\"", "\"", ".", "!", "&&", "|", "svid", "sop",
      "99999999999999999999s", "123456789012345 s", "½", "SOP′", "é", "\u{0}", "9ms", "code", "bytes", "~~",
    ]
    var generator = SeededGenerator(seed: 3)
    var readable = 0
    for round in 0..<10_000 {
      var text = ""
      for _ in 0..<Int.random(in: 0...7, using: &generator) {
        if round % 4 == 1 {
          text += text.isEmpty ? "" : [" and ", " or ", " "][Int.random(in: 0...2, using: &generator)]
          text += operands.randomElement(using: &generator) ?? ""
          text += comparisons.randomElement(using: &generator) ?? ""
          text += values.randomElement(using: &generator) ?? ""
        } else if round % 4 == 0 {
          let scalar = Unicode.Scalar(UInt32.random(in: 0...0x2FFF, using: &generator))
          text.unicodeScalars.append(scalar ?? "?")
        } else {
          text += (words.randomElement(using: &generator) ?? "") + (round % 3 == 0 ? "" : " ")
        }
      }
      guard let filter = try? FilterExpression(text) else { continue }
      readable += 1
      _ = filter.matches(entries[round % entries.count])
    }
    #expect(readable > 300)
  }
}
