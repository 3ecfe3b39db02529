/// A physical quantity: an integer count of one unit, which its type names.
///
/// The project passes no bare integers across a public boundary. All quantities of floors 0 to 2 are integers, so
/// that a microcontroller without floating point computes exactly what a Linux machine computes.
public protocol Quantity: RawRepresentable, Comparable, Hashable, Sendable, AdditiveArithmetic
where RawValue: FixedWidthInteger & Sendable {
  init(rawValue: RawValue)
}

// Written once for each width: generic over the width, 64-bit code would need the heap on a 32-bit core.

extension Quantity where RawValue == Int32 {
  @inlinable public static var zero: Self { Self(rawValue: 0) }
  @inlinable public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// Adds; the result stays at the end of the range instead of overflowing.
  @inlinable public static func + (left: Self, right: Self) -> Self {
    let (sum, overflow) = left.rawValue.addingReportingOverflow(right.rawValue)
    return Self(rawValue: overflow ? (right.rawValue < 0 ? .min : .max) : sum)
  }

  /// Subtracts; the result stays at the end of the range instead of overflowing.
  @inlinable public static func - (left: Self, right: Self) -> Self {
    let (difference, overflow) = left.rawValue.subtractingReportingOverflow(right.rawValue)
    return Self(rawValue: overflow ? (right.rawValue < 0 ? .max : .min) : difference)
  }
}

extension Quantity where RawValue == Int64 {
  @inlinable public static var zero: Self { Self(rawValue: 0) }
  @inlinable public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// Adds; the result stays at the end of the range instead of overflowing.
  @inlinable public static func + (left: Self, right: Self) -> Self {
    let (sum, overflow) = left.rawValue.addingReportingOverflow(right.rawValue)
    return Self(rawValue: overflow ? (right.rawValue < 0 ? .min : .max) : sum)
  }

  /// Subtracts; the result stays at the end of the range instead of overflowing.
  @inlinable public static func - (left: Self, right: Self) -> Self {
    let (difference, overflow) = left.rawValue.subtractingReportingOverflow(right.rawValue)
    return Self(rawValue: overflow ? (right.rawValue < 0 ? .max : .min) : difference)
  }
}

extension Quantity where RawValue == UInt64 {
  @inlinable public static var zero: Self { Self(rawValue: 0) }
  @inlinable public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// Adds; the result stays at the end of the range instead of overflowing.
  @inlinable public static func + (left: Self, right: Self) -> Self {
    let (sum, overflow) = left.rawValue.addingReportingOverflow(right.rawValue)
    return Self(rawValue: overflow ? .max : sum)
  }

  /// Subtracts; the result stays at 0 instead of overflowing.
  @inlinable public static func - (left: Self, right: Self) -> Self {
    Self(rawValue: left.rawValue > right.rawValue ? left.rawValue &- right.rawValue : 0)
  }
}
