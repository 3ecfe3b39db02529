public import ChargerSettings
public import HardwareAccess
import Glibc
public import Logging
public import Quantities
import Settings
import Threading
import XiaomiCharge

/// The charger as a service: a thread for each port, the sharing of the budget, signals, the service manager, the guard.
///
/// The main thread does what is slow and small. It never waits for a port, a view or a file while the ports run, because
/// its heartbeats keep the guard from taking VBUS down.
public final class ChargerDaemon {
  /// How it ended.
  public enum End: Equatable, Sendable {
    case clean
    /// A port was not at vSafe0V in time, or the guard was lost.
    case unsafe
  }

  /// Everything that is not the charger itself.
  public struct Options {
    /// Where the configuration is read again from; `nil` for the built-in one.
    public var file: String?
    /// How fast the simulated world runs.
    public var pace = Pace.realTime
    /// When to stop by itself.
    public var duration: Nanoseconds?
    /// The seed of the simulated world.
    public var seed: UInt64 = 1
    /// The buses of ports that have chips.
    public var bay: HardwareBay

    public init(bay: HardwareBay = HardwareBay()) { self.bay = bay }
  }

  private var options: Options
  private let notifier: ServiceNotifier
  private let guardian: GuardConnection
  private let logger: Logger
  private let clock = MonotonicClock()
  private let pacer: Pacer
  private let start: Instant
  private var signals: SignalQueue
  private var settings: ChargerSettings
  private var keys: KeyCabinet
  /// Of every port, by its name.
  private var exchanges: [String: DigestExchange] = [:]
  private let desk: PowerDesk
  private var threads: [PortThread] = []
  /// The number by which the guard knows each port; numbers are not used again.
  private var nextPortNumber: UInt8 = 0
  private let events = Mailbox<PortReport>()
  private let board = StatusBoard()
  private let view: ViewThread
  private var lastHeartbeat = Instant.zero
  private var lastWatchdog = Instant.zero
  private var isGuardLost = false

  private static let turn = Nanoseconds(20_000_000)
  private static let heartbeatInterval = Nanoseconds(50_000_000)
  /// A port's thread that has not turned for so long hangs. It turns every 20 ms.
  private static let threadPatience = Nanoseconds(200_000_000)
  private static let stopLimit = Nanoseconds(1_000_000_000)

  /// Signals are held back from here on, so make it before any thread.
  /// - Parameter makeView: called on the thread that shows things.
  public init(
    _ settings: ChargerSettings, keys: KeyCabinet, options: Options,
    view makeView: @escaping @Sendable () -> some DaemonView,
    notifier: ServiceNotifier,
    logger: Logger, startGuard: () throws(GuardConnection.Failure) -> GuardConnection
  ) throws(GuardConnection.Failure) {
    signals = SignalQueue()
    guardian = try startGuard()
    self.settings = settings
    self.keys = keys
    self.options = options
    self.notifier = notifier
    self.logger = logger
    start = clock.now
    pacer = Pacer(start: start, pace: options.pace)
    desk = PowerDesk(settings)
    let board = board
    board.setBudget(settings.budget)
    self.view = ViewThread(makeView, clock: clock) { board.snapshot }
  }

  // MARK: Running

  /// Opens the ports and serves them until a signal or the duration ends it.
  public func run() -> End {
    for (index, port) in settings.ports.enumerated() {
      open(port, power: desk.offered(index))
    }
    connectDesk()
    logger.notice("\(settings.portText) open, \(settings.budget.wattText) to share")
    notifier.send(.ready, .status(statusLine))
    while true {
      switch signals.next(within: ChargerDaemon.turn) {
      case .stop: return stop("stopped by a signal")
      case .reload: reload()
      case nil: break
      }
      keepAlive()
      logEvents()
      if isGuardLost { return stop("the guard is gone") }
      if let duration = options.duration, clock.now - start >= duration { return stop("the time is over") }
    }
  }

