import Foundation

/// The JSON lines that `JSONLinesWriter` writes. Fields that are not known are ignored.
struct JSONLineSource: RecordSource {
  private var lines: ByteStream
  private let decoder = JSONDecoder()

  init(_ file: InputFile) { lines = ByteStream(file) }

  mutating func next() throws(TraceFault) -> TraceRecord? {
    while let line = try lines.line() {
      if line.isEmpty { continue }
      guard let fields = try? decoder.decode(RecordFields.self, from: Data(line)), let record = fields.record
      else {
        throw TraceFault(
          .damaged, file: lines.file.name, at: .line(lines.lineNumber), "is not a record in JSON")
      }
      return record
    }
    return nil
  }
}
