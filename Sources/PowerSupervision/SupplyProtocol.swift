public import Quantities

/// What a protocol asks of the supply. Nobody but the `PowerSupervisor` speaks to the power stage.
public enum SupplyCommand: Equatable, Sendable {
  /// Take VBUS to vSafe0V and discharge it (detach, Hard Reset, role swap, shutdown). Answered by `.safe0V`.
  case off
  /// Put vSafe5V on VBUS, with at most this current. Answered by `.ready`.
  case on(Milliamperes)
  /// Go to this contract. Asked for once the Accept was acknowledged and tSrcTransition, where it applies, has passed.
  /// Answered by `.ready` as soon as VBUS is inside vSrcNew (or the like) and the full current is there.
  case transition(PowerContract)
}

/// What the supply says back.
public enum SupplyReport: Equatable, Sendable {
  /// VBUS is where the last `.on` or `.transition` wanted it.
  case ready
  /// VBUS is at vSafe0V after `.off`.
  case safe0V
  /// Something is wrong; VBUS is being taken down, whatever the protocol does.
  case fault(SupplyFault)
  /// A latched fault was cleared; `.on` works again.
  case recovered
  /// The supply gets hot: offer less, before it shuts down (§7.1.11).
  case temperatureWarning
  /// The temperature is normal again.
  case temperatureNormal
}

/// Why the supervisor took VBUS down.
public enum SupplyFault: UInt8, Equatable, Sendable {
  /// VBUS was above what the contract allows.
  case overVoltage
  /// VBUS was below what the contract allows.
  case underVoltage
  /// The sink drew more than the contract allows for longer than allowed.
  case overCurrent
  case overTemperature
  /// VBUS did not reach the contract's window in time (tSrcSettle, tPpsSrcTransLarge …).
  case settleTimeout
  /// VBUS did not come down to vSafe0V in time (tSafe0V).
  case dischargeTimeout
  /// No measurement came from the stage for too long.
  case stageSilent
  /// The stage reported a failure of its own.
  case stageFailure
  /// The protocol asked for what no contract allows; the stage was not touched, then VBUS was taken down.
  case illegalCommand
}

/// What the supervisor tells the power stage.
public enum StageCommand: Equatable, Sendable {
  /// Switch the output: off is high-ohmic.
  case output(Bool)
  /// Aim at this voltage.
  case voltage(Millivolts)
  /// Limit the current to this: a PPS supply holds it and lets the voltage fall, the others shut down.
  case currentLimit(Milliamperes)
  /// Pull VBUS down actively.
  case discharge(Bool)
}

/// What the power stage measures.
public struct StageMeasurement: Equatable, Sendable {
  /// VBUS at the connector.
  public var vbus: Millivolts
  /// Out of the port, positive.
  public var current: Milliamperes
  public var temperature: DegreesCelsius
  /// Whether the stage holds the current instead of the voltage (PPS current limit).
  public var isCurrentLimited: Bool

  public init(
    vbus: Millivolts, current: Milliamperes, temperature: DegreesCelsius = DegreesCelsius(25),
    isCurrentLimited: Bool = false
  ) {
    self.vbus = vbus
    self.current = current
    self.temperature = temperature
    self.isCurrentLimited = isCurrentLimited
  }
}
