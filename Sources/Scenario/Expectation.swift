public import Quantities
import Settings
public import XiaomiCharge

/// What must come of a run.
public struct Expectation: Equatable, Sendable {
  /// The line of the file, for the verdict.
  public var line: Int
  /// The number of the port; `nil` means every port.
  public var port: Int?
  public var moment: Moment
  public var condition: Condition

  public enum Moment: Equatable, Sendable {
    /// At this time or before it at least once.
    case by(Nanoseconds)
    /// Exactly then.
    case at(Nanoseconds)
    /// When the run is over, of all of it.
    case overall
  }

  public enum Condition: Equatable, Sendable {
    /// An explicit contract of this voltage, and where given of at least this current.
    case contract(Millivolts, Milliamperes?)
    case noContract
    /// An explicit contract of at least this power.
    case power(Milliwatts)
    /// The charger trusts the phone at least so far (Xiaomi).
    case trust(XiaomiStage)
    /// The phone's battery is at least so full.
    case charge(Percent)
    case eprMode
    /// VBUS at the charger's connector within these voltages.
    case vbus(Millivolts, Millivolts)
    /// At most so many.
    case hardResets(Int)
    case softResets(Int)
    /// At least so many requests were answered with Reject or Wait.
    case refused(Int)
    /// Offers of all ports together, never above the budget. Always checked.
    case withinBudget
    /// No rule of the standard was broken by the charger. Always checked, unless the scenario says otherwise.
    case noViolations
  }
}

extension Expectation: CustomStringConvertible {
  public var description: String {
    let what =
      switch condition {
      case .contract(let voltage, let current):
        "a contract of \(voltage.settingsText)" + (current.map { " with at least \($0.settingsText)" } ?? "")
      case .noContract: "no contract"
      case .power(let power): "a contract of at least \(power.settingsText)"
      case .trust(let stage): "trust at the stage \(stage) or above"
      case .charge(let charge): "a battery at \(charge.rawValue) % or above"
      case .eprMode: "EPR mode"
      case .vbus(let low, let high): "VBUS from \(low.settingsText) to \(high.settingsText)"
      case .hardResets(let count): "at most \(count) Hard Resets"
      case .softResets(let count): "at most \(count) Soft Resets"
      case .refused(let count): "at least \(count) requests refused"
      case .withinBudget: "all contracts together within the budget"
      case .noViolations: "no rule broken"
      }
    return switch moment {
    case .by(let time): "\(what) by \(time.settingsText)"
    case .at(let time): "\(what) at \(time.settingsText)"
    case .overall: what
    }
  }
}
