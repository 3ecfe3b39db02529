public import Quantities

/// How fast a driver's time runs, in thousandths of the clock's: 1000 is real time.
public struct Pace: Quantity {
  public var rawValue: Int64
  @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
  @inlinable public init(thousandths count: Int64) { rawValue = count }

  public static var realTime: Pace { Pace(thousandths: 1_000) }
}

/// Lays the time of a driver over the time of a clock: from a common start, faster or slower by a factor.
public struct Pacer: Equatable, Sendable {
  public let pace: Pace
  private let start: Instant

  /// - Parameter pace: at least one thousandth; less is taken for that.
  public init(start: Instant, pace: Pace = .realTime) {
    self.start = start
    self.pace = max(Pace(thousandths: 1), pace)
  }

  private var speed: Int64 { pace.rawValue }

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
