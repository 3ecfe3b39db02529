public import PowerDelivery
public import Quantities

/// What a sink can take and what it wants. Change it at any time, then ask `.choosePower`.
public struct SinkPolicy: Equatable, Sendable {
  /// What the sink says in Sink_Capabilities; the first object is vSafe5V.
  public var capabilities: PowerDataObjectList
  /// What it adds in EPR_Sink_Capabilities, positions 8 to 11.
  public var eprCapabilities: PowerDataObjectList
  public var strategy: SinkStrategy
  /// Who chooses when capabilities come.
  public var evaluation: Evaluation
  /// The power that it needs; less is asked for with Capability Mismatch.
  public var operatingPower: Milliwatts
  /// Whether to enter EPR mode as soon as the source and its own strategy allow.
  public var entersEPR: Bool
  /// Revision 2.0: whether it can go down to `minimumPower` when asked by GotoMin.
  public var givesBack: Bool
  public var minimumPower: Milliwatts

  public enum Evaluation: UInt8, Equatable, Sendable {
    /// The strategy, as it is.
    case automatic
    /// The user is asked (`PortNotice.decisionNeeded(.capabilities)`) and sets the strategy; any decision goes on with it.
    case ask
  }

  public init(capabilities: PowerDataObjectList, strategy: SinkStrategy, operatingPower: Milliwatts) {
    self.capabilities = capabilities
    eprCapabilities = PowerDataObjectList()
    self.strategy = strategy
    evaluation = .automatic
    self.operatingPower = operatingPower
    entersEPR = false
    givesBack = false
    minimumPower = .zero
  }

  /// Wants nothing: for ports that are sources only.
  public static var none: SinkPolicy {
    SinkPolicy(
      capabilities: PowerDataObjectList(), strategy: .fixed(maximumVoltage: Millivolts(5_000)),
      operatingPower: .zero)
  }
}

/// How a sink chooses among what is offered.
public enum SinkStrategy: Equatable, Sendable {
  /// The fixed, variable or battery object of at most this voltage that gives most power; of equals, the lowest voltage.
  case fixed(maximumVoltage: Millivolts)
  /// This voltage from a PPS object, with at most this current; the best fixed object of at most this voltage otherwise.
  case pps(voltage: Millivolts, current: Milliamperes)
  /// This voltage from an AVS object (SPR, or EPR in EPR mode); the best fixed object of at most it otherwise.
  case avs(voltage: Millivolts, current: Milliamperes)
  /// The fixed, variable or battery object at this position, with what the operating power needs of it; vSafe5V where
  /// there is none.
  case object(UInt8)
  /// Exactly this request data object, whatever was offered: for testers and for users who choose by themselves.
  case raw(UInt32)
}
