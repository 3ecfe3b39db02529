import Quantities

/// What the supervisor is told. Whoever drives it measures at least once a millisecond in the states `.turningOn`,
/// `.changing` and `.discharging`, at least every `measurementTimeout` in `.steady`, and now and then in all others.
public enum SupervisorEvent: Equatable, Sendable {
  /// A protocol wants something.
  case command(SupplyCommand)
  /// The stage has measured.
  case measured(StageMeasurement)
  /// The stage reported a failure of its own, or its bus does not answer.
  case stageFailed
  /// Forget past faults and unlatch: a person, or the removal of the partner, ended their cause.
  case clearFault
  /// Nothing but time: `nextDeadline` has come.
  case timeout
}

/// What is to be done.
public enum SupervisorAction: Equatable, Sendable {
  /// For the power stage.
  case stage(StageCommand)
  /// For the protocol.
  case report(SupplyReport)
}

/// Where the supply is.
public enum SupervisorState: UInt8, Equatable, Sendable {
  /// The output is off; VBUS belongs to nobody, or to the partner. Stable.
  case off
  /// The output is off and VBUS is on its way down to vSafe0V.
  case discharging
  /// The output is on and VBUS is on its way up from vSafe0V to vSafe5V.
  case turningOn
  /// VBUS is where the contract wants it. Stable as long as the stage measures.
  case steady
  /// VBUS is on its way from one contract to the next.
  case changing
  /// A fault was found; VBUS is on its way down to vSafe0V.
  case faultDischarging
  /// The output is off after a fault until `retryDelay` has passed, VBUS is at vSafe0V and the temperature is normal.
  case faultHeld
  /// The output is off until `.clearFault`. Stable.
  case faultLatched

  /// Whether the output is on.
  @inlinable public var isOn: Bool { self == .turningOn || self == .steady || self == .changing }
  /// Whether a fault keeps the output off.
  @inlinable public var isFaulted: Bool { rawValue >= SupervisorState.faultDischarging.rawValue }
}

/// What is to be done and has not been fetched: the newest command of each kind and a bit for each kind of report.
///
/// Newer commands replace older ones of their kind, so nothing overflows when nobody fetches, and a command to switch
/// off is always handed out first.
struct PendingActions: Equatable, Sendable {
  private var bits: UInt16 = 0
  private var voltage = Millivolts.zero
  private var currentLimit = Milliamperes.zero
  private var fault = SupplyFault.illegalCommand

  private enum Bit {
    static var outputOff: UInt16 { 1 << 0 }
    static var discharge: UInt16 { 1 << 1 }
    static var noDischarge: UInt16 { 1 << 2 }
    static var currentLimit: UInt16 { 1 << 3 }
    static var voltage: UInt16 { 1 << 4 }
    static var outputOn: UInt16 { 1 << 5 }
    static var fault: UInt16 { 1 << 6 }
    static var recovered: UInt16 { 1 << 7 }
    static var safe0V: UInt16 { 1 << 8 }
    static var ready: UInt16 { 1 << 9 }
    static var temperatureWarning: UInt16 { 1 << 10 }
    static var temperatureNormal: UInt16 { 1 << 11 }
  }

  private mutating func set(_ bit: UInt16, insteadOf others: UInt16) { bits = bits & ~others | bit }

  mutating func add(_ command: StageCommand) {
    switch command {
    case .output(false): set(Bit.outputOff, insteadOf: Bit.outputOn | Bit.voltage | Bit.currentLimit)
    case .output(true): set(Bit.outputOn, insteadOf: Bit.outputOff)
    case .discharge(true): set(Bit.discharge, insteadOf: Bit.noDischarge)
    case .discharge(false): set(Bit.noDischarge, insteadOf: Bit.discharge)
    case .voltage(let value):
      voltage = value
      bits |= Bit.voltage
    case .currentLimit(let value):
      currentLimit = value
      bits |= Bit.currentLimit
    }
  }

  mutating func add(_ report: SupplyReport) {
    switch report {
    case .ready: set(Bit.ready, insteadOf: Bit.safe0V)
    case .safe0V: set(Bit.safe0V, insteadOf: Bit.ready)
    case .fault(let value):
      fault = value
      set(Bit.fault, insteadOf: Bit.ready | Bit.safe0V | Bit.recovered)
    case .recovered: bits |= Bit.recovered
    case .temperatureWarning: set(Bit.temperatureWarning, insteadOf: Bit.temperatureNormal)
    case .temperatureNormal: set(Bit.temperatureNormal, insteadOf: Bit.temperatureWarning)
    }
  }

  /// Takes back an answer that a newer command has overtaken.
  mutating func dropAnswers() { bits &= ~(Bit.ready | Bit.safe0V) }

  @inline(__always) mutating func take() -> SupervisorAction? { bits == 0 ? nil : takeLowest() }

  private mutating func takeLowest() -> SupervisorAction? {
    let bit = bits & (0 &- bits)
    bits &= ~bit
    switch bit {
    case Bit.outputOff: return .stage(.output(false))
    case Bit.discharge: return .stage(.discharge(true))
    case Bit.noDischarge: return .stage(.discharge(false))
    case Bit.currentLimit: return .stage(.currentLimit(currentLimit))
    case Bit.voltage: return .stage(.voltage(voltage))
    case Bit.outputOn: return .stage(.output(true))
    case Bit.fault: return .report(.fault(fault))
    case Bit.recovered: return .report(.recovered)
    case Bit.safe0V: return .report(.safe0V)
    case Bit.ready: return .report(.ready)
    case Bit.temperatureWarning: return .report(.temperatureWarning)
    case Bit.temperatureNormal: return .report(.temperatureNormal)
    default: return nil
    }
  }
}
