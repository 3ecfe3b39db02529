import LineCode
import PortEngine
import PowerDelivery
import Quantities
import Simulator
import Testing

private func at(_ microseconds: Int64) -> Instant { Instant(nanoseconds: microseconds * 1_000) }

@Suite("The TCPCI model against the register table")
struct TCPCIModelTests {
  /// A chip that is ready, as a sink on CC1, with a source of 3 A at the pin.
  private func sink(_ interface: TCPCIModel.Interface = .r2) -> TCPCIModel {
    var chip = TCPCIModel(interface)
    _ = chip.advance(to: at(12_000))
    chip.write([0xFF], to: 0x1F, at: at(12_000))
    chip.setPins(Millivolts(1_683), .zero, at: at(12_000))
    for (register, value): (UInt8, [UInt8]) in [
      (0x23, [0x33]), (0x19, [0x40]), (0x1A, [0x0E]), (0x2E, [0x04]), (0x2F, [0x21]), (0x12, [0xFF, 0xFF]),
    ] { chip.write(value, to: register, at: at(12_000)) }
    _ = chip.advance(to: at(13_000))
    chip.setVBUS(Millivolts(5_000), at: at(13_000))
    chip.write([0xFF, 0xFF], to: 0x10, at: at(13_000))
    return chip
  }

  private func alert(_ chip: inout TCPCIModel) -> UInt16 {
    let bytes = chip.read(2, from: 0x10, at: at(20_000))
    return UInt16(bytes[0]) | UInt16(bytes[1]) << 8
  }

  /// Lets the chip send until it is silent.
  /// - Returns: how many packets went out that are no GoodCRC, and when the last one ended.
  @discardableResult private func send(
    _ chip: inout TCPCIModel, from start: Int64, answer: (Int) -> [UInt8]? = { _ in nil }
  ) -> Int {
    var sent = 0
    for _ in 0..<24 {
      guard let due = chip.nextDeadline else { break }
      guard chip.advance(to: due) != nil else { continue }
      sent += 1
      chip.transmissionEnded(at: due + Nanoseconds(500_000))
      if let bytes = answer(sent) {
        chip.hear(.packet(.sop, FUSB302Model.packet(bytes)), isSound: true, at: due + Nanoseconds(900_000))
      }
    }
    return sent
  }

