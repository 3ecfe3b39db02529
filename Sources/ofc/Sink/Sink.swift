public import ArgumentParser
import Bridges
import ChargerService
import ChargerSettings
import HardwareAccess
import PortControllers
import PortEngine
import PowerDelivery
import Quantities
import Settings
public import SinkService
import Trace

/// `ofc sink`: a sink on real chips, which asks a charger for a contract, or for many.
struct Sink: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Asks a charger for a contract, or goes through all that it offers.",
    discussion: """
      A port controller behind a bridge is the sink: --port names them as `ofc serve` does, and without it the only
      bridge that is plugged in is taken, with a FUSB302. Without a wish the offer is shown and the sink leaves.

      --fixed, --pps or --avs asks for one voltage and holds it until Control-C, or for --hold. --sweep goes through the
      voltages that are offered, each for --dwell, and says of each whether it was given and how long that took. What
      draws current is connected to VBUS by whoever runs this; the sink only asks. EPR is not asked for: the VBUS pin of
      a FUSB302 does not bear it.

      exit codes: 0 all that was asked for was given, 4 something was not, 6 no bridge, no chip or no charger.

      examples
        ofc sink
        ofc sink --pps 9V --current 3A
        ofc sink --sweep pps --step 100mV
        ofc sink --sweep fixed --port fusb302@ft232h,int=ad4 --write sweep.jsonl
      """)

  @Option(
    help: ArgumentHelp("The port controller and its bridge.", valueName: "chips"),
    transform: HardwareSettings.init(argument:))
  var port: HardwareSettings?
  @Option(help: ArgumentHelp("A fixed voltage.", valueName: "voltage"), transform: Millivolts.argument)
  var fixed: Millivolts?
  @Option(
    help: ArgumentHelp("A voltage of a PPS object.", valueName: "voltage"), transform: Millivolts.argument)
  var pps: Millivolts?
  @Option(
    help: ArgumentHelp("A voltage of an AVS object.", valueName: "voltage"), transform: Millivolts.argument)
  var avs: Millivolts?
  @Option(
    help: ArgumentHelp("The most current to ask for.", valueName: "current"),
    transform: Milliamperes.argument)
  var current = Milliamperes(3_000)
  @Option(help: "Go through what is offered: fixed, pps or avs.") var sweep: SinkSweep.Kind?
  @Option(
    help: ArgumentHelp("Between two voltages of a sweep.", valueName: "voltage"),
    transform: Millivolts.argument)
  var step = Millivolts(100)
  @Option(
    help: ArgumentHelp("The lowest voltage of a sweep.", valueName: "voltage"), transform: Millivolts.argument
  )
  var from: Millivolts?
  @Option(
    help: ArgumentHelp("The highest voltage of a sweep.", valueName: "voltage"),
    transform: Millivolts.argument)
  var to: Millivolts?
  @Option(help: ArgumentHelp("How long each contract of a sweep is kept.", valueName: "time"))
  var dwell: Moment?
  @Option(help: ArgumentHelp("How long the last contract is kept.", valueName: "time")) var hold: Moment?
  @Option(help: ArgumentHelp("How long to wait for a charger.", valueName: "time")) var wait: Moment?
  @Option(help: ArgumentHelp("The highest revision to speak: 2 or 3.", valueName: "revision")) var revision =
    3
  @Flag(help: "Show the messages too.") var messages = false
  @Option(help: ArgumentHelp("Write a recording.", valueName: "file"), completion: .file()) var write: String?
  @Flag(help: "One JSON object a line instead of text.") var json = false
  @Option(help: "Colours: auto, always or never.") var colour = Colour.auto

  func validate() throws {
    let wishes = [fixed, pps, avs].compactMap { $0 }
    guard wishes.count + (sweep == nil ? 0 : 1) <= 1 else {
      throw ValidationError("--fixed, --pps, --avs and --sweep exclude each other.")
    }
    let range = Millivolts(3_300)...Millivolts(21_000)
    guard (wishes + [from, to].compactMap { $0 }).allSatisfy(range.contains) else {
      throw ValidationError("Voltages go from 3.3 V to 21 V.")
    }
    guard step > .zero, current > .zero, current <= Milliamperes(6_350) else {
      throw ValidationError("--step and --current must be above 0, and --current at most 6.35 A.")
    }
    guard sweep != nil || from == nil && to == nil && dwell == nil else {
      throw ValidationError("--from, --to and --dwell are for --sweep.")
    }
    guard [2, 3].contains(revision) else { throw ValidationError("--revision is 2 or 3.") }
    guard [dwell, hold, wait].allSatisfy({ $0.map { $0.time >= .zero } ?? true }) else {
      throw ValidationError("Times must not be below 0.")
    }
  }

  func run() throws {
    var signals = SignalQueue()
    let hardware = try chosenHardware()
    let bus: PortBus
    do {
      bus = SharedBus(
        ReopeningBus(try HardwareBay.openDevice(hardware.bridge)) { () throws(BridgeError) in
          try HardwareBay.openDevice(hardware.bridge)
        })
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.deviceFailed
    }
    var view: SinkView
    do {
      view = SinkView(
        json: json, messages: messages, usesColour: colour.isOn, bus: bus,
        writer: try write.map { try TraceFile.create($0) })
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.unusableArgument
    }
    view.begin(hardware)
    switch hardware.controller {
    case .fusb302:
      try run(FUSB302(bus: bus, options: FUSB302Options(hardware)), hardware, bus, &view, &signals)
    case .tcpci: try run(TCPCI(bus: bus, options: TCPCIOptions(hardware)), hardware, bus, &view, &signals)
    }
  }

  private func run(
    _ controller: some PortController, _ hardware: HardwareSettings, _ bus: PortBus, _ view: inout SinkView,
    _ signals: inout SignalQueue
  ) throws {
    let clock = SinkClock()
    var configuration = PortConfiguration(roles: .sinkOnly)
    if revision == 2 { configuration.revision = .revision2 }
    var session = SinkSession(
      SinkJob(plan, times: times, at: clock.now), controller: controller, configuration: configuration,
      policy: policy, clock: clock, hasInterruptLine: hardware.hasInterruptLine,
      interruptIsLow: { bus.interruptIsLow() })
    session.start()
    var failure: (any Error)?
    while !session.job.isEnded, failure == nil {
      let pause = min(max(.zero, session.nextDeadline - clock.now), Self.longestPause)
      if signals.next(within: pause) == .stop { session.endJob() }
      session.turn()
      do { try view.take(session.drain()) } catch { failure = error }
    }
    session.stop()
    do {
      try view.take(session.drain())
      try view.finish(session.job)
    } catch {
      failure = failure ?? error
    }
    if let failure {
      Output.complain("\(failure)")
      throw ExitStatus.unusableArgument
    }
    switch session.job.phase {
    case .ended(.noCharger):
      Output.complain("no charger has offered anything\(view.reason)")
      throw ExitStatus.deviceFailed
    case .ended(.detached):
      Output.complain("the charger was taken away\(view.reason)")
      throw ExitStatus.deviceFailed
    default: if !session.job.isContent { throw ExitStatus.expectationNotMet }
    }
  }

  private static let longestPause = Nanoseconds(100_000_000)

  private func chosenHardware() throws -> HardwareSettings {
    if let port { return port }
    do {
      return try HardwareBay.onlyBridge()
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.deviceFailed
    }
  }

  private var plan: SinkJob.Plan {
    if let fixed { return .wish(.fixed(fixed, current)) }
    if let pps { return .wish(.pps(pps, current)) }
    if let avs { return .wish(.avs(avs, current)) }
    guard let sweep else { return .look }
    var plan = SinkSweep(sweep, step: step, current: current)
    plan.from = from
    plan.to = to
    return .sweep(plan)
  }

  private var times: SinkJob.Times {
    var times = SinkJob.Times()
    if let wait { times.charger = wait.time }
    if let dwell { times.dwell = dwell.time }
    let isWish = fixed != nil || pps != nil || avs != nil
    times.hold = hold?.time ?? (isWish ? nil : .zero)
    return times
  }

  /// 5 V at first; nobody knows what hangs on VBUS, so the power is not asked for twice.
  private var policy: SinkPolicy {
    var object = FixedSupplySinkPDO()
    object.voltage = Millivolts(5_000)
    object.operationalCurrent = min(current, Milliamperes(3_000))
    var objects = PowerDataObjectList()
    objects.append(object.rawValue)
    return SinkPolicy(
      capabilities: objects, strategy: .fixed(maximumVoltage: Millivolts(5_000)),
      operatingPower: Milliwatts(Int32(clamping: Int64(current.rawValue) * 5)))
  }
}

extension SinkSweep.Kind: ExpressibleByArgument {}
