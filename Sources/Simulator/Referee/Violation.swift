public import PortEngine
public import Quantities

/// A rule that was broken, when, and by whom. Its text is made only when it is asked for.
public struct Violation: Equatable, Sendable, CustomStringConvertible {
  public var rule: Rule
  public var side: Side
  public var time: Instant
  /// The state of the side's policy engine, as far as it is known.
  public var state: PolicyState
  /// What was found and what was wanted: millivolts, nanoseconds, MessageIDs or message codes, as the rule has it.
  public var found: Int64
  public var wanted: Int64

  /// The stable code, such as `V03`.
  public var code: String { "\(rule.code)" }

  public var description: String {
    let microseconds = time.nanoseconds / 1_000
    return "\(rule.code) \(side) at \(microseconds) µs in \(state.name): \(rule.name) (\(rule.clause)); "
      + "found \(found), limit \(wanted)"
  }
}
