import ArgumentParser
import PowerDelivery
import Quantities
import Trace
import XiaomiCharge
import XiaomiKeys

/// `ofc decode`: a recording as a conversation, one line a message.
struct Decode: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what was said in a recording, in order, with what is wrong marked.",
    discussion: """
      One line a message: time, time since the one before, direction, kind of
      SOP, MessageID, ✓ or ✗ for its GoodCRC, name and content. What is wrong
      stands below it. A summary follows: the contract and how it came about,
      roles, resets, errors and what the cable says of itself. Where Xiaomi's
      private protocol is spoken, its story comes last: who is DFP, each command
      with the time to its answer, the new offer, and why the phone stayed slow.
      With --keys its proofs are checked.

      formats (told from the content; --format overrides)
        \(TraceFormat.helpText(indent: 2))

      filter expressions
        \(FilterExpression.help.split(separator: "\n").joined(separator: "\n  "))

      examples
        ofc decode charger.sr
        ofc decode charger.sr --filter "Request or error" --explain
        ofc decode charger.sr --filter "outputVoltage > 9 V and from == sink" --json
      """)

  @Argument(help: "Recordings to read.", completion: .file()) var files: [String]
  @Flag(help: "One JSON object a line instead of text.") var json = false
  @Option(help: ArgumentHelp("The format of the files.", valueName: "name")) var format: TraceFormat?
  @Option(help: ArgumentHelp("Show only entries that match.", valueName: "expression")) var filter: String?
  @Flag(help: "Every field of every message: bits, value, unit and meaning.") var explain = false
  @Flag(name: .customLong("no-goodcrc"), help: "Leave GoodCRC out altogether.") var noGoodCRC = false
  @Flag(help: "Show notes too: things that sound devices do although the standard says otherwise.")
  var notes = false
  @Flag(help: "Show measurements of VBUS and CC too.") var measurements = false
  @Option(
    help: ArgumentHelp(
      "Leave out what came before (1.5s, 250ms; plain numbers are seconds).", valueName: "time"))
  var from: Moment?
  @Option(help: ArgumentHelp("Leave out what came after.", valueName: "time")) var to: Moment?
  @Option(
    name: .customLong("line"), help: ArgumentHelp("Read only this line (may be repeated).", valueName: "name")
  )
  var lines: [String] = []
  @Flag(name: .customLong("no-summary"), help: "Leave the summary out.") var noSummary = false
  @Option(
    help: ArgumentHelp(
      "Check the proofs of Xiaomi's protocol with these keys: a file, or \"synthetic\".", valueName: "keys"))
  var keys: String?
  @Option(help: "Colours: auto, always or never.") var colour = Colour.auto

  func run() throws {
    var expression: FilterExpression?
    do {
      expression = try filter.map { try FilterExpression($0) }
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.unusableArgument
    }
    let provider = try digestProvider()
    var output = Output()
    var worst: ExitCode?
    for file in files {
      if files.count > 1 { announce(file, &output) }
      if let fault = decode(file, expression, provider, &output) {
        output.flush()
        Output.complain("\(fault)")
        let status = fault.kind == .unusable ? ExitStatus.unusableFile : ExitStatus.damagedRecording
        if worst.map({ $0.rawValue < status.rawValue }) ?? true { worst = status }
      }
    }
    output.flush()
    if let worst { throw worst }
  }

  private func announce(_ file: String, _ output: inout Output) {
    if json {
      var line = JSONText()
      line.object {
        $0.field("type", "file" as StaticString)
        $0.field("file", file)
      }
      output.line(line.text)
    } else {
      output.line("== \(file)")
    }
  }

  /// Reads one file; returns what stopped it.
  private func decode(
    _ file: String, _ expression: FilterExpression?, _ keys: (any XiaomiDigestProvider)?,
    _ output: inout Output
  ) -> TraceFault? {
    let progress = Progress(file)
    defer { progress.finish() }
    var reader: any TraceReader
    do {
      reader = try TraceFile.open(
        file, format: format, options: TraceReadOptions(lines: lines.isEmpty ? nil : lines),
        progress: progress.update)
    } catch {
      return error
    }
    var conversation = Conversation(xiaomiKeys: keys)
    var printer = EntryPrinter(command: self, expression: expression)
    printer.begin(&output)
    let fault = reader.read { record in
      conversation.add(record) { printer.show($0, &output) }
    }
    conversation.finish { printer.show($0, &output) }
    if !noSummary { summarise(conversation, &output) }
    return fault
  }

  private func summarise(_ conversation: Conversation, _ output: inout Output) {
    let stories = conversation.xiaomiStories
    if json {
      for story in stories { for line in XiaomiStoryJSON.lines(story) { output.line(line) } }
      output.line(SummaryText.json(conversation.statistics))
    } else {
      output.line("\n" + SummaryText(conversation.statistics).text)
      for story in stories {
        output.line("\n" + XiaomiStoryText(story, namesLine: stories.count > 1).text)
      }
    }
  }

  /// Who computes the digests that proofs are checked with; `nil` without `--keys`.
  private func digestProvider() throws -> (any XiaomiDigestProvider)? {
    guard let keys else { return nil }
    if keys == "synthetic" { return SyntheticKeys.right }
    do {
      return try KeyFile.read(keys)
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.unusableArgument
    }
  }
}

/// Prints the entries that the options leave.
private struct EntryPrinter {
  /// The wire of the entry before, to say when it changes.
  private var line: String?
  let command: Decode
  let expression: FilterExpression?
  let text: EntryText
  let explanation: ExplanationText

  init(command: Decode, expression: FilterExpression?) {
    self.command = command
    self.expression = expression
    text = EntryText(
      usesColour: command.colour.isOn, goodCRC: command.noGoodCRC ? .hidden : .folded,
      showsNotes: command.notes || command.explain)
    explanation = ExplanationText(usesColour: command.colour.isOn, indent: "      ")
  }

  func begin(_ output: inout Output) {
    if !command.json { output.line(text.heading) }
  }

  mutating func show(_ entry: ConversationEntry, _ output: inout Output) {
    guard isWanted(entry) else { return }
    if command.json {
      output.line(EntryJSON.text(entry, explains: command.explain))
      return
    }
    guard let entryText = text.text(entry) else { return }
    // Events belong to no line; they do not end the one that is shown.
    if !entry.record.line.isEmpty {
      if let line, line != entry.record.line { output.line("-- line \(entry.record.line)") }
      line = entry.record.line
    }
    output.line(entryText)
    guard command.explain, let reading = entry.reading else { return }
    let tree = Explanation(reading.message, reading.body, data: reading.data)
    output.line(explanation.text(tree))
  }

  private func isWanted(_ entry: ConversationEntry) -> Bool {
    if case .measurement = entry.record.content, !command.measurements { return false }
    if command.noGoodCRC, let reading = entry.reading, reading.message.isGoodCRC, entry.severity != .error {
      return false
    }
    if let from = command.from, entry.record.time < from.time { return false }
    if let to = command.to, entry.record.time > to.time { return false }
    return expression?.matches(entry) ?? true
  }
}
