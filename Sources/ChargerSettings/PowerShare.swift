public import Quantities

/// How the ports of a charger share its power.
public enum PowerShare {
  /// What a port has a right to, and what it could use.
  public struct Claim: Equatable, Sendable {
    /// What the port keeps in any case, so that a phone that comes is served at once.
    public var minimum: Milliwatts
    /// What it could use: its power while a phone is there; the minimum otherwise.
    public var wanted: Milliwatts
    /// Ports of a higher priority are served first, ports of the same share evenly.
    public var priority: Int

    public init(minimum: Milliwatts, wanted: Milliwatts, priority: Int) {
      self.minimum = minimum
      self.wanted = wanted
      self.priority = priority
    }
  }

  /// Offers are made in steps of this: less would renegotiate contracts for nothing.
  public static var step: Milliwatts { Milliwatts(500) }

  /// The power of each claim, in their order. Their sum never exceeds the budget, provided that the minimums do not.
  public static func share(_ budget: Milliwatts, among claims: [Claim]) -> [Milliwatts] {
    var shares = claims.map { min($0.minimum, max($0.wanted, $0.minimum)) }
    var left = budget - shares.reduce(.zero) { $0 + $1 }
    for priority in Set(claims.map(\.priority)).sorted(by: >) {
      fill(&shares, claims.indices.filter { claims[$0].priority == priority }, claims, &left)
    }
    return shares
  }

  /// Raises the lowest of `members` first until nothing is left or all have what they want.
  private static func fill(
    _ shares: inout [Milliwatts], _ members: [Int], _ claims: [Claim], _ left: inout Milliwatts
  ) {
    while left >= step {
      let open = members.filter { shares[$0] + step <= claims[$0].wanted }
      guard let lowest = open.min(by: { (shares[$0], $0) < (shares[$1], $1) }) else { return }
      shares[lowest] = shares[lowest] + step
      left = left - step
    }
  }
}
