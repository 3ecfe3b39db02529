import PowerDelivery
public import PowerStages
public import PowerSupervision
public import Quantities

/// The supply of a source: the supervisor, the stage that does what it decides, and the plan of measurements.
///
/// A stage that fails, or whose bus does, is reported to the supervisor, which takes VBUS down; the stage is set up anew
/// when it answers again.
public struct PortSupply<Stage: StageDriver> {
  public private(set) var supervisor: PowerSupervisor
  public var stage: Stage
  /// What was measured last.
  public private(set) var measurement: StageMeasurement?
  /// What the stage was told.
  public private(set) var isOn = false
  public private(set) var isDischarging = true
  public private(set) var voltage = Millivolts.zero
  public private(set) var currentLimit = Milliamperes.zero
  /// Whether the stage has failed and was not set up since: whether its output is off is not known.
  public private(set) var isStageLost = true
  private var nextMeasurement = Instant.zero

  /// Between two measurements while VBUS is on its way, and while it is not.
  private static var quickInterval: Nanoseconds { Nanoseconds(1_000_000) }
  private static var calmInterval: Nanoseconds { Nanoseconds(20_000_000) }

  public init(stage: Stage, limits: SupervisorLimits) {
    self.stage = stage
    supervisor = PowerSupervisor(limits)
  }

  /// When `serve` is due at the latest.
  public var nextDeadline: Instant {
    min(nextMeasurement, supervisor.nextDeadline ?? .distantFuture)
  }

  /// Whether the output is off and VBUS is at vSafe0V, as far as the stage knows.
  public var isSafe: Bool {
    let limit = ElectricalLimits.vSafe0V.maximum ?? Millivolts(800)
    return !isStageLost && !isOn && (measurement.map { $0.vbus <= limit } ?? false)
  }

  /// Switches the output off and sets the stage up.
  public mutating func start(at now: Instant) {
    nextMeasurement = now
    do {
      try stage.start(at: now)
      isStageLost = false
    } catch {
      loseStage(at: now)
    }
  }

  /// A command of the protocol.
  mutating func perform(_ command: SupplyCommand, at now: Instant) {
    supervisor.handle(.command(command), at: now)
    nextMeasurement = min(nextMeasurement, now)
  }

  /// Lets the stage do what the supervisor has decided.
  /// - Returns: the next report for the protocol; `nil` when all is done.
  mutating func nextReport(_ clock: borrowing some PortClock) -> SupplyReport? {
    while let action = supervisor.nextAction() {
      switch action {
      case .stage(let command): perform(command, at: clock.now)
      case .report(let report): return report
      }
    }
    return nil
  }

  /// Does what is due: measures, and tells the supervisor that time has passed.
  mutating func serve(_ clock: borrowing some PortClock) {
    if nextMeasurement <= clock.now { measure(clock) }
    if let deadline = supervisor.nextDeadline, deadline <= clock.now {
      supervisor.handle(.timeout, at: clock.now)
    }
  }

  private mutating func perform(_ command: StageCommand, at now: Instant) {
    // The supervisor knows, and setting the stage up switches it off.
    guard !isStageLost else { return }
    do {
      try stage.perform(command, at: now)
    } catch {
      loseStage(at: now)
      return
    }
    switch command {
    case .output(let isOn): self.isOn = isOn
    case .discharge(let isDischarging): self.isDischarging = isDischarging
    case .voltage(let voltage): self.voltage = voltage
    case .currentLimit(let limit): currentLimit = limit
    }
  }

  private mutating func measure(_ clock: borrowing some PortClock) {
    let now = clock.now
    defer { nextMeasurement = clock.now + interval }
    do {
      // A stage that was lost may still be on: it is switched off before anything else is asked of it.
      if isStageLost {
        try stage.start(at: now)
        isStageLost = false
        isOn = false
      }
      measurement = try stage.measure(vbus: nil, current: nil, at: now)
      guard let measurement else {
        isOn = false
        supervisor.handle(.stageFailed, at: clock.now)
        return
      }
      supervisor.handle(.measured(measurement), at: clock.now)
    } catch {
      loseStage(at: now)
    }
  }

  private mutating func loseStage(at now: Instant) {
    isStageLost = true
    supervisor.handle(.stageFailed, at: now)
  }

  private var interval: Nanoseconds {
    switch supervisor.state {
    case .turningOn, .changing, .discharging, .faultDischarging: Self.quickInterval
    case .off, .steady, .faultHeld, .faultLatched: Self.calmInterval
    }
  }
}
