import PowerDelivery
public import LineCode
import Quantities

/// Entries of a conversation as lines for a person: one line a message, aligned, coloured on a terminal.
///
/// ```
///   0.101234   4.23 ms  source → sink  SOP   1 ✓ Source_Capabilities 1: 5.00 V 3.00 A, 2: 9.00 V 3.00 A
/// ```
public struct EntryText {
  /// How GoodCRC is shown.
  public enum GoodCRCStyle: Sendable {
    /// A mark in the line of the message that it acknowledges.
    case folded
    /// Not at all.
    case hidden
  }

  public var usesColour: Bool
  public var goodCRC: GoodCRCStyle
  /// Whether the wire is named, for recordings of more than one.
  public var showsLine: Bool
  /// The columns of that name, the space behind it included.
  public var lineWidth = 6
  /// Whether notes are shown too; warnings and errors always are.
  public var showsNotes: Bool

  public init(
    usesColour: Bool = false, goodCRC: GoodCRCStyle = .folded, showsLine: Bool = false,
    showsNotes: Bool = false
  ) {
    self.usesColour = usesColour
    self.goodCRC = goodCRC
    self.showsLine = showsLine
    self.showsNotes = showsNotes
  }

  /// The line above the first entry.
  public var heading: String {
    let line = showsLine ? pad("line", lineWidth) : ""
    return paint(
      pad("time/s", 12, left: true) + " " + pad("Δ", 10, left: true) + "  " + line + pad("direction", 14)
        + pad("SOP", 7) + "id   message", .dim)
  }

  /// The line of an entry, and one more for each thing that is wrong with it; `nil` for what is not shown.
  public func text(_ entry: ConversationEntry) -> String? {
    if goodCRC == .hidden, let reading = entry.reading, reading.message.isGoodCRC, entry.severity != .error {
      return nil
    }
    var line = pad(entry.record.time.secondsText, 12, left: true)
    line += " " + pad(entry.sincePrevious?.spanText ?? "", 10, left: true) + "  "
    line = paint(line, .dim)
    if showsLine { line += pad(entry.record.line, lineWidth) }
    line += content(entry)
    for finding in findings(entry) { line += "\n" + finding }
    return line
  }

  private func content(_ entry: ConversationEntry) -> String {
    switch entry.record.content {
    case .reset(let set):
      return pad("", 14) + pad("", 10) + " "
        + paint("*** \(set == .hardReset ? "Hard Reset" : "Cable Reset") ***", .alarm)
    case .event(let event):
      let text = event.text.isEmpty ? "" : ": \(event.text)"
      return pad("", 14) + pad("", 10) + " " + paint("--- \(event.kind.title)\(text) ---", .event)
    case .measurement(let measurement):
      return pad("", 14) + pad("", 10) + " " + paint(measurement.summary, .dim)
    case .packet(let packet): return packetText(packet, entry)
    }
  }

  private func packetText(_ packet: TracePacket, _ entry: ConversationEntry) -> String {
    let sop = pad(packet.orderedSet.map(\.label) ?? "?", 7)
    guard let reading = entry.reading else {
      return pad("", 14) + sop + "   " + paint("  damaged packet: \(packet.faultText)", .alarm)
        + (packet.bytes.isEmpty ? "" : paint(" [\(hexadecimal(packet.bytes))]", .dim))
    }
    let message = reading.message
    var summary =
      packet.isSound || reading.isReadable
      ? MessageSummary.text(message, reading.body, data: reading.data) : MessageSummary.name(of: message)
    if reading.isRetry {
      // Retries follow within tReceive and tRetry; later ones are the policy engine's.
      let isPrompt = entry.sincePrevious.map { $0 < Nanoseconds(Milliseconds(5)) } ?? false
      summary += isPrompt ? " (retry)" : " (sent again)"
    }
    let id = "\(message.header.messageID)"
    guard packet.isSound else {
      return pad(message.direction, 14) + sop + id + " "
        + paint("✗ damaged packet: \(packet.faultText); read as \(summary)", .alarm)
    }
    let missing = goodCRC == .folded && reading.goodCRC == .missing ? paint(" — no GoodCRC", .warning) : ""
    return pad(message.direction, 14) + sop + id + " " + mark(reading.goodCRC) + " "
      + paint(summary, message.sender == .source || message.sender == .port ? .source : .sink) + missing
  }

