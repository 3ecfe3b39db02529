import LineCode
import TestSupport
import Testing

@Suite struct CRC32Tests {
  @Test func checkValue() {
    #expect(CRC32(of: Array("123456789".utf8).span).value == 0xCBF4_3926)
  }

  /// GoodCRC of a sink, MessageID 1, as recorded: 41 02, CRC 97 0D B5 46 on the wire.
  @Test func aRecordedMessage() {
    #expect(CRC32(of: [0x41, 0x02].span).value == 0x46B5_0D97)
    #expect(CRC32(of: [0x41, 0x02, 0x97, 0x0D, 0xB5, 0x46].span).isResidual)
    #expect(!CRC32(of: [0x41, 0x03, 0x97, 0x0D, 0xB5, 0x46].span).isResidual)
  }

  /// Bit by bit from the polynomial, for every length up to 300 and every split.
  @Test func equalsTheDefinition() {
    var generator = SeededGenerator(seed: 7)
    var wrong: [Int] = []
    for count in 0..<300 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      var register: UInt32 = 0xFFFF_FFFF
      for byte in bytes {
        register ^= UInt32(byte)
        for _ in 0..<8 { register = register >> 1 ^ (register & 1 == 1 ? 0xEDB8_8320 : 0) }
      }
      let split = count == 0 ? 0 : Int.random(in: 0..<count, using: &generator)
      var sum = CRC32()
      sum.update(Array(bytes[..<split]).span)
      sum.update(Array(bytes[split...]).span)
      if sum.value != ~register || CRC32(of: bytes.span).value != ~register { wrong.append(count) }
    }
    #expect(wrong == [])
  }
}
