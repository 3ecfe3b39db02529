import ChargerSettings
import Quantities
import TestSupport
import Testing

@Suite struct PowerShareTests {
  private static func claims(_ list: [(Int32, Int32, Int)]) -> [PowerShare.Claim] {
    list.map {
      PowerShare.Claim(minimum: Milliwatts($0.0 * 1_000), wanted: Milliwatts($0.1 * 1_000), priority: $0.2)
    }
  }

  /// The budget, minimum / wanted / priority of each port, and what each gets, in W.
  @Test(
    arguments: [
      (60, [(15, 45, 1), (15, 45, 1)], [30, 30]), (60, [(15, 45, 2), (15, 45, 1)], [45, 15]),
      (60, [(15, 45, 1), (15, 15, 1)], [45, 15]), (100, [(15, 45, 1), (15, 45, 1)], [45, 45]),
      (30, [(15, 45, 1), (15, 45, 9)], [15, 15]), (65, [(5, 45, 1), (5, 27, 1), (5, 5, 1)], [33, 27, 5]),
    ] as [(Int32, [(Int32, Int32, Int)], [Int32])])
  func shares(_ budget: Int32, _ claims: [(Int32, Int32, Int)], _ expected: [Int32]) {
    let shares = PowerShare.share(Milliwatts(budget * 1_000), among: Self.claims(claims))
    #expect(shares == expected.map { Milliwatts($0 * 1_000) })
  }

  /// Whatever the ports want: never more than the budget, never less than the minimum, never more than wanted.
  @Test func boundsHoldForAnyClaims() {
    var generator = SeededGenerator(seed: 3)
    var kept = 0
    for _ in 0..<2_000 {
      let claims = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
        let minimum = Int32.random(in: 2_500...20_000, using: &generator)
        return PowerShare.Claim(
          minimum: Milliwatts(minimum),
          wanted: Milliwatts(Int32.random(in: minimum...100_000, using: &generator)),
          priority: Int.random(in: 0...3, using: &generator))
      }
      let least = claims.reduce(Milliwatts.zero) { $0 + $1.minimum }
      let budget = least + Milliwatts(Int32.random(in: 0...150_000, using: &generator))
      let shares = PowerShare.share(budget, among: claims)
      let isBounded = zip(shares, claims).allSatisfy { $0 >= $1.minimum && $0 <= $1.wanted }
      kept += isBounded && shares.reduce(.zero, +) <= budget ? 1 : 0
    }
    #expect(kept == 2_000)
  }
}
