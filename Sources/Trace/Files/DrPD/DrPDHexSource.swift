import Instruments

/// The payload of one capture record in hexadecimal, over as many lines as it takes.
struct DrPDHexSource: RecordSource {
  private let file: InputFile
  private var hasEnded = false

  /// The longest record of the device, in digits and line ends.
  static let longestText = 1 << 16

  init(_ file: InputFile) { self.file = file }

  mutating func next() throws(TraceFault) -> TraceRecord? {
    if hasEnded { return nil }
    hasEnded = true
    guard let record = Self.record(try file.bytes(at: 0, count: Self.longestText + 1)) else {
      throw TraceFault(.damaged, file: file.name, "is not one capture record in hexadecimal")
    }
    var timeline = DrPDTimeline()
    return timeline.record(of: record)
  }

  /// The record that a text spells; `nil` where it is none.
  static func record(_ text: [UInt8]) -> DrPDCaptureRecord? {
    guard text.count <= longestText else { return nil }
    let digits = String(decoding: text.filter { $0 > 0x20 }, as: UTF8.self)
    guard let payload = HexText.bytes(digits) else { return nil }
    return try? DrPDCaptureRecord(payload: payload.span)
  }
}
