import Foundation
import Instruments
import LineCode
import Quantities

/// The log export of the Dr. PD application: a JSON array of events and messages.
struct DrPDExportSource: RecordSource {
  private var objects: JSONObjects
  private var timeline = DrPDTimeline()
  private let decoder = JSONDecoder()

  init(_ file: InputFile) { objects = JSONObjects(file) }

  mutating func next() throws(TraceFault) -> TraceRecord? {
    let start = objects.position
    guard let object = try objects.next() else { return nil }
    guard let entry = try? decoder.decode(DrPDExportEntry.self, from: Data(object)),
      let record = record(of: entry)
    else {
      throw TraceFault(
        .damaged, file: objects.fileName, at: .byte(start), "an entry is not what the application exports")
    }
    return record
  }

  private mutating func record(of entry: DrPDExportEntry) -> TraceRecord? {
    let start = entry.startTimestampUs?.microseconds
    switch entry.entryKind {
    case "event":
      let event = DrPDEventName.event(entry.eventType ?? "", entry.eventText ?? "")
      return TraceRecord(time: timeline.place(start), content: .event(event))
    case "message":
      guard let kCodes = entry.rawSop?.values, let data = entry.rawDecodedData?.values else { return nil }
      // The application gives pulse widths in ns, the record in cycles of 10 ns.
      let pulses = (entry.rawPulseWidths?.values ?? []).map { UInt16(clamping: $0 / 10) }
      return timeline.record(
        of: DrPDCaptureRecord(
          start: start, end: entry.endTimestampUs?.microseconds,
          result: DrPDCaptureRecord.Result(rawValue: entry.decodeResult ?? 0), kCodes: kCodes, pulses: pulses,
          data: data))
    default: return nil
    }
  }
}

/// An entry of the export, as far as it is needed here.
private struct DrPDExportEntry: Decodable {
  var entryKind: String
  var eventType: String?
  var eventText: String?
  var startTimestampUs: DecimalNumber?
  var endTimestampUs: DecimalNumber?
  var decodeResult: UInt32?
  var rawPulseWidths: IndexedValues<UInt32>?
  var rawSop: IndexedValues<UInt8>?
  var rawDecodedData: IndexedValues<UInt8>?
}

/// A whole number that is written as a number or as a string of digits.
private struct DecimalNumber: Decodable {
  var microseconds: Microseconds

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let number: Int64?
    if let text = try? container.decode(String.self) {
      number = Int64(text)
    } else {
      number = try container.decode(Int64.self)
    }
    guard let number else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a whole number")
    }
    microseconds = Microseconds(number)
  }
}

/// An array that is written as an object with the index as key.
private struct IndexedValues<Value: Decodable>: Decodable {
  var values: [Value]

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let array = try? container.decode([Value].self) {
      values = array
      return
    }
    let entries = try container.decode([String: Value].self)
    values = []
    values.reserveCapacity(entries.count)
    for index in 0..<entries.count {
      guard let value = entries[String(index)] else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "no index \(index)")
      }
      values.append(value)
    }
  }
}

/// What the application's events mean.
enum DrPDEventName {
  /// The event of a type and the application's sentence about it.
  static func event(_ type: String, _ text: String) -> TraceEvent {
    let words = text.isEmpty ? type : text
    switch type {
    case "capture_changed" where text.contains("turned on"): return TraceEvent(.captureStarted, text: words)
    case "capture_changed" where text.contains("turned off"): return TraceEvent(.captureStopped, text: words)
    case "cc_status_changed" where text.contains("to ATTACHED"): return TraceEvent(.attach, text: words)
    case "cc_status_changed" where text.contains("to UNATTACHED"): return TraceEvent(.detach, text: words)
    default: return TraceEvent(.other, text: words)
    }
  }
}
