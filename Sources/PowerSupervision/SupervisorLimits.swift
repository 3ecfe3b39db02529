import PowerDelivery
public import Quantities

/// What the power stage can bear and how it is watched: absolute limits that no contract lifts.
public struct SupervisorLimits: Equatable, Sendable {
  /// The highest voltage that may be asked of the stage; at most vEprMax.
  public var maximumVoltage: Millivolts
  /// The highest current of a contract.
  public var maximumCurrent: Milliamperes
  /// The highest power of a contract. A PPS object that says it is limited by power may exceed it: its current limit
  /// is lowered instead.
  public var maximumPower: Milliwatts
  /// A short circuit: one measurement above this takes VBUS down without debounce.
  public var shortCircuitCurrent: Milliamperes
  /// How far the current of a contract without current limit may be exceeded before it counts as over-current.
  public var overCurrentTolerance: Percent
  /// How long it may be exceeded. Two measurements at least this far apart, and all between them, must exceed it.
  public var overCurrentDebounce: Nanoseconds

  /// From here on the port is told to offer less.
  public var temperatureWarning: DegreesCelsius
  /// From here on VBUS is taken down.
  public var temperatureShutdown: DegreesCelsius
  /// How far the temperature must fall below either before the state is left.
  public var temperatureHysteresis: DegreesCelsius

  /// How long the stage may be silent while its output is on.
  public var measurementTimeout: Nanoseconds
  /// How a stage is led that jumps at once; `nil` for a stage that keeps the slew limits by itself.
  public var ramp: VoltageRamp?

  /// How many faults in a row latch the supply off until `.clearFault` (§7.1.7: no endless cycle of on and off).
  public var faultsUntilLatched: UInt8
  /// Faults are in a row unless the output was on without one for at least this long between them.
  public var calmTime: Nanoseconds
  /// How long VBUS stays off after a fault that does not latch. Shorter than tSrcRecover, so that the supply is ready
  /// when the Hard Reset that the fault brings about asks for vSafe5V. At least 1 ms; less is taken for that.
  public var retryDelay: Nanoseconds

  public init(voltage: Millivolts, current: Milliamperes, power: Milliwatts) {
    maximumVoltage = min(voltage, ElectricalLimits.vEprMax.maximum ?? voltage)
    maximumCurrent = current
    maximumPower = power
    shortCircuitCurrent = current + current
    overCurrentTolerance = Percent(10)
    overCurrentDebounce = Nanoseconds(3_000_000)
    temperatureWarning = DegreesCelsius(85)
    temperatureShutdown = DegreesCelsius(105)
    temperatureHysteresis = DegreesCelsius(10)
    measurementTimeout = Nanoseconds(100_000_000)
    ramp = nil
    faultsUntilLatched = 3
    calmTime = Nanoseconds(10_000_000_000)
    retryDelay = Nanoseconds(500_000_000)
  }
}

/// Steps by which a stage without slew of its own is led from one voltage to the next.
public struct VoltageRamp: Equatable, Sendable {
  public let step: Millivolts
  /// The least time between two steps.
  public let interval: Nanoseconds

  /// vSrcSlewPos, vSrcSlewNeg: a step of one millivolt takes at least this long (30 mV/µs, USB-PD R3.2 §7.4.1).
  public static var shortestTimePerMillivolt: Nanoseconds { Nanoseconds(34) }

  /// - Parameters:
  ///   - step: at least 1 mV and at most vSmallStep, 500 mV; a value outside is moved to the nearer end.
  ///   - interval: lengthened where the steps would exceed vSrcSlew.
  public init(step: Millivolts, interval: Nanoseconds) {
    let step = max(Millivolts(1), min(step, ElectricalLimits.vSmallStep.maximum ?? step))
    self.step = step
    self.interval = max(
      interval, Nanoseconds(VoltageRamp.shortestTimePerMillivolt.rawValue * Int64(step.rawValue)))
  }
}
