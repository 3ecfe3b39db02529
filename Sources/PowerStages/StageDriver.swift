public import PowerSupervision
public import Quantities
public import RegisterBus

/// A converter behind a bus of registers as the power stage of a source.
///
/// It does what a `PowerSupervisor` decides, and nothing by itself but switching off.
public protocol StageDriver {
  /// Switches the output off and sets the stage up.
  /// - Throws: what the bus says; then the stage is in an unknown state, and is started again before anything else.
  mutating func start(at now: Instant) throws(RegisterBusError)

  /// Does what the supervisor decided.
  /// - Throws: what the bus says. The output must be taken for on until `start` has succeeded.
  mutating func perform(_ command: StageCommand, at now: Instant) throws(RegisterBusError)

  /// Asks the stage for faults and makes a measurement of what is known.
  /// - Parameters:
  ///   - vbus: what the board measures at the connector; `nil` where only the stage itself knows.
  ///   - current: what the board measures.
  /// - Returns: `nil` where the stage reports a fault: the output is off, and the supervisor is told `.stageFailed`.
  mutating func measure(
    vbus: Millivolts?, current: Milliamperes?, at now: Instant
  ) throws(RegisterBusError) -> StageMeasurement?
}
