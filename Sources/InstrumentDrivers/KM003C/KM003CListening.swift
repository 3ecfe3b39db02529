import Instruments
import Quantities
import Trace
import USBTransport

/// One listening with a meter: it is polled, and what it says is brought into the order of time.
struct KM003CListening {
  var link: KM003CLink
  let polls: KM003CPolls
  /// What becomes of the answers; a record waits there for older ones.
  var timeline = KM003CTimeline(window: Nanoseconds(Milliseconds(250)))
  /// Answers missed in a row.
  private var missed = 0
  /// How often in a row the session was opened anew without an answer afterwards.
  private var attempts = 0
  private var refusesPD = false

  /// Answers missed in a row before the session is opened anew.
  private static let patience = 3
  /// How often the session is opened anew before the meter is given up.
  private static let attemptLimit = 3

  init(link: KM003CLink, polls: KM003CPolls) {
    self.link = link
    self.polls = polls
  }

  /// Connects and asks for PD events; false where the meter refuses to connect.
  mutating func open() throws(USBError) -> Bool {
    var failure: USBError?
    for attempt in 0...Self.attemptLimit {
      do throws(USBError) {
        guard try attempt == 0 ? link.connect() : link.reconnect() else { continue }
        // KM003C reports without it, KM002C does not.
        _ = try link.isAccepted(.enablePDMonitor, 1)
        return true
      } catch {
        guard error.isWorthAnotherTry else { throw error }
        failure = error
      }
    }
    if let failure { throw failure }
    return false
  }

  /// Polls until `pace` ends it.
  mutating func run(
    _ pace: some InstrumentPace, _ body: (TraceRecord) -> Void
  ) throws(USBError) {
    var next = pace.now()
    var turn = 0
    while !polls.attributes.isEmpty {
      do throws(USBError) {
        try poll(polls.attributes[turn], pace)
      } catch {
        try overcome(error, pace)
      }
      timeline.pass(pace.now())
      while let record = timeline.popFirst() { body(record) }
      turn = (turn + 1) % polls.attributes.count
      // A poll that came late is not made up for.
      next = max(next + polls.interval, pace.now())
      guard pace.wait(until: next) else { return }
    }
  }

  private mutating func poll(_ wanted: KM003CAttributes, _ pace: some InstrumentPace) throws(USBError) {
    let answer = try link.ask(.getData, wanted.rawValue)
    missed = 0
    attempts = 0
    let now = pace.now()
    timeline.take(answer, of: 0, fromMeter: true, at: now)
    guard wanted.contains(.powerDelivery) else { return }
    let isRefused = answer[0] & 0x7F != KM003CPacketKind.putData.rawValue
    if isRefused != refusesPD {
      refusesPD = isRefused
      let words =
        isRefused
        ? "the meter refuses to report PD; a trigger session on its serial port must be closed (`pdm close`)"
        : "the meter reports PD again"
      timeline.take(TraceEvent(.other, text: words), at: now)
    }
  }

  /// An answer is missing: that is said, and after a few the session is opened anew.
  private mutating func overcome(_ error: USBError, _ pace: some InstrumentPace) throws(USBError) {
    guard error.isWorthAnotherTry else { throw error }
    missed += 1
    timeline.take(TraceEvent(.other, text: "an answer of the meter is missing: \(error)"), at: pace.now())
    // An endpoint that refused, or was talked over, stays that way by itself.
    if case .timedOut = error.cause, missed < Self.patience { return }
    attempts += 1
    guard attempts <= Self.attemptLimit else { throw error }
    missed = 0
    do throws(USBError) {
      guard try link.reconnect() else { return }
      _ = try link.isAccepted(.enablePDMonitor, 1)
    } catch {
      guard error.isWorthAnotherTry else { throw error }
    }
  }
}
