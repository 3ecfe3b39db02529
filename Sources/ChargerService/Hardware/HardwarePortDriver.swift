import ChargerSettings
import HardwareAccess
import HardwarePorts
import PortControllers
import PortEngine
import PowerStages
import PowerSupervision
import Quantities
import RegisterBus
import Scenario
import Trace
import XiaomiCharge

/// A port whose silicon is real: the engine drives a controller and a stage behind a bridge.
///
/// Everything happens in the port's thread, in the calls of `advance` and `perform`; the bus is nobody else's.
struct HardwarePortDriver<Controller: PortController, Clock: PortClock & Sendable>: PortDriver,
  @unchecked Sendable
{
  // Handed to its thread once, and used nowhere else: the bus is a reference.

  typealias Port = HardwarePort<Controller, TPS55288<PortBus>>

  private var settings: PortSettings
  private var hardware: HardwareSettings
  private var power: Milliwatts
  private let bus: PortBus
  private let clock: Clock
  private let digests: DigestExchange
  private let makeController: (PortBus, HardwareSettings) -> Controller
  private var port: Port
  private var recorder: PortRecorder
  private var phase = Phase.open
  private var reports: [PortReport] = []
  private var wasAttached = false
  private var contract: PowerContract?
  private var condition = PortControllerCondition.stopped
  /// When the interrupt line is looked at next.
  private var nextLook = Instant.zero

  private enum Phase: Equatable {
    case open
    /// On the way to 0 V; then it opens again like this, or stays closed.
    case closing(then: PortSettings?)
    case closed
  }

  /// Between two looks at the interrupt line.
  private static var lookInterval: Nanoseconds { Nanoseconds(1_000_000) }

  /// - Parameters:
  ///   - power: what the port may offer at first.
  ///   - clock: the time of the driver, as `advance` is told it.
  init(
    _ settings: PortSettings, _ hardware: HardwareSettings, power: Milliwatts, bus: PortBus, clock: Clock,
    digests: DigestExchange, makeController: @escaping (PortBus, HardwareSettings) -> Controller
  ) {
    self.settings = settings
    self.hardware = hardware
    self.power = power
    self.bus = bus
    self.clock = clock
    self.digests = digests
    self.makeController = makeController
    recorder = PortRecorder(line: settings.name)
    port = Self.makePort(settings, power, makeController(bus, hardware), bus, hardware)
    port.start(clock, &recorder)
    observe()
  }

  private static func makePort(
    _ settings: PortSettings, _ power: Milliwatts, _ controller: Controller, _ bus: PortBus,
    _ hardware: HardwareSettings
  ) -> Port {
    var configuration = settings.configuration
    configuration.goodCRC = .siliconWithRetries
    let offers = settings.offers(power: power)
    var options = TPS55288Options()
    options.address = hardware.stageAddress
    var port = Port(
      engine: PortEngine(configuration, source: offers.standard), controller: controller,
      supply: PortSupply(stage: TPS55288(bus: bus, options: options), limits: settings.supervisorLimits))
    if let xiaomi = settings.xiaomi { port.speakXiaomi(xiaomi.charger, offers) }
    return port
  }

  // MARK: Time

  var nextEventTime: Instant? {
    if phase == .closed { return nil }
    return hardware.hasInterruptLine && port.controller.takesInterrupts
      ? min(port.nextDeadline, nextLook) : port.nextDeadline
  }

  mutating func advance(to end: Instant) {
    // What is due again at once waits for the next turn of the thread, which also looks for commands.
    for _ in 0..<8 {
      guard let next = nextEventTime, next <= clock.now else { return }
      var isLow = false
      if hardware.hasInterruptLine, port.controller.takesInterrupts, nextLook <= clock.now {
        isLow = bus.interruptIsLow()
        nextLook = clock.now + Self.lookInterval
      }
      port.serve(clock, interruptIsLow: isLow, &recorder)
      exchangeDigests()
      observe()
    }
  }

  /// Takes the question of the charger to whoever has the keys, and brings the answers.
  private mutating func exchangeDigests() {
    if let question = port.takeDigestQuestion() { digests.ask(question) }
    for answer in digests.take() { port.answer(answer.question, answer.digest, clock, &recorder) }
  }

  private mutating func observe() {
    if port.controller.condition != condition {
      condition = port.controller.condition
      if let text = HardwareText.text(condition, bus) { recorder.say(text, at: clock.now) }
    }
    for entry in recorder.drain() {
      switch entry.content {
      case .record(let record):
        reports.append(PortReport(port: settings.name, time: entry.time, content: .record(record)))
      case .trust(let stage):
        reports.append(PortReport(port: settings.name, time: entry.time, content: .trust(stage)))
      }
    }
    let isAttached = port.engine.connection.isAttached
    if isAttached != wasAttached {
      wasAttached = isAttached
      if !isAttached { contract = nil }
      report(isAttached ? .attached : .detached)
    }
    let held = port.engine.hasExplicitContract ? port.engine.contract : nil
    if let held, held != contract { report(.contract(held)) }
    contract = held
    if case .closing(let next) = phase, port.isSafe { finishClosing(next) }
  }

  private mutating func report(_ content: PortReport.Content) {
    reports.append(PortReport(port: settings.name, time: clock.now, content: content))
  }

  // MARK: Commands

  mutating func perform(_ command: PortCommand, at now: Instant) {
    switch command {
    case .offer(let power):
      guard power != self.power else { return }
      self.power = power
      if phase == .open { port.offer(settings.offers(power: power), clock, &recorder) }
    case .reconfigure(let settings, let power): reconfigure(settings, power)
    case .close: close(then: nil)
    case .wake: exchangeDigests()
    }
    observe()
  }

  private mutating func close(then next: PortSettings?) {
    if phase == .open { port.stop(clock, &recorder) }
    if phase != .closed { phase = .closing(then: next) }
  }

  private mutating func reconfigure(_ next: PortSettings, _ power: Milliwatts) {
    let isNewOffer = settings.offer != next.offer || power != self.power
    self.power = power
    guard phase == .open, settings.needsNewPort(toBecome: next) else {
      settings = next
      if isNewOffer, phase == .open { port.offer(settings.offers(power: power), clock, &recorder) }
      return
    }
    close(then: next)
  }

  /// VBUS is at 0 V: the port stays closed, or is made anew and opened.
  private mutating func finishClosing(_ next: PortSettings?) {
    guard let next else {
      phase = .closed
      report(.closed(vbus))
      return
    }
    settings = next
    phase = .open
    port = Self.makePort(next, power, makeController(bus, hardware), bus, hardware)
    port.start(clock, &recorder)
  }

  // MARK: Asking

  mutating func drain() -> [PortReport] {
    defer { reports = [] }
    return reports
  }

  private var vbus: Millivolts { port.supply?.measurement?.vbus ?? .zero }

  var status: PortStatus {
    PortStatus(
      name: settings.name, connection: port.engine.connection, state: port.engine.state,
      contract: port.engine.contract, hasExplicitContract: port.engine.hasExplicitContract, vbus: vbus,
      current: port.supply?.measurement?.current ?? .zero, offered: power, isClosed: phase == .closed,
      trust: port.xiaomi?.stage)
  }

  var setPoint: StageSetPoint {
    guard let supply = port.supply else { return StageSetPoint() }
    return StageSetPoint(
      // A stage that does not answer may be on.
      isOn: supply.isOn || supply.isStageLost && supply.measurement != nil,
      isDischarging: supply.isDischarging, voltage: supply.voltage, currentLimit: supply.currentLimit,
      measured: vbus)
  }
}

/// The time of a daemon's drivers.
struct DriverClock<Base: PaceClock>: PortClock, Sendable {
  let clock: Base
  let pacer: Pacer
  var now: Instant { pacer.driverTime(at: clock.now) }
}
