import Quantities
import Threading

/// The thread of one port: it waits in one place, for a command or for the time, and does everything of its port.
final class PortThread: @unchecked Sendable {
  let name: String
  private let commands = Mailbox<PortCommand>()
  private let lock = ThreadLock()
  private var latest: PortStatus
  private var lastTurn: Instant
  private var delays = Lateness()
  private var thread: WorkThread?

  /// Where the thread puts what happened and what its stage was told.
  struct Outlets: Sendable {
    var reports: @Sendable ([PortReport]) -> Void
    var setPoint: @Sendable (StageSetPoint) -> Void
  }

  init(_ driver: some PortDriver, pacer: Pacer, clock: some PaceClock, outlets: Outlets) {
    name = driver.status.name
    latest = driver.status
    lastTurn = clock.now
    let loop = PortLoop(driver, pacer)
    thread = WorkThread(name: name) { [self] in run(loop, clock, outlets) }
  }

  private func run(_ loop: PortLoop<some PortDriver>, _ clock: some PaceClock, _ outlets: Outlets) {
    var loop = loop
    var wake = clock.now
    while true {
      let mail = commands.take(until: wake.nanoseconds)
      if mail.isClosed { return }
      let now = clock.now
      let isDue = now >= wake
      let due = wake
      let turn = loop.turn(mail.items, at: now)
      // The guard first: it must know of a voltage before anybody talks about it.
      if let point = turn.setPoint { outlets.setPoint(point) }
      lock.with {
        latest = turn.status
        lastTurn = now
        if isDue { delays.add(clock.now - due) }
      }
      if !turn.reports.isEmpty { outlets.reports(turn.reports) }
      wake = turn.wake
    }
  }

  func send(_ command: PortCommand) { commands.put([command]) }
  var status: PortStatus { lock.with { latest } }
  /// How late what was due was done, so far.
  var lateness: Lateness { lock.with { delays } }

  /// Whether the thread has turned within `span`.
  func isAlive(at now: Instant, within span: Nanoseconds) -> Bool { lock.with { now - lastTurn <= span } }

  /// Ends the thread and waits for it.
  func finish() {
    commands.close()
    thread?.join()
  }
}
