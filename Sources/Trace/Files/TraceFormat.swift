import Instruments

/// The formats of recordings that can be read. The raw value names the format on the command line.
public enum TraceFormat: String, CaseIterable, Sendable {
  /// A sigrok session: sampled CC lines.
  case sigrok = "sr"
  /// pcapng: our own records (link type 147) or usbmon with a KM003C.
  case pcapng
  /// Classic pcap of the same link types.
  case pcap
  /// `time_s,dir,hex`: USB transfers of a KM003C.
  case km003cTransfers = "km003c-usb"
  /// A list of KM003C events in eleven columns.
  case km003cEvents = "km003c-events"
  /// `time_ms,event,sop_index,message_hex`.
  case messageList = "message-list"
  /// The Dr. PD application's log export.
  case drpdExport = "drpd-export"
  /// Messages of a Dr. PD as JSON lines.
  case drpdLines = "drpd-lines"
  /// Answers to `BUS:CC:CAP:DATA?` of a Dr. PD.
  case drpdBlocks = "drpd-blocks"
  /// One capture record of a Dr. PD in hexadecimal.
  case drpdHex = "drpd-hex"
  /// The JSON lines that this project writes.
  case jsonLines = "jsonl"
  /// Messages in hexadecimal, one a line.
  case hexText = "hex"

  /// What the format is, in a few words.
  public var summary: String {
    switch self {
    case .sigrok: "sigrok session with a sampled CC line"
    case .pcapng: "pcapng: records of this project, or usbmon with a KM003C"
    case .pcap: "pcap: records of this project, or usbmon with a KM003C"
    case .km003cTransfers: "KM003C USB transfers (CSV)"
    case .km003cEvents: "KM003C events (CSV)"
    case .messageList: "messages of one session (CSV)"
    case .drpdExport: "Dr. PD log export (JSON)"
    case .drpdLines: "Dr. PD messages (JSON lines)"
    case .drpdBlocks: "Dr. PD capture records (binary)"
    case .drpdHex: "one Dr. PD capture record (hexadecimal)"
    case .jsonLines: "records of this project (JSON lines)"
    case .hexText: "messages in hexadecimal, one a line"
    }
  }

  private static let headLength = 1 << 13

  /// The format of a file by its content; `nil` where it is none of them.
  static func detect(_ file: InputFile) throws(TraceFault) -> TraceFormat? {
    let head = try file.bytes(at: 0, count: headLength)
    if let format = binary(head) { return format }
    guard !head.contains(0) else { return nil }
    if let format = text(String(decoding: head, as: UTF8.self)) { return format }
    if file.size <= DrPDHexSource.longestText {
      let whole = try file.bytes(at: 0, count: DrPDHexSource.longestText)
      if DrPDHexSource.record(whole) != nil { return .drpdHex }
    }
    return isHexText(head) ? .hexText : nil
  }

  private static func binary(_ head: [UInt8]) -> TraceFormat? {
    switch head.span.littleEndian(UInt32.self, at: 0) {
    case ZipMember.localSignature, ZipMember.endSignature: return .sigrok
    case PcapngSource.sectionHeader: return .pcapng
    default: break
    }
    if PcapSource.kind(head) != nil { return .pcap }
    // A line of text may begin like the head of a block; a record's eight-byte time has zeros in it.
    if let header = try? DrPDBlockHeader(head.span), header.payloadLength > 0,
      head.dropFirst(header.headLength).prefix(32).contains(0)
    {
      return .drpdBlocks
    }
    return nil
  }

  private static func text(_ text: String) -> TraceFormat? {
    let start = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    if start.hasPrefix(KM003CTransferSource.header) { return .km003cTransfers }
    if start.hasPrefix(KM003CEventSource.header) { return .km003cEvents }
    if start.hasPrefix(MessageListSource.header) { return .messageList }
    if start.hasPrefix("[") { return start.contains("\"entryKind\"") ? .drpdExport : nil }
    if start.hasPrefix("{") {
      let line = start.prefix { !$0.isNewline }
      guard line.contains("\"kind\"") else { return nil }
      return line.contains("\"time_ns\"") ? .jsonLines : .drpdLines
    }
    return nil
  }

  /// Whether any line in the head is a message; one bad line is for the reader to report.
  private static func isHexText(_ head: [UInt8]) -> Bool {
    head.split(separator: UInt8(ascii: "\n")).contains { line in
      let bytes = line.last == UInt8(ascii: "\r") ? Array(line.dropLast()) : Array(line)
      return (try? HexLine(bytes)).flatMap { $0 } != nil
    }
  }
}
