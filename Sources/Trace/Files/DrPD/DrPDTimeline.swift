import Instruments
import Quantities

/// Turns capture records of a Dr. PD into trace records and lays them on a time line that begins at the first of them.
struct DrPDTimeline {
  private var start: Microseconds?
  private var latest = Nanoseconds.zero

  /// The record of a capture record.
  mutating func record(of capture: DrPDCaptureRecord) -> TraceRecord {
    let time = place(capture.start)
    var record = TraceRecord(time: time, content: DrPDReading.content(of: capture))
    if let start = capture.start, let end = capture.end, start.rawValue > 1, end >= start,
      capture.event == nil
    {
      record.end = time + Nanoseconds(end - start)
    }
    return record
  }

  /// The place of a device time. A time of 0 or 1 µs and an unknown one stand for “not known”: the record then takes
  /// the place of the one before it.
  mutating func place(_ time: Microseconds?) -> Nanoseconds {
    guard let time, time.rawValue > 1 else { return latest }
    let first = start ?? time
    start = first
    latest = max(latest, Nanoseconds(time - first))
    return latest
  }
}
