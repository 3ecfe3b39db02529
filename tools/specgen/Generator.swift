/// What `spec/` says, as read.
struct Specification {
  var groups: [LayoutGroup] = []
  var chips: [RegisterMap] = []
  var messages: MessageCatalogue?
  var timing: TimingCatalogue?
  var line: LineCatalogue?
  var diagnostics: [Diagnostic]?

  var enumerations: [String: Enumeration] {
    let all = (groups + chips.map(\.group)).flatMap(\.enumerations)
    return Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }
}

/// Turns the specification into files: path below the root → text.
struct Generator {
  let specification: Specification

  func files() -> [String: String] {
    var files: [String: String] = [:]
    let tables = "spec/text/tables"
    for group in specification.groups {
      files["Sources/\(group.module)/Generated/\(group.typeName).swift"] = types(of: group)
      files["Sources/Trace/Generated/\(group.typeName)Fields.swift"] = FieldTablesEmitter(group: group).emit()
      files["\(tables)/\(group.name).md"] = layoutDocument(group)
    }
    if !specification.groups.isEmpty {
      files["Sources/Trace/Generated/LayoutIndex.swift"] = emitLayoutIndex(of: specification.groups)
      files["Tests/PowerDeliveryTests/Generated/FieldAccessors.swift"] =
        AccessorTableEmitter(specification: specification).emit()
    }
    for map in specification.chips {
      files["Sources/\(map.group.module)/Generated/\(map.group.typeName).swift"] = types(of: map.group, map)
      files["\(tables)/\(map.group.name.lowercased()).md"] = registerDocument(map)
    }
    if let messages = specification.messages {
      files["Sources/PowerDelivery/Generated/MessageTypes.swift"] =
        MessageTypesEmitter(catalogue: messages).emit()
      files["Sources/Trace/Generated/MessageTables.swift"] = MessageTablesEmitter(catalogue: messages).emit()
      files["\(tables)/messages.md"] = messageDocument(messages)
    }
    if let timing = specification.timing {
      files["Sources/PowerDelivery/Generated/Timing.swift"] = TimingEmitter(catalogue: timing).emit()
      files["\(tables)/timers.md"] = timingDocument(timing)
    }
    if let line = specification.line {
      files["Sources/LineCode/Generated/LineSymbolTables.swift"] = LineSymbolsEmitter(catalogue: line).emit()
      files["\(tables)/line-code.md"] = lineDocument(line)
    }
    if let diagnostics = specification.diagnostics, !diagnostics.isEmpty {
      let emitter = DiagnosticsEmitter(diagnostics: diagnostics)
      files["Sources/PowerDelivery/Generated/DiagnosticCode.swift"] = emitter.codes()
      files["Sources/Trace/Generated/DiagnosticTexts.swift"] = emitter.texts()
      files["\(tables)/diagnostics.md"] = diagnosticDocument(diagnostics)
    }
    return files
  }

  private func types(of group: LayoutGroup, _ map: RegisterMap? = nil) -> String {
    let enumerations = specification.enumerations
    let usesQuantities = group.structures.flatMap(\.accessibleFields).contains {
      if case .quantity = $0.kind { true } else { false }
    }
    let imports =
      (group.module == LayoutGroup.standardModule ? [] : ["public import PowerDelivery"])
      + (usesQuantities ? ["public import Quantities"] : [])
      + (map == nil ? [] : ["public import RegisterBus"])
    return SourceText.swift(from: group.file, imports: imports) { text in
      text.comment("\(sentence(group.title)) \(sentence(group.source))", "//")
      for enumeration in group.enumerations {
        text.line("")
        emit(enumeration, into: &text)
      }
      for (index, structure) in group.structures.enumerated() {
        text.line("")
        if structure.isBlock {
          BlockTypeEmitter(structure: structure, enumerations: enumerations).emit(into: &text)
        } else {
          WordTypeEmitter(
            structure: structure, enumerations: enumerations, register: map?.registers[index]
          ).emit(into: &text)
        }
      }
    }
  }
}
