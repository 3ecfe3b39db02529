import Instruments
import LineCode
import Quantities
import TestSupport
import Testing

@Suite struct TwinkieTests {
  private static let edges = (0..<60).map { UInt8($0) }

  /// Overflow, CC2, half-buffer 0x155, sub-buffer 6, both unknown bits.
  @Test func packet() throws {
    let raw = [0xAE, 0xFA, 0x34, 0x12] + Self.edges
    let packet = try TwinkiePacket(raw.span)
    #expect(
      packet.hasOverflowed && packet.channel == 1 && packet.halfBuffer == 0x155 && packet.subBuffer == 6)
    #expect(packet.time == 0x1234 && packet.edges == Self.edges && packet.extra == nil)
    #expect(packet.bytes == raw)
  }

  @Test func longLayout() throws {
    let raw = [0x08, 0x00, 0x34, 0x12, 0x10, 0x27, 0xFE, 0xFF] + Self.edges.prefix(56)
    let packet = try TwinkiePacket(raw.span, layout: .long)
    #expect(packet.extra == TwinkiePacket.Extra(vbus: 10_000, offset: -2) && packet.edges.count == 56)
    #expect(packet.channel == 0 && packet.halfBuffer == 1 && packet.bytes == raw)
  }

  @Test(arguments: [0, 1, 63, 65, 128]) func length(_ count: Int) {
    #expect(throws: TwinkieError.length(count)) {
      try TwinkiePacket([UInt8](repeating: 0, count: count).span)
    }
  }

  /// Entries and the ticks that they make, as the rule is worded.
  @Test(
    arguments: [
      ([10, 14, 22], [4, 8]), ([10, 10, 14], [260]), ([250, 250, 2], [8]), ([250, 250, 250, 2], [264]),
      // The last count, written behind the roll-over.
      ([250, 250, 0xFF, 3], [5, 4]), ([0xFF, 3], [4]), ([10, 10, 10, 0xFF], [501]),
      ([10, 10, 10, 10], []), ([5], []), ([], []), ([200, 100], [156]),
    ] as [([UInt8], [UInt64])])
  func reconstruction(_ entries: [UInt8], _ ticks: [UInt64]) {
    var edges = TwinkieEdges()
    #expect(entries.compactMap { edges.take($0)?.rawValue } == ticks)
  }

  @Test func sinceEdge() {
    var edges = TwinkieEdges()
    #expect(edges.sinceEdge == .zero)
    for _ in 0..<4 { _ = edges.take(100) }
    // Three turns: the first 156 ticks after the edge.
    #expect(edges.sinceEdge == Ticks(668))
    edges.restart()
    #expect(edges.sinceEdge == .zero && edges.take(7) == nil && edges.take(9) == Ticks(2))
  }

  /// Any packets give items and never a trap, whatever their order, numbers and times.
  @Test func noise() throws {
    var generator = SeededGenerator(seed: 11)
    var stream = TwinkieStream()
    var count = 0
    for step in 0..<4000 {
      let bytes = (0..<64).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let packet = try TwinkiePacket(bytes.span, layout: step.isMultiple(of: 5) ? .long : .short)
      count += stream.take(packet, at: Nanoseconds(Int64.random(in: 0...(.max), using: &generator))).count
    }
    count += stream.finish().count
    #expect(count > 0)
  }
}
