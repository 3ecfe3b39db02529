import PowerDelivery
public import Quantities

/// Watches a daemon and takes every stage to 0 V when it is gone or hangs.
///
/// The machine has no clock and no socket: `GuardProcess` hands in what happened, with its time.
public struct StageGuard<Stage: GuardedStage> {
  /// Why the stages were taken down.
  public enum Cause: String, Equatable, Sendable {
    /// The socket was closed without a goodbye: the daemon was killed or crashed.
    case connectionLost = "the daemon is gone"
    /// No heartbeat came in time.
    case silence = "the daemon does not answer"
    /// The daemon said goodbye with a port that is not at 0 V.
    case leftOn = "the daemon left a port on"
  }

  public enum Phase: Equatable, Sendable {
    case watching
    case shuttingDown(Cause, since: Instant)
    /// Nothing is left to do.
    case ended
  }

  /// What became of one port.
  public struct Report: Equatable, Sendable {
    public var port: String
    public var cause: Cause
    /// When the guard began to take the port down.
    public var start: Instant
    public var voltageBefore: Millivolts
    /// VBUS on the way down: time since `start`, voltage.
    public var ramp: [(Nanoseconds, Millivolts)]
    /// When vSafe0V was reached; `nil` where it was not within tSafe0V.
    public var safe0V: Nanoseconds?

    public static func == (left: Self, right: Self) -> Bool {
      left.port == right.port && left.cause == right.cause && left.start == right.start
        && left.voltageBefore == right.voltageBefore && left.safe0V == right.safe0V
        && left.ramp.elementsEqual(right.ramp) { $0 == $1 }
    }
  }

  private struct Port {
    var name: String
    var stage: Stage
    var report: Report?
  }

  public private(set) var phase = Phase.watching
  private var ports: [UInt8: Port] = [:]
  private var lastSign: Instant
  private let patience: Nanoseconds
  private let makeStage: (UInt8) -> Stage
  /// vSafe0V: at or below this a port is off.
  private var safe0V: Millivolts { ElectricalLimits.vSafe0V.maximum ?? Millivolts(800) }
  /// Longer than this no stage may take (tSafe0V).
  private var dischargeLimit: Nanoseconds { Timing.safe0V.maximum ?? Nanoseconds(650_000_000) }
  /// Between two looks at VBUS on its way down.
  private static var lookInterval: Nanoseconds { Nanoseconds(2_000_000) }

  /// - Parameters:
  ///   - patience: how long heartbeats may be missing.
  ///   - makeStage: gives the stage of the port of this number.
  public init(patience: Nanoseconds, at now: Instant, makeStage: @escaping (UInt8) -> Stage) {
    self.patience = patience
    self.makeStage = makeStage
    lastSign = now
  }

  /// When `tick` is due at the latest.
  public var nextDeadline: Instant {
    switch phase {
    case .watching: lastSign + patience
    case .shuttingDown(_, let since):
      min(since + dischargeLimit, lastLook + StageGuard.lookInterval)
    case .ended: .distantFuture
    }
  }

  private var lastLook = Instant.zero

  public mutating func receive(_ message: GuardMessage, at now: Instant) {
    guard phase == .watching else { return }
    lastSign = now
    switch message {
    case .port(let number, let name):
      ports[number, default: Port(name: name, stage: makeStage(number))].name = name
    case .setPoint(let number, let setPoint):
      ports[number, default: Port(name: "\(number)", stage: makeStage(number))].stage.follow(
        setPoint, at: now)
    case .heartbeat: break
    case .goodbye:
      if ports.values.contains(where: { $0.stage.voltage(at: now) > safe0V }) {
        shutDown(.leftOn, at: now)
      } else {
        phase = .ended
      }
    }
  }

  /// The other end of the socket is closed.
  public mutating func connectionClosed(at now: Instant) {
    if phase == .watching { shutDown(.connectionLost, at: now) }
  }

  /// Time has passed.
  public mutating func tick(at now: Instant) {
    switch phase {
    case .watching: if now >= lastSign + patience { shutDown(.silence, at: now) }
    case .shuttingDown(_, let since): look(at: now, since: since)
    case .ended: break
    }
  }

  /// What became of each port, in the order of their numbers; complete once `phase` is `.ended`.
  public var reports: [Report] { ports.sorted { $0.key < $1.key }.compactMap(\.value.report) }

  private mutating func shutDown(_ cause: Cause, at now: Instant) {
    phase = .shuttingDown(cause, since: now)
    for number in ports.keys.sorted() {
      guard var port = ports[number] else { continue }
      let before = port.stage.voltage(at: now)
      port.stage.shutDown(at: now)
      port.report = Report(port: port.name, cause: cause, start: now, voltageBefore: before, ramp: [])
      ports[number] = port
    }
    look(at: now, since: now)
  }

  private mutating func look(at now: Instant, since: Instant) {
    lastLook = now
    var isDone = true
    for number in ports.keys.sorted() {
      guard var port = ports[number], port.report?.safe0V == nil else { continue }
      port.stage.shutDown(at: now)
      let voltage = port.stage.voltage(at: now)
      port.report?.ramp.append((now - since, voltage))
      if voltage <= safe0V { port.report?.safe0V = now - since } else { isDone = false }
      ports[number] = port
    }
    if isDone || now - since >= dischargeLimit { phase = .ended }
  }
}
