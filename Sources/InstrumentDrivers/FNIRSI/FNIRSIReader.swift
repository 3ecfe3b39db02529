import Instruments
import Quantities
import Trace
import USBTransport

/// Starts the samples of a FNIRSI meter, keeps them coming and reads them.
struct FNIRSIReader: StreamReader {
  private let reports: USBReportInterface
  /// When the next keep-alive is due; `nil` before the meter was started.
  private var keepAliveAt: Nanoseconds?
  /// Since when nothing has come.
  private var silentSince: Nanoseconds?
  /// How often in a row the meter was started, or told something, in vain.
  private var failures = 0

  /// The meter ends the samples a second after the last keep-alive.
  private static let keepAliveInterval = Nanoseconds(Milliseconds(500))
  /// 25 reports are missing then.
  private static let patience = Milliseconds(1000)
  private static let failureLimit = 3
  private static let answerTime = Milliseconds(100)

  init(_ reports: USBReportInterface) { self.reports = reports }

  mutating func tend(at now: Nanoseconds, into records: inout RecordOutput) throws(USBError) {
    if let silentSince, now - silentSince >= Nanoseconds(Self.patience) {
      let silence = reports.device.failure(
        .timedOut(Self.patience, done: 0),
        .transfer(reports.streamEndpoint.kind, reports.streamEndpoint.address))
      records.note("the meter has stopped to measure; it is started anew", at: now)
      keepAliveAt = nil
      try fail(silence)
    }
    do throws(USBError) {
      if keepAliveAt == nil {
        try send(.prepare)
        try send(.start)
        silentSince = now
      }
      guard keepAliveAt.map({ now >= $0 }) ?? true else { return }
      try send(.keepAlive)
      keepAliveAt = now + Self.keepAliveInterval
    } catch {
      records.note("the meter did not take a command: \(error)", at: now)
      try fail(error)
      if error.cause == .stalled { try? reports.clearOutHalt() }
    }
  }

  mutating func take(_ bytes: [UInt8], at time: Nanoseconds, into records: inout RecordOutput) {
    do throws(FNIRSIError) {
      guard case .samples(let samples) = try FNIRSIReport(bytes.span) else { return }
      silentSince = time
      failures = 0
      for (index, sample) in samples.enumerated() {
        let age = FNIRSIReport.sampleInterval.rawValue * Int64(FNIRSIReport.sampleCount - 1 - index)
        records.put(
          .measurement(Self.measurement(sample)), at: time - Nanoseconds(Milliseconds(age)))
      }
    } catch {
      records.note("a report of the meter cannot be read: \(error)", at: time)
    }
  }

  private func send(_ command: FNIRSIReport.Command) throws(USBError) {
    try reports.write(USBReport(command.report), timeout: Self.answerTime)
  }

  /// Counts what was in vain; gives up where it goes on or cannot be overcome.
  private mutating func fail(_ error: USBError) throws(USBError) {
    failures += 1
    guard error.isWorthAnotherTry, failures <= Self.failureLimit else { throw error }
  }

  private static func measurement(_ sample: FNIRSIReport.Sample) -> TraceMeasurement {
    TraceMeasurement(
      vbus: Millivolts(sample.vbus), current: Milliamperes(sample.current), dPlus: sample.dPlus,
      dMinus: sample.dMinus, temperature: sample.temperature)
  }
}
