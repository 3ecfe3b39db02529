import Instruments
import LineCode
import Quantities
import TestSupport
import Testing

@Suite struct CY4500Tests {
  /// Record 7, 5 V as 421 counts, 1.0000 to 1.0005 s, a good SOP Request.
  private static let request =
    bytes("07000000 A5010000 40420F00 34440F00 82100080 2CB10411") + [UInt8](repeating: 0, count: 40)

  @Test func record() throws {
    let record = try #require(try CY4500Record(Self.request.span))
    #expect(record.number == 7 && record.vbusCount == 421)
    #expect(record.start == 1_000_000 && record.end == 1_000_500)
    #expect(record.header == 0x1082 && record.orderedSet == .sop && record.faults == .none)
    #expect(record.message == bytes("8210 2CB10411") && record.messageLength == 6)
    #expect(record.bytes == Self.request)
  }

  @Test(
    arguments: [
      (0, OrderedSet.sop), (1, .sopPrime), (2, .sopDoublePrime), (3, .sopPrimeDebug),
      (4, .sopDoublePrimeDebug),
      (5, .hardReset), (6, .cableReset), (7, nil), (8, nil), (15, nil),
    ] as [(UInt32, OrderedSet?)])
  func orderedSets(_ code: UInt32, _ set: OrderedSet?) {
    let record = CY4500Record(
      number: 0, vbusCount: 0, start: 0, end: 0, word: code << 16 | 0xFF00_FFFF | 0x2A << 20, data: [])
    #expect(record.orderedSet == set)
  }

  @Test func fields() {
    let record = CY4500Record(
      number: 0, vbusCount: 0, start: 0, end: 0, word: 0x5 << 28 | 2 << 26 | 0x2A << 20 | 0x1234, data: [])
    #expect(
      record.faults == [.idle, .crc] && record.kind == 2 && record.chunk == 0x2A && record.header == 0x1234)
    #expect(CY4500Record.Faults(rawValue: 2) == .endOfPacket && CY4500Record.Faults(rawValue: 8) == .none)
  }

  /// Objects by the header, bytes by the extended header where it is not chunked.
  @Test(
    arguments: [
      (0x0041, [], 2), (0x7041, [], 30), (0x9041, [0x1A, 0x80], 6), (0x8041, [0x1A, 0x00], 30),
      (0x8041, [0xFF, 0x01], 515), (0x8041, [], 4),
    ] as [(UInt32, [UInt8], Int)])
  func messageLength(_ header: UInt32, _ data: [UInt8], _ length: Int) {
    let record = CY4500Record(number: 0, vbusCount: 0, start: 0, end: 0, word: header, data: data)
    #expect(record.messageLength == length)
    #expect(record.message.count <= 46)
  }

  @Test func filler() throws {
    let fillers = [bytes("AAABACAD"), bytes("AAABACAD") + Self.request.dropFirst(4)]
    for filler in fillers { #expect(try CY4500Record(filler.span) == nil) }
    for count in [0, 3, 4, 63, 65] {
      let cut = Array((Self.request + [0]).prefix(count))
      #expect(throws: CY4500Error.length(count)) { try CY4500Record(cut.span) }
    }
  }

  @Test func samples() {
    let sample = CY4500Sample(time: 77, vbusCount: 1, cc1Count: 2, cc2Count: 3, currentCount: 4)
    #expect(sample.bytes == bytes("4D000000 0100 0200 0300 0400"))
    var none = sample
    none.time = 0
    var filler = sample
    filler.time = 0xADAC_ABAA
    let block = sample.bytes + none.bytes + filler.bytes + sample.bytes + sample.bytes + [9, 9, 9, 9]
    let two = block + block
    #expect(CY4500Sample.samples(block.span) == [sample, sample, sample])
    #expect(CY4500Sample.samples(two.span).count == 6)
    for (count, wanted) in [(0, 0), (11, 0), (12, 1), (48, 2), (60, 3)] {
      let cut = Array(block.prefix(count))
      #expect(CY4500Sample.samples(cut.span).count == wanted)
    }
  }

  @Test func scale() {
    #expect(
      CY4500Scale.epr.vbus(4096) == Millivolts(48_576)
        && CY4500Scale.standard.vbus(4096) == Millivolts(36_256))
    #expect(CY4500Scale.epr.vbus(.max) == Millivolts(.max))
    #expect(CY4500Scale.epr.cc(4096) == Millivolts(4048))
    #expect(CY4500Scale.epr.current(2048) == .zero)
    #expect(CY4500Scale.epr.current(2048 + 36) == Milliamperes(100))
    #expect(CY4500Scale.epr.current(2048 - 72) == Milliamperes(200))
  }

  @Test func commands() {
    #expect(CY4500Command.start.bytes == bytes("1000000004000000"))
    #expect(CY4500Command.stop.bytes == bytes("03000000") && CY4500Command.version.bytes == bytes("04000000"))
  }
}
