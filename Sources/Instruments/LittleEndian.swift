extension Span where Element == UInt8 {
  /// The little-endian integer that starts at `offset`; `nil` where the bytes end before it does.
  package func littleEndian<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int) -> Value? {
    let size = Value.bitWidth / 8
    guard offset >= 0, size <= count, offset <= count - size else { return nil }
    var value: Value = 0
    for index in 0..<size {
      value |= Value(truncatingIfNeeded: self[offset + index]) &<< Value(truncatingIfNeeded: 8 * index)
    }
    return value
  }

  /// A copy of the bytes in `range`, cut to what is there.
  package func bytes(_ range: Range<Int>) -> [UInt8] {
    let range = range.clamped(to: 0..<count)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    for index in range { bytes.append(self[index]) }
    return bytes
  }
}
