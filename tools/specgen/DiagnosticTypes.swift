/// Writes the codes of diagnostics, and their texts.
struct DiagnosticsEmitter {
  let diagnostics: [Diagnostic]
  static let source = "spec/diagnostics.yaml"

  /// The codes, for the core: no text.
  func codes() -> String {
    SourceText.swift(from: Self.source) { text in
      text.comment("How much a diagnostic matters.")
      text.block("public enum DiagnosticSeverity: UInt8, Comparable, Sendable {") { text in
        text.line("case note, warning, error")
        text.line("")
        text.block("@inlinable public static func < (left: Self, right: Self) -> Bool {") {
          $0.line("left.rawValue < right.rawValue")
        }
      }
      text.line("")
      text.comment("What can be wrong with a message; the number is stable.")
      text.block("public enum DiagnosticCode: UInt16, Sendable {") { text in
        for diagnostic in diagnostics {
          text.comment("\(diagnostic.code): \(sentence(diagnostic.message)) \(sentence(diagnostic.clause))")
          text.line("case \(diagnostic.name) = \(diagnostic.number)")
        }
        text.line("")
        text.block("public var severity: DiagnosticSeverity {") { text in
          text.line("switch self {")
          for severity in ["error", "warning", "note"] {
            let names = diagnostics.filter { $0.severity == severity }.map { ".\($0.name)" }
            guard !names.isEmpty else { continue }
            let single = "case \(names.joined(separator: ", ")): .\(severity)"
            if single.count + 4 <= SourceText.lineLength {
              text.line(single)
              continue
            }
            for (index, row) in wrapped(names.joined(separator: ", ") + ":", 96).enumerated() {
              text.line(index == 0 ? "case \(row)" : "  \(row)")
            }
            text.line("  .\(severity)")
          }
          text.line("}")
        }
      }
    }
  }

  /// The texts, for people.
  func texts() -> String {
    SourceText.swift(from: Self.source, imports: ["public import PowerDelivery"]) { text in
      // Not in the core: a list of cases is an array, and the core does not allocate.
      text.block("extension DiagnosticCode: CaseIterable {") { text in
        text.comment("Every code, in the order of the numbers as described.")
        text.list(
          "public static let allCases: [DiagnosticCode] = [", diagnostics.map { ".\($0.name)" })
        text.line("")
        emit("identifier", "The stable code, as printed.", into: &text) { $0.code }
        text.line("")
        emit("message", "What is wrong.", into: &text) { $0.message }
        text.line("")
        emit("advice", "What to do about it.", into: &text) { $0.advice }
        text.line("")
        emit("clause", "The rule that is broken.", into: &text) { $0.clause }
      }
    }
  }

  private func emit(
    _ name: String, _ meaning: String, into text: inout SourceText, value: (Diagnostic) -> String
  ) {
    text.comment(meaning)
    text.block("public var \(name): StaticString {") { text in
      text.line("switch self {")
      for diagnostic in diagnostics {
        let single = "case .\(diagnostic.name): \(quoted(value(diagnostic)))"
        if single.count + 4 <= SourceText.lineLength {
          text.line(single)
        } else {
          text.line("case .\(diagnostic.name):")
          text.indented { $0.literal("", value(diagnostic), "") }
        }
      }
      text.line("}")
    }
  }
}
