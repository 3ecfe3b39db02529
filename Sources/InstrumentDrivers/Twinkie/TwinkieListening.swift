import Instruments
import LineCode
import Quantities
import Trace
import USBTransport

/// One listening with a Twinkie: edges become packets, in the order of time.
struct TwinkieListening {
  var reader: USBStreamReader
  let layout: TwinkieLayout
  /// Of two channels, one may be a half-buffer of 51 ms behind.
  var timeline = RecordTimeline(window: Nanoseconds(Milliseconds(250)))
  private var stream = TwinkieStream()
  private var clock = StreamClock()

  private static let interval = Nanoseconds(Milliseconds(5))

  init(reader: USBStreamReader, layout: TwinkieLayout) {
    self.reader = reader
    self.layout = layout
  }

  mutating func run(
    _ pace: some InstrumentPace, _ body: (TraceRecord) -> Void
  ) throws(USBError) {
    try reader.start()
    defer { reader.stop() }
    repeat {
      let (pieces, lost, fault) = try reader.take()
      for piece in pieces { take(piece, pace.now()) }
      if lost > 0 { complain("\(lost) transfers came faster than they were read and are lost", pace.now()) }
      if let fault { complain("the stream broke off and was begun anew: \(fault)", pace.now()) }
      timeline.pass(pace.now())
      while let record = timeline.popFirst() { body(record) }
    } while pace.wait(until: pace.now() + Self.interval)
  }

  /// Brings out what is under way.
  mutating func finish() {
    for item in stream.finish() { take(item, timeline.youngest) }
    timeline.finish()
  }

  private mutating func take(_ piece: [UInt8], _ now: Nanoseconds) {
    for start in stride(from: 0, to: piece.count, by: TwinkiePacket.length) {
      let bytes = piece.span.extracting(start..<min(start + TwinkiePacket.length, piece.count))
      do throws(TwinkieError) {
        let packet = try TwinkiePacket(bytes, layout: layout)
        for item in stream.take(packet, at: now) { take(item, now) }
      } catch {
        complain("a transfer cannot be read: \(error)", now)
      }
    }
  }

  private mutating func take(_ item: TwinkieStream.Item, _ now: Nanoseconds) {
    switch item {
    case .clock(let device):
      if clock.take(device, at: now) {
        complain(
          "the clock of the device has jumped: times in front of this and behind it do not belong together",
          now)
      }
    case .lost(let channel, let loss): complain("edges of CC\(channel + 1) are missing: \(loss.words)", now)
    case .transmission(let channel, let event, let start, let end):
      var record = TraceRecord(event, rate: TwinkiePacket.rate, line: "CC\(channel + 1)")
      // The first transmissions may come in front of the first end of a half-buffer.
      record.time = clock.hostTime(of: start) ?? now
      record.end = max(record.time, .zero) + (end - start)
      timeline.take(record)
    }
  }

  private mutating func complain(_ text: String, _ now: Nanoseconds) {
    timeline.take(TraceEvent(.other, text: text), at: now)
  }
}

extension TwinkieStream.Loss {
  fileprivate var words: String {
    switch self {
    case .overflow: "the device had no room for them"
    case .missing: "packets did not arrive"
    case .clock: "the clock of the device says so"
    }
  }
}
