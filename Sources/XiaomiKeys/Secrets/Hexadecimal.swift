/// Hexadecimal digits, written and read as bytes.
enum Hexadecimal {
  /// What a digit in ASCII stands for; `nil` for any other byte.
  static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit &- UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit &- UInt8(ascii: "a") &+ 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit &- UInt8(ascii: "A") &+ 10
    default: nil
    }
  }

  /// The byte whose two digits stand at `offset`; `nil` where they do not.
  static func byte(_ text: Span<UInt8>, at offset: Int) -> UInt8? {
    guard offset >= 0, offset + 1 < text.count, let high = value(text[offset]),
      let low = value(text[offset + 1])
    else { return nil }
    return high << 4 | low
  }

  /// The two digits of a byte.
  static func append(_ byte: UInt8, to text: inout [UInt8]) {
    for digit in [byte >> 4, byte & 15] {
      text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }
}
