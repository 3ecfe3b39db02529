import ArgumentParser
import ChargerService
import InstrumentDrivers
import Quantities
import Threading
import Trace
import USBTransport

/// `ofc sniff`: a live conversation.
struct Sniff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Listens with an instrument and shows what is said while it is said.",
    discussion: """
      The lines are those of `ofc decode`, with VBUS, current and power of the moment behind each message; the summary
      stands at the end. Control-C, SIGTERM or --duration ends the listening; the file is whole then, and also when the
      device is unplugged. The format of the file follows its name, as with `ofc convert`.

      examples
        ofc sniff
        ofc sniff --device 1-2.4 --write charge.pcapng
        ofc sniff --duration 30s --json
      """)

  @Option(
    help: ArgumentHelp(
      "The instrument: a place, a serial number or VID:PID, as `ofc devices` lists them.", valueName: "id"))
  var device: String?
  @Option(help: ArgumentHelp("Write a recording.", valueName: "file"), completion: .file()) var write: String?
  @Flag(help: "One JSON object a line instead of text.") var json = false
  @Option(help: ArgumentHelp("Stop after this time.", valueName: "time")) var duration: Moment?
  @Flag(help: "Show measurements of VBUS and CC too.") var measurements = false
  @Option(help: "Colours: auto, always or never.") var colour = Colour.auto

  func validate() throws {
    guard duration.map({ $0.time > .zero }) ?? true else {
      throw ValidationError("--duration must be above 0.")
    }
  }

  func run() throws {
    var signals = SignalQueue()
    let meter: KM003C
    do {
      let context = try USBContext()
      meter = try KM003C(context.open(DeviceChoice.instrument(device, context)))
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.deviceFailed
    }
    var view: SniffView
    do {
      view = SniffView(
        json: json, measurements: measurements, usesColour: colour.isOn,
        writer: try write.map { try TraceFile.create($0) })
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.unusableArgument
    }
    view.begin(meter.profile)
    let listener = Listener(meter)
    let end = duration.map { listener.pace.now() + $0.time }
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
      if isClosed, records.isEmpty { break }
      let isOver = end.map { listener.pace.now() >= $0 } ?? false
      if !isStopping, isOver || signals.next(within: .zero) == .stop {
        isStopping = true
        listener.pace.end()
      }
    }
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

  /// How long the view waits for something new before it looks for signals.
  private static let pause = Nanoseconds(50_000_000)
}

/// An instrument that listens in a thread of its own.
final class Listener: @unchecked Sendable {
  let records = Mailbox<TraceRecord>()
  let pace = HostPace()
  private let failure = Mailbox<InstrumentError>()
  private var thread: WorkThread?
  /// What ended the listening; complete after `join`.
  private(set) var error: InstrumentError?

  init(_ instrument: some Instrument) {
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
