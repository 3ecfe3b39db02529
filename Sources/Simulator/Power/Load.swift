import PortEngine
public import Quantities

/// What hangs on VBUS: a current that follows what it may draw, within limits of its own.
public struct Load: Equatable, Sendable {
  /// How fast the current changes (iLoadStepRate allows 150 mA/µs; USB-PD R3.2 §7.4.2).
  public var slew: MilliamperesPerMicrosecond
  /// The input capacitors (cSnkBulkPd, at most 100 µF).
  public var capacitance: Microfarads
  /// Below this the charging chip is off and draws nothing.
  public var cutOff: Millivolts
  /// Where the chip starts to draw less rather than let the voltage fall further: what a current limit leads to.
  public var floor: Millivolts

  /// What it draws from `changed + ramp` on.
  private(set) var demand = Milliamperes.zero
  private var previous = Milliamperes.zero
  private var changed = Instant.zero

  public init() {
    slew = MilliamperesPerMicrosecond(100)
    capacitance = Microfarads(10)
    cutOff = Millivolts(3_000)
    floor = Millivolts(4_400)
  }

  /// Draws so much from now on.
  mutating func draw(_ current: Milliamperes, at now: Instant) {
    previous = self.current(at: now)
    demand = current
    changed = now
  }

  /// What it draws while it is not limited.
  @inline(__always) func current(at now: Instant) -> Milliamperes {
    let passed = (now - changed).rawValue
    let step = passed >= 1_000_000 ? Int32.max : Int32(passed &* Int64(slew.rawValue) / 1000)
    return previous < demand
      ? min(demand, previous + Milliamperes(step)) : max(demand, previous - Milliamperes(step))
  }

  mutating func reset() {
    demand = .zero
    previous = .zero
    changed = .zero
  }
}
