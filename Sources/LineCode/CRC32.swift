/// The CRC-32 that ends every packet (USB-PD R3.2 §5.6.5): reflected polynomial 0xEDB88320, initial value and final
/// XOR all ones, identical to IEEE 802.3. It is sent as a 32-bit little-endian value after the payload.
///
/// Hosts take eight bytes a step from 8 KiB of tables; Embedded builds take four bits a step from 64 bytes.
public struct CRC32: Sendable, Equatable {
  /// The shift register before the final XOR.
  @usableFromInline var register: UInt32 = 0xFFFF_FFFF

  /// An empty sum.
  @inlinable public init() {}

  /// The sum of `bytes`: header, extended header and payload in wire order.
  public init(of bytes: Span<UInt8>) { update(bytes) }

  /// The CRC of everything taken so far, as a value; its least significant byte goes first on the wire.
  @inlinable public var value: UInt32 { ~register }

  /// Whether what was taken so far is a message followed by its right CRC (residual 0xDEBB20E3 in this register).
  @inlinable public var isResidual: Bool { register == 0xDEBB_20E3 }

  #if hasFeature(Embedded)
    /// Takes one byte.
    public mutating func update(_ byte: UInt8) {
      let mixed = register ^ UInt32(byte)
      let low = (mixed &>> 4) ^ CRC32NibbleTable.entries[Int(mixed & 15)]
      register = (low &>> 4) ^ CRC32NibbleTable.entries[Int(low & 15)]
    }

    /// Takes bytes in wire order.
    public mutating func update(_ bytes: Span<UInt8>) {
      for index in bytes.indices { update(bytes[index]) }
    }
  #else
    /// Takes one byte.
    public mutating func update(_ byte: UInt8) {
      register = (register &>> 8) ^ CRC32SlicingTables.entries[Int((register ^ UInt32(byte)) & 255)]
    }

    /// Takes bytes in wire order.
    public mutating func update(_ bytes: Span<UInt8>) {
      var index = 0
      let count = bytes.count
      while count &- index >= 8 {
        let first = register ^ word(bytes, index)
        let second = word(bytes, index &+ 4)
        register = slice(first, 1024) ^ slice(second, 0)
        index &+= 8
      }
      if count &- index >= 4 {
        register = slice(register ^ word(bytes, index), 0)
        index &+= 4
      }
      while index < count {
        update(bytes[index])
        index &+= 1
      }
    }

    /// Four bytes from `index`, the first one least significant.
    @inline(__always) private func word(_ bytes: Span<UInt8>, _ index: Int) -> UInt32 {
      UInt32(bytes[index]) | UInt32(bytes[index &+ 1]) &<< 8 | UInt32(bytes[index &+ 2]) &<< 16
        | UInt32(bytes[index &+ 3]) &<< 24
    }

    /// The contribution of four bytes that stand `base / 256` bytes before the end of the step.
    @inline(__always) private func slice(_ word: UInt32, _ base: Int) -> UInt32 {
      let tables = CRC32SlicingTables.self
      return tables.entries[base &+ 768 &+ Int(word & 255)]
        ^ tables.entries[base &+ 512 &+ Int(word &>> 8 & 255)]
        ^ tables.entries[base &+ 256 &+ Int(word &>> 16 & 255)]
        ^ tables.entries[base &+ Int(word &>> 24)]
    }
  #endif
}
