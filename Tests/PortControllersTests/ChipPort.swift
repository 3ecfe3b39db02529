import PortControllers
import PortEngine
import PowerDelivery
import PowerStages
import PowerSupervision
import Quantities
import RegisterBus
import Simulator

/// One port as a program runs it: engine, controller, and for a source the supervisor with its stage.
final class ChipPort {
  let bench: ChipBench
  let side: Side
  var engine: PortEngine
  var controller: FUSB302<ModelBus>
  var supervisor: PowerSupervisor?
  var stage: TPS55288<ModelBus>
  var notices: [PortNotice] = []
  var events: [PortEvent] = []
  /// Whether the interrupt pin is wired; otherwise the controller is only polled.
  var hasInterruptPin = true
  /// The calls of the bus from an interrupt to the end of the answer, for each message that came in.
  var tripsPerMessage: [TripCount] = []
  private var nextMeasurement = Instant.zero

  struct TripCount: Equatable {
    var message: MessageKind
    var trips: Int
    var isAnswered: Bool
  }

  init(
    _ bench: ChipBench, _ side: Side, _ engine: PortEngine, _ options: FUSB302Options = FUSB302Options(),
    limits: SupervisorLimits? = nil
  ) {
    self.bench = bench
    self.side = side
    self.engine = engine
    controller = FUSB302(bus: ModelBus(bench, side), options: options)
    stage = TPS55288(bus: ModelBus(bench, side))
    supervisor = limits.map { PowerSupervisor($0) }
  }

  func start() {
    if supervisor != nil { try? stage.start(at: bench.now) }
    controller.start(at: bench.now)
  }

  /// When the port wants to be served at the latest.
  var nextDeadline: Instant {
    if hasInterruptPin, controller.takesInterrupts, bench.interruptIsLow(side) { return bench.now }
    var earliest = Instant.distantFuture
    for deadline in [controller.nextDeadline, engine.nextDeadline, supervisor?.nextDeadline] {
      earliest = min(earliest, deadline ?? earliest)
    }
    return supervisor == nil ? earliest : min(earliest, nextMeasurement)
  }

  /// Does whatever is due.
  func serve() {
    if hasInterruptPin, bench.interruptIsLow(side) { serveController { $0.interrupt(at: $1) } }
    if isDue(controller.nextDeadline) { serveController { $0.poll(at: $1) } }
    if isDue(engine.nextDeadline) {
      feed(.timeout)
      controller.commit(at: bench.now)
    }
    if isDue(supervisor?.nextDeadline) { supervise(.timeout) }
    if supervisor != nil, nextMeasurement <= bench.now { measure() }
    drain()
  }

  private func isDue(_ deadline: Instant?) -> Bool { deadline.map { $0 <= bench.now } ?? false }

  private func serveController(_ work: (inout FUSB302<ModelBus>, Instant) -> Void) {
    let before = controller.statistics
    let eventCount = events.count
    work(&controller, bench.now)
    drain()
    let received = events[eventCount...].compactMap { event -> MessageKind? in
      if case .received(let message) = event { message.kind } else { nil }
    }
    guard let message = received.first else { return }
    tripsPerMessage.append(
      TripCount(
        message: message, trips: Int(controller.statistics.roundTrips - before.roundTrips) / received.count,
        isAnswered: controller.statistics.messagesSent > before.messagesSent))
  }

  /// Hands events to the engine until there are none, and carries out what it asks for.
  func drain() {
    while let event = controller.nextEvent() {
      events.append(event)
      feed(event)
    }
    controller.commit(at: bench.now)
    while let event = controller.nextEvent() {
      events.append(event)
      feed(event)
    }
  }

  /// How much the controller has found wrong.
  var faultCount: UInt32 {
    let statistics = controller.statistics
    var count = statistics.badFrames + statistics.overruns
    count += statistics.chipResets + statistics.busErrors
    return count + statistics.interruptStorms
  }

  func request(_ request: PortRequest) {
    feed(.request(request))
    drain()
  }

