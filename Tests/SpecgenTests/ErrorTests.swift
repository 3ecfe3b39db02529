import Testing

@testable import specgen

/// A description that is wrong, and what must be said about it.
struct WrongLayout: Sendable, CustomTestStringConvertible {
  let fields: String
  var size = "{ bits: 16 }"
  var values = ""
  let message: String
  var testDescription: String { message }
}

private let rest = "- { at: \"14:0\", type: reserved }"

let wrongLayouts: [WrongLayout] = [
  WrongLayout(
    fields: "- { at: \"15:9\", type: reserved }\n- { at: \"6:0\", type: reserved }",
    message: "Lamp: bits 8:7 belong to no field"),
  WrongLayout(
    fields: "- { at: \"15:9\", type: reserved }\n- { at: \"7:0\", type: reserved }",
    message: "Lamp: bit 8 belongs to no field"),
  WrongLayout(
    fields: """
      - { at: 15, name: a, label: A, type: flag, meaning: A. }
      - { at: 15, name: b, label: B, type: flag, meaning: B. }
      \(rest)
      """,
    message: "Lamp: bit 15 is claimed by `a` and `b`"),
  WrongLayout(
    fields: "- { bytes: 0, type: reserved }\n- { bytes: 2, type: reserved }", size: "{ bytes: 3 }",
    message: "Lamp: byte 1 belongs to no field"),
  WrongLayout(
    fields: "- { at: 15, name: a, label: A, type: flag, meaning: A., sclae: 2 }\n\(rest)",
    message: "Lamp.a: unknown key `sclae`; known here: "),
  WrongLayout(
    fields: "- { at: 15, name: a, label: A, type: quantity, scale: 1, unit: kV, meaning: A. }\n\(rest)",
    message: "Lamp.a: unknown unit `kV`; known: mV, mA"),
  WrongLayout(
    fields: "- { at: 15, name: a, label: A, type: lever, meaning: A. }\n\(rest)",
    message: "Lamp.a: unknown type `lever`; known: flag"),
  WrongLayout(
    fields: "- { at: 15, name: a, label: A, type: enumeration, enumeration: Color, meaning: A. }\n\(rest)",
    message: "Lamp.a: no enumeration is called `Color`"),
  WrongLayout(
    fields: "- { at: 15, name: a, label: A, type: enumeration, enumeration: Colour, meaning: A. }\n\(rest)",
    message: "Lamp.a: the field has 1 bits, the enumeration `Colour` has 2"),
  WrongLayout(
    fields: "- { at: 15, name: a, label: A, type: constant, value: 2 }\n\(rest)",
    message: "Lamp.a: the value 2 is too wide for 1 bits"),
  WrongLayout(
    fields: "- { at: 15, name: a, label: A, type: hex, codes: { 2: two }, meaning: A. }\n\(rest)",
    message: "Lamp.a: `codes`: code 2 is too wide for 1 bits"),
  WrongLayout(
    fields: "- { at: 15, name: a, label: A, type: flag }\n\(rest)", message: "Lamp.a: `meaning` is missing"),
  WrongLayout(
    fields: "- { at: 15, name: switch, label: A, type: flag, meaning: A. }\n\(rest)",
    message: "`switch` is a keyword of Swift"),
  WrongLayout(
    fields: """
      - { at: 15, name: a, label: A, type: flag, meaning: A. }
      - { at: "14:0", name: a, label: A, type: hex, meaning: A. }
      """,
    message: "Lamp.a: the field name `a` is taken by spec/layouts/usb-pd/sample.yaml:"),
  WrongLayout(
    fields: "- { at: 16, name: a, label: A, type: flag, meaning: A. }\n- { at: \"15:0\", type: reserved }",
    message: "Lamp.a: `at: 16` is outside of the 16 bits"),
  WrongLayout(
    fields:
      "- { at: \"15:14\", name: a, label: A, type: flag, meaning: A. }\n- { at: \"13:0\", type: reserved }",
    message: "Lamp.a: a flag has one bit, not 2"),
  WrongLayout(
    fields: "- { at: \"15:0\", type: reserved }", values: "- { code: 4, name: green, label: Green }",
    message: "Colour.green: code 4 is too wide: the enumeration has 2 bits"),
  WrongLayout(
    fields: "- { at: \"15:0\", type: reserved }", values: "- { code: 0, name: green, label: Green }",
    message: "Colour.green: code 0 is taken by `red`"),
  WrongLayout(
    fields: "- { at: \"15:0\", type: reserved }", size: "{ bits: 24 }",
    message: "Lamp: `size` must be 16 or 32 bits, not 24"),
  WrongLayout(
    fields: "- { at: 15, name: a, label: A, type: flag, meaning: First, then second }\n\(rest)",
    message: "Lamp.a: unknown key `then second` (quote a text that contains a comma)"),
]

