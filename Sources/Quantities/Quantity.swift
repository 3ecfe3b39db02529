/// A physical quantity: an integer count of one unit, which its type names.
///
/// The project passes no bare integers across a public boundary. All quantities of floors 0 to 2 are integers, so
/// that a microcontroller without floating point computes exactly what a Linux machine computes.
public protocol Quantity: RawRepresentable, Comparable, Hashable, Sendable, AdditiveArithmetic
where RawValue: FixedWidthInteger & Sendable {
  init(rawValue: RawValue)
}

extension Quantity {
  public static var zero: Self { Self(rawValue: 0) }
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// Adds; the result stays at the end of the range instead of overflowing.
  public static func + (left: Self, right: Self) -> Self {
    let (sum, overflow) = left.rawValue.addingReportingOverflow(right.rawValue)
    return Self(rawValue: overflow ? (right.rawValue < 0 ? .min : .max) : sum)
  }

  /// Subtracts; the result stays at the end of the range instead of overflowing.
  public static func - (left: Self, right: Self) -> Self {
    let (difference, overflow) = left.rawValue.subtractingReportingOverflow(right.rawValue)
    return Self(rawValue: overflow ? (right.rawValue < 0 ? .max : .min) : difference)
  }
}
