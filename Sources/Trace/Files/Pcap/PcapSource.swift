import Quantities

/// A classic pcap capture of usbmon, or of our own records.
struct PcapSource: RecordSource {
  private var stream: ByteStream
  private let order: ByteOrder
  private let unitsAreNanoseconds: Bool
  private let linkType: LinkType
  private var frames = CapturedFrames()
  private var hasEnded = false
  private var fault: TraceFault?

  private static let longestFrame: UInt32 = 16 << 20

  init(_ file: InputFile) throws(TraceFault) {
    stream = ByteStream(file)
    guard let head = try stream.take(24), let kind = Self.kind(head) else {
      throw TraceFault(.unusable, file: file.name, "the head of the capture is cut")
    }
    (order, unitsAreNanoseconds) = kind
    let number = order.number(UInt32.self, head.span, at: 20) ?? 0
    guard let linkType = LinkType(rawValue: UInt16(truncatingIfNeeded: number)) else {
      throw TraceFault(
        .unusable, file: file.name,
        "link type \(number & 0xFFFF) is not known; 147 (records), 189 and 220 (usbmon) are")
    }
    self.linkType = linkType
  }

  /// The byte order and the unit of the time stamps; `nil` where the bytes begin no pcap capture.
  static func kind(_ head: [UInt8]) -> (ByteOrder, unitsAreNanoseconds: Bool)? {
    switch ByteOrder.little.number(UInt32.self, head.span, at: 0) {
    case 0xA1B2_C3D4: (.little, false)
    case 0xA1B2_3C4D: (.little, true)
    case 0xD4C3_B2A1: (.big, false)
    case 0x4D3C_B2A1: (.big, true)
    default: nil
    }
  }

  mutating func next() throws(TraceFault) -> TraceRecord? {
    while true {
      if let record = frames.popFirst() { return record }
      if hasEnded {
        if let fault { throw fault }
        return nil
      }
      do throws(TraceFault) {
        hasEnded = try !readFrame()
        if hasEnded { fault = frames.silence.map { TraceFault(.unusable, file: stream.file.name, $0) } }
      } catch {
        hasEnded = true
        fault = error
      }
      if hasEnded { frames.finish() }
    }
  }

  private mutating func readFrame() throws(TraceFault) -> Bool {
    let start = stream.position
    guard stream.remaining > 0 else { return false }
    guard let head = try stream.take(16), let length = order.number(UInt32.self, head.span, at: 8),
      length <= Self.longestFrame, UInt64(length) <= stream.remaining,
      let frame = try stream.take(Int(length))
    else { throw TraceFault(.damaged, file: stream.file.name, at: .byte(start), "a frame is cut") }
    let seconds = Int64(order.number(UInt32.self, head.span, at: 0) ?? 0)
    let part = Int64(order.number(UInt32.self, head.span, at: 4) ?? 0)
    let time = Nanoseconds(seconds * 1_000_000_000 + part * (unitsAreNanoseconds ? 1 : 1000))
    if let reason = frames.take(frame, linkType: linkType, order: order, line: "", time: time) {
      throw TraceFault(.damaged, file: stream.file.name, at: .byte(start), reason)
    }
    return true
  }
}
