/// Text under construction as UTF-8 bytes.
///
/// Explaining every field of every message writes megabytes a second, which appending to a `String` does not keep up
/// with.
public struct TextBuffer {
  public private(set) var bytes: [UInt8] = []

  public init(capacity: Int = 4_096) { bytes.reserveCapacity(capacity) }

  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Forgets the text and keeps the memory.
  public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  @inline(__always) mutating func append(_ byte: UInt8) { bytes.append(byte) }

  mutating func append(_ text: StaticString) {
    unsafe bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func append(_ text: [UInt8]) { bytes.append(contentsOf: text) }

  mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// A whole number in decimal.
  mutating func append(_ number: some BinaryInteger) {
    if number < 0 { append(UInt8(ascii: "-")) }
    append(digits: UInt64(number.magnitude), least: 1)
  }

  /// `value` divided by 10 to the power of `places`, with trailing zeros cut down to `keep` decimals.
  mutating func append(decimal value: Int64, places: Int, keep: Int) {
    if value < 0 { append(UInt8(ascii: "-")) }
    var factor: UInt64 = 1
    for _ in 0..<places { factor *= 10 }
    append(digits: value.magnitude / factor, least: 1)
    var fraction = value.magnitude % factor
    var count = places
    while count > keep, fraction % 10 == 0 {
      fraction /= 10
      count -= 1
    }
    guard count > 0 else { return }
    append(UInt8(ascii: "."))
    append(digits: fraction, least: count)
  }

  /// `value` in hexadecimal with at least `digits` digits, upper case.
  mutating func append(hexadecimal value: UInt64, digits: Int) {
    let needed = max(digits, (64 - value.leadingZeroBitCount + 3) / 4, 1)
    for place in (0..<needed).reversed() {
      let digit = place < 16 ? UInt8(value >> UInt64(4 * place) & 15) : 0
      append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
    }
  }

  /// `value` in decimal with at least `least` digits, from the first digit on: nothing is written twice.
  private mutating func append(digits value: UInt64, least: Int) {
    var factor: UInt64 = 1
    var count = 1
    while count < 19, count < least || value / factor >= 10 {
      factor *= 10
      count += 1
    }
    while factor > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / factor % 10))
      factor /= 10
    }
  }

  /// A byte of the wire in hexadecimal, lower case.
  mutating func append(wireByte byte: UInt8) {
    for digit in [byte >> 4, byte & 15] {
      append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }

  private static let spaces: StaticString = "                                                                "

  /// Spaces, until as many characters as `width` (at most 64) stand behind byte `start`; at least `least` of them.
  mutating func pad(from start: Int, to width: Int, least: Int = 1) {
    var characters = bytes.count - start
    for index in start..<bytes.count where bytes[index] & 0xC0 == 0x80 { characters -= 1 }
    let count = min(max(least, width - characters), TextBuffer.spaces.utf8CodeUnitCount)
    unsafe bytes.append(
      contentsOf: UnsafeBufferPointer(start: TextBuffer.spaces.utf8Start, count: count))
  }
}
