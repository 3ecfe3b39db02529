import Quantities
import Trace
import USBTransport

/// Makes records of what an instrument sends by itself.
protocol StreamReader {
  /// Takes one transfer that came at `time` of the listening.
  mutating func take(_ bytes: [UInt8], at time: Nanoseconds, into records: inout RecordOutput)

  /// Something is missing in front of the next transfer.
  mutating func missed(_ reason: String, at time: Nanoseconds, into records: inout RecordOutput)

  /// Called several times a second: what is to be sent to the instrument, and what is to be said of its silence.
  /// - Throws: what cannot be overcome.
  mutating func tend(at now: Nanoseconds, into records: inout RecordOutput) throws(USBError)
}

extension StreamReader {
  mutating func missed(_ reason: String, at time: Nanoseconds, into records: inout RecordOutput) {
    records.note(reason, at: time)
  }

  mutating func tend(at now: Nanoseconds, into records: inout RecordOutput) throws(USBError) {}
}

extension PushStream {
  /// Reads until `pace` ends it.
  /// - Throws: what ended the stream; every record in front of it was given.
  mutating func run(
    _ reader: inout some StreamReader, _ pace: some InstrumentPace, _ body: (TraceRecord) -> Void
  ) throws(USBError) {
    var records = RecordOutput()
    repeat {
      defer { records.drain(body) }
      try reader.tend(at: pace.now(), into: &records)
      for piece in try take(until: HostClock.now() &+ pace.longestHalt.rawValue) {
        switch piece {
        case .bytes(let bytes, let moment): reader.take(bytes, at: pace.time(of: moment), into: &records)
        case .gap(let reason): reader.missed(reason, at: pace.now(), into: &records)
        }
      }
    } while pace.wait(until: pace.now())
  }
}

/// Records in the order of a time that never goes back.
struct RecordOutput {
  private var records: [TraceRecord] = []
  private var last = Nanoseconds.zero

  /// Adds a record; one that is older than the last takes that one's time.
  mutating func put(_ content: TraceRecord.Content, at time: Nanoseconds) {
    last = max(last, time)
    records.append(TraceRecord(time: last, content: content))
  }

  /// Adds what the listener has to say.
  mutating func note(_ text: String, at time: Nanoseconds) {
    put(.event(TraceEvent(.other, text: text)), at: time)
  }

  /// Gives the records away.
  mutating func drain(_ body: (TraceRecord) -> Void) {
    for record in records { body(record) }
    records.removeAll(keepingCapacity: true)
  }
}
