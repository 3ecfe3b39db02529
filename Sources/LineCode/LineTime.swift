public import Quantities

/// A point or span of time in ticks of a sampling or timer clock; its rate is a `TickRate`.
public struct Ticks: Quantity {
  public var rawValue: UInt64
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
  @inlinable public init(_ count: UInt64) { rawValue = count }
}

/// How many ticks make a second, in hertz.
public struct TickRate: Quantity {
  public var rawValue: UInt64
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
  @inlinable public init(hertz: UInt64) { rawValue = hertz }

  /// `ticks` as nanoseconds, rounded to the nearest, halves up; exact for any number of ticks.
  ///
  /// Saturates at the end of the range (292 years). A rate of 0 counts as 1 Hz; above 9.2 GHz the part of a
  /// second is rounded to 2⁻³² of itself.
  public func nanoseconds(_ ticks: Ticks) -> Nanoseconds {
    let rate = rawValue == 0 ? 1 : rawValue
    let seconds = ticks.rawValue / rate
    let rest = ticks.rawValue % rate
    let fraction =
      rate <= 9_200_000_000
      ? (rest &* 1_000_000_000 &+ rate / 2) / rate
      : ((rest / (rate &>> 32 &+ 1)) &* 1_000_000_000) / (rate / (rate &>> 32 &+ 1))
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carried) = whole.addingReportingOverflow(fraction)
    guard !overflow, !carried, let value = Int64(exactly: sum) else { return Nanoseconds(.max) }
    return Nanoseconds(value)
  }

  /// The whole ticks in `span`, rounded to the nearest (above 18 GHz: the part of a second to whole
  /// microseconds).
  ///
  /// A negative span gives 0; too long a one saturates.
  public func ticks(_ span: Nanoseconds) -> Ticks {
    guard span.rawValue > 0 else { return .zero }
    let nanoseconds = UInt64(span.rawValue)
    let (whole, overflow) = (nanoseconds / 1_000_000_000).multipliedReportingOverflow(by: rawValue)
    let part = nanoseconds % 1_000_000_000
    let rest =
      rawValue <= 18_000_000_000
      ? (part &* rawValue &+ 500_000_000) / 1_000_000_000
      : part / 1_000 &* (rawValue / 1_000_000)
    let (sum, carried) = whole.addingReportingOverflow(rest)
    return Ticks(overflow || carried ? .max : sum)
  }
}
