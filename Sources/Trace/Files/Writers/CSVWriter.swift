import Quantities

/// Writes comma-separated values, one row a record, with a row of column names in front:
///
///     time_ns,end_ns,line,kind,sop,bytes,crc,validity,reason,bit_rate,event,text,vbus_mv,current_ma,cc1_mv,cc2_mv,d_plus_mv,d_minus_mv,temperature_mc
///     1250,500000,CC1,packet,SOP,4100,0xa8bb6cbb,crc_holds,,300000,,,,,,,,,
///
/// A field that does not apply is empty. `spec/trace-format.md` explains the columns.
public struct CSVWriter: TraceWriter {
  private let file: OutputFile

  /// The names of the columns.
  public static let columns = [
    "time_ns", "end_ns", "line", "kind", "sop", "bytes", "crc", "validity", "reason", "bit_rate", "event",
    "text",
    "vbus_mv", "current_ma", "cc1_mv", "cc2_mv", "d_plus_mv", "d_minus_mv", "temperature_mc",
  ]

  /// - Parameter path: the file to create; `-` is the standard output.
  /// - Throws: `TraceWriteError`.
  public init(path: String) throws {
    file = try OutputFile(path: path)
    try file.write((Self.columns.joined(separator: ",") + "\n").utf8)
  }

  public mutating func write(_ record: TraceRecord) throws {
    try file.write((Self.row(record) + "\n").utf8)
  }

  public mutating func finish() throws { try file.finish() }

  /// The row of a record, without a line end.
  public static func row(_ record: TraceRecord) -> String {
    var fields = [
      String(record.time.rawValue), record.end.map { String($0.rawValue) } ?? "", quoted(record.line),
    ]
    switch record.content {
    case .packet(let packet): fields += self.fields(packet)
    case .reset(let set): fields += ["reset", OrderedSetName.text(set)] + empty(14)
    case .event(let event):
      fields += ["event"] + empty(6) + [event.kind.rawValue, quoted(event.text)] + empty(7)
    case .measurement(let measurement):
      let values = [
        measurement.vbus?.rawValue, measurement.current?.rawValue, measurement.cc1?.rawValue,
        measurement.cc2?.rawValue, measurement.dPlus?.rawValue, measurement.dMinus?.rawValue,
        measurement.temperature?.rawValue,
      ]
      fields += ["measurement"] + empty(8) + values.map { $0.map { String($0) } ?? "" }
    }
    return fields.joined(separator: ",")
  }

  private static func fields(_ packet: TracePacket) -> [String] {
    var reason = ""
    if case .damaged(let text) = packet.validity { reason = text }
    return [
      "packet", packet.orderedSet.map { OrderedSetName.text($0) } ?? "", HexText.text(packet.bytes),
      packet.crc.map { ValidityName.text(crc: $0) } ?? "", ValidityName.text(packet.validity), quoted(reason),
      packet.bitRate.map { String($0.rawValue) } ?? "",
    ] + empty(9)
  }

  private static func empty(_ count: Int) -> [String] { [String](repeating: "", count: count) }

  /// A text as a field (RFC 4180): in quotes where it holds a comma, a quote or a line end.
  private static func quoted(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { $0 != "," && $0 != "\"" && $0 != "\n" && $0 != "\r" }
    return isPlain
      ? text
      : "\""
        + text.split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"") + "\""
  }
}
