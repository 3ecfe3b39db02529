/// Finds the next sample that differs from the last one in a watched line.
///
/// A type of its own and small, so that a call does not copy the scanner with its receivers.
struct SampleSearch {
  /// Bytes of a sample, 1 to 8.
  let unitSize: Int
  /// The bits of the watched lines.
  let mask: UInt64
  /// The watched bits of the last sample.
  var levels: UInt64 = 0

  /// The first unit from `place` on with a change, or `end`, which is a whole number of units away.
  @inline(__always) func next(_ place: UnsafeRawPointer, _ end: UnsafeRawPointer) -> UnsafeRawPointer {
    guard unitSize & (unitSize &- 1) == 0 else { return unsafe skipSamples(place, end) }
    return unsafe skipSamples(skipWords(skipBlocks(place, end), end), end)
  }

  /// The unit at `place`.
  @inline(__always) func sample(_ place: UnsafeRawPointer) -> UInt64 {
    switch unitSize {
    case 1: return UInt64(unsafe place.load(as: UInt8.self))
    case 2: return UInt64(unsafe UInt16(littleEndian: place.loadUnaligned(as: UInt16.self)))
    case 4: return UInt64(unsafe UInt32(littleEndian: place.loadUnaligned(as: UInt32.self)))
    case 8: return unsafe UInt64(littleEndian: place.loadUnaligned(as: UInt64.self))
    default:
      var value: UInt64 = 0
      for index in 0..<unitSize {
        let byte = unsafe place.load(fromByteOffset: index, as: UInt8.self)
        value |= UInt64(byte) &<< UInt64(truncatingIfNeeded: index &* 8)
      }
      return value
    }
  }

  /// `value`, which fits a unit, in every unit of a word; for units of 1, 2, 4 and 8 bytes.
  @inline(__always) private func spread(_ value: UInt64) -> UInt64 {
    switch unitSize {
    case 1: value &* 0x0101_0101_0101_0101
    case 2: value &* 0x0001_0001_0001_0001
    case 4: value &* 0x0000_0001_0000_0001
    default: value
    }
  }

  @inline(__always) private func word(_ place: UnsafeRawPointer) -> UInt64 {
    unsafe UInt64(littleEndian: place.loadUnaligned(as: UInt64.self))
  }

  /// The first block of 64 bytes from `place` with a change in it, or the last bytes before `end`.
  private func skipBlocks(_ place: UnsafeRawPointer, _ end: UnsafeRawPointer) -> UnsafeRawPointer {
    let watched = SIMD8<UInt64>(repeating: spread(mask).littleEndian)
    let same = SIMD8<UInt64>(repeating: spread(levels).littleEndian)
    var cursor = unsafe place
    while unsafe end - cursor >= 64 {
      let block = unsafe cursor.loadUnaligned(as: SIMD8<UInt64>.self)
      let changes = (block ^ same) & watched
      guard changes == .zero else { break }
      unsafe cursor += 64
    }
    return unsafe cursor
  }

  /// The first unit with a change, as far as whole words reach.
  private func skipWords(_ place: UnsafeRawPointer, _ end: UnsafeRawPointer) -> UnsafeRawPointer {
    let watched = spread(mask)
    let same = spread(levels)
    var cursor = unsafe place
    while unsafe end - cursor >= 8 {
      let changes = unsafe (word(cursor) ^ same) & watched
      guard changes == 0 else {
        return unsafe cursor + changes.trailingZeroBitCount / (8 &* unitSize) &* unitSize
      }
      unsafe cursor += 8
    }
    return unsafe cursor
  }

  /// The first unit with a change, or `end`.
  private func skipSamples(_ place: UnsafeRawPointer, _ end: UnsafeRawPointer) -> UnsafeRawPointer {
    var cursor = unsafe place
    while unsafe cursor < end, unsafe sample(cursor) & mask == levels { unsafe cursor += unitSize }
    return unsafe cursor
  }
}
