import Foundation
import Testing

@testable import specgen

/// What a small layout becomes.
@Suite struct OutputTests {
  private var files: [String: String] {
    Sample.files([Sample.path: Sample.layout(fields: Sample.goodFields)])
  }

  /// Lines that must be in a file.
  struct Expectation: Sendable, CustomTestStringConvertible {
    let file: String
    let text: String
    var testDescription: String { text }
  }

  static let swift = "Sources/PowerDelivery/Generated/Sample.swift"
  static let expectations: [Expectation] = [
    Expectation(file: swift, text: "public struct Lamp: RawRepresentable, Hashable, Sendable {"),
    Expectation(file: swift, text: "  @inlinable public init() { rawValue = 0x8000 }"),
    Expectation(
      file: swift,
      text: """
          /// Bits 11:4: Voltage. What it gets. Steps of 100 mV: 0 to 25500 mV. 255: unknown.
          @inlinable public var voltage: Millivolts {
            get { Millivolts(Int32(truncatingIfNeeded: BitAccess.read(rawValue, 4, 0xFF)) &* 100) }
            set {
              let code: UInt32 = BitAccess.code(newValue.rawValue, mask: 0xFF, scale: 100, saturated: 0xFE)
              BitAccess.write(code, to: &rawValue, 4, 0xFF)
            }
          }
        """),
    Expectation(
      file: swift,
      text: """
          @inlinable public var voltageCode: UInt8 {
            get { UInt8(truncatingIfNeeded: BitAccess.read(rawValue, 4, 0xFF)) }
        """),
    Expectation(
      file: swift,
      text: """
          /// Bit 1: Lit. Whether it shines. 1: on; 0: off. Revision 3.0+. §2.
          @inlinable public var lit: Bool {
            get { BitAccess.read(rawValue, 1, 0x1) != 0 }
        """),
    Expectation(
      file: swift,
      text: """
          @inlinable public var count: UInt8 {
            get { UInt8(truncatingIfNeeded: BitAccess.read(rawValue, 0, 0x1) &+ 1) }
        """),
    Expectation(
      file: swift,
      text: "    get { Colour(rawValue: UInt8(truncatingIfNeeded: BitAccess.read(rawValue, 12, 0x3))) }"),
    Expectation(
      file: swift,
      text: """
          @inlinable public var unexpectedBits: UInt16 { (rawValue & 0x000C) | ((rawValue ^ 0x8000) & 0xC000) }
        """),
    Expectation(
      file: swift,
      text: """
          /// Blue (revision 3.0+).
          @inlinable public static var blue: Self { Self(rawValue: 0x2) }
        """),
    Expectation(
      file: "Sources/Trace/Generated/SampleFields.swift",
      text: """
                "voltage", "Voltage",
                at: 4, 8, .quantity(scale: 100, offset: 0, unit: .millivolts),
                clause: "§1",
                meaning: "What it gets.",
                codes: [CodeDescription(255, "unknown")],
                revisions: RevisionRange(0x20, 0xFF)),
        """),
    Expectation(
      file: "Tests/PowerDeliveryTests/Generated/FieldAccessors.swift",
      text: "  FieldAccessor(\"Lamp\", \"voltage\", 4, 8, scale: 100, saturated: 0xFE, \\Lamp.voltage),"),
    Expectation(
      file: "spec/text/tables/sample.md",
      text:
        "| 11:4 | Voltage | `voltage` | × 100 mV | What it gets. Steps of 100 mV: 0 to 25500 mV. 0xFF: unknown. |"
    ),
  ]

  @Test(arguments: expectations) func contains(_ expected: Expectation) {
    let text = files[expected.file] ?? ""
    #expect(text.contains(expected.text), "\(text)")
  }