  private func mark(_ acknowledgement: ConversationEntry.GoodCRC) -> String {
    guard goodCRC == .folded else { return " " }
    return switch acknowledgement {
    case .received: paint("✓", .good)
    case .missing: paint("✗", .alarm)
    case .notApplicable: " "
    }
  }

  private func findings(_ entry: ConversationEntry) -> [String] {
    guard let diagnostics = entry.reading?.diagnostics else { return [] }
    return (0..<diagnostics.count).compactMap { index in
      guard let diagnostic = diagnostics[index], isShown(diagnostic.code) else { return nil }
      let style: Style =
        switch diagnostic.code.severity {
        case .error: .alarm
        case .warning: .warning
        case .note: .dim
        }
      return pad("", 24) + paint("└ " + DiagnosticText.text(diagnostic), style)
    }
  }

  /// The mark in the line says already what these say.
  private func isShown(_ code: DiagnosticCode) -> Bool {
    if [.damagedPacket, .crcMismatch, .retry, .noGoodCRC].contains(code) { return false }
    if goodCRC == .hidden && (code == .strayGoodCRC || code == .lateGoodCRC) { return false }
    return showsNotes || code.severity != .note
  }

  // MARK: - Form

  enum Style: String {
    case dim = "2"
    case alarm = "1;31"
    case warning = "33"
    case event = "35"
    case good = "32"
    case source = "36"
    case sink = "0"
  }

  func paint(_ text: String, _ style: Style) -> String {
    usesColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  private func pad(_ text: String, _ width: Int, left: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return left ? space + text : text + space
  }
}

extension ConversationEntry.Reading {
  fileprivate var isReadable: Bool {
    if case .unreadable = body { false } else { true }
  }
}

extension OrderedSet {
  /// As the standard writes it: `SOP′`, `Hard Reset`.
  public var label: String {
    switch self {
    case .sop: "SOP"
    case .sopPrime: "SOP′"
    case .sopDoublePrime: "SOP″"
    case .sopPrimeDebug: "SOP′D"
    case .sopDoublePrimeDebug: "SOP″D"
    case .hardReset: "Hard Reset"
    case .cableReset: "Cable Reset"
    }
  }
}

extension Message {
  /// `source → sink`, `cable → port`.
  var direction: String {
    switch sender {
    case .source: "source → sink"
    case .sink: "sink → source"
    case .port: "port → cable"
    case .cablePlug: "cable → port"
    }
  }
}

extension TracePacket {
  /// Why the packet is not sound.
  var faultText: String {
    switch validity {
    case .crcHolds, .notChecked: ""
    case .crcWrong: "the CRC does not hold"
    case .damaged(let reason): reason
    }
  }
}

extension TraceEvent.Kind {
  var title: String {
    switch self {
    case .attach: "attach"
    case .detach: "detach"
    case .captureStarted: "capture started"
    case .captureStopped: "capture stopped"
    case .overvoltage: "over-voltage"
    case .overcurrent: "over-current"
    case .receiveError: "receive error"
    case .other: "event"
    }
  }
}

extension TraceMeasurement {
  var summary: String {
    [
      vbus.map { "VBUS \($0.text)" }, current.map { "\($0.text)" }, cc1.map { "CC1 \($0.text)" },
      cc2.map { "CC2 \($0.text)" }, dPlus.map { "D+ \($0.text)" }, dMinus.map { "D- \($0.text)" },
      temperature.map { $0.text },
    ].compactMap { $0 }.joined(separator: ", ")
  }
}
