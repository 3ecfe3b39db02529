public import ChargerSettings
import HardwareAccess
import Glibc
public import Quantities
import Trace

/// The guard as a process: waits at the socket, drives `StageGuard`, and says what it did.
public struct GuardProcess {
  private let descriptor: Int32
  private let patience: Nanoseconds
  private let log: String?
  private let hardware: [UInt8: HardwareSettings]
  private let daemon = getppid()

  /// - Parameters:
  ///   - descriptor: the guard's end of the socket.
  ///   - patience: how long heartbeats may be missing.
  ///   - hardware: the chips of ports that have some, by the number of the port.
  ///   - log: a file that gets one JSON object a line for each port that was taken down.
  public init(
    descriptor: Int32, patience: Nanoseconds, hardware: [UInt8: HardwareSettings] = [:], log: String?
  ) {
    self.hardware = hardware
    self.descriptor = descriptor
    self.patience = patience
    self.log = log
  }

  /// Ends when the daemon has said goodbye, or when every stage is at 0 V.
  public func run() {
    // Whatever ends the daemon must not end its guard first.
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP] {
      _ = Glibc.signal(signal, SIG_IGN)
    }
    let clock = MonotonicClock()
    var stageGuard = StageGuard<AnyGuardedStage>(patience: patience, at: clock.now) { [hardware] number in
      hardware[number].map { .chips(ChipStage($0, open: HardwareBay.openDevice)) }
        ?? .modelled(ModelledStage())
    }
    while stageGuard.phase != .ended {
      // A socket that is closed is always readable: only the time is waited for then.
      wait(until: stageGuard.nextDeadline, clock, listens: stageGuard.phase == .watching)
      receive(&stageGuard, clock)
      stageGuard.tick(at: clock.now)
      releaseDevices(stageGuard.phase)
    }
    for report in stageGuard.reports { write(report) }
  }

  /// A daemon that hangs holds its devices: it is killed, so that the guard gets at the stages.
  private func releaseDevices(_ phase: StageGuard<AnyGuardedStage>.Phase) {
    guard case .shuttingDown(.silence, _) = phase, !hardware.isEmpty, getppid() == daemon else { return }
    _ = kill(daemon, SIGKILL)
  }

  /// Waits until `deadline`, or for a message.
  private func wait(until deadline: Instant, _ clock: MonotonicClock, listens: Bool) {
    // Whole milliseconds, rounded up: woken too early, the guard would only turn round once more.
    let span = min(max(0, (deadline - clock.now).rawValue), 1_000_000_000)
    var descriptor = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&descriptor, listens ? 1 : 0, Int32((span + 999_999) / 1_000_000))
  }

  private func receive(_ stageGuard: inout StageGuard<AnyGuardedStage>, _ clock: MonotonicClock) {
    while stageGuard.phase == .watching {
      var bytes = [UInt8](repeating: 0, count: GuardMessage.byteCount + 1)
      let count = unsafe recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      if count < 0, errno == EAGAIN || errno == EINTR { return }
      guard count > 0 else {
        stageGuard.connectionClosed(at: clock.now)
        return
      }
      if let message = GuardMessage(Array(bytes.prefix(count))) {
        stageGuard.receive(message, at: clock.now)
      }
    }
  }

  private func write(_ report: StageGuard<AnyGuardedStage>.Report) {
    let text = GuardText.line(report) + "\n"
    _ = unsafe Glibc.write(STDERR_FILENO, text, text.utf8.count)
    guard let log else { return }
    let file = unsafe open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard file >= 0 else { return }
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    let line = GuardText.json(report, unixTime: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)) + "\n"
    _ = unsafe Glibc.write(file, line, line.utf8.count)
    close(file)
  }
}

/// What the guard did, as text.
enum GuardText {
  /// `ofc guard: driver: 9.000 V taken to 0 V in 18.2 ms (the daemon is gone)`.
  static func line<Stage>(_ report: StageGuard<Stage>.Report) -> String {
    let before = "ofc guard: \(report.port): \(volts(report.voltageBefore))"
    guard let safe0V = report.safe0V else {
      let last = report.ramp.last.map { volts($0.1) } ?? "unknown"
      return "\(before) NOT taken to 0 V: VBUS is at \(last) (\(report.cause.rawValue))"
    }
    if safe0V == .zero { return "\(before), at 0 V already (\(report.cause.rawValue))" }
    return "\(before) taken to 0 V in \(safe0V.spanText) (\(report.cause.rawValue))"
  }

  static func json<Stage>(_ report: StageGuard<Stage>.Report, unixTime: Int64) -> String {
    var json = JSONText()
    json.object { json in
      json.field("type", "guard" as StaticString)
      json.field("unix_time_ns", unixTime)
      json.field("port", report.port)
      json.field("cause", report.cause.rawValue)
      json.field("vbus_before_mv", report.voltageBefore.rawValue)
      json.field("safe0v_after_ns", report.safe0V?.rawValue)
      json.array("ramp") { json in
        for (span, voltage) in report.ramp {
          json.object { json in
            json.field("after_ns", span.rawValue)
            json.field("vbus_mv", voltage.rawValue)
          }
        }
      }
    }
    return json.text
  }

  private static func volts(_ voltage: Millivolts) -> String {
    let count = voltage.rawValue
    let thousandths = String(count.magnitude % 1_000)
    return "\(count / 1_000).\(String(repeating: "0", count: 3 - thousandths.count))\(thousandths) V"
  }
}
