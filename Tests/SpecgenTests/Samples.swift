@testable import specgen

/// Texts of a small specification, and what reading them gives.
enum Sample {
  static let path = "spec/layouts/usb-pd/sample.yaml"

  /// A layout file around the given fields of a word of 16 bits.
  static func layout(fields: String, size: String = "{ bits: 16 }", values: String = "") -> String {
    """
    group: sample
    title: Sample
    source: Table 1
    enumerations:
      - name: Colour
        title: Colour
        bits: 2
        clause: §1.1
        meaning: A colour.
        values:
          - { code: 0b00, name: red, label: Red, meaning: Like fire. }
          - { code: 0b10, name: blue, label: Blue, revisions: 3.0+ }
    \(values.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n"))
    structures:
      - name: Lamp
        title: Lamp
        size: \(size)
        clause: §1
        revisions: 2.0+
        meaning: Says how a lamp shines.
        fields:
    \(fields.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n"))
    """
  }

  static let goodFields = """
    - { at: "15:14", name: kind, label: Kind, type: constant, value: 0b10 }
    - { at: "13:12", name: colour, label: Colour, type: enumeration, enumeration: Colour, meaning: Its colour. }
    - { at: "11:4", name: voltage, label: Voltage, type: quantity, scale: 100, unit: mV, codes: { 0xFF: unknown }, meaning: What it gets. }
    - { at: "3:2", type: reserved }
    - { at: 1, name: lit, label: Lit, type: flag, set: on, clear: off, revisions: 3.0+, clause: §2, meaning: Whether it shines. }
    - { at: 0, name: count, label: Count, type: unsigned, offset: 1, meaning: How many there are. }
    """

  static func files(_ texts: [String: String]) -> [String: String] {
    let reader = SpecificationReader()
    let specification = reader.read(texts)
    return reader.problems.list.isEmpty ? Generator(specification: specification).files() : [:]
  }

  static func problems(_ texts: [String: String]) -> [String] {
    let reader = SpecificationReader()
    _ = reader.read(texts)
    return reader.problems.list
  }
}
