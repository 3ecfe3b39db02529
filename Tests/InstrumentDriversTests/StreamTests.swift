import Instruments
import LineCode
import Quantities
import Simulator
import TestSupport
import Testing

@testable import InstrumentDrivers

/// The stream of a Twinkie and the clock of a stream by themselves.
@Suite struct StreamTests {
  private func packet(_ channel: Int, _ half: UInt16, _ sub: UInt16, time: UInt16) -> TwinkiePacket {
    TwinkiePacket(
      word: UInt16(channel) << 12 | half << 3 | sub, time: time, edges: [UInt8](repeating: 7, count: 60))
  }

  private func clocks(_ items: [TwinkieStream.Item]) -> [Int64] {
    items.compactMap { if case .clock(let time) = $0 { time.rawValue } else { nil } }
  }

  private func losses(_ items: [TwinkieStream.Item]) -> [TwinkieStream.Loss] {
    items.compactMap { if case .lost(_, let loss) = $0 { loss } else { nil } }
  }

  /// Half-buffers of the two channels may come a little out of order, and the 16 bits go round.
  @Test func clockOfBothChannels() {
    var stream = TwinkieStream()
    #expect(clocks(stream.take(packet(0, 0, 7, time: 10_000), at: .zero)) == [10_000])
    #expect(clocks(stream.take(packet(1, 0, 7, time: 9_990), at: .zero)) == [9_990])
    var other = TwinkieStream()
    #expect(clocks(other.take(packet(0, 0, 7, time: 65_000), at: .zero)) == [65_000])
    #expect(clocks(other.take(packet(1, 0, 7, time: 464), at: .zero)) == [66_000])
  }

  /// A half-buffer that is missing is seen however the channels count, even where the other channel has its number.
  @Test(arguments: [false, true]) func missingHalfBuffer(_ countsTogether: Bool) {
    var stream = TwinkieStream()
    var found: [TwinkieStream.Loss] = []
    var numbers: [UInt16] = [0, 0]
    for round in 0..<20 {
      for channel in 0..<2 {
        let half = countsTogether ? UInt16(2 * round + channel) : numbers[channel]
        numbers[channel] += 1
        if round == 12, channel == 0 { continue }
        for sub in 0..<8 as Range<UInt16> {
          let time = UInt16(truncatingIfNeeded: 51_200 * (round + 1) + channel)
          let host = Nanoseconds.milliseconds(51 * Int64(round))
          found += losses(stream.take(packet(channel, half, sub, time: time), at: host)).filter {
            $0 == .missing
          }
        }
      }
    }
    // Counted together, either channel may lack it.
    #expect(countsTogether ? (1...2).contains(found.count) : found.count == 1)
  }

  /// A packet that breaks off is reported once the line is still, not with the next one.
  @Test func brokenPacket() throws {
    var model = TwinkieModel()
    let edges = TwinkieModel.edges(.sop, [0xA3, 0x03], at: .milliseconds(60))
    model.show(Array(edges.prefix(edges.count - 20)), on: 0)
    model.advance(to: .milliseconds(300))
    var stream = TwinkieStream()
    var outcomes: [LineEvent.Outcome] = []
    while case .done(let bytes) = model.send(from: 0x83, capacity: 64) {
      for item in stream.take(try TwinkiePacket(bytes.span), at: .zero) {
        if case .transmission(0, let event, _, _) = item { outcomes.append(event.outcome) }
      }
    }
    guard case .damaged(let damage)? = outcomes.first else {
      Issue.record("\(outcomes)")
      return
    }
    #expect(outcomes.count == 1 && damage.reason == .wentIdle)
  }

  /// Arrivals that are up to 40 ms late: the least delay counts.
  @Test func leastDelay() {
    var generator = SeededGenerator(seed: 5)
    var clock = StreamClock()
    var jumps = 0
    for step in 0..<18_000 as Range<Int64> {
      let device = 10_000 * step
      let delay = Int64.random(in: 0...40_000_000, using: &generator)
      if clock.take(Microseconds(device), at: Nanoseconds(1000 * device + delay)) { jumps += 1 }
    }
    let end = Nanoseconds.milliseconds(180_000)
    let error = (clock.hostTime(of: end) ?? .zero) - end
    #expect(jumps == 0 && abs(error.rawValue) < 5_000_000, "\(error)")
  }
}