  @Test(
    "It is not ready at first, then says that it was reset, and what it is",
    arguments: [TCPCIModel.Interface.r1, .r2])
  func powerUp(_ interface: TCPCIModel.Interface) {
    var chip = TCPCIModel(interface)
    #expect(chip.read(1, from: 0x1E, at: .zero) == [0x40] && chip.read(2, from: 0x00, at: .zero) == [0, 0])
    chip.write([0x05], to: 0x1A, at: .zero)
    #expect(!chip.interruptIsLow && chip.termination(of: .cc1) == .rd)
    _ = chip.advance(to: at(12_000))
    #expect(
      chip.read(1, from: 0x1E, at: at(12_000)) == [0x00] && chip.read(1, from: 0x1F, at: at(12_000)) == [0x80]
    )
    #expect(chip.read(2, from: 0x00, at: .zero) + chip.read(2, from: 0x02, at: .zero) == bytes("C9 1F 10 51"))
    #expect(chip.read(2, from: 0x0A, at: .zero)[1] == (interface == .r1 ? 0x10 : 0x20))
    #expect(chip.interruptIsLow && chip.read(1, from: 0x1A, at: .zero) == [0x0A])
    #expect(chip.read(2, from: 0x72, at: .zero) == [0x8C, 0x00])
  }

  @Test("An alert for a fault comes again until the fault was cleared")
  func faultAlert() {
    var chip = sink()
    chip.raise(fault: 0x02)
    chip.write([0x00, 0x02], to: 0x10, at: at(14_000))
    #expect(alert(&chip) == 0x0200)
    chip.write([0x02], to: 0x1F, at: at(14_000))
    chip.write([0x00, 0x02], to: 0x10, at: at(14_000))
    #expect(alert(&chip) == 0 && !chip.interruptIsLow)
    chip.write([0x00], to: 0x15, at: at(14_000))
    chip.raise(fault: 0x02)
    #expect(alert(&chip) == 0)
  }

  @Test("A mask keeps an alert from the pin, not from the register")
  func masks() {
    var chip = sink()
    chip.write([0xFE, 0xFF], to: 0x12, at: at(14_000))
    chip.setPins(Millivolts(918), .zero, at: at(14_000))
    _ = chip.advance(to: at(14_300))
    #expect(!chip.interruptIsLow && alert(&chip) == 0x0001)
    chip.write([0xFF, 0xFF], to: 0x12, at: at(14_000))
    #expect(chip.interruptIsLow)
  }

  @Test(
    "Received vectors, and the next message only after the alert was cleared",
    arguments: [TCPCIModel.Interface.r1, .r2])
  func buffer(_ interface: TCPCIModel.Interface) {
    var chip = sink(interface)
    chip.fillByte = 0xEE
    let frames = [
      "1B 00 A1 63 2C 91 01 08 2C D1 02 00 2C C1 03 00 2C B1 04 00 45 41 06 00 3C 21 DC C0", "03 00 A6 03",
    ]
    for frame in frames.map({ bytes($0) }) {
      chip.hear(.packet(.sop, FUSB302Model.packet(Array(frame.dropFirst(2)))), isSound: true, at: at(14_000))
      send(&chip, from: 14_000)
    }
    for frame in frames.map({ bytes($0) }) {
      #expect(alert(&chip) & 0x0004 == 0x0004)
      if interface == .r2 {
        #expect(chip.read(frame.count, from: 0x30, at: at(20_000)) == frame)
        #expect(chip.read(frame.count + 2, from: 0x30, at: at(20_000)).suffix(2) == [0xEE, 0xEE])
        #expect(chip.read(1, from: 0x31, at: at(20_000)) == [0])
      } else {
        let head = chip.read(1, from: 0x30, at: at(20_000)) + chip.read(1, from: 0x31, at: at(20_000))
        let rest =
          chip.read(2, from: 0x32, at: at(20_000))
          + chip.read(max(0, frame.count - 4), from: 0x34, at: at(20_000))
        #expect(head + rest == frame)
        // A register ends where it ends.
        #expect(chip.read(4, from: 0x30, at: at(20_000)) == [frame[0], 0xEE, 0xEE, 0xEE])
      }
      chip.write([0x04, 0x00], to: 0x10, at: at(20_000))
    }
    #expect(alert(&chip) & 0x0004 == 0 && chip.read(1, from: 0x30, at: at(20_000)) == [0])
  }

  @Test("A third message is lost, said so, and not acknowledged")
  func overflow() {
    var chip = sink()
    var answers = 0
    for id in UInt8(0)..<3 {
      chip.hear(.packet(.sop, FUSB302Model.packet([0xA3, 0x01 | id << 1])), isSound: true, at: at(14_000))
      answers += send(&chip, from: 14_000)
    }
    #expect(answers == 2 && chip.received.count == 2 && chip.lostMessages == 1 && alert(&chip) & 0x0400 != 0)
  }

  @Test(
    "A message is acknowledged within 195 µs, with roles and revision of MESSAGE_HEADER_INFO and its MessageID",
    arguments: [
      (UInt8(0x04), OrderedSet.sop, bytes("81 02")), (0x0D, .sop, bytes("A1 03")),
      (0x0D, .sopPrime, bytes("81 02")), (0x02, .sop, bytes("41 02")),
    ])
  func goodCRC(_ info: UInt8, _ orderedSet: OrderedSet, _ header: [UInt8]) {
    var chip = sink()
    chip.write([info], to: 0x2E, at: at(14_000))
    chip.write([0x23], to: 0x2F, at: at(14_000))
    chip.hear(.packet(orderedSet, FUSB302Model.packet([0xA6, 0x03])), isSound: true, at: at(14_000))
    let due = chip.nextDeadline ?? .distantFuture
    #expect(due - at(14_000) <= Nanoseconds(195_000))
    let answer = chip.advance(to: due)
    #expect(answer == ChipTransmission(signal: .packet(orderedSet, FUSB302Model.packet(header)), pin: .cc1))
    // It can be read when its GoodCRC has left.
    #expect(alert(&chip) & 0x0004 == 0)
    chip.transmissionEnded(at: due)
    #expect(alert(&chip) & 0x0004 != 0)
  }

  @Test(
    "What RECEIVE_DETECT does not name is neither kept nor acknowledged; damaged packets are not",
    arguments: [true, false])
  func filter(_ isSound: Bool) {
    var chip = sink()
    if isSound {
      chip.hear(.packet(.sopPrime, FUSB302Model.packet([0xA6, 0x03])), isSound: true, at: at(14_000))
    }
    if !isSound {
      chip.hear(.packet(.sop, FUSB302Model.packet([0xA6, 0x03])), isSound: false, at: at(14_000))
    }
    #expect(chip.nextDeadline == nil && chip.received.isEmpty)
  }

  @Test(
    "The vector of a Request goes out, with as many retries as TRANSMIT says",
    arguments: [TCPCIModel.Interface.r1, .r2], [UInt8(0x00), 0x20, 0x30])
  func retries(_ interface: TCPCIModel.Interface, _ transmit: UInt8) {
    var chip = sink(interface)
    let vector = bytes("82 10 DC 70 03 23")
    if interface == .r2 {
      chip.write([6] + vector, to: 0x51, at: at(14_000))
    } else {
      chip.write([6], to: 0x51, at: at(14_000))
      chip.write(Array(vector[..<2]), to: 0x52, at: at(14_000))
      chip.write(Array(vector[2...]), to: 0x54, at: at(14_000))
    }
    chip.write([transmit], to: 0x50, at: at(14_000))
    var first = chip
    let start = first.nextDeadline ?? .distantFuture
    #expect(first.advance(to: start)?.signal == .packet(.sop, FUSB302Model.packet(vector)))
    #expect(send(&chip, from: 14_000) == 1 + Int(transmit >> 4) && alert(&chip) & 0x0070 == 0x0010)
  }

  @Test(
    "Only a GoodCRC with the MessageID of the packet ends it",
    arguments: [(UInt8(0x01), 2, UInt16(0x0040)), (0x03, 3, 0x0010)])
  func acknowledged(_ high: UInt8, _ sent: Int, _ result: UInt16) {
    var chip = sink()
    chip.write(bytes("02 82 00"), to: 0x51, at: at(14_000))
    chip.write([0x20], to: 0x50, at: at(14_000))
    let count = send(&chip, from: 14_000) { $0 == 2 ? [0x61, high] : nil }
    #expect(count == sent && alert(&chip) & 0x0070 == result)
  }

  @Test(
    "A packet is discarded where a message came in first: unread, while it waits, instead of its GoodCRC",
    arguments: 0..<3)
  func discarded(_ moment: Int) {
    var chip = sink()
    let packet = ChipSignal.packet(.sop, FUSB302Model.packet([0xA6, 0x03]))
    chip.write(bytes("02 82 00"), to: 0x51, at: at(14_000))
    if moment == 0 {
      chip.hear(packet, isSound: true, at: at(14_000))
      send(&chip, from: 14_000)
      chip.write([0x20], to: 0x50, at: at(15_000))
    } else {
      chip.setLine(busy: moment == 1)
      chip.write([0x20], to: 0x50, at: at(14_000))
      let begun = chip.advance(to: at(14_100))
      #expect((begun != nil) == (moment == 2))
      if moment == 2 { chip.transmissionEnded(at: at(14_600)) }
      chip.setLine(busy: false)
      chip.hear(packet, isSound: true, at: at(14_900))
    }
    #expect(alert(&chip) & 0x0070 == 0x0020)
    #expect(send(&chip, from: 15_000) == (moment == 0 ? 0 : 1) && alert(&chip) & 0x0004 != 0)
  }

  @Test("A Hard Reset reports both results and switches the receiver off; so does one that is received")
  func hardReset() {
    var chip = sink()
    chip.write([0x05], to: 0x50, at: at(14_000))
    #expect(send(&chip, from: 14_000) == 1 && alert(&chip) == 0x0050)
    #expect(chip.read(1, from: 0x2F, at: at(20_000)) == [0] && !chip.acknowledges)
    var other = sink()
    other.hear(.hardReset, isSound: true, at: at(14_000))
    #expect(alert(&other) == 0x0008 && !other.acknowledges)
    other.write([0x01], to: 0x2F, at: at(14_000))
    other.write([0x08, 0x00], to: 0x10, at: at(14_000))
    other.hear(.hardReset, isSound: true, at: at(14_000))
    #expect(alert(&other) == 0)
  }

  @Test(
    "A detach switches the receiver off; on r2 CC alerts have to be asked for",
    arguments: [(TCPCIModel.Interface.r2, UInt8(0x40), UInt16(1)), (.r2, 0, 0), (.r1, 0, 1)])
  func detach(_ interface: TCPCIModel.Interface, _ control: UInt8, _ expected: UInt16) {
    var chip = sink(interface)
    chip.write([control], to: 0x19, at: at(14_000))
    chip.setPins(.zero, .zero, at: at(14_000))
    _ = chip.advance(to: at(14_299))
    #expect(chip.read(1, from: 0x1D, at: at(14_299)) == [0x13] && chip.acknowledges)
    _ = chip.advance(to: at(14_300))
    #expect(
      chip.read(1, from: 0x1D, at: at(14_300)) == [0x10] && !chip.acknowledges && alert(&chip) == expected)
  }

  @Test(
    "CC_STATUS by termination and voltage",
    arguments: [
      (UInt8(0x0A), 421, 0, UInt8(0x11)), (0x0A, 0, 918, 0x18), (0x0A, 1_683, 0, 0x13), (0x05, 408, 80, 0x06),
      (0x15, 918, 3_300, 0x02), (0x25, 1_683, 330, 0x06), (0x25, 3_300, 3_300, 0x00), (0x0F, 1_683, 0, 0x00),
    ] as [(UInt8, Int32, Int32, UInt8)])
  func pins(_ role: UInt8, _ cc1: Int32, _ cc2: Int32, _ status: UInt8) {
    var chip = sink()
    chip.write([role], to: 0x1A, at: at(14_000))
    chip.setPins(Millivolts(cc1), Millivolts(cc2), at: at(14_000))
    _ = chip.advance(to: at(14_400))
    #expect(chip.read(1, from: 0x1D, at: at(14_400)) == [status])
  }

  @Test(
    "It looks for a partner in both roles by itself, and stops at the first",
    arguments: [(Int32(1_683), UInt8(0x13)), (408, 0x02)])
  func search(_ voltage: Int32, _ status: UInt8) {
    var chip = sink()
    chip.setPins(.zero, .zero, at: at(14_000))
    chip.write([0x4A], to: 0x1A, at: at(14_000))
    chip.write([0x99], to: 0x23, at: at(14_000))
    var seen: Set<String> = []
    for time in stride(from: Int64(15_000), to: 200_000, by: 5_000) {
      _ = chip.advance(to: at(time))
      let isSource = chip.termination(of: .cc1) != .rd
      seen.insert("\(chip.termination(of: .cc1)) \(chip.read(1, from: 0x1D, at: at(time))[0] & 0x20)")
      // The partner is there when the role fits it.
      let fits = time > 100_000 && isSource == (status == 0x02)
      chip.setPins(
        fits ? Millivolts(voltage) : isSource ? Millivolts(3_300) : .zero,
        isSource ? Millivolts(3_300) : .zero, at: at(time))
    }
    #expect(
      seen.count == 3 && chip.read(1, from: 0x1D, at: at(200_000)) == [status] && chip.nextDeadline == nil)
    chip.write([status == 0x02 ? 0x0D : 0x0E], to: 0x1A, at: at(200_000))
    #expect(chip.termination(of: .cc2) == .open)
  }

  @Test("VCONN is on the pin that does not speak, until it draws too much")
  func vconn() {
    var chip = sink()
    chip.write([0x0D], to: 0x1A, at: at(14_000))
    chip.write([0x01], to: 0x1C, at: at(14_000))
    #expect(chip.termination(of: .cc2) == .vconn && chip.read(1, from: 0x1E, at: at(14_000))[0] & 0x02 != 0)
    chip.overloadVCONN()
    #expect(chip.termination(of: .cc2) == .open && chip.read(1, from: 0x1F, at: at(14_000)) == [0x02])
    chip.write([0x00], to: 0x1C, at: at(14_000))
    chip.write([0x41], to: 0x19, at: at(14_000))
    chip.write([0x01], to: 0x1C, at: at(14_000))
    #expect(chip.termination(of: .cc1) == .vconn && chip.measuredPin == .cc2)
  }

  @Test("VBUS: presence, vSafe0V, measurement with its scale, thresholds and alarms")
  func vbus() {
    var chip = sink()
    #expect(
      chip.read(1, from: 0x1E, at: at(14_000)) == [0x0C] && chip.read(1, from: 0x20, at: at(14_000)) == [0])
    chip.write([0x00], to: 0x1C, at: at(14_000))
    let words = [Int32(5_000), 25_575, 28_000].map { voltage in
      chip.setVBUS(Millivolts(voltage), at: at(14_000))
      let bytes = chip.read(2, from: 0x70, at: at(14_000))
      return UInt16(bytes[0]) | UInt16(bytes[1]) << 8
    }
    #expect(words == [200, 1_023, 0x0400 | 560])
    chip.write([0x68, 0x01], to: 0x76, at: at(14_000))
    chip.write([0xA0, 0x00], to: 0x78, at: at(14_000))
    chip.setVBUS(Millivolts(5_000), at: at(14_000))
    chip.write([0xFF, 0xFF], to: 0x10, at: at(14_000))
    let found = [Int32(9_000), 3_900, 3_400, 500].map { voltage in
      chip.write([0xFF, 0xFF], to: 0x10, at: at(14_000))
      chip.setVBUS(Millivolts(voltage), at: at(14_000))
      return alert(&chip)
    }
    #expect(found == [0x0080, 0x0100, 0x0802, 0x0000])
    chip.write([0x01], to: 0x16, at: at(14_000))
    chip.setVBUS(Millivolts(1_000), at: at(14_000))
    #expect(alert(&chip) == 0x2000)
    chip.write([0x22], to: 0x23, at: at(14_000))
    chip.setVBUS(Millivolts(5_000), at: at(14_000))
    #expect(chip.read(1, from: 0x1E, at: at(14_000)) == [0x00])
  }

  @Test("A transfer that reaches beyond its register, or an unknown command, is an error of the bus")
  func strictness() {
    for (register, value): (UInt8, [UInt8]) in [
      (0x2E, [0x04, 0x21]), (0x23, [0x12]), (0x52, [0x82, 0x10]), (0x1D, [0]),
    ] {
      var chip = sink()
      chip.write(value, to: register, at: at(14_000))
      #expect(chip.read(1, from: 0x1F, at: at(14_000)) == [0x01] && alert(&chip) & 0x0200 != 0)
    }
  }
}
