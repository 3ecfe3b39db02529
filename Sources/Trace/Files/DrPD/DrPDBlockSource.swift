import Instruments

/// Answers to `BUS:CC:CAP:DATA?`, one behind the other.
struct DrPDBlockSource: RecordSource {
  private var stream: ByteStream
  private var timeline = DrPDTimeline()

  /// More than the device can send: 5,600 pulses and 262 bytes make 11.5 KB.
  private static let longestPayload = 1 << 20

  init(_ file: InputFile) { stream = ByteStream(file) }

  mutating func next() throws(TraceFault) -> TraceRecord? {
    while let byte = try stream.peek(1).first, byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
      stream.skip(1)
    }
    guard stream.remaining > 0 else { return nil }
    let start = stream.position
    let payload = try nextPayload(at: start)
    do throws(DrPDError) {
      return timeline.record(of: try DrPDCaptureRecord(payload: payload.span))
    } catch {
      throw damaged(start, "\(error)")
    }
  }

  private mutating func nextPayload(at start: UInt64) throws(TraceFault) -> [UInt8] {
    let head = try stream.peek(11)
    let header: DrPDBlockHeader?
    do throws(DrPDError) {
      header = try DrPDBlockHeader(head.span)
    } catch {
      throw damaged(start, "\(error)")
    }
    guard let header else { throw damaged(start, "the head of a block is cut") }
    guard header.payloadLength <= Self.longestPayload else {
      throw damaged(start, "a block of \(header.payloadLength) bytes is longer than any record")
    }
    stream.skip(UInt64(header.headLength))
    guard let payload = try stream.take(header.payloadLength) else { throw damaged(start, "a block is cut") }
    return payload
  }

  private func damaged(_ offset: UInt64, _ reason: String) -> TraceFault {
    TraceFault(.damaged, file: stream.file.name, at: .byte(offset), reason)
  }
}
