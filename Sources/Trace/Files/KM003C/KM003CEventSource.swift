import Instruments
import Quantities

/// A list of KM003C events, one a line, in the columns `session, usb_time_s, preamble_ts_ms, vbus_mV, ibus_mA, cc1_mV,
/// cc2_mV, size_flag_hex, event_ts_ms, code_hex, pd_frame_hex_no_crc`.
///
/// The measurement of the columns 4 to 7 is repeated for each event of one reply and yields one record. A file may
/// hold several sessions; each is laid behind the one before, a second later.
struct KM003CEventSource: RecordSource {
  private var lines: ByteStream
  private var ready = RecordQueue()
  private var session: Substring?
  private var offset = Nanoseconds.zero
  private var latest = Nanoseconds.zero
  /// The measurement that follows the events of its reply.
  private var pending: (deviceTime: Substring, record: TraceRecord)?

  static let header = "session,usb_time_s,preamble_ts_ms"

  init(_ file: InputFile) { lines = ByteStream(file) }

  mutating func next() throws(TraceFault) -> TraceRecord? {
    while true {
      if let record = ready.popFirst() { return record }
      guard let line = try lines.line() else {
        releasePending()
        return ready.popFirst()
      }
      if line.isEmpty { continue }
      let row = CommaRow(line)
      if lines.lineNumber == 1 && row[0] == "session" { continue }
      guard take(row) else { throw badLine() }
    }
  }

  private func badLine() -> TraceFault {
    TraceFault(
      .damaged, file: lines.file.name, at: .line(lines.lineNumber), "is not a row of the eleven columns")
  }

  private mutating func take(_ row: CommaRow) -> Bool {
    guard row.fields.count == 11, let deviceTime = UInt32(row[2]), let eventTime = UInt32(row[8]),
      let vbus = Int32(row[3]), let current = Int32(row[4]), let cc1 = Int32(row[5]), let cc2 = Int32(row[6]),
      let flags = UInt8(row[7], radix: 16), let code = UInt8(row[9], radix: 16),
      let frame = HexText.bytes(row[10])
    else { return false }
    if pending?.deviceTime != row[2] || session != row[0] { releasePending() }
    if session != row[0] {
      offset = (session == nil ? .zero : latest + Nanoseconds(Milliseconds(1000))) - Self.time(eventTime)
      session = row[0]
    }
    let content = KM003CPowerDelivery.Content(flags: flags, code: code, frame: frame)
    ready.append(TraceRecord(time: place(eventTime), content: KM003CSession.content(of: content)))
    let measurement = TraceMeasurement(
      vbus: Millivolts(vbus), current: Milliamperes(current), cc1: Millivolts(cc1), cc2: Millivolts(cc2))
    pending = (row[2], TraceRecord(time: Self.time(deviceTime) + offset, content: .measurement(measurement)))
    return true
  }

  private static func time(_ count: UInt32) -> Nanoseconds { Nanoseconds(Milliseconds(Int64(count))) }

  /// The place of an event on the time line, never before the record in front of it.
  private mutating func place(_ eventTime: UInt32) -> Nanoseconds {
    latest = max(latest, Self.time(eventTime) + offset)
    return latest
  }

  private mutating func releasePending() {
    guard var record = pending?.record else { return }
    latest = max(latest, record.time)
    record.time = latest
    ready.append(record)
    pending = nil
  }
}
