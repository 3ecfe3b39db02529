public import Quantities

// Meters resolve finer than the units of the core; these are the units of their raw readings.

/// Electric potential in microvolts (µV), as meters report it.
public struct Microvolts: Quantity {
  public var rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int32) { rawValue = count }
}

/// Electric current in microamperes (µA), as meters report it.
public struct Microamperes: Quantity {
  public var rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int32) { rawValue = count }
}

/// Temperature in thousandths of a degree Celsius (m°C).
public struct MillidegreesCelsius: Quantity {
  public var rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int32) { rawValue = count }
}

/// Electric charge in microampere-hours (µAh).
public struct MicroampereHours: Quantity {
  public var rawValue: Int64
  @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int64) { rawValue = count }
}

/// Energy in microwatt-hours (µWh).
public struct MicrowattHours: Quantity {
  public var rawValue: Int64
  @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int64) { rawValue = count }
}

extension Millivolts {
  /// Rounds to the nearest millivolt, halves away from zero.
  public init(_ potential: Microvolts) { self.init(roundedThousandth(potential.rawValue)) }
}

extension Milliamperes {
  /// Rounds to the nearest milliampere, halves away from zero.
  public init(_ current: Microamperes) { self.init(roundedThousandth(current.rawValue)) }
}

private func roundedThousandth(_ value: Int32) -> Int32 {
  let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 1000)
  return remainder >= 500 ? quotient + 1 : remainder <= -500 ? quotient - 1 : quotient
}
