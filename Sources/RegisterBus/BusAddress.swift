/// The 7-bit address of a chip on an I2C bus, without the read/write bit.
public struct BusAddress: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  /// The low seven bits of `rawValue`.
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue & 0x7F }

  /// The first byte of a write transfer as it is on the bus.
  @inlinable public var writeByte: UInt8 { rawValue &<< 1 }

  /// The first byte of a read transfer as it is on the bus.
  @inlinable public var readByte: UInt8 { rawValue &<< 1 | 1 }
}
