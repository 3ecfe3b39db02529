import LineCode
import PortEngine
import PowerDelivery
import Quantities
import Simulator
import Testing

@Suite("The FUSB302 model against the data sheet")
struct ModelTests {
  /// A chip set up as a sink on CC1, with a source of 3 A at the pin.
  private var sink: FUSB302Model {
    var chip = FUSB302Model()
    chip.setPins(Millivolts(1_683), .zero, at: .zero)
    chip.setVBUS(Millivolts(5_000), at: .zero)
    for (register, value): (UInt8, UInt8) in [
      (0x0B, 0x0F), (0x09, 0x05), (0x06, 0x00), (0x02, 0x07), (0x03, 0x25),
    ] {
      chip.write([value], to: register, at: .zero)
    }
    _ = chip.read(7, from: 0x3C, at: .zero)
    return chip
  }

  private func at(_ microseconds: Int64) -> Instant { Instant(nanoseconds: microseconds * 1_000) }

  @Test("Registers after power-up")
  func reset() {
    var chip = FUSB302Model()
    let values = chip.read(16, from: 0x01, at: .zero)
    #expect(values == bytes("91 03 20 31 60 24 00 02 06 00 01 00 0F 00 00 00"))
    #expect(chip.read(1, from: 0x41, at: .zero) == [0x28])
    #expect(chip.termination(of: .cc1) == .rd && chip.termination(of: .cc2) == .rd)
  }

  @Test("The vectors of received frames come out of FIFOS, whose address stays")
  func frames() {
    for text in [
      "E0 82 10 DC 70 03 23 32 CF 63 33", "E0 41 02 97 0D B5 46",
      "E0 A1 63 2C 91 01 08 2C D1 02 00 2C C1 03 00 2C B1 04 00 45 41 06 00 3C 21 DC C0 CD DD D7 89",
    ] {
      var chip = sink
      chip.hear(.packet(.sop, Array(bytes(text).dropFirst())), isSound: true, at: at(1_000))
      #expect(chip.read(bytes(text).count, from: 0x43, at: at(1_000)) == bytes(text))
      #expect(chip.read(1, from: 0x41, at: at(1_000)) == [0x28])
    }
  }

  @Test("A message is acknowledged within 195 µs, with roles of SWITCHES1 and its MessageID")
  func goodCRC() {
    var chip = sink
    chip.hear(.packet(.sop, FUSB302Model.packet([0xA6, 0x03])), isSound: true, at: at(1_000))
    let due = chip.nextDeadline ?? .distantFuture
    #expect(due - at(1_000) <= Nanoseconds(195_000))
    let answer = chip.advance(to: due)
    #expect(answer == ChipTransmission(signal: .packet(.sop, FUSB302Model.packet([0x41, 0x02])), pin: .cc1))
    #expect(!chip.interruptIsLow || chip.read(1, from: 0x3F, at: due) == [0x00])
    chip.transmissionEnded(at: due)
    #expect(chip.interruptIsLow && chip.read(1, from: 0x3F, at: due) == [0x01])
  }

  @Test("Get_Source_Cap_Extended is taken for a GoodCRC; its neighbours are not")
  func erratum() {
    let acknowledged = [UInt8(0x10), 0x11, 0x12].map { type in
      var chip = sink
      chip.hear(.packet(.sop, FUSB302Model.packet([0xA0 | type, 0x01])), isSound: true, at: at(1_000))
      return chip.nextDeadline != nil
    }
    #expect(acknowledged == [true, false, true])
  }

  @Test(
    "A packet goes out three times with two retries, then RETRYFAIL; a GoodCRC gives TXSENT",
    arguments: [true, false])
  func retries(_ isAnswered: Bool) {
    var chip = sink
    chip.write(bytes("12 12 12 13 82 42 00 FF 14 FE A1"), to: 0x43, at: at(0))
    var sent = 0
    for _ in 0..<20 {
      guard let due = chip.nextDeadline else { break }
      guard chip.advance(to: due) != nil else { continue }
      sent += 1
      chip.transmissionEnded(at: due + Nanoseconds(500_000))
      if isAnswered, sent == 2 {
        chip.hear(
          .packet(.sop, FUSB302Model.packet([0x61, 0x01])), isSound: true, at: due + Nanoseconds(900_000))
      }
    }
    let interrupts = chip.read(1, from: 0x3E, at: at(20_000))
    #expect(sent == (isAnswered ? 2 : 3))
    #expect(interrupts == [isAnswered ? 0x04 : 0x10])
    #expect(chip.read(1, from: 0x3C, at: at(20_000)) == [isAnswered ? 0x00 : 0x10])
  }

  @Test("A busy line is a collision, and nothing is sent")
  func collision() {
    var chip = sink
    chip.setLine(busy: true)
    chip.write(bytes("12 12 12 13 82 42 00 FF 14 FE A1"), to: 0x43, at: at(0))
    let begun = chip.advance(to: at(50))
    #expect(begun == nil && chip.read(1, from: 0x42, at: at(50))[0] & 0x02 == 0x02)
  }

  @Test("The receive FIFO holds 80 bytes; what comes then is lost")
  func overflow() {
    var chip = sink
    let long = FUSB302Model.packet([0xA1, 0x71] + [UInt8](repeating: 7, count: 28))
    for _ in 0..<3 { chip.hear(.packet(.sop, long), isSound: true, at: at(100)) }
    #expect(chip.receiveFIFO.count == 80 && chip.lostBytes == 3 * 35 - 80)
    #expect(chip.read(1, from: 0x41, at: at(100))[0] & 0x10 == 0x10)
    chip.write([0x02], to: 0x0C, at: at(200))
    #expect(chip.receiveFIFO.isEmpty)
  }

  @Test("Comparators show the pin, after they have settled")
  func comparators() {
    var chip = sink
    #expect(chip.read(1, from: 0x40, at: at(1_000))[0] & 0x03 == 3)
    chip.write([0x0B], to: 0x02, at: at(1_000))
    let early = chip.read(1, from: 0x40, at: at(1_100))[0] & 0x03
    let late = chip.read(1, from: 0x40, at: at(1_400))[0] & 0x03
    #expect([early, late] == [3, 0])
    // VBUS against MDAC: 5 V is at least 11 × 420 mV and not 12.
    let found = [UInt8(10), 11].map { code in
      chip.write([0x03], to: 0x02, at: at(2_000))
      chip.write([0x40 | code], to: 0x04, at: at(2_000))
      return chip.read(1, from: 0x40, at: at(2_400))[0] & 0x20
    }
    #expect(found == [0x20, 0x00])
  }

  @Test("Masks, the global mask, and reading clear the interrupt pin")
  func masks() {
    var chip = sink
    chip.setVBUS(.zero, at: at(10))
    let open = chip.interruptIsLow
    chip.write([0xA1], to: 0x0A, at: at(10))
    let masked = chip.interruptIsLow
    chip.write([0x00], to: 0x0A, at: at(10))
    chip.write([0x20], to: 0x06, at: at(10))
    let global = chip.interruptIsLow
    chip.write([0x00], to: 0x06, at: at(10))
    _ = chip.read(1, from: 0x42, at: at(10))
    #expect([open, masked, global, chip.interruptIsLow] == [true, false, false, false])
  }
}
