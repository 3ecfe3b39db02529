import PowerStages
import Testing

@Suite("Modbus RTU")
struct ModbusTests {
  private static func bytes(_ frame: ModbusFrame) -> [UInt8] { (0..<frame.count).map { frame[$0] } }

  /// Frames with the checks that a table-driven computation of CRC-16/MODBUS gives for them.
  @Test(
    "Requests byte for byte",
    arguments: [
      (ModbusRequest.read(first: 0, count: 10), [0x01, 0x03, 0x00, 0x00, 0x00, 0x0A, 0xC5, 0xCD] as [UInt8]),
      (.read(first: 0, count: 1), [0x01, 0x03, 0x00, 0x00, 0x00, 0x01, 0x84, 0x0A]),
      (.write(1, 3), [0x01, 0x06, 0x00, 0x01, 0x00, 0x03, 0x98, 0x0B]),
      (
        .writeTwo(first: 1, 0x000A, 0x0102),
        [0x01, 0x10, 0x00, 0x01, 0x00, 0x02, 0x04, 0x00, 0x0A, 0x01, 0x02, 0x92, 0x30]
      ),
    ])
  func requests(_ request: ModbusRequest, _ expected: [UInt8]) {
    #expect(Self.bytes(request.frame(to: 1)) == expected)
  }

  private func outcome(_ request: ModbusRequest, _ answer: [UInt8]) -> (ModbusOutcome?, used: Int) {
    var receiver = ModbusReceiver(request, to: 1)
    for (index, byte) in answer.enumerated() {
      if let outcome = receiver.take(byte) { return (outcome, index + 1) }
    }
    return (nil, answer.count)
  }

  private static let vectors: [(ModbusRequest, [UInt8])] = [
    (.read(first: 8, count: 2), [0x01, 0x03, 0x04, 0x03, 0x84, 0x0B, 0xB8, 0xBD, 0x1C]),
    (.write(18, 1), [0x01, 0x06, 0x00, 0x12, 0x00, 0x01, 0xE8, 0x0F]),
    (.writeTwo(first: 8, 900, 3000), [0x01, 0x10, 0x00, 0x08, 0x00, 0x02, 0xC0, 0x0A]),
  ]

  @Test("Answers are there with their last byte", arguments: vectors)
  func answers(_ request: ModbusRequest, _ answer: [UInt8]) {
    let (outcome, used) = outcome(request, answer)
    guard case .done(let frame) = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
    #expect(Self.bytes(frame) == answer && used == answer.count)
  }

  @Test("A refusal names its reason", arguments: [UInt8(1), 2, 3, 4, 6])
  func refusal(_ code: UInt8) {
    let checks: [UInt8: [UInt8]] = [
      1: [0x83, 0xA0], 2: [0xC3, 0xA1], 3: [0x02, 0x61], 4: [0x43, 0xA3], 6: [0xC2, 0x62],
    ]
    let (outcome, used) = outcome(.write(18, 1), [0x01, 0x86, code] + (checks[code] ?? []))
    #expect(outcome == .refused(code) && used == 5)
  }

  /// It may be that to an older request, which comes late.
  @Test("An answer to another write is none")
  func otherWrites() {
    for older in [ModbusRequest.write(18, 0), .write(17, 1), .write(8, 900)] {
      let frame = older.frame(to: 1)
      let (outcome, used) = outcome(.write(18, 1), (0..<frame.count).map { frame[$0] })
      #expect(outcome == .garbled && used < 8)
    }
  }

  /// Nothing but the answer itself is taken for it.
  @Test("One bit that is wrong", arguments: vectors)
  func wrongBits(_ request: ModbusRequest, _ answer: [UInt8]) {
    for place in answer.indices {
      for bit in 0..<8 {
        var wrong = answer
        wrong[place] ^= 1 << bit
        let (outcome, _) = outcome(request, wrong)
        // With bit 7 of the function it is the length of a refusal whose check does not fit.
        #expect(outcome == .garbled, "byte \(place) bit \(bit)")
      }
    }
  }

  @Test("Any bytes give an outcome or wait for more, and nothing traps")
  func totality() {
    var value: UInt64 = 42
    var done = 0
    for _ in 0..<20_000 {
      value = value &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let kind = value >> 60 & 3
      let request: ModbusRequest =
        kind == 0 ? .write(18, 1) : .read(first: 0, count: UInt8(truncatingIfNeeded: value >> 20))
      var answer: [UInt8] = [1, kind == 0 ? 6 : 3]
      for shift in 0..<70 { answer.append(UInt8(truncatingIfNeeded: value >> (shift % 50))) }
      if case .done = outcome(request, answer).0 { done += 1 }
    }
    #expect(done == 0)
  }

  @Test("An answer that does not end fills no memory")
  func endless() {
    var receiver = ModbusReceiver(.read(first: 0, count: 255), to: 1)
    _ = receiver.take(1)
    _ = receiver.take(3)
    _ = receiver.take(58)
    let outcomes = (0..<1_000).compactMap { _ in receiver.take(0) }
    #expect(outcomes.first == .garbled)
  }
}
