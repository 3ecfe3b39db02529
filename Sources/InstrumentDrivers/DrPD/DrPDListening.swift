import Instruments
import LineCode
import Quantities
import Trace
import USBTransport

/// One listening with a Dr. PD: it is polled, and what it says is brought into the order of time.
struct DrPDListening {
  var link: DrPDLink
  let polls: DrPDPolls
  var timeline = RecordTimeline(window: Nanoseconds(Milliseconds(250)))
  var clock = ComparedClock()
  var pulseRate = DrPDReading.usualPulseRate
  /// The CC line of the source, where the device says it.
  var line = ""
  var attachment: DrPDAttachment?
  var vbusState: String?
  var isCapturing = true
  /// Records that are known to be in the queue.
  var waiting = 0
  /// The status says that there are records.
  var mayHaveRecords = true
  /// Whether a full queue was told of.
  var isNearlyFull = false
  var lastMeasurement: Microseconds?

  private var nextStatus = Nanoseconds.zero
  private var nextMeasurement = Nanoseconds.zero
  private var nextCount = Nanoseconds.zero
  private var nextComparison = Nanoseconds.zero
  /// Answers missed in a row.
  private var missed = 0
  /// How often in a row the session was begun anew without an answer afterwards.
  private var attempts = 0
  private var lastComplaint: String?
  /// A device that refuses is left in peace until then.
  private var pauseEnd = Nanoseconds.zero

  private static let patience = 3
  private static let attemptLimit = 3

  init(link: DrPDLink, polls: DrPDPolls) {
    self.link = link
    self.polls = polls
  }

  /// Begins the session, whatever state the device was left in.
  mutating func open(_ pace: some InstrumentPace) throws(DrPDFault) {
    for attempt in 0...Self.attemptLimit {
      do throws(DrPDFault) {
        if attempt > 0 { try link.clearHalts() }
        try link.open(&pulseRate)
        try beginCapture(isFirst: true)
        return try compareClocks(pace)
      } catch {
        guard error.isWorthAnotherTry, attempt < Self.attemptLimit else { throw error }
      }
    }
  }

  /// Polls until `pace` ends it.
  mutating func run(
    _ pace: some InstrumentPace, _ body: (TraceRecord) -> Void
  ) throws(DrPDFault) {
    repeat {
      do throws(DrPDFault) {
        try turn(pace)
        missed = 0
        attempts = 0
        lastComplaint = nil
      } catch {
        try overcome(error, pace)
      }
      for note in link.takeNotes() { complain("the device reports \(note) that somebody else left", pace) }
      timeline.pass(pace.now())
      while let record = timeline.popFirst() { body(record) }
    } while pace.wait(until: nextTurn(pace))
  }

  /// Says goodbye; a device that does not listen any more is left alone.
  mutating func close() {
    do throws(DrPDFault) {
      try link.command("BUS:CC:CAP:EN OFF")
    } catch {
      return
    }
  }

  private func nextTurn(_ pace: some InstrumentPace) -> Nanoseconds {
    let isUrgent = waiting > 0 || link.hasNews && missed == 0
    return max(
      pauseEnd, isUrgent ? pace.now() : min(nextStatus, nextMeasurement, nextCount, nextComparison))
  }

  private mutating func turn(_ pace: some InstrumentPace) throws(DrPDFault) {
    let now = pace.now()
    if now >= nextComparison { try compareClocks(pace) }
    // The register is read in front of the queue: a record that comes in between sets its bit anew.
    if waiting == 0, link.hasNews || now >= nextStatus {
      nextStatus = now + polls.status
      try lookAtStatus(pace)
    }
    if waiting > 0 || mayHaveRecords || now >= nextCount {
      nextCount = now + polls.count
      try drain(pace)
    }
    if waiting == 0, now >= nextMeasurement {
      nextMeasurement = now + polls.measurement
      try measure()
    }
  }

  /// Compares the clocks by the middle of the shortest of five round trips.
  private mutating func compareClocks(_ pace: some InstrumentPace) throws(DrPDFault) {
    nextComparison = pace.now() + polls.clock
    var best: (span: Nanoseconds, device: Microseconds, host: Nanoseconds)?
    for _ in 0..<5 {
      let start = pace.now()
      let device = try link.ask("SYST:TIME?", DrPDNumber.time)
      let span = pace.now() - start
      if best.map({ span < $0.span }) ?? true {
        best = (span, device, start + Nanoseconds(span.rawValue / 2))
      }
    }
    guard let best, clock.tie(device: best.device, host: best.host) else { return }
    complain(
      "the clock of the device has jumped: times in front of this and behind it do not belong together", pace)
  }

  mutating func complain(_ text: String, _ pace: some InstrumentPace) {
    timeline.take(TraceEvent(.other, text: text), at: pace.now())
  }

  /// An answer is missing or wrong: that is said, and after a few the session is begun anew.
  private mutating func overcome(_ fault: DrPDFault, _ pace: some InstrumentPace) throws(DrPDFault) {
    let text = "\(fault)"
    switch fault {
    case .refused:
      // It is asked again with the next turn; the same words are said once.
      if text != lastComplaint { complain(text, pace) }
      lastComplaint = text
      waiting = 0
      pauseEnd = pace.now() + polls.status
      return
    case _ where !fault.isWorthAnotherTry: throw fault
    default: break
    }
    complain("an answer of the device is missing: \(text)", pace)
    missed += 1
    if case .usb(let error) = fault, case .timedOut = error.cause, missed < Self.patience { return }
    attempts += 1
    guard attempts <= Self.attemptLimit else { throw fault }
    missed = 0
    do throws(DrPDFault) {
      try link.clearHalts()
      try link.resetSession()
      try beginCapture(isFirst: false)
      try compareClocks(pace)
    } catch {
      guard error.isWorthAnotherTry else { throw error }
    }
  }
}

extension DrPDLink {
  /// Begins the session: stale errors are taken away, the identity is read, and what a pulse count is.
  mutating func open(_ pulseRate: inout TickRate) throws(DrPDFault) {
    try begin()
    // The queue holds a few entries; one that never ends is not waited for.
    for _ in 0..<64 where try ask("SYST:ERR?", DrPDErrorEntry.init(_:)).code == 0 { break }
    let identity = try ask("*IDN?", DrPDIdentity.init(_:))
    guard identity.model.hasPrefix("Dr") else {
      throw .unfit("it calls itself \(identity.model), not Dr. PD")
    }
    pulseRate = try ask("BUS:CC:CAP:CYCLETIME?", DrPDNumber.pulseRate)
  }
}