  /// A layout of another module: its types go there, and build on PowerDelivery.
  @Test func anotherModule() {
    let layout = "module: LampCharge\n" + Sample.layout(fields: Sample.goodFields)
    let files = Sample.files([Sample.path: layout])
    let types = files["Sources/LampCharge/Generated/Sample.swift"] ?? ""
    #expect(types.contains("public import PowerDelivery\npublic import Quantities\n"))
    #expect(files["Sources/PowerDelivery/Generated/Sample.swift"] == nil)
    let accessors = files["Tests/PowerDeliveryTests/Generated/FieldAccessors.swift"] ?? ""
    #expect(accessors.contains("import LampCharge\nimport PowerDelivery\nimport Quantities\n"))
    #expect(
      Sample.problems([Sample.path: "module: lamp\n" + Sample.layout(fields: Sample.goodFields)]).count == 1)
  }

  @Test func partialSpecificationFeedsOnlyItsOutputs() {
    #expect(
      files.keys.sorted() == [
        "Sources/PowerDelivery/Generated/Sample.swift", "Sources/Trace/Generated/LayoutIndex.swift",
        "Sources/Trace/Generated/SampleFields.swift",
        "Tests/PowerDeliveryTests/Generated/FieldAccessors.swift",
        "spec/text/tables/sample.md",
      ])
  }

  @Test func linesFitTheMargin() {
    let long = files.filter { $0.key.hasSuffix(".swift") }.values
      .flatMap { $0.split(separator: "\n") }.filter { $0.count > SourceText.lineLength }
    #expect(long == [])
  }

  @Test func sameInputGivesTheSameText() { #expect(files == files) }

  @Test func timersDependOnTheRevisionWhereTheLimitsDo() {
    let timers = """
      source: Table 3
      timers:
        - name: tLampOn
          kind: timer
          clause: §4
          meaning: How long it shines.
          limits: [ { revisions: 2.0..2.0, max: 5, unit: us }, { revisions: 3.0+, min: 1, max: 2, unit: ms } ]
        - name: tLampOff
          kind: timer
          clause: §4
          meaning: How long it is dark.
          limits: [ { mode: SPR, max: 5, unit: ms }, { mode: EPR, max: 6, unit: ms } ]
      """
    let text =
      Sample.files(["spec/timers.yaml": timers])["Sources/PowerDelivery/Generated/Timing.swift"] ?? ""
    let found = [
      "func lampOn(_ revision: SpecificationRevision) -> TimerLimits {",
      "TimerLimits(minimum: nil, nominal: nil, maximum: Nanoseconds(5_000))",
      "TimerLimits(minimum: Nanoseconds(1_000_000), nominal: nil, maximum: Nanoseconds(2_000_000))",
      "static var lampOffSPR: TimerLimits {", "static var lampOffEPR: TimerLimits {",
    ].filter { !text.contains($0) }
    #expect(found == [])
  }
}

/// What `--check` and writing do with the files on disk.
@Suite struct GeneratedFolderTests {
  private func temporaryFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("specgen-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  @Test func checkFindsChangedMissingAndStaleFiles() throws {
    let root = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: root) }
    let files = [
      "Sources/A/Generated/Kept.swift": "one\n", "Sources/A/Generated/Changed.swift": "one\ntwo\n",
      "spec/text/tables/missing.md": "one\n",
    ]
    let folder = GeneratedFolder(root: root, files: files)
    _ = try folder.write()
    #expect(folder.differences() == [])

    let generated = root.appendingPathComponent("Sources/A/Generated")
    try "one\nzwei\n".write(
      to: generated.appendingPathComponent("Changed.swift"), atomically: true, encoding: .utf8)
    try "".write(to: generated.appendingPathComponent("Stale.swift"), atomically: true, encoding: .utf8)
    try "".write(
      to: root.appendingPathComponent("Sources/A/Manual.swift"), atomically: true, encoding: .utf8)
    try FileManager.default.removeItem(at: root.appendingPathComponent("spec/text/tables/missing.md"))
    #expect(
      folder.differences() == [
        "Sources/A/Generated/Changed.swift:2: is `zwei`, must be `two`",
        "Sources/A/Generated/Stale.swift: stale, nothing in spec/ asks for it",
        "spec/text/tables/missing.md: missing",
      ])

    let done = try folder.write()
    #expect(
      done == [
        "wrote Sources/A/Generated/Changed.swift", "wrote spec/text/tables/missing.md",
        "removed Sources/A/Generated/Stale.swift",
      ])
    #expect(folder.differences() == [])
  }
}
