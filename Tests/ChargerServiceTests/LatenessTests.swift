import ChargerService
import Quantities
import Testing

/// How late a port's work is done.
@Suite struct LatenessTests {
  @Test func quantiles() {
    var lateness = Lateness()
    #expect(lateness.quantile(500) == .zero)
    for microseconds in 1...1_000 { lateness.add(Nanoseconds(Int64(microseconds) * 1_000)) }
    #expect(lateness.count == 1_000 && lateness.most == Nanoseconds(1_000_000))
    // To the upper end of a class, which is at most a quarter of an octave wide.
    for perMille in [10, 500, 900, 990] {
      let exact = Int64(perMille) * 1_000
      let found = lateness.quantile(perMille).rawValue
      #expect(found >= exact && found <= exact * 5 / 4 + 1_000)
    }
    #expect(lateness.quantile(1_000) == lateness.most)
  }

  @Test func extremes() {
    var lateness = Lateness()
    for span in [Int64.min, -1, 0, 999, .max] { lateness.add(Nanoseconds(span)) }
    #expect(lateness.count == 5 && lateness.most == Nanoseconds(.max))
    #expect(lateness.quantile(600) <= Nanoseconds(2_000))
  }
}
