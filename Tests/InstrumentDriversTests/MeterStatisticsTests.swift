import InstrumentDrivers
import Instruments
import Quantities
import Testing
import Trace

@Suite struct MeterStatisticsTests {
  private func statistics(
    _ points: [(Int64, Int32?, Int32?)], longestGap: Int64 = 2000
  ) -> MeterStatistics {
    var statistics = MeterStatistics(longestGap: Nanoseconds(Milliseconds(longestGap)))
    for (time, vbus, current) in points {
      statistics.add(
        TraceMeasurement(vbus: vbus.map { Millivolts($0) }, current: current.map { Milliamperes($0) }),
        at: Nanoseconds(Milliseconds(time)))
    }
    return statistics
  }

  /// An hour at 9 V and 2 A in steps of a second.
  @Test func steady() {
    let result = statistics((0...3600).map { ($0 * 1000, 9000, 2000) })
    #expect(result.charge == MicroampereHours(2_000_000) && result.energy == MicrowattHours(18_000_000))
    #expect(
      result.vbus == .init(minimum: Millivolts(9000), maximum: Millivolts(9000), mean: Millivolts(9000)))
    #expect(result.power?.mean == Milliwatts(18_000))
    #expect(result.count == 3601 && result.span == Nanoseconds(Milliseconds(3_600_000)))
    #expect(result.unmeasured == .zero)
  }

  /// Means are over time, not over measurements, and a value runs straight between two of them.
  @Test func slope() {
    let result = statistics([(0, 5000, 0), (1000, 5000, 1000), (1100, 5000, 1000), (1200, 9000, -500)])
    #expect(
      result.current
        == .init(minimum: Milliamperes(-500), maximum: Milliamperes(1000), mean: Milliamperes(521)))
    #expect(result.vbus?.mean == Millivolts(5167))
    // (500 + 100 + 25) mA·s; (2500 + 500 + 25) mW·s.
    #expect(result.charge == MicroampereHours(174) && result.energy == MicrowattHours(840))
    #expect(
      result.power == .init(minimum: Milliwatts(-4500), maximum: Milliwatts(5000), mean: Milliwatts(2521)))
  }

  /// What flows back is taken away.
  @Test func back() {
    let result = statistics([(0, 5000, 3600), (1000, 5000, 3600), (1001, 5000, -3600), (3001, 5000, -3600)])
    #expect(result.charge == MicroampereHours(-1000) && result.energy == MicrowattHours(-5000))
  }

  /// Nobody knows what was in a gap.
  @Test func gap() {
    let result = statistics(
      [(0, 5000, 1000), (1000, 5000, 1000), (3001, 9000, 3000), (4001, 9000, 3000)])
    #expect(result.unmeasured == Nanoseconds(Milliseconds(2001)))
    #expect(result.vbus?.mean == Millivolts(7000) && result.current?.mean == Milliamperes(2000))
    #expect(result.charge == MicroampereHours(1111))
    let whole = statistics(
      [(0, 5000, 1000), (1000, 5000, 1000), (3000, 9000, 3000), (4000, 9000, 3000)])
    #expect(whole.unmeasured == .zero && whole.charge == MicroampereHours(2222))
  }

  /// Quantities that come apart: each has its own way, power needs both at once.
  @Test func apart() {
    let result = statistics([(0, 5000, nil), (100, nil, 1000), (200, 5100, nil), (300, nil, 3000)])
    #expect(result.vbus?.mean == Millivolts(5050) && result.current?.mean == Milliamperes(2000))
    #expect(result.power == nil && result.energy == nil)
    #expect(result.charge == MicroampereHours(111))
  }

  @Test func littleOrNothing() {
    let none = statistics([])
    #expect(none.vbus == nil && none.charge == nil && none.energy == nil && none.span == .zero)
    let one = statistics([(500, 5000, -70)])
    #expect(one.vbus?.mean == Millivolts(5000) && one.power?.mean == Milliwatts(-350))
    #expect(one.charge == .zero && one.span == .zero)
    // Two at the same moment, and one that is older: no time passes.
    let same = statistics([(500, 5000, 1), (500, 6000, 1), (400, 7000, 1)])
    #expect(same.vbus == .init(minimum: Millivolts(5000), maximum: Millivolts(7000), mean: Millivolts(7000)))
    #expect(same.span == .zero)
  }

  /// The ends of every range, for years: nothing overflows.
  @Test func extremes() {
    let year: Int64 = 365 * 86_400_000
    let result = statistics(
      (0...10).map { ($0 * year, .max, .max) } + [(10 * year, .min, .min)], longestGap: 2 * year)
    #expect(result.vbus?.maximum == Millivolts(.max) && result.power?.maximum == Milliwatts(.max))
    #expect(result.charge == MicroampereHours(Int64(Int32.max) * 1000 * 87_600))
    #expect(result.energy == MicrowattHours(.max))
  }
}
