import Foundation
import Instruments
import LineCode
import Quantities

/// Messages and events of a Dr. PD as JSON lines (`startUs`, `endUs`, `sopKCodes`, `bytes`, `crc32` …).
struct DrPDLineSource: RecordSource {
  private var lines: ByteStream
  private var timeline = DrPDTimeline()
  private let decoder = JSONDecoder()

  init(_ file: InputFile) { lines = ByteStream(file) }

  mutating func next() throws(TraceFault) -> TraceRecord? {
    while let line = try lines.line() {
      if line.isEmpty { continue }
      guard let entry = try? decoder.decode(Entry.self, from: Data(line)), let record = record(of: entry)
      else {
        throw TraceFault(
          .damaged, file: lines.file.name, at: .line(lines.lineNumber), "is neither a message nor an event")
      }
      return record
    }
    return nil
  }

  private struct Entry: Decodable {
    var kind: String
    var eventType: String?
    var deviceTimeUs: Int64?
    var startUs: Int64?
    var endUs: Int64?
    var decodeResult: UInt32?
    var sopKCodes: String?
    var bytes: String?
    var crc32: String?
  }

  private mutating func record(of entry: Entry) -> TraceRecord? {
    switch entry.kind {
    case "event":
      let event = DrPDEventName.event(entry.eventType ?? "", "")
      return TraceRecord(
        time: timeline.place(entry.deviceTimeUs.map { Microseconds($0) }), content: .event(event))
    case "message":
      guard let kCodes = HexText.bytes(entry.sopKCodes ?? ""), var data = HexText.bytes(entry.bytes ?? "")
      else {
        return nil
      }
      if let text = entry.crc32 {
        guard text.hasPrefix("0x"), let crc = UInt32(text.dropFirst(2), radix: 16) else { return nil }
        data.appendLittleEndian(crc)
      }
      return timeline.record(
        of: DrPDCaptureRecord(
          start: entry.startUs.map { Microseconds($0) }, end: entry.endUs.map { Microseconds($0) },
          result: DrPDCaptureRecord.Result(rawValue: entry.decodeResult ?? 0), kCodes: kCodes, pulses: [],
          data: data))
    default: return nil
    }
  }
}
