public import PortControllers
public import PortEngine
public import PowerDelivery
public import PowerStages
public import PowerSupervision
public import Quantities

/// One port as a program runs it: engine, controller, and for a source the supervisor with its stage.
public final class ChipPort {
  public let bench: ChipBench
  public let side: Side
  public var engine: PortEngine
  public var controller: any PortController
  public var supervisor: PowerSupervisor?
  public var stage: TPS55288<ModelBus>
  public var notices: [PortNotice] = []
  public var events: [PortEvent] = []
  /// Whether the interrupt pin is wired; otherwise the controller is only polled.
  public var hasInterruptPin = true
  /// The calls of the bus from an interrupt to the end of the answer, for each message that came in.
  public var tripsPerMessage: [TripCount] = []
  private var nextMeasurement = Instant.zero

  public struct TripCount: Equatable {
    public var message: MessageKind
    public var trips: Int
    public var isAnswered: Bool
  }

  /// A port with any controller, whose bus is the side's `ModelBus`.
  public init(
    _ bench: ChipBench, _ side: Side, _ engine: PortEngine, controller: any PortController,
    limits: SupervisorLimits? = nil
  ) {
    self.bench = bench
    self.side = side
    self.engine = engine
    self.controller = controller
    stage = TPS55288(bus: ModelBus(bench, side))
    supervisor = limits.map { PowerSupervisor($0) }
  }

  public convenience init(
    _ bench: ChipBench, _ side: Side, _ engine: PortEngine, _ options: FUSB302Options = FUSB302Options(),
    limits: SupervisorLimits? = nil
  ) {
    self.init(
      bench, side, engine, controller: FUSB302(bus: ModelBus(bench, side), options: options), limits: limits)
  }

  public convenience init(
    _ bench: ChipBench, _ side: Side, _ engine: PortEngine, _ options: TCPCIOptions,
    limits: SupervisorLimits? = nil
  ) {
    self.init(
      bench, side, engine, controller: TCPCI(bus: ModelBus(bench, side), options: options), limits: limits)
  }

  public func start() {
    if supervisor != nil { try? stage.start(at: bench.now) }
    controller.start(at: bench.now)
  }

  /// When the port wants to be served at the latest.
  public var nextDeadline: Instant {
    if hasInterruptPin, controller.takesInterrupts, bench.interruptIsLow(side) { return bench.now }
    var earliest = Instant.distantFuture
    for deadline in [controller.nextDeadline, engine.nextDeadline, supervisor?.nextDeadline] {
      earliest = min(earliest, deadline ?? earliest)
    }
    return supervisor == nil ? earliest : min(earliest, nextMeasurement)
  }

  /// Does whatever is due.
  public func serve() {
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

  private func serveController(_ work: (inout any PortController, Instant) -> Void) {
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
  public func drain() {
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
  public var faultCount: UInt32 {
    let statistics = controller.statistics
    var count = statistics.badFrames + statistics.overruns
    count += statistics.chipResets + statistics.busErrors
    return count + statistics.interruptStorms
  }

  public func request(_ request: PortRequest) {
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
