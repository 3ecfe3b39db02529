public import PowerStages
public import PowerSupervision
public import Quantities
public import RegisterBus

/// The stage of a port that supplies nothing.
public struct NoStage: StageDriver {
  public init() {}
  public mutating func start(at now: Instant) throws(RegisterBusError) {}
  public mutating func perform(_ command: StageCommand, at now: Instant) throws(RegisterBusError) {}
  public mutating func measure(
    vbus: Millivolts?, current: Milliamperes?, at now: Instant
  ) throws(RegisterBusError) -> StageMeasurement? { nil }
}