  private func open(_ port: PortSettings, power: Milliwatts) {
    let number = nextPortNumber
    nextPortNumber &+= 1
    guardian.send(.port(number, name: port.name))
    let exchange = DigestExchange(keys.service(for: port))
    exchanges[port.name] = exchange
    noteKeys(port)
    let thread = makeThread(port, number, power, exchange)
    exchange.onAnswer { [weak thread] in thread?.send(.wake) }
    threads.append(thread)
    board.set(threads)
  }

  /// A thread around the port's chips, or around its place in the simulated world.
  private func makeThread(
    _ port: PortSettings, _ number: UInt8, _ power: Milliwatts, _ exchange: DigestExchange
  ) -> PortThread {
    let (desk, events, view, guardian) = (desk, events, view, guardian)
    let outlets = PortThread.Outlets(
      reports: { reports in
        let power = reports.filter(\.concernsPower)
        desk.take(power)
        events.put(power)
        view.put(reports)
      },
      setPoint: { point in guardian.send(.setPoint(number, point)) })
    if let hardware = port.hardware {
      let bus = options.bay.take(hardware, of: port.name)
      return HardwareThread(port, hardware, power: power, digests: exchange, pacer: pacer, clock: clock)
        .start(bus, outlets)
    }
    let driver = SimulatedPortDriver(
      port, power: power, at: pacer.driverTime(at: clock.now), seed: options.seed &+ UInt64(number),
      digests: exchange, phoneKeys: keys.phoneKeys)
    return PortThread(driver, pacer: pacer, clock: clock, outlets: outlets)
  }

  /// Says once what a port without keys does.
  private func noteKeys(_ port: PortSettings) {
    guard let xiaomi = port.xiaomi else { return }
    switch xiaomi.keys {
    case .none:
      logger.notice(
        "\(port.name): there are no keys for Xiaomi's protocol; its phones get what everybody gets, up to \(port.offer.pdp.wattText)"
      )
    case .synthetic, .syntheticWrong:
      logger.warning("\(port.name): the keys are invented; real phones will not accept them")
    case .file, .program, .socket: break
    }
  }

  /// Heartbeats to the guard and the service manager, as long as every port's thread is alive.
  private func keepAlive() {
    let now = clock.now
    guard threads.allSatisfy({ $0.isAlive(at: now, within: ChargerDaemon.threadPatience) }) else { return }
    if now - lastHeartbeat >= ChargerDaemon.heartbeatInterval {
      lastHeartbeat = now
      if !guardian.send(.heartbeat) { isGuardLost = true }
    }
    if let period = notifier.watchdogPeriod, now - lastWatchdog >= Nanoseconds(period.rawValue / 2) {
      lastWatchdog = now
      notifier.send(.watchdog, .status(statusLine))
    }
  }

  private func connectDesk() {
    desk.connect(threads.map { thread in { @Sendable in thread.send($0) } })
  }

  private func logEvents() {
    for event in events.takeNow() {
      switch event.content {
      case .attached: logger.info("\(event.port): a partner is attached")
      case .detached: logger.info("\(event.port): the partner is gone")
      case .contract(let contract):
        logger.info("\(event.port): contract \(contract.voltage.voltText) \(contract.current.ampereText)")
      case .trust(let stage): logger.info("\(event.port): Xiaomi stage \(stage)")
      case .closed, .record: break
      }
    }
  }

  private var statusLine: String {
    let charging = threads.count { $0.status.hasExplicitContract }
    return "\(charging) of \(threads.count) ports with a contract, \(desk.held.wattText) of "
      + "\(settings.budget.wattText) given away"
  }

  // MARK: Reloading

  /// Reads the configuration again. A file with mistakes changes nothing.
  private func reload() {
    guard let file = options.file else {
      logger.warning("there is no file to read again: the built-in configuration goes on")
      return
    }
    notifier.send(.reloading(monotonic: clock.now - .zero))
    defer { notifier.send(.ready, .status(statusLine)) }
    do {
      let next = try ChargerSettings.read(file: file)
      let nextKeys = try KeyCabinet(next, log: ChargerDaemon.keyLog(logger))
      become(next, nextKeys)
      logger.notice("configuration read again: \(next.portText), \(next.budget.wattText) to share")
    } catch let error as SettingsFailure {
      for mistake in error.errors { logger.error("\(mistake)") }
      logger.error("the configuration stays as it was")
    } catch {
      logger.error("\(error)")
      logger.error("the configuration stays as it was")
    }
  }

