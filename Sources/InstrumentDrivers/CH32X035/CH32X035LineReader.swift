import Instruments
import Quantities
import Trace

/// Reads the lines of the public firmware.
struct CH32X035LineReader: StreamReader {
  private var lines = SnifferLines()
  private var clock = ArrivalClock()
  private var lastNumber: UInt32?

  mutating func take(_ bytes: [UInt8], at time: Nanoseconds, into records: inout RecordOutput) {
    var pieces: [SnifferLines.Piece] = []
    lines.take(bytes.span) { pieces.append($0) }
    for piece in pieces {
      switch piece {
      case .line(let line): take(line: line, at: time, &records)
      case .tooLong: records.note("a line of the sniffer has no end; it is left out", at: time)
      }
    }
  }

  mutating func missed(_ reason: String, at time: Nanoseconds, into records: inout RecordOutput) {
    lines.interrupt()
    // What is missing is said once.
    lastNumber = nil
    records.note(reason, at: time)
  }

  private mutating func take(line: [UInt8], at time: Nanoseconds, _ records: inout RecordOutput) {
    do throws(CH32X035LineError) {
      switch try CH32X035Line(line.span) {
      case .message(let message): take(message, at: time, &records)
      case .attach(let attachment):
        let values = TraceMeasurement(
          vbus: attachment.vbus, cc1: attachment.cc1, cc2: attachment.cc2)
        if values != TraceMeasurement() { records.put(.measurement(values), at: time) }
        records.put(.event(TraceEvent(.attach, text: Self.words(attachment.cc))), at: time)
      case .detach(let cc): records.put(.event(TraceEvent(.detach, text: Self.words(cc))), at: time)
      case .other(let text): records.note("the sniffer says: \(text)", at: time)
      }
    } catch {
      records.note("a line of the sniffer cannot be read: \(error)", at: time)
    }
  }

  private mutating func take(
    _ message: CH32X035Line.Message, at arrival: Nanoseconds, _ records: inout RecordOutput
  ) {
    let time = message.time.map { clock.place(Nanoseconds($0), arrival: arrival) } ?? arrival
    if let number = message.number {
      if let lastNumber, number > lastNumber, number - lastNumber > 1 {
        records.note("\(number - lastNumber - 1) lines of the sniffer are missing", at: time)
      }
      lastNumber = number
    }
    if let vbus = message.vbus { records.put(.measurement(TraceMeasurement(vbus: vbus)), at: time) }
    records.put(
      .packet(TracePacket(heard: message.orderedSet, message.bytes, crc: message.crc)), at: time)
  }

  private static func words(_ cc: Int?) -> String { cc.map { "CC\($0)" } ?? "" }
}
