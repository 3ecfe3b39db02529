/// How the generated views read and write the bits of a word or of a block of bytes, also in the modules of vendors'
/// protocols.
///
/// Nothing here traps: positions come from the generator, which has checked them, and values are cut to the range of
/// the field.
public enum BitAccess {
  /// The bits of `mask`, shifted down by `first`.
  @inlinable public static func read(_ word: UInt32, _ first: UInt32, _ mask: UInt32) -> UInt32 {
    (word &>> first) & mask
  }

  @inlinable public static func read(_ word: UInt16, _ first: UInt32, _ mask: UInt32) -> UInt32 {
    read(UInt32(word), first, mask)
  }

  @inlinable public static func read(_ word: UInt8, _ first: UInt32, _ mask: UInt32) -> UInt32 {
    read(UInt32(word), first, mask)
  }

  /// Replaces a field; a value that is too wide becomes the largest one that fits.
  @inlinable public static func write(_ value: UInt32, to word: inout UInt32, _ first: UInt32, _ mask: UInt32)
  {
    word = (word & ~(mask &<< first)) | (min(value, mask) &<< first)
  }

  @inlinable public static func write(_ value: UInt32, to word: inout UInt16, _ first: UInt32, _ mask: UInt32)
  {
    var wide = UInt32(word)
    write(value, to: &wide, first, mask)
    word = UInt16(truncatingIfNeeded: wide)
  }

  @inlinable public static func write(_ value: UInt32, to word: inout UInt8, _ first: UInt32, _ mask: UInt32)
  {
    var wide = UInt32(word)
    write(value, to: &wide, first, mask)
    word = UInt8(truncatingIfNeeded: wide)
  }

  /// The code of a value = code × scale + offset: rounded down to the step, 0 below the range, and above it `mask`, or
  /// `saturated` where the codes up to `mask` have meanings of their own.
  @inlinable public static func code(
    _ value: Int32, mask: UInt32, scale: UInt32, offset: Int32 = 0, saturated: UInt32 = .max
  ) -> UInt32 {
    // The distance of two Int32 always fits UInt32.
    value <= offset
      ? 0
      : code(distance: UInt32(bitPattern: value &- offset), mask: mask, scale: scale, saturated: saturated)
  }

  /// The same for times, which have 64 bits.
  @inlinable public static func code(
    _ value: Int64, mask: UInt32, scale: UInt32, offset: Int64 = 0, saturated: UInt32 = .max
  ) -> UInt32 {
    let (distance, overflow) = value.subtractingReportingOverflow(offset)
    if overflow { return value < 0 ? 0 : min(saturated, mask) }
    if distance <= 0 { return 0 }
    if distance > 0xFFFF_FFFF { return min(saturated, mask) }
    return code(
      distance: UInt32(truncatingIfNeeded: distance), mask: mask, scale: scale, saturated: saturated)
  }

  /// The same for numbers without unit.
  @inlinable public static func code(
    _ value: UInt32, mask: UInt32, scale: UInt32, offset: UInt32 = 0, saturated: UInt32 = .max
  ) -> UInt32 {
    value <= offset ? 0 : code(distance: value &- offset, mask: mask, scale: scale, saturated: saturated)
  }

  @inlinable public static func code(distance: UInt32, mask: UInt32, scale: UInt32, saturated: UInt32)
    -> UInt32
  {
    let code = distance / max(scale, 1)
    return code > mask ? min(saturated, mask) : code
  }
}

extension InlineArray where Element == UInt8 {
  /// The bits of `mask`, shifted down by `shift`, of the little-endian integer in the `size` (at most 4) bytes from
  /// `first` on; 0 when one of the bytes is not below `limit`.
  @inlinable func read(_ first: Int, _ size: Int, _ shift: UInt32, _ mask: UInt32, limit: Int) -> UInt32 {
    guard first >= 0, size <= 4, first &+ size <= limit, first &+ size <= count else { return 0 }
    var word: UInt32 = 0
    for index in 0..<max(size, 0) { word |= UInt32(self[first &+ index]) &<< UInt32(8 &* index) }
    return BitAccess.read(word, shift, mask)
  }

  /// Replaces those bits; does nothing when one of the bytes is not below `limit`. A value that is too wide becomes the
  /// largest one that fits.
  @inlinable mutating func write(
    _ value: UInt32, _ first: Int, _ size: Int, _ shift: UInt32, _ mask: UInt32, limit: Int
  ) {
    guard first >= 0, size <= 4, first &+ size <= limit, first &+ size <= count else { return }
    var word = read(first, size, 0, .max, limit: limit)
    BitAccess.write(value, to: &word, shift, mask)
    for index in 0..<max(size, 0) {
      self[first &+ index] = UInt8(truncatingIfNeeded: word &>> UInt32(8 &* index))
    }
  }
}
