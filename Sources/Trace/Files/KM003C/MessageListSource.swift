import LineCode
import Quantities

/// `time_ms,event,sop_index,message_hex`: messages and events of one session, one a line.
struct MessageListSource: RecordSource {
  private var lines: ByteStream

  static let header = "time_ms,event,sop_index,message_hex"

  init(_ file: InputFile) { lines = ByteStream(file) }

  mutating func next() throws(TraceFault) -> TraceRecord? {
    while let line = try lines.line() {
      let row = CommaRow(line)
      if line.isEmpty || lines.lineNumber == 1 && row[0] == "time_ms" { continue }
      guard let time = Nanoseconds(decimal: row[0], unit: 1_000_000), let content = content(of: row) else {
        throw TraceFault(
          .damaged, file: lines.file.name, at: .line(lines.lineNumber),
          "is not “time in ms,event,SOP index,message in hex”")
      }
      return TraceRecord(time: time, content: content)
    }
    return nil
  }

  private func content(of row: CommaRow) -> TraceRecord.Content? {
    switch row[1] {
    case "message":
      guard let index = UInt8(row[2]), let set = OrderedSet(rawValue: index), set.startsPacket,
        let bytes = HexText.bytes(row[3]), !bytes.isEmpty
      else { return nil }
      return .packet(TracePacket(orderedSet: set, bytes: bytes, validity: .notChecked))
    case "connect": return .event(TraceEvent(.attach))
    case "disconnect": return .event(TraceEvent(.detach))
    case "hard_reset": return .reset(.hardReset)
    case "": return nil
    default: return .event(TraceEvent(.other, text: String(row[1])))
    }
  }
}
