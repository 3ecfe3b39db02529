import ChargerService
import InstrumentDrivers
import Quantities
import Threading
import Trace
import USBTransport

/// What a live command makes of the records of an instrument.
protocol RecordView {
  mutating func begin(_ profile: InstrumentProfile)
  /// - Throws: `TraceWriteError` where the recording cannot be written.
  mutating func take(_ records: [TraceRecord]) throws
  /// Shows what stands at the end, and completes the recording.
  mutating func finish() throws
}

/// An opened instrument, and what ends the listening with it: a signal, a time, the device.
struct Listening {
  private let instrument: any Instrument
  private let signals: SignalQueue

  /// How long the view waits for something new before it looks for signals.
  private static let pause = Nanoseconds(50_000_000)

  /// Opens the instrument that a command line means; complains and throws the exit code where that fails.
  init(_ device: String?, to purpose: DeviceChoice.Purpose) throws {
    // Before any thread is started.
    signals = SignalQueue()
    do {
      let context = try USBContext()
      instrument = try openInstrument(
        context.open(DeviceChoice.instrument(device, to: purpose, context)))
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.deviceFailed
    }
  }

  /// Listens until the end; complains and throws the exit code where something failed.
  /// - Parameter makeView: the view, with its recording.
  func run(for duration: Nanoseconds?, _ makeView: () throws -> some RecordView) throws {
    var view: any RecordView
    do {
      view = try makeView()
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.unusableArgument
    }
    view.begin(instrument.profile)
    let listener = Listener(instrument)
    var failure = listen(listener, until: duration.map { listener.pace.now() + $0 }, &view)
    listener.join()
    do {
      try view.finish()
    } catch {
      failure = failure ?? error
    }
    if let failure {
      Output.complain("\(failure)")
      throw ExitStatus.unusableArgument
    }
    if let error = listener.error {
      Output.complain("\(error)")
      throw ExitStatus.deviceFailed
    }
  }

  /// Shows records until the listener ends; gives what the view failed with.
  private func listen(
    _ listener: Listener, until end: Nanoseconds?, _ view: inout any RecordView
  ) -> (any Error)? {
    var signals = signals
    var isStopping = false
    var failure: (any Error)?
    while true {
      let (records, lost, isClosed) = listener.records.take(until: listener.pace.hostTime(in: Self.pause))
      do {
        try view.take(records)
      } catch {
        failure = error
        listener.pace.end()
      }
      if lost > 0 { Output.complain("\(lost) records came faster than they could be shown and are lost") }
      if isClosed, records.isEmpty { return failure }
      let isOver = end.map { listener.pace.now() >= $0 } ?? false
      if !isStopping, isOver || signals.next(within: .zero) == .stop {
        isStopping = true
        listener.pace.end()
      }
    }
  }
}

/// An instrument that listens in a thread of its own.
final class Listener: @unchecked Sendable {
  let records = Mailbox<TraceRecord>()
  let pace = HostPace()
  private let failure = Mailbox<InstrumentError>()
  private var thread: WorkThread?
  /// What ended the listening; complete after `join`.
  private(set) var error: InstrumentError?

  init(_ instrument: any Instrument) {
    let (records, failure, pace) = (records, failure, pace)
    thread = WorkThread(name: "listener") {
      do throws(InstrumentError) {
        try instrument.listen(to: pace) { records.put([$0]) }
      } catch {
        failure.put([error])
      }
      records.close()
    }
  }

  func join() {
    thread?.join()
    error = failure.takeNow().first
  }
}
