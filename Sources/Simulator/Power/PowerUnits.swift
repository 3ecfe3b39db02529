public import Quantities

/// Capacitance in microfarads (µF).
public struct Microfarads: Quantity {
  public var rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int32) { rawValue = count }
}

/// A slope of voltage in µV/µs, which is V/s and mV/ms.
public struct MicrovoltsPerMicrosecond: Quantity {
  public var rawValue: Int32
  @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
  @inlinable public init(_ count: Int32) { rawValue = count }
}
