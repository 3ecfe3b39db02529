import InstrumentDrivers
import Quantities
import Trace

/// Shows what an instrument hears, and writes it down.
struct SniffView: RecordView {
  let json: Bool
  let measurements: Bool
  private let text: EntryText
  private var writer: (any TraceWriter)?
  private var conversation = Conversation()
  private var output = Output()
  /// Measurements that entries still held back may be shown with, oldest first.
  private var recent: [(time: Nanoseconds, values: TraceMeasurement)] = []

  init(json: Bool, measurements: Bool, usesColour: Bool, writer: (any TraceWriter)?) {
    self.json = json
    self.measurements = measurements
    self.writer = writer
    text = EntryText(usesColour: usesColour)
  }

  mutating func begin(_ profile: InstrumentProfile) {
    guard !json else { return }
    let timing = profile.timing
    output.line(
      "\(profile.model): \(profile.abilities.words.joined(separator: ", "));"
        + " times of packets in steps of \(timing.step.spanText), ±\(timing.betweenPackets.spanText) among themselves"
    )
    output.line(text.heading)
    output.flush()
  }

  /// - Throws: `TraceWriteError` where the recording cannot be written.
  mutating func take(_ records: [TraceRecord]) throws {
    var entries: [ConversationEntry] = []
    for record in records {
      try writer?.write(record)
      if case .measurement(let values) = record.content { remember(values, at: record.time) }
      conversation.add(record) { entries.append($0) }
    }
    show(entries)
  }

  /// Shows what is held back, then the summary, and completes the recording.
  mutating func finish() throws {
    var entries: [ConversationEntry] = []
    conversation.finish { entries.append($0) }
    show(entries)
    if json {
      for story in conversation.xiaomiStories {
        for line in XiaomiStoryJSON.lines(story) { output.line(line) }
      }
      output.line(SummaryText.json(conversation.statistics))
    } else {
      output.line("\n" + SummaryText(conversation.statistics).text)
      for story in conversation.xiaomiStories { output.line("\n" + XiaomiStoryText(story).text) }
    }
    output.flush()
    try writer?.finish()
  }

  private mutating func remember(_ values: TraceMeasurement, at time: Nanoseconds) {
    recent.append((time, values))
    if recent.count > 64 { recent.removeFirst(recent.count - 64) }
  }

  private mutating func show(_ entries: [ConversationEntry]) {
    for entry in entries {
      if case .measurement = entry.record.content, !measurements { continue }
      let moment = Moment(recent.last { $0.time <= entry.record.time }?.values)
      if json {
        output.line(moment.added(toJSON: EntryJSON.text(entry), of: entry))
      } else if let line = text.text(entry) {
        output.line(moment.added(to: line, of: entry))
      }
    }
    output.flush()
  }

  /// VBUS and current beside a message.
  private struct Moment {
    private let values: (vbus: Millivolts, current: Milliamperes)?

    init(_ measurement: TraceMeasurement?) {
      if let vbus = measurement?.vbus, let current = measurement?.current {
        values = (vbus, current)
      } else {
        values = nil
      }
    }

    /// Computed wide and cut to what fits: a meter may report anything.
    private var power: Milliwatts? {
      values.map {
        Milliwatts(Int32(clamping: Int64($0.vbus.rawValue) * Int64($0.current.rawValue) / 1000))
      }
    }

    /// The first line of an entry is the message; what is wrong with it stands below.
    func added(to text: String, of entry: ConversationEntry) -> String {
      guard entry.reading != nil, let values, let power else { return text }
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      lines[0] += "  │ \(values.vbus.text)  \(values.current.text)  \(power.text)"
      return lines.joined(separator: "\n")
    }

    func added(toJSON text: String, of entry: ConversationEntry) -> String {
      guard entry.reading != nil, let values, let power, text.hasSuffix("}") else { return text }
      return text.dropLast()
        + ",\"vbus_mv\":\(values.vbus.rawValue),\"current_ma\":\(values.current.rawValue),\"power_mw\":\(power.rawValue)}"
    }
  }
}
