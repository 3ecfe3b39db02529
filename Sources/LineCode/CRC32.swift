/// The CRC-32 that ends every packet (USB-PD R3.2 §5.6.5): reflected polynomial 0xEDB88320, initial value
/// and final XOR all ones, identical to IEEE 802.3. It is sent as a 32-bit little-endian value after the
/// payload.
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

  /// Whether what was taken so far is a message followed by its right CRC (residual 0xDEBB20E3 in this
  /// register).
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
      unsafe bytes.withUnsafeBytes { raw in register = unsafe CRC32.advance(register, raw) }
    }

    private static func advance(_ start: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
      var register = start
      var left = bytes.count
      guard left > 0, var place = bytes.baseAddress else { return register }
      while left >= 8 {
        let word = unsafe UInt64(littleEndian: place.loadUnaligned(as: UInt64.self)) ^ UInt64(register)
        register =
          slice(UInt32(truncatingIfNeeded: word), 1024) ^ slice(UInt32(truncatingIfNeeded: word &>> 32), 0)
        unsafe place += 8
        left &-= 8
      }
      if left & 4 != 0 {
        let word = unsafe UInt32(littleEndian: place.loadUnaligned(as: UInt32.self)) ^ register
        register = slice(word, 0)
        unsafe place += 4
      }
      if left & 2 != 0 {
        let word = unsafe UInt32(UInt16(littleEndian: place.loadUnaligned(as: UInt16.self))) ^ register
        register =
          word &>> 16 ^ CRC32SlicingTables.entries[256 &+ Int(word & 255)]
          ^ CRC32SlicingTables.entries[Int(word &>> 8 & 255)]
        unsafe place += 2
      }
      if left & 1 != 0 {
        let byte = unsafe place.load(as: UInt8.self)
        register = register &>> 8 ^ CRC32SlicingTables.entries[Int((register ^ UInt32(byte)) & 255)]
      }
      return register
    }

    /// The contribution of four bytes that stand `base / 256` bytes before the end of the step.
    @inline(__always) private static func slice(_ word: UInt32, _ base: Int) -> UInt32 {
      let tables = CRC32SlicingTables.self
      return tables.entries[base &+ 768 &+ Int(word & 255)]
        ^ tables.entries[base &+ 512 &+ Int(word &>> 8 & 255)]
        ^ tables.entries[base &+ 256 &+ Int(word &>> 16 & 255)]
        ^ tables.entries[base &+ Int(word &>> 24)]
    }
  #endif
}
