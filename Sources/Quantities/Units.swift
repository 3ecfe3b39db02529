// The units that the project measures in. One struct a unit, so that the compiler tells volts from amperes.

/// Electric potential in millivolts (mV).
public struct Millivolts: Quantity {
  public var rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int32) { rawValue = count }
}

/// Electric current in milliamperes (mA).
public struct Milliamperes: Quantity {
  public var rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int32) { rawValue = count }
}

/// Power in milliwatts (mW).
public struct Milliwatts: Quantity {
  public var rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int32) { rawValue = count }
}

/// Energy in milliwatt-hours (mWh); the standard counts batteries in steps of 0.1 Wh.
public struct MilliwattHours: Quantity {
  public var rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int32) { rawValue = count }
}

/// Resistance in milliohms (mΩ).
public struct Milliohms: Quantity {
  public var rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int32) { rawValue = count }
}

/// Temperature in whole degrees Celsius (°C).
public struct DegreesCelsius: Quantity {
  public var rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int32) { rawValue = count }
}

/// A share in per cent (%).
public struct Percent: Quantity {
  public var rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int32) { rawValue = count }
}

/// Slew rate of a load current in mA/µs.
public struct MilliamperesPerMicrosecond: Quantity {
  public var rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int32) { rawValue = count }
}

/// Bit rate of a line in bit/s.
public struct BitsPerSecond: Quantity {
  public var rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int32) { rawValue = count }
}

/// A span of time in nanoseconds (ns).
public struct Nanoseconds: Quantity {
  public var rawValue: Int64
  @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int64) { rawValue = count }
}

/// A span of time in microseconds (µs).
public struct Microseconds: Quantity {
  public var rawValue: Int64
  @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int64) { rawValue = count }
}

/// A span of time in milliseconds (ms).
public struct Milliseconds: Quantity {
  public var rawValue: Int64
  @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int64) { rawValue = count }
}

extension Nanoseconds {
  /// A span of whole microseconds; saturates at the ends of the range.
  @inlinable public init(_ span: Microseconds) {
    self.init(saturating: span.rawValue, times: 1_000)
  }

  /// A span of whole milliseconds; saturates at the ends of the range.
  @inlinable public init(_ span: Milliseconds) {
    self.init(saturating: span.rawValue, times: 1_000_000)
  }

  // Compared instead of multiplied with overflow: that would need the heap on a 32-bit core.
  @inlinable init(saturating count: Int64, times factor: Int64) {
    let limit = Int64.max / factor
    self.init(count > limit ? .max : count < -limit ? .min : count &* factor)
  }
}
