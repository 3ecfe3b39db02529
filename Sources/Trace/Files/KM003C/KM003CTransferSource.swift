import Quantities

/// `time_s,dir,hex`: USB transfers of a KM003C, one a line.
struct KM003CTransferSource: RecordSource {
  private var lines: ByteStream
  private var timeline = KM003CTimeline()
  private var fault: TraceFault?
  private var hasEnded = false

  static let header = "time_s,dir,hex"

  init(_ file: InputFile) { lines = ByteStream(file) }

  mutating func next() throws(TraceFault) -> TraceRecord? {
    while true {
      if let record = timeline.popFirst() { return record }
      if hasEnded {
        if let fault { throw fault }
        return nil
      }
      do throws(TraceFault) {
        hasEnded = try !readLine()
      } catch {
        hasEnded = true
        fault = error
      }
      if hasEnded { timeline.finish() }
    }
  }

  /// Takes one line; false at the end of the file.
  private mutating func readLine() throws(TraceFault) -> Bool {
    guard let line = try lines.line() else { return false }
    let row = CommaRow(line)
    if line.isEmpty || lines.lineNumber == 1 && row[0] == "time_s" { return true }
    guard let time = Nanoseconds(decimal: row[0], unit: 1_000_000_000), row[1] == "IN" || row[1] == "OUT",
      let bytes = HexText.bytes(row[2])
    else {
      throw TraceFault(
        .damaged, file: lines.file.name, at: .line(lines.lineNumber), "is not “time in s,IN or OUT,hex”")
    }
    timeline.take(bytes, of: 0, fromMeter: row[1] == "IN", at: time)
    return true
  }
}