  private func feed(_ event: PortEvent) {
    engine.handle(event, at: bench.now)
    while let action = engine.nextAction() {
      switch action {
      case .supply(let command): supply(command)
      case .draw(let allowance): if side == .phone { bench.load = min(allowance.current, Milliamperes(500)) }
      case .notify(let notice): notices.append(notice)
      default: break
      }
      controller.perform(action, at: bench.now)
    }
  }

  // MARK: Power

  private func supply(_ command: SupplyCommand) {
    guard supervisor != nil else {
      if command == .off { feed(.supply(.safe0V)) }
      return
    }
    supervise(.command(command))
    nextMeasurement = bench.now
  }

  private func supervise(_ event: SupervisorEvent) {
    supervisor?.handle(event, at: bench.now)
    while let action = supervisor?.nextAction() {
      switch action {
      case .stage(let command):
        do { try stage.perform(command, at: bench.now) } catch {
          supervisor?.handle(.stageFailed, at: bench.now)
        }
      case .report(let report): feed(.supply(report))
      }
    }
  }

  private func measure() {
    do {
      let measurement = try stage.measure(vbus: bench.stage.voltage, current: bench.load, at: bench.now)
      supervise(measurement.map { .measured($0) } ?? .stageFailed)
    } catch {
      supervise(.stageFailed)
    }
    let isQuick =
      switch supervisor?.state {
      case .steady, .off, .faultHeld, .faultLatched: false
      default: true
      }
    nextMeasurement = bench.now + Nanoseconds(isQuick ? 1_000_000 : 20_000_000)
  }
}

/// A charger and a phone on FUSB302s, run together.
final class ChipLink {
  let bench: ChipBench
  let charger: ChipPort
  let phone: ChipPort

  init(
    _ sink: SinkPolicy, revision: SpecificationRevision = .revision3,
    bench: ChipBench = ChipBench(), options: FUSB302Options = FUSB302Options()
  ) {
    self.bench = bench
    var source = PortConfiguration(roles: .sourceOnly)
    source.goodCRC = .siliconWithRetries
    source.revision = revision
    var sinkConfiguration = PortConfiguration(roles: .sinkOnly)
    sinkConfiguration.goodCRC = .siliconWithRetries
    sinkConfiguration.revision = revision
    let power = Milliwatts(45_000)
    let limits = SupervisorLimits(voltage: Millivolts(21_200), current: Milliamperes(5_000), power: power)
    charger = ChipPort(
      bench, .charger,
      PortEngine(source, source: ChargerModel(.pps, power: power).policy(power: power)), options,
      limits: limits)
    phone = ChipPort(bench, .phone, PortEngine(sinkConfiguration, sink: sink), options)
  }

  static func fixed(_ voltage: Int32) -> SinkPolicy {
    var policy = PhoneModel.pd3Fixed.setup.sink
    policy.strategy = .fixed(maximumVoltage: Millivolts(voltage))
    return policy
  }

  static func pps(_ voltage: Int32) -> SinkPolicy {
    var policy = PhoneModel.pps.setup.sink
    policy.strategy = .pps(voltage: Millivolts(voltage), current: Milliamperes(2_000))
    return policy
  }

  func start() {
    charger.start()
    phone.start()
    bench.plug()
  }

  var hasContract: Bool {
    charger.engine.hasExplicitContract && phone.engine.hasExplicitContract
      && charger.engine.state == .srcReady
      && phone.engine.state == .snkReady
  }

  /// Lets time pass until `end`, or until `condition` holds.
  @discardableResult func run(milliseconds: Int64, until condition: (ChipLink) -> Bool = { _ in false })
    -> Bool
  {
    let end = bench.now + Nanoseconds(Milliseconds(milliseconds))
    while bench.now < end {
      charger.serve()
      phone.serve()
      if condition(self) { return true }
      var next = min(end, min(charger.nextDeadline, phone.nextDeadline))
      if let event = bench.nextEventTime { next = min(next, event) }
      bench.advance(to: max(next, bench.now + Nanoseconds(1_000)))
    }
    return condition(self)
  }

  func runToContract(milliseconds: Int64 = 2_500) -> Bool {
    run(milliseconds: milliseconds) { $0.hasContract }
  }
}
