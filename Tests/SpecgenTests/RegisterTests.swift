import Testing

@testable import specgen

/// A description of registers that is wrong, and what must be said about it.
struct WrongRegister: Sendable, CustomTestStringConvertible {
  var address = "0x02"
  var bits = "8"
  var access = "RW"
  var reset = "0x03"
  var field = "{ at: \"6:0\", name: level, label: LEVEL, type: unsigned, meaning: A level. }"
  let message: String
  var testDescription: String { message }

  static let all: [WrongRegister] = [
    WrongRegister(address: "0x100", message: "Gauge: `address` must be 0x00 to 0xFF"),
    WrongRegister(bits: "12", message: "Gauge: a register has 8 or 16 bits, not 12"),
    WrongRegister(access: "RX", message: "Gauge: unknown access `RX`; known: R, W, RW, RC, W1C, SC"),
    WrongRegister(reset: "0x103", message: "Gauge: `reset` does not fit 8 bits"),
    WrongRegister(address: "0x03", message: "address 0x03 is taken by `Other`"),
    WrongRegister(
      field: "{ at: \"5:0\", name: level, label: LEVEL, type: unsigned, meaning: A level. }",
      message: "Gauge: bit 6 belongs to no field"),
  ]

  static func file(_ wrong: WrongRegister) -> String {
    """
    group: LAMP-registers
    title: Lamp driver
    source: A data sheet
    module: Lamps
    registers:
      - name: Other
        title: OTHER
        address: 0x03
        bits: 16
        access: RC
        clause: Table 1
        meaning: Another one.
        fields:
          - { at: "15:0", name: count, label: COUNT, type: hex, meaning: A count. }
      - name: Gauge
        title: GAUGE
        address: \(wrong.address)
        bits: \(wrong.bits)
        access: \(wrong.access)
        reset: \(wrong.reset)
        clause: Table 2
        meaning: Shows a level.
        fields:
          - { at: 7, name: starts, label: START, type: flag, access: SC, meaning: Starts. }
          - \(wrong.field)
    """
  }
}

@Suite struct RegisterTests {
  static let path = "spec/chips/lamp.yaml"

  @Test(arguments: WrongRegister.all) func wrong(_ wrong: WrongRegister) {
    let problems = Sample.problems([Self.path: WrongRegister.file(wrong)])
    let found = problems.contains { $0.hasPrefix("\(Self.path):") && $0.contains(wrong.message) }
    #expect(found, "\(problems)")
  }

  @Test(arguments: [
    (
      "Sources/Lamps/Generated/LAMPRegisters.swift",
      "public struct Gauge: RawRepresentable, Hashable, Sendable, ChipRegister {"
    ),
    ("Sources/Lamps/Generated/LAMPRegisters.swift", "public static var address: UInt8 { 0x02 }"),
    (
      "Sources/Lamps/Generated/LAMPRegisters.swift",
      "public static var resetValue: Self { Self(rawValue: 0x03) }"
    ),
    ("Sources/Lamps/Generated/LAMPRegisters.swift", "public var rawValue: UInt16"),
    (
      "spec/text/tables/lamp-registers.md",
      "| 7 | START | `starts` | flag | read and write, clears itself | 0 | Starts. |"
    ),
    (
      "spec/text/tables/lamp-registers.md",
      "| 0x03 | OTHER: `Other` | 16 | read only, reading clears it | not fixed | Another one. |"
    ),
  ])
  func output(_ file: String, _ line: String) {
    let files = Sample.files([Self.path: WrongRegister.file(WrongRegister(message: ""))])
    #expect(files[file]?.contains(line) == true)
    #expect(files["Sources/Trace/Generated/LAMPRegistersFields.swift"] == nil)
  }
}
