/// Sixteen bytes b0 to b15: a seed, a challenge or half a digest. Four data objects carry them, each the big-endian
/// reading of four bytes (Xiaomi 3.4).
public struct XiaomiOctets: Hashable, Sendable {
  /// Bytes 0 to 3, 4 to 7, 8 to 11 and 12 to 15, the first byte of each highest: the objects as on the wire.
  public var first, second, third, fourth: UInt32

  @inlinable public init(_ first: UInt32, _ second: UInt32, _ third: UInt32, _ fourth: UInt32) {
    self.first = first
    self.second = second
    self.third = third
    self.fourth = fourth
  }

  /// Sixteen zeros.
  @inlinable public static var zero: XiaomiOctets { XiaomiOctets(0, 0, 0, 0) }

  /// Reads the first four words; `nil` where there are fewer.
  public init?(_ words: XiaomiWords) {
    guard words.count >= 4 else { return nil }
    self.init(words[0], words[1], words[2], words[3])
  }

  /// Reads 16 bytes from `offset` on; `nil` where there are fewer.
  public init?(_ bytes: Span<UInt8>, at offset: Int = 0) {
    guard offset >= 0, offset <= bytes.count, bytes.count &- offset >= 16 else { return nil }
    var read = XiaomiOctets.zero
    for index in 0..<16 { read[index] = bytes[offset &+ index] }
    self = read
  }

  /// Byte `index`, 0 to 15; 0 past the end, where setting does nothing.
  public subscript(index: Int) -> UInt8 {
    get {
      guard index >= 0, index < 16 else { return 0 }
      return UInt8(truncatingIfNeeded: word(index >> 2) &>> XiaomiOctets.shift(index))
    }
    set {
      guard index >= 0, index < 16 else { return }
      let shift = XiaomiOctets.shift(index)
      let changed = word(index >> 2) & ~(0xFF &<< shift) | UInt32(newValue) &<< shift
      switch index >> 2 {
      case 0: first = changed
      case 1: second = changed
      case 2: third = changed
      default: fourth = changed
      }
    }
  }

  /// The four words.
  public var words: XiaomiWords {
    var words = XiaomiWords()
    for index in 0..<4 { words.append(word(index)) }
    return words
  }

  /// Whether both are the same, found in a time that does not depend on where they differ: for proofs.
  public func matches(_ other: XiaomiOctets) -> Bool {
    (first ^ other.first) | (second ^ other.second) | (third ^ other.third) | (fourth ^ other.fourth) == 0
  }

  private func word(_ index: Int) -> UInt32 {
    switch index {
    case 0: first
    case 1: second
    case 2: third
    default: fourth
    }
  }

  private static func shift(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: 8 &* (3 &- index & 3)) }
}
