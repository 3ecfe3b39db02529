/// Writes the message types of the three classes.
struct MessageTypesEmitter {
  let catalogue: MessageCatalogue

  func emit() -> String {
    SourceText.swift(from: catalogue.file) { text in
      text.comment("The codes of the Message Type field. \(sentence(catalogue.source))", "//")
      for kind in catalogue.classes {
        text.line("")
        emit(kind, into: &text)
      }
    }
  }

  private func emit(_ kind: MessageClass, into text: inout SourceText) {
    text.comment(
      "What a \(kind.kind.rawValue) message is: bits 4:0 of its header. Codes without a name are reserved.")
    let members = kind.messages.map {
      CodeMember(
        code: $0.code, name: $0.name, label: $0.label,
        comment: "\($0.label)\(revisionsText($0.revisions)). \(sentence($0.meaning)) \(sentence($0.clause))")
    }
    emitCodeType(kind.typeName, rawType: "UInt8", bits: 8, members: members, into: &text) { text in
      switch kind.kind {
      case .control: break
      case .data:
        emitNumber("minimumObjectCount", "The fewest data objects that the message has", kind, &text) {
          $0.objects?.lowerBound
        }
        emitNumber("maximumObjectCount", "The most data objects that the message has", kind, &text) {
          $0.objects?.upperBound
        }
      case .extended:
        emitNumber("minimumDataSize", "The fewest bytes of data over all revisions", kind, &text) {
          min($0.dataSize?.lowerBound ?? 0, $0.plugDataSize?.lowerBound ?? .max)
        }
        emitNumber("maximumDataSize", "The most bytes of data over all revisions", kind, &text) {
          max($0.dataSize?.upperBound ?? 0, $0.plugDataSize?.upperBound ?? 0)
        }
      }
      emitRevision("introducedIn", "The first revision that has the message: 0x31 is 3.1", kind, &text) {
        $0.revisions.introduced
      }
      emitRevision(
        "removedAfter", "The last revision that has the message: 0x20 is 2.0, 0xFF none", kind, &text
      ) {
        $0.revisions.removedAfter
      }
      emitFlag("isAllowedOnSOP", "Whether a packet between two ports may carry it", kind, &text) {
        $0.sop.contains("SOP")
      }
      emitFlag("isAllowedOnSOPPrime", "Whether a packet to or from a cable plug may carry it", kind, &text) {
        $0.sop.contains("SOP′") || $0.sop.contains("SOP″")
      }
    }
  }

  private func emitNumber(
    _ name: String, _ meaning: String, _ kind: MessageClass, _ text: inout SourceText,
    _ value: (Message) -> Int?
  ) {
    emitSwitch("\(name): Int?", "\(meaning); `nil` for a reserved code.", kind, "nil", &text) {
      value($0).map { "\($0)" } ?? "nil"
    }
  }

  private func emitRevision(
    _ name: String, _ meaning: String, _ kind: MessageClass, _ text: inout SourceText,
    _ value: (Message) -> UInt8
  ) {
    emitSwitch("\(name): UInt8?", "\(meaning); `nil` for a reserved code.", kind, "nil", &text) {
      hexadecimal(UInt32(value($0)), bits: 8)
    }
  }

  private func emitFlag(
    _ name: String, _ meaning: String, _ kind: MessageClass, _ text: inout SourceText,
    _ value: (Message) -> Bool
  ) {
    emitSwitch("\(name): Bool", "\(meaning); false for a reserved code.", kind, "false", &text) {
      value($0) ? "true" : "false"
    }
  }

  /// A property that switches over the code, codes with the same result in one case.
  private func emitSwitch(
    _ head: String, _ meaning: String, _ kind: MessageClass, _ other: String, _ text: inout SourceText,
    _ value: (Message) -> String
  ) {
    text.line("")
    text.comment(meaning)
    text.block("public var \(head) {") { text in
      let results = unique(kind.messages.map(value)).filter { $0 != other }
      if results.isEmpty { return text.line(other) }
      text.line("switch rawValue {")
      for result in results {
        let codes = codeRanges(kind.messages.filter { value($0) == result }.map(\.code))
        let single = "case \(codes.joined(separator: ", ")): \(result)"
        if single.count + 4 <= SourceText.lineLength {
          text.line(single)
          continue
        }
        for (index, row) in wrapped(codes.joined(separator: ", ") + ":", 90).enumerated() {
          text.line(index == 0 ? "case \(row)" : "  \(row)")
        }
        text.line("  \(result)")
      }
      text.line("default: \(other)")
      text.line("}")
    }
  }
}

/// Codes as patterns of a `case`, neighbours joined: `0x01...0x0F`.
func codeRanges(_ codes: [UInt32]) -> [String] {
  var runs: [(first: UInt32, last: UInt32)] = []
  for code in codes.sorted() {
    if let run = runs.last, run.last + 1 == code {
      runs[runs.count - 1].last = code
    } else {
      runs.append((code, code))
    }
  }
  return runs.map {
    let first = hexadecimal($0.first, bits: 8)
    return $0.first == $0.last ? first : "\(first)...\(hexadecimal($0.last, bits: 8))"
  }
}
