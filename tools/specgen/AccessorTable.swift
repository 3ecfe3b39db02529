/// Writes the table of all typed accessors that the tests compare with plain bit extraction.
struct AccessorTableEmitter {
  let specification: Specification

  func emit() -> String {
    let modules = Set(specification.groups.map(\.module) + [LayoutGroup.standardModule, "Quantities"])
    return SourceText.swift(from: "spec/layouts", imports: modules.sorted().map { "import \($0)" }) { text in
      for group in specification.groups {
        for enumeration in group.enumerations { text.line("extension \(enumeration.name): CodeValue {}") }
        for structure in group.structures { emitConformance(structure, into: &text) }
      }
      for structure in structures where !fields(structure).isEmpty {
        text.line("")
        emitTable(structure, into: &text)
      }
      text.line("")
      emitIndex(
        "Every typed accessor of a word.", "fieldAccessors", "UInt32", structures.filter { !$0.isBlock },
        &text)
      text.line("")
      emitIndex(
        "Every typed accessor of a block of bytes.", "blockFieldAccessors", "[UInt8]",
        structures.filter(\.isBlock), &text)
    }
  }

  private var structures: [Structure] { specification.groups.flatMap(\.structures) }

  private func emitConformance(_ structure: Structure, into text: inout SourceText) {
    guard structure.isBlock else { return text.line("extension \(structure.name): WordView {}") }
    text.block("extension \(structure.name): BlockView {") {
      $0.line("func byte(at index: Int) -> UInt8 { bytes[index] }")
    }
  }

  private func fields(_ structure: Structure) -> [Field] {
    structure.isBlock ? BlockShape(structure).accessibleFields : structure.accessibleFields
  }

  private func tableName(_ structure: Structure) -> String { "\(lowerFirst(structure.name))Accessors" }

  private func emitTable(_ structure: Structure, into text: inout SourceText) {
    let raw = structure.isBlock ? "[UInt8]" : "UInt32"
    text.block("private let \(tableName(structure)): [FieldAccessor<\(raw)>] = [", close: "]") { text in
      var rows: [[String]] = []
      for field in fields(structure) {
        let access = FieldAccess(
          field: field, enumerationRawTypes: specification.enumerations.mapValues(\.rawType))
        var scaling: [String] = []
        switch field.kind {
        case .quantity(let scale, let offset, _), .unsigned(let scale, let offset):
          if scale != 1 { scaling.append("scale: \(decimal(scale))") }
          if offset != 0 { scaling.append("offset: \(decimal(offset))") }
        default: break
        }
        let saturated = scaling.isEmpty && !access.isQuantity ? field.mask : access.saturatedCode
        rows.append(row(structure, field, field.name ?? "", scaling, saturated))
        if !field.codes.isEmpty {
          rows.append(row(structure, field, "\(field.name ?? "")Code", [], field.mask))
        }
      }
      for arguments in rows { text.call("FieldAccessor", arguments, rows.count == 1 ? "" : ",") }
    }
  }

  private func row(
    _ structure: Structure, _ field: Field, _ name: String, _ scaling: [String], _ saturated: UInt32
  ) -> [String] {
    var arguments = [quoted(structure.name), quoted(name), "\(field.firstBit)", "\(field.width)"] + scaling
    arguments.append("saturated: \(hexadecimal(saturated, bits: max(field.width, 4)))")
    if structure.isBlock { arguments.append("minimumBytes: \(max(field.minBytes, field.lastBit / 8 + 1))") }
    return arguments + ["\\\(structure.name).\(name)"]
  }

  private func emitIndex(
    _ meaning: String, _ name: String, _ raw: String, _ structures: [Structure], _ text: inout SourceText
  ) {
    text.comment(meaning)
    let tables = structures.filter { !fields($0).isEmpty }.map(tableName)
    guard tables.count > 1 else {
      return text.line("let \(name): [FieldAccessor<\(raw)>] = \(tables.first ?? "[]")")
    }
    text.line("let \(name): [FieldAccessor<\(raw)>] = {")
    text.indented { text in
      text.line("var all: [FieldAccessor<\(raw)>] = []")
      for table in tables { text.line("all += \(table)") }
      text.line("return all")
    }
    text.line("}()")
  }
}
