public import Quantities

/// Lays the time of a driver over the time of a clock: from a common start, faster or slower by a factor.
public struct Pacer: Equatable, Sendable {
  /// How many of a thousand nanoseconds of the clock pass for the driver: 1000 is real time.
  public let speed: Int64
  private let start: Instant

  /// - Parameter speed: in thousandths, at least 1.
  public init(start: Instant, speed: Int64 = 1_000) {
    self.start = start
    self.speed = max(1, speed)
  }

  /// What time it is for the driver when the clock says `now`.
  public func driverTime(at now: Instant) -> Instant {
    let span = max(0, (now - start).rawValue)
    let (thousands, rest) = span.quotientAndRemainder(dividingBy: 1_000)
    let (whole, overflow) = thousands.multipliedReportingOverflow(by: speed)
    return overflow ? .distantFuture : Instant(nanoseconds: whole) + Nanoseconds(rest * speed / 1_000)
  }

  /// When the clock says that it is `time` for the driver, rounded up.
  public func clockTime(of time: Instant) -> Instant {
    let span = max(0, time.nanoseconds)
    let (quotient, remainder) = span.quotientAndRemainder(dividingBy: speed)
    let (whole, overflow) = quotient.multipliedReportingOverflow(by: 1_000)
    guard !overflow else { return .distantFuture }
    return start + Nanoseconds(whole) + Nanoseconds((remainder * 1_000 + speed - 1) / speed)
  }
}
