/// One frame of Modbus RTU with its check, as it is on the line (Modbus over Serial Line V1.02 §2.5).
///
/// A value without heap. What does not fit is not kept: frames of the project are far shorter.
public struct ModbusFrame: Equatable, Sendable {
  /// The most bytes of a frame here; the standard allows 256.
  public static var capacity: Int { 64 }

  private var bytes = InlineArray<64, UInt8>(repeating: 0)
  public private(set) var count = 0

  public init() {}

  /// Byte `index`, counted from 0; 0 where there is none.
  public subscript(index: Int) -> UInt8 { index >= 0 && index < count ? bytes[index] : 0 }

  /// Two bytes, the high one first.
  func word(_ index: Int) -> UInt16 { UInt16(self[index]) &<< 8 | UInt16(self[index &+ 1]) }

  mutating func append(_ byte: UInt8) {
    guard count < ModbusFrame.capacity else { return }
    bytes[count] = byte
    count &+= 1
  }

  mutating func append(word: UInt16) {
    append(UInt8(truncatingIfNeeded: word &>> 8))
    append(UInt8(truncatingIfNeeded: word))
  }

  /// The check over the first `length` bytes: polynomial A001 from FFFF, its low byte first on the line (§6.2.2).
  func check(over length: Int) -> UInt16 {
    var check: UInt16 = 0xFFFF
    for index in 0..<min(max(0, length), count) {
      check ^= UInt16(bytes[index])
      for _ in 0..<8 { check = check & 1 == 1 ? check &>> 1 ^ 0xA001 : check &>> 1 }
    }
    return check
  }

  /// Whether the last two bytes are the check of those in front.
  var isIntact: Bool {
    guard count >= 4 else { return false }
    let check = check(over: count &- 2)
    return self[count &- 2] == UInt8(truncatingIfNeeded: check) && self[count &- 1] == UInt8(check &>> 8)
  }

  mutating func finish() {
    let check = check(over: count)
    append(UInt8(truncatingIfNeeded: check))
    append(UInt8(truncatingIfNeeded: check &>> 8))
  }

  public static func == (left: ModbusFrame, right: ModbusFrame) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left.bytes[index] != right.bytes[index] { return false }
    return true
  }
}
