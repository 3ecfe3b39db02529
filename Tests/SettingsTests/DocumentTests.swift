import Quantities
import Testing

@testable import Settings

/// Mistakes are named with their place, all of them at once.
@Suite struct DocumentTests {
  private enum Colour: String, CaseIterable { case red, green, blue }

  private struct Lamp: Equatable {
    var name: String
    var colour: Colour
    var voltage: Millivolts
    var delay: Nanoseconds
    var count: Int
    var isOn: Bool
  }

  /// Reads a lamp; everything but `name` has a default.
  private static func lamp(_ text: String) throws(SettingsFailure) -> Lamp {
    try YAMLDocument.read(Array(text.utf8), file: "f.yaml") { root in
      root.mapping { lamp -> Lamp? in
        let name = lamp.required("name")?.text()
        let colour = lamp["colour"].map { $0.word(Colour.self) } ?? .red
        let voltage = lamp["voltage"].map {
          $0.quantity(Millivolts.self, in: Millivolts(3_300)...Millivolts(21_000))
        }
        let delay = lamp["delay"].map { $0.quantity(Nanoseconds.self) }
        let count = lamp["count"].map { $0.integer(in: 1...9) }
        let isOn = lamp["on"].map { $0.flag() }
        guard let name, let colour, let voltage = voltage ?? Millivolts(5_000),
          let delay = delay ?? .zero, let count = count ?? 1, let isOn = isOn ?? false
        else { return nil }
        return Lamp(name: name, colour: colour, voltage: voltage, delay: delay, count: count, isOn: isOn)
      }
    }
  }

  private static func mistakes(_ text: String) -> [String] {
    do {
      _ = try lamp(text)
      return []
    } catch {
      return error.errors.map(\.description)
    }
  }

  @Test func everyKindOfValue() throws {
    let text = """
      # a comment: with a colon, *stars and &ands
      name: "a: *b &c"
      colour: Green
      voltage: 9 V
      delay: 1.5 ms
      count: 3
      on: yes
      """
    let expected = Lamp(
      name: "a: *b &c", colour: .green, voltage: Millivolts(9_000), delay: Nanoseconds(1_500_000), count: 3,
      isOn: true)
    #expect(try Self.lamp(text) == expected)
  }

  @Test func allMistakesAtOnceInTheOrderOfTheFile() {
    let text = """
      colour: grene
      voltage: 9
      delay: 3 V
      count: 12
      on: maybe
      nmae: x
      """
    #expect(
      Self.mistakes(text) == [
        "f.yaml:1:1: `name` is missing",
        "f.yaml:1:9: colour: `grene` is none of red, green, blue; did you mean `green`?",
        "f.yaml:2:10: voltage: `9` has no unit; write `9 V` if that is what is meant",
        "f.yaml:3:8: delay: `V` is no unit that fits here (s, ms, µs, us, ns, min, h); write for example 150 ms",
        "f.yaml:4:8: count: 12 is outside 1 to 9",
        "f.yaml:5:5: on: `maybe` is neither `true` nor `false`",
        "f.yaml:6:1: `nmae` is not known here; did you mean `name`?",
      ])
  }

  /// The text, and the only mistake in it.
  @Test(
    arguments: [
      ("", "f.yaml:1:1: `name` is missing"),
      ("- a", "f.yaml:1:1: a mapping is expected here; write `key: value` lines"),
      ("name:", "f.yaml:1:1: name: nothing stands behind `name:`"),
      ("name: [a]", "f.yaml:1:7: name: a text is expected here, not a list"),
      ("name: {a: b}", "f.yaml:1:7: name: a text is expected here, not a mapping"),
      ("name: ''", "f.yaml:1:7: name: a text is expected here, and there is nothing"),
      (
        "name: a\nvoltage: 9 v",
        "f.yaml:2:10: voltage: `v` is no unit that fits here (V, mV); did you mean `V`?"
      ),
      ("name: a\nvoltage: 30 V", "f.yaml:2:10: voltage: 30 V is outside 3.3 V to 21 V"),
      ("name: a\nvoltage: 9,5 V", "f.yaml:2:10: voltage: `9,5` has a comma; write decimals behind a point"),
      ("name: a\nvoltage: nine V", "f.yaml:2:10: voltage: `nine` is no number with a unit"),
      (
        "name: a\nvoltage: 9.0005 V",
        "f.yaml:2:10: voltage: the number is finer than 1 mV; leave the last digits out"
      ),
      ("name: a\nvoltage: 99999999999999 V", "f.yaml:2:10: voltage: the number is too large"),
      (
        "name: a\nvoltage: 5 V 9 V",
        "f.yaml:2:10: voltage: one amount is expected here, such as 9 V, not `5 V 9 V`"
      ),
      ("name: a\nname: b", "f.yaml:1:1: `name` is given more than once here; keep one of them"),
      ("? [x]\n: 1\nname: a", "f.yaml:1:3: a key must be a plain word"),
    ] as [(String, String)])
  func oneMistake(_ text: String, _ mistake: String) {
    #expect(Self.mistakes(text) == [mistake])
  }

  /// A key that stands twice does not hide what else is wrong.
  @Test func duplicatesAreReportedWithTheRest() {
    let text = "name: a\ncount: 1\non: perhaps\ncount: 2\nname: b\n'on': true\ncolour: re"
    let mistakes = Self.mistakes(text)
    #expect(mistakes.count { $0.contains("more than once") } == 3)
    #expect(mistakes.contains { $0.hasPrefix("f.yaml:7:9: colour: `re` is none of red") })
  }

  @Test(
    arguments: [
      ("name: a: b", "f.yaml:1:8: this is no YAML: ", "put a text that holds a colon"),
      ("name: a\n\tcount: 1", "f.yaml:2:1: this is no YAML: ", "indent with spaces"),
      ("name: [a, b", "f.yaml:2:1: this is no YAML: ", "check the indentation"),
      ("name: \"a", "f.yaml:", nil), ("a: b\n---\nc: d", "f.yaml:2:1: this is no YAML: ", nil),
      ("name: %x", "f.yaml:1:7: this is no YAML: ", nil),
    ] as [(String, String, String?)])
  func syntax(_ text: String, _ prefix: String, _ hint: String?) {
    let mistakes = Self.mistakes(text)
    #expect(mistakes.count == 1 && mistakes[0].hasPrefix(prefix), "\(mistakes)")
    if let hint { #expect(mistakes.first?.contains(hint) == true, "\(mistakes)") }
  }

  @Test func hexadecimalNumbers() throws {
    #expect(try Self.lamp("name: x\ncount: 0x7").count == 7)
    #expect(Self.mistakes("name: x\ncount: 0x0A") == ["f.yaml:2:8: count: 0x0A is outside 0x1 to 0x9"])
    #expect(Self.mistakes("name: x\ncount: 0xy") == ["f.yaml:2:8: count: `0xy` is no whole number"])
  }
}
