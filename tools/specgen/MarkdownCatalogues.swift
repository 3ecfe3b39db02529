/// The tables of messages, timing, line code and diagnostics.

func messageDocument(_ catalogue: MessageCatalogue) -> String {
  var document = Markdown(title: "Messages", source: catalogue.source, from: catalogue.file)
  document.paragraph("Codes that are not listed are reserved.")
  for kind in catalogue.classes {
    document.heading("\(capitalised(kind.kind.rawValue)) messages")
    document.table(
      [
        "Code", "Message", "Objects", "Bytes", "Data", "Senders", "Packets", "Answer", "Meaning", "Revisions",
        "Clause",
      ],
      kind.messages.map { message in
        [
          hexadecimal(message.code, bits: 8), message.label, rangeText(message.objects),
          [rangeText(message.dataSize), message.plugDataSize.map { "cable plug \(rangeText($0))" } ?? ""]
            .filter { !$0.isEmpty }.joined(separator: "; "),
          [message.block, message.plugBlock].compactMap { $0.map { "`\($0)`" } }.joined(separator: ", "),
          message.senders.joined(separator: ", "), message.sop.joined(separator: ", "),
          message.answers.joined(separator: ", "),
          sentence(message.meaning) + (message.deprecated ? " Out of use." : ""), message.revisions.text,
          message.clause,
        ]
      })
  }
  return document.text
}

private func rangeText(_ range: ClosedRange<Int>?) -> String {
  guard let range else { return "" }
  return range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
}

func timingDocument(_ catalogue: TimingCatalogue) -> String {
  var document = Markdown(
    title: "Timers, counters and limits", source: catalogue.source, from: catalogue.file)
  for (title, entries) in [
    ("Times", catalogue.timers), ("Counters", catalogue.counters), ("Electrical limits", catalogue.limits),
  ] where !entries.isEmpty {
    document.heading(title)
    document.table(
      ["Name", "Used by", "Kind", "Owner", "Limits", "Meaning", "Starts", "Stops", "Then", "Note", "Clause"],
      entries.map { entry in
        [
          entry.name, entry.user, entry.kind, entry.owner,
          entry.limits.map(limitText).joined(separator: "; "), sentence(entry.meaning), entry.starts,
          entry.stops,
          entry.expiry, entry.note, entry.clause,
        ]
      })
  }
  return document.text
}

func lineDocument(_ catalogue: LineCatalogue) -> String {
  var document = Markdown(title: "Line code", source: catalogue.source, from: catalogue.file)
  func bits(_ word: UInt32, _ count: Int) -> String {
    String((0..<count).map { word >> UInt32($0) & 1 == 1 ? "1" : "0" })
  }
  func number(_ symbol: UInt32) -> String { String(bits(symbol, 5).reversed()) }
  document.paragraph(
    "Symbols with b4 first; “on the wire” gives the bits in the order in which they are sent.")
  document.heading("Data symbols")
  document.table(
    ["Nibble", "Symbol", "On the wire"],
    catalogue.dataSymbols.enumerated().map { nibble, symbol in
      [hexadecimal(UInt32(nibble), bits: 4), number(symbol), bits(symbol, 5)]
    })
  document.heading("K-codes")
  document.table(
    ["K-code", "Symbol", "On the wire"],
    catalogue.kCodes.map { [$0.label, number($0.symbol), bits($0.symbol, 5)] })
  document.heading("Ordered sets")
  document.table(
    ["Set", "K-codes", "On the wire", "Meaning"],
    catalogue.orderedSets.map { set in
      let labels = set.kCodes.map { name in catalogue.kCodes.first { $0.name == name }?.label ?? name }
      return [set.label, labels.joined(separator: " "), bits(catalogue.pattern(set), 20), set.meaning]
    })
  return document.text
}

func diagnosticDocument(_ diagnostics: [Diagnostic]) -> String {
  var document = Markdown(title: "Diagnostics", source: "", from: "spec/diagnostics.yaml")
  document.paragraph("What a decoder can find wrong. Codes are stable.")
  document.table(
    ["Code", "Name", "Severity", "Message", "Advice", "Clause"],
    diagnostics.map { [$0.code, "`\($0.name)`", $0.severity, $0.message, $0.advice, $0.clause] })
  return document.text
}
