public import Quantities

/// One turn of a port's thread, without the thread: commands, time, reports, set point, and when to turn again.
public struct PortLoop<Driver: PortDriver>: Sendable {
  public private(set) var driver: Driver
  private var pacer: Pacer
  private var lastSetPoint: StageSetPoint?

  /// Even when nothing is due the thread turns this often, so that it is seen to be alive.
  public static var longestPause: Nanoseconds { Nanoseconds(20_000_000) }
  /// A measurement that has moved less than this is not worth a word to the guard.
  private static var noise: Millivolts { Millivolts(50) }

  public init(_ driver: Driver, _ pacer: Pacer) {
    self.driver = driver
    self.pacer = pacer
  }

  /// What came of a turn.
  public struct Turn: Sendable {
    public var reports: [PortReport]
    public var status: PortStatus
    /// For the guard, where it has changed.
    public var setPoint: StageSetPoint?
    /// When to turn again, by the clock.
    public var wake: Instant
  }

  /// Serves `commands` and all that is due when the clock says `now`.
  public mutating func turn(_ commands: [PortCommand], at now: Instant) -> Turn {
    let time = pacer.driverTime(at: now)
    for command in commands { driver.perform(command, at: time) }
    driver.advance(to: time)
    let next = driver.nextEventTime.map(pacer.clockTime) ?? .distantFuture
    return Turn(
      reports: driver.drain(), status: driver.status, setPoint: changedSetPoint(),
      wake: min(max(next, now), now + PortLoop.longestPause))
  }

  private mutating func changedSetPoint() -> StageSetPoint? {
    let point = driver.setPoint
    if let last = lastSetPoint {
      var comparable = point
      let moved = abs(point.measured.rawValue - last.measured.rawValue)
      // On the way to 0 V every millivolt counts: the guard must know when a port is off.
      if point.isOn, moved < PortLoop.noise.rawValue { comparable.measured = last.measured }
      if comparable == last { return nil }
    }
    lastSetPoint = point
    return point
  }
}
