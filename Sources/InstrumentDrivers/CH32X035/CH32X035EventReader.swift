import Instruments
import Quantities
import Trace

/// Reads the HID reports of the newer firmware.
struct CH32X035ReportReader: StreamReader {
  private var events = CH32X035EventReader()

  mutating func take(_ bytes: [UInt8], at time: Nanoseconds, into records: inout RecordOutput) {
    do throws(CH32X035EventError) {
      events.take(try CH32X035Event(report: bytes.span), at: time, &records)
    } catch {
      records.note("a report of the sniffer cannot be read: \(error)", at: time)
    }
  }

  mutating func missed(_ reason: String, at time: Nanoseconds, into records: inout RecordOutput) {
    events.interrupt()
    records.note(reason, at: time)
  }
}

/// Reads the frames that the newer firmware writes to a serial port.
struct CH32X035FrameReader: StreamReader {
  private var frames = CH32X035Frames()
  private var events = CH32X035EventReader()

  mutating func take(_ bytes: [UInt8], at time: Nanoseconds, into records: inout RecordOutput) {
    var pieces: [CH32X035Frames.Piece] = []
    frames.take(bytes.span) { pieces.append($0) }
    for piece in pieces {
      switch piece {
      case .frame(CH32X035Frames.event, let payload):
        do throws(CH32X035EventError) {
          events.take(try CH32X035Event(framePayload: payload.span), at: time, &records)
        } catch {
          records.note("a frame of the sniffer cannot be read: \(error)", at: time)
        }
      case .frame(let type, _): records.note("a frame of the sniffer has the type \(type)", at: time)
      case .skipped(let count):
        records.note("\(count) bytes of the sniffer belong to no frame", at: time)
      }
    }
  }

  mutating func missed(_ reason: String, at time: Nanoseconds, into records: inout RecordOutput) {
    frames.interrupt()
    events.interrupt()
    records.note(reason, at: time)
  }
}

/// Makes records of events.
struct CH32X035EventReader {
  private var clock = ArrivalClock()
  private var lastCount: UInt32?

  /// Something is missing; that is said once, not once more by the numbers.
  mutating func interrupt() { lastCount = nil }

  mutating func take(_ event: CH32X035Event, at arrival: Nanoseconds, _ records: inout RecordOutput) {
    guard let content = Self.content(event) else {
      // Its time and its numbers are no better than its kind.
      records.note(
        "the sniffer reports an event of the unknown kind \(event.kind.rawValue) with"
          + " \(event.payload.count) bytes", at: arrival)
      return
    }
    let time = clock.place(Nanoseconds(event.time), arrival: arrival)
    if let lastCount, event.receiveCount > lastCount, event.receiveCount - lastCount > 1 {
      records.note(
        "\(event.receiveCount - lastCount - 1) events of the sniffer are missing", at: time)
    }
    lastCount = event.receiveCount
    records.put(
      .measurement(
        TraceMeasurement(
          vbus: event.vbus, current: Milliamperes(event.current), cc1: event.cc1, cc2: event.cc2,
          dPlus: event.dPlus, dMinus: event.dMinus)), at: time)
    if let content = content.value { records.put(content, at: time) }
  }

  /// What an event adds to its measurement.
  private struct Content {
    var value: TraceRecord.Content?
  }

  /// `nil` where the kind is not known.
  private static func content(_ event: CH32X035Event) -> Content? {
    if let set = event.kind.orderedSet {
      return Content(
        value: set.startsPacket ? .packet(TracePacket(heard: set, withCRC: event.payload)) : .reset(set))
    }
    if let words = event.kind.ufcsWords {
      return Content(
        value: .event(TraceEvent(.other, text: "UFCS on \(words): \(hexadecimal(event.payload))")))
    }
    switch event.kind {
    case .telemetry: return Content()
    case .disconnect: return Content(value: .event(TraceEvent(.detach)))
    case .connectCC1: return Content(value: .event(TraceEvent(.attach, text: "CC1")))
    case .connectCC2: return Content(value: .event(TraceEvent(.attach, text: "CC2")))
    case .receiveError:
      return Content(value: .event(TraceEvent(.receiveError, text: "the sniffer reports an error")))
    case .overflow:
      return Content(
        value: .event(TraceEvent(.receiveError, text: "the sniffer could not keep up; packets are lost")))
    default: return nil
    }
  }
}
