/// Writes the tables from which the dissector prints structures.
struct FieldTablesEmitter {
  let group: LayoutGroup

  func emit() -> String {
    SourceText.swift(from: group.file) { text in
      text.comment("\(sentence(group.title)) \(sentence(group.source))", "//")
      if !group.enumerations.isEmpty {
        text.line("")
        text.block("extension EnumerationDescription {") { text in
          for (index, enumeration) in group.enumerations.enumerated() {
            if index > 0 { text.line("") }
            emit(enumeration, into: &text)
          }
        }
      }
      guard !group.structures.isEmpty else { return }
      text.line("")
      text.block("extension LayoutDescription {") { text in
        for (index, structure) in group.structures.enumerated() {
          if index > 0 { text.line("") }
          emit(structure, into: &text)
        }
      }
    }
  }

  private func emit(_ enumeration: Enumeration, into text: inout SourceText) {
    text.comment("\(enumeration.title).")
    text.block(
      "public static let \(lowerFirst(enumeration.name)) = EnumerationDescription(", close: "  ])"
    ) { text in
      text.line("\(quoted(enumeration.name)), title: \(quoted(enumeration.title)),")
      text.literal("clause: ", enumeration.clause, ",")
      text.literal("meaning: ", enumeration.meaning, ",")
      text.line("bits: \(enumeration.bits),")
      text.line("values: [")
      text.indented { text in
        let end = enumeration.values.count == 1 ? ")" : "),"
        for value in enumeration.values.sorted(by: { $0.code < $1.code }) {
          text.line("Value(")
          text.indented { text in
            text.line(
              "\(hexadecimal(value.code, bits: enumeration.bits)), \(quoted(value.name)), \(quoted(value.label)),"
            )
            if !value.meaning.isEmpty { text.literal("meaning: ", value.meaning, ",") }
            text.line("revisions: \(range(value.revisions))\(end)")
          }
        }
      }
    }
  }

  private func emit(_ structure: Structure, into text: inout SourceText) {
    text.comment("\(structure.title).")
    text.block(
      "public static let \(lowerFirst(structure.name)) = LayoutDescription(", close: "  ])"
    ) { text in
      text.line("\(quoted(structure.name)),")
      text.literal("title: ", structure.title, ",")
      text.literal("clause: ", structure.clause, ",")
      text.literal("meaning: ", structure.meaning, ",")
      text.line("size: \(size(structure.size)), revisions: \(range(structure.revisions)),")
      if let other = structure.overlays { text.line("overlays: \(quoted(other)),") }
      text.line("fields: [")
      text.indented { text in
        let end = structure.fields.count == 1 ? ")" : "),"
        for field in structure.fields { emit(field, end, into: &text) }
      }
    }
  }

  private func emit(_ field: Field, _ end: String, into text: inout SourceText) {
    text.line("FieldDescription(")
    text.indented { text in
      text.line("\(quoted(field.name ?? "")), \(quoted(field.label)),")
      text.call(
        "at: \(field.firstBit), \(field.width), \(kindName(field.kind))", kindArguments(field.kind), ",")
      text.literal("clause: ", field.clause, ",")
      if !field.meaning.isEmpty { text.literal("meaning: ", field.meaning, ",") }
      if !field.codes.isEmpty {
        text.elements(
          "codes: [", field.codes.map { "CodeDescription(\($0.code), \(quoted($0.label)))" }, "],")
      }
      var rest = "revisions: \(range(field.revisions))"
      if field.firstObjectOnly { rest += ", firstObjectOnly: true" }
      if field.deprecated { rest += ", deprecated: true" }
      if field.minBytes > 0 { rest += ", minBytes: \(field.minBytes)" }
      text.line(rest + end)
    }
  }

  private func kindName(_ kind: FieldKind) -> String {
    switch kind {
    case .flag: ".flag"
    case .unsigned: ".unsigned"
    case .hex: ".hex"
    case .letter: ".letter"
    case .quantity: ".quantity"
    case .enumeration: ".enumeration"
    case .constant: ".constant"
    case .reserved: ".reserved"
    case .text: ".text"
    case .data: ".data"
    case .words: ".words"
    }
  }

  private func kindArguments(_ kind: FieldKind) -> [String]? {
    switch kind {
    case .flag(let set, let clear):
      ["set: \(set.map(quoted) ?? "nil")", "clear: \(clear.map(quoted) ?? "nil")"]
    case .unsigned(let scale, let offset): ["scale: \(decimal(scale))", "offset: \(decimal(offset))"]
    case .quantity(let scale, let offset, let unit):
      ["scale: \(decimal(scale))", "offset: \(decimal(offset))", "unit: .\(unit.caseName)"]
    case .enumeration(let name): [".\(lowerFirst(name))"]
    case .constant(let value): ["\(value)"]
    case .words(let structure): ["layout: \(structure.map(quoted) ?? "nil")"]
    default: nil
    }
  }

  private func size(_ size: Structure.Size) -> String {
    switch size {
    case .word(let bits): ".word(bits: \(bits))"
    case .block(let minimum, let maximum): ".block(minimum: \(minimum), maximum: \(maximum))"
    }
  }

  private func range(_ revisions: Revisions) -> String { rangeLiteral(revisions) }
}

func rangeLiteral(_ revisions: Revisions) -> String {
  "RevisionRange(\(hexadecimal(UInt32(revisions.introduced), bits: 8)), "
    + "\(hexadecimal(UInt32(revisions.removedAfter), bits: 8)))"
}

/// Writes the list of all structures, and the number that stands for each in a node of a dissection.
func emitLayoutIndex(of groups: [LayoutGroup]) -> String {
  let names = groups.flatMap(\.structures).map { lowerFirst($0.name) }
  return SourceText.swift(from: "spec/layouts") { text in
    text.block("extension LayoutDescription {") { text in
      text.comment("Every structure, in the order of the files and of the description.")
      text.list("public static let all: [LayoutDescription] = [", names.map { ".\($0)" })
    }
    text.line("")
    text.comment("A structure by its place in `LayoutDescription.all`.")
    text.block("public enum LayoutID: UInt16, CaseIterable, Sendable {") { text in
      for name in names { text.line("case \(name)") }
    }
  }
}