@Suite struct ErrorTests {
  @Test(arguments: wrongLayouts) func layout(_ wrong: WrongLayout) {
    let text = Sample.layout(fields: wrong.fields, size: wrong.size, values: wrong.values)
    let problems = Sample.problems([Sample.path: text])
    let found = problems.contains { $0.hasPrefix("\(Sample.path):") && $0.contains(wrong.message) }
    #expect(found, "\(problems)")
  }

  @Test func everythingIsReportedAtOnce() {
    let fields = """
      - { at: 15, name: a, label: A, type: lever, meaning: A. }
      - { at: 14, name: b, label: B, type: quantity, scale: 1, unit: kV, meaning: B. }
      """
    let problems = Sample.problems([Sample.path: Sample.layout(fields: fields)])
    #expect(problems.count == 3)
  }

  @Test func missingClauseOfAStructure() {
    let text = Sample.layout(fields: Sample.goodFields).replacing("    clause: §1\n", with: "")
    #expect(Sample.problems([Sample.path: text]) == ["\(Sample.path):15: Lamp: `clause` is missing"])
  }

  @Test func sameTypeInTwoFiles() {
    let text = Sample.layout(fields: Sample.goodFields)
    let other = text.replacing("group: sample", with: "group: other").replacing(
      "name: Colour", with: "name: Hue"
    )
    .replacing("enumeration: Colour", with: "enumeration: Hue")
    let problems = Sample.problems([Sample.path: text, "spec/layouts/usb-pd/tother.yaml": other])
    #expect(
      problems == [
        "spec/layouts/usb-pd/tother.yaml:15: Lamp: the type name `Lamp` is taken by \(Sample.path):15"
      ])
  }

  @Test func danglingBlockOfAMessage() {
    let messages = """
      source: Table 2
      extended:
        - { code: 1, name: lamp, label: Lamp, dataSize: 2, block: LampBlock, senders: [source], sop: [SOP], clause: §3, answer: [Dark], meaning: A lamp. }
      """
    #expect(
      Sample.problems(["spec/messages.yaml": messages]) == [
        "spec/messages.yaml:3: extended.lamp: `block`: no structure is called `LampBlock`",
        "spec/messages.yaml:3: extended.lamp: `answer`: no message is called `Dark`",
      ])
  }

  @Test func wrongUnitOfATimer() {
    let timers = """
      source: Table 3
      timers:
        - { name: tLamp, kind: timer, clause: §4, meaning: How long it shines., limits: [ { min: 1, unit: hours } ] }
      """
    #expect(
      Sample.problems(["spec/timers.yaml": timers]) == [
        "spec/timers.yaml:3: tLamp: unknown unit `hours` of a time; known: ns, us, ms, s"
      ])
  }

  @Test func brokenYAMLIsAnErrorWithItsFile() {
    let problems = Sample.problems([Sample.path: "group: [ a"])
    #expect(problems.count == 1 && problems[0].hasPrefix("\(Sample.path):1: not YAML"))
  }
}
