/// Writes the tables from which the dissector explains messages.
struct MessageTablesEmitter {
  let catalogue: MessageCatalogue

  func emit() -> String {
    SourceText.swift(from: catalogue.file) { text in
      text.comment("The messages of USB Power Delivery. \(sentence(catalogue.source))", "//")
      text.line("")
      text.block("extension MessageDescription {") { text in
        for (index, kind) in catalogue.classes.enumerated() {
          if index > 0 { text.line("") }
          text.comment("The \(kind.kind.rawValue) messages, in the order of the description.")
          let head = "public static let \(kind.kind.rawValue)Messages: [MessageDescription] = ["
          text.block(head, close: "]") { text in
            for message in kind.messages { emit(message, kind.kind, into: &text) }
          }
          text.line("")
          text.comment("The \(kind.kind.rawValue) message with that code, 0 to 31; `nil` for a reserved one.")
          text.block("public static func \(kind.kind.rawValue)(_ code: UInt8) -> MessageDescription? {") {
            $0.line("\(kind.kind.rawValue)Messages.first { $0.code == code }")
          }
        }
      }
    }
  }

  private func emit(_ message: Message, _ kind: MessageClass.Kind, into text: inout SourceText) {
    text.line("MessageDescription(")
    text.indented { text in
      text.line(
        "\(hexadecimal(message.code, bits: 8)), \(quoted(message.label)), \(quoted(message.name)), .\(kind.rawValue),"
      )
      text.literal("clause: ", message.clause, ",")
      text.literal("meaning: ", message.meaning, ",")
      text.line("revisions: \(rangeLiteral(message.revisions)),")
      text.line("senders: \(list(message.senders)),")
      text.line("packets: \(list(message.sop)),")
      var rest = ["answers: \(list(message.answers))"]
      if message.deprecated { rest.append("deprecated: true") }
      if let range = message.objects ?? message.dataSize { rest.append("length: \(literal(range))") }
      if let block = message.block { rest.append("block: \(quoted(block))") }
      if let range = message.plugDataSize { rest.append("plugLength: \(literal(range))") }
      if let block = message.plugBlock { rest.append("plugBlock: \(quoted(block))") }
      for (index, argument) in rest.enumerated() {
        text.line(argument + (index + 1 == rest.count ? ")," : ","))
      }
    }
  }

  private func list(_ words: [String]) -> String { "[\(words.map(quoted).joined(separator: ", "))]" }

  private func literal(_ range: ClosedRange<Int>) -> String { "\(range.lowerBound)...\(range.upperBound)" }
}
