import LineCode
import Trace

extension TracePacket {
  /// A packet as an instrument reports it: with the CRC as a number where it gives one.
  init(heard set: OrderedSet?, _ bytes: [UInt8], crc: UInt32?) {
    let validity: Validity
    if let crc {
      validity = CRC32(of: bytes.span).value == crc ? .crcHolds : .crcWrong
    } else {
      validity = Self.shortcoming(bytes).map { .damaged(reason: $0) } ?? .notChecked
    }
    self.init(orderedSet: set, bytes: bytes, crc: crc, validity: validity)
  }

  /// A packet with the CRC behind it, where there is one: four bytes more than the header announces.
  init(heard set: OrderedSet?, withCRC bytes: [UInt8]) {
    guard bytes.count >= 2, bytes.count == Self.length(bytes) + 4 else {
      self.init(heard: set, bytes, crc: nil)
      return
    }
    let crc = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    self.init(heard: set, Array(bytes.dropLast(4)), crc: crc)
  }

  /// Header and objects, as the header says (bits 14:12; USB-PD R3.2 §6.2.1.1.2).
  private static func length(_ bytes: [UInt8]) -> Int { 2 + 4 * Int(bytes[1] >> 4 & 7) }

  private static func shortcoming(_ bytes: [UInt8]) -> String? {
    guard bytes.count >= 2 else { return "\(bytes.count) bytes are no header" }
    let expected = length(bytes)
    return bytes.count == expected
      ? nil : "\(bytes.count) bytes came, where the header announces \(expected)"
  }
}
