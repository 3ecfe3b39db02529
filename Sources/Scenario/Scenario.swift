public import ChargerSettings
public import Quantities
public import Simulator

/// A story to simulate: chargers and phones, what goes wrong and when, and what is expected to come of it.
public struct Scenario: Equatable, Sendable {
  /// What the scenario shows, in one line.
  public var title: String
  /// The seed of a run for which none is given.
  public var seed: UInt64
  /// How long a run lasts in virtual time.
  public var duration: Nanoseconds
  /// Whether a run ends before that, as soon as all phones have what they want: for many runs of a handshake.
  public var endsAtContract: Bool
  /// What all ports together may give.
  public var budget: Milliwatts
  public var links: [ScenarioLink]
  public var script: [ScriptStep]
  public var expectations: [Expectation]

  /// The number of a port by its name.
  func port(named name: String) -> Int? { links.firstIndex { $0.port.name == name } }
}

/// A port of the charger, a cable, and the phone that is plugged in by the script.
public struct ScenarioLink: Equatable, Sendable {
  public var port: PortSettings
  public var cable: Cable
  public var phone: PhoneSettings
  public var phoneMisbehaviours: MisbehaviourList
  public var chargerMisbehaviours: MisbehaviourList
  public var faults: FaultMix
  /// When the phone is plugged in for the first time; `nil` leaves it to the script.
  public var plugTime: Nanoseconds?
  /// Whether both ports take either power role, and what they answer; `nil` leaves them as they are.
  public var dualRole: DualRole?
  /// How many requests of every kind are made at times that follow from the seed.
  public var randomRequests = 0
}

/// How two ports that take either power role answer each other.
public enum DualRole: Equatable, Sendable {
  /// They agree to every swap and answer every question.
  case willing
  /// They refuse swaps, each in its own way, and say nothing of themselves.
  case reluctant
}

/// Something that the script does at a time.
public struct ScriptStep: Equatable, Sendable {
  public var time: Nanoseconds
  /// The number of the port.
  public var link: Int
  public var action: LinkAction
}