  /// What is said of keys goes to the log.
  public static func keyLog(_ logger: Logger) -> @Sendable (String) -> Void { { logger.warning("\($0)") } }

  private func become(_ next: ChargerSettings, _ nextKeys: KeyCabinet) {
    let oldKeys = keys
    keys = nextKeys
    defer { oldKeys.finish() }
    let names = Set(next.ports.map(\.name))
    let leaving = threads.filter { !names.contains($0.name) }
    for thread in leaving { thread.send(.close) }
    if !waitUntilClosed(leaving) { logger.critical("a port that was taken out is not at 0 V") }
    for thread in leaving { thread.finish() }
    exchanges = exchanges.filter { names.contains($0.key) }
    let before = next.ports.map { port in threads.firstIndex { $0.name == port.name } }
    let powers = desk.reconfigure(next, before: before)
    let old = threads
    threads = []
    settings = next
    board.setBudget(next.budget)
    for (index, port) in next.ports.enumerated() {
      if let number = before[index] {
        threads.append(old[number])
        exchanges[port.name]?.use(keys.service(for: port))
        old[number].send(.reconfigure(port, powers[index]))
      } else {
        open(port, power: powers[index])
      }
    }
    board.set(threads)
    connectDesk()
  }

  // MARK: Stopping

  /// Takes VBUS of every port to 0 V, waits until it is measured there, and ends.
  private func stop(_ reason: String) -> End {
    logger.notice("stopping: \(reason)")
    notifier.send(.stopping, .status("taking VBUS to 0 V"))
    for thread in threads { thread.send(.close) }
    let isClosed = waitUntilClosed(threads)
    for thread in threads {
      let status = thread.status
      if status.isClosed {
        logger.notice("\(status.name): VBUS at \(status.vbus.voltText)")
      } else {
        logger.critical("\(status.name): VBUS is still at \(status.vbus.voltText); the guard takes over")
      }
      thread.finish()
      let late = thread.lateness
      logger.notice(
        "\(thread.name): what was due was done within \(late.quantile(500).text) (half), \(late.quantile(990).text) (99 %), \(late.most.text) (all of \(late.count))"
      )
    }
    view.finish()
    keys.finish()
    guardian.finish()
    return isClosed && !isGuardLost ? .clean : .unsafe
  }

  /// Waits until ports are closed, for at most a second of their time; heartbeats go on.
  private func waitUntilClosed(_ ports: [PortThread]) -> Bool {
    let slowness = max(1, (1_000 + pacer.pace.rawValue - 1) / pacer.pace.rawValue)
    let limit = clock.now + Nanoseconds(ChargerDaemon.stopLimit.rawValue * slowness)
    while !ports.allSatisfy(\.status.isClosed) {
      guard clock.now < limit else { return false }
      _ = signals.next(within: Nanoseconds(2_000_000))
      keepAlive()
    }
    return true
  }
}

extension PortReport {
  fileprivate var concernsPower: Bool {
    if case .record = content { false } else { true }
  }
}

/// What the view may look at, on its own thread.
private final class StatusBoard: @unchecked Sendable {
  private let lock = ThreadLock()
  private var threads: [PortThread] = []
  private var budget = Milliwatts.zero

  func set(_ threads: [PortThread]) { lock.with { self.threads = threads } }
  func setBudget(_ budget: Milliwatts) { lock.with { self.budget = budget } }

  var snapshot: ([PortStatus], Milliwatts) {
    let (threads, budget) = lock.with { (self.threads, self.budget) }
    return (threads.map(\.status), budget)
  }
}

extension ChargerSettings {
  /// `1 port`, `2 ports`.
  fileprivate var portText: String { ports.count == 1 ? "1 port" : "\(ports.count) ports" }
}

extension Nanoseconds {
  /// `0.12 ms`.
  fileprivate var text: String {
    let hundredths = (rawValue + 5_000) / 10_000
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) ms"
  }
}
