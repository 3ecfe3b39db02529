import PowerDelivery
public import Quantities

/// The only way to VBUS: it decides what the power stage may do.
///
/// Never above the contract, never a step that the contract does not allow, 0 V on any fault, on a silent stage and on
/// `.off`. It has no clock and does no I/O. Whoever drives it hands in commands and measurements with their time,
/// does what `nextAction` says until it says nothing, and comes back at `nextDeadline` at the latest:
///
///     supervisor.handle(.measured(measurement), at: now)
///     while let action = supervisor.nextAction() { perform(action) }
///     sleep(until: supervisor.nextDeadline)
///
/// The rules are those of USB-PD R3.2 §7; `PowerSupervisor+Watch.swift` holds what is watched,
/// `SupervisorLimits` what the implementation chooses.
public struct PowerSupervisor: Sendable, Equatable {
  public let limits: SupervisorLimits

  public internal(set) var state = SupervisorState.off
  /// What VBUS keeps to, or is on its way to; `nil` while the output is off.
  public internal(set) var contract: PowerContract?
  /// Why VBUS was taken down; `nil` once the supply has recovered.
  public internal(set) var fault: SupplyFault?
  /// How many faults there were in a row; `limits.faultsUntilLatched` latch the supply off.
  public internal(set) var faultCount: UInt8 = 0
  /// Whether the temperature has reached the warning and not fallen far enough since.
  public internal(set) var isHot = false

  var pending = PendingActions()
  var watch = Watch()

  /// The end of what the state allows: settling, turning on, discharging, waiting for a new try.
  var stateDeadline = Instant.distantFuture
  /// When the next step of the ramp is due, and when the last one was made.
  var nextStep = Instant.distantFuture
  var lastStep = Instant.zero
  /// When the current limit of a contract with less current comes into force.
  var limitDue = Instant.distantFuture
  /// The earliest of all deadlines.
  var earliest = Instant.distantFuture

  /// The voltage that the stage was told last.
  var commanded = Millivolts.zero
  /// The voltage that the ramp leads to.
  var target = Millivolts.zero
  /// When the output was on and well for the first time since it was off.
  var onSince = Instant.distantFuture
  /// Turn on with this current as soon as VBUS is at vSafe0V.
  var turnOnAfterDischarge: Milliamperes?
  /// Whether a fault found an `.off` that has not been answered.
  var owesSafe0V = false
  /// Whether the fault was found while the output was off, so that what is on VBUS may be the partner's.
  var wasOffBeforeFault = false

  public init(_ limits: SupervisorLimits) { self.limits = limits }

  /// The next thing to do; `nil` when there is nothing.
  public mutating func nextAction() -> SupervisorAction? { pending.take() }

  /// When `handle(.timeout, at:)` is due at the latest; `nil` where only an event can move the supply.
  public var nextDeadline: Instant? { earliest == .distantFuture ? nil : earliest }

  /// Where VBUS may be at `now`: in a transition from the one contract to the other (§7.1.4: upwards not below the old
  /// window and not above the new one, downwards the reverse), otherwise around the contract, as far as a transient
  /// may lead. `nil` while the port leaves VBUS to the partner.
  public func allowedWindow(at now: Instant) -> VoltageWindow? {
    switch state {
    case .off: nil
    case .turningOn, .steady, .changing: watch.envelope(at: now)
    case .discharging, .faultDischarging:
      VoltageWindow(ElectricalLimits.vSrcNeg.minimum ?? .zero, watch.valid.highest)
    case .faultHeld, .faultLatched:
      VoltageWindow(
        ElectricalLimits.vSrcNeg.minimum ?? .zero, ElectricalLimits.vSafe0V.maximum ?? .zero)
    }
  }

  /// Takes what happened at `now`, then serves what is due.
  ///
  /// Total: any event is taken in any state. Events must come in the order of time; `now` may repeat.
  public mutating func handle(_ event: SupervisorEvent, at now: Instant) {
    // Overdue before the event happened: a late caller does not lift a limit.
    if earliest < now { serveDeadlines(at: now) }
    switch event {
    case .measured(let measurement): take(measurement, at: now)
    case .command(let command): take(command, at: now)
    case .stageFailed: fail(.stageFailure, at: now)
    case .clearFault: clearFault(at: now)
    case .timeout: break
    }
    if state.isOn || stateDeadline != .distantFuture { updateDeadline() } else { earliest = .distantFuture }
    if earliest <= now {
      serveDeadlines(at: now)
      updateDeadline()
    }
  }

  private mutating func updateDeadline() {
    earliest = min(stateDeadline, min(nextStep, limitDue))
    if state.isOn { earliest = min(earliest, watch.lastHeard + limits.measurementTimeout) }
  }

  private mutating func serveDeadlines(at now: Instant) {
    if state.isOn && watch.lastHeard + limits.measurementTimeout <= now { fail(.stageSilent, at: now) }
    if nextStep <= now { stepRamp(at: now) }
    if limitDue <= now { applyCurrentLimit() }
    guard stateDeadline <= now else { return }
    switch state {
    case .turningOn, .changing: fail(.settleTimeout, at: now)
    case .discharging: fail(.dischargeTimeout, at: now)
    case .faultDischarging: holdFault(at: now)
    case .faultHeld: tryToRecover(at: now)
    case .off, .steady, .faultLatched: stateDeadline = .distantFuture
    }
  }
}

// MARK: Commands

extension PowerSupervisor {
  private mutating func take(_ command: SupplyCommand, at now: Instant) {
    pending.dropAnswers()
    switch command {
    case .off: switchOff(at: now)
    case .on(let current): switchOn(current, at: now)
    case .transition(let next):
      guard !state.isFaulted else { return repeatFault() }
      guard state == .steady || state == .changing, limits.allow(next) else {
        return fail(.illegalCommand, at: now)
      }
      change(to: next, at: now)
    }
  }

  private mutating func switchOff(at now: Instant) {
    turnOnAfterDischarge = nil
    if state.isFaulted {
      owesSafe0V = true
      if state != .faultDischarging { answerSafe0VAfterFault() }
      return
    }
    let isAtRest = state == .off
    discharge(at: now)
    // What was measured while the output was off still holds; anything else must be measured anew.
    if isAtRest && watch.isFresh(limits, at: now) && watch.isAtSafe0V { finishDischarge(at: now) }
  }

  private mutating func switchOn(_ current: Milliamperes, at now: Instant) {
    guard !state.isFaulted else { return repeatFault() }
    let next = PowerContract.typeC(current)
    guard limits.allow(next) else { return fail(.illegalCommand, at: now) }
    switch state {
    case .steady, .changing: change(to: next, at: now)
    case .discharging: turnOnAfterDischarge = current
    case .turningOn:
      contract = next
      watch.follow(next, limits)
      pending.add(.currentLimit(limits.stageCurrentLimit(for: next)))
    default:
      // Somebody's charge is still on VBUS: first to vSafe0V.
      guard watch.isFresh(limits, at: now) && !watch.isAtSafe0V else { return turnOn(next, at: now) }
      discharge(at: now)
      turnOnAfterDischarge = current
    }
  }

  private mutating func repeatFault() {
    if let fault { pending.add(.fault(fault)) }
  }
}

// MARK: Ways of VBUS

extension PowerSupervisor {
  private mutating func turnOn(_ next: PowerContract, at now: Instant) {
    state = .turningOn
    contract = next
    watch.start(at: now)
    watch.follow(next, limits)
    watch.span(from: VoltageWindow(ElectricalLimits.vSrcNeg.minimum ?? .zero, .zero))
    stateDeadline = now + (Timing.srcTurnOn.maximum ?? .zero)
    onSince = .distantFuture
    command(next.voltage)
    target = next.voltage
    pending.add(.discharge(false))
    pending.add(.currentLimit(limits.stageCurrentLimit(for: next)))
    pending.add(.output(true))
  }

  private mutating func change(to next: PowerContract, at now: Instant) {
    let previous = contract ?? next
    let passed = watch.envelope(at: now)
    state = .changing
    contract = next
    watch.follow(next, limits)
    watch.span(from: passed)
    stateDeadline = now + (previous.settleTime(to: next).maximum ?? .zero)
    // The sink may draw by the old contract for tSnkNewPower after Accept; where no tSrcTransition was waited, that
    // reaches into the transition.
    let limit = limits.stageCurrentLimit(for: next)
    limitDue = .distantFuture
    if !next.limitsCurrent && next.current < previous.current {
      watch.tolerate(OverCurrentRule(previous, limits))
      limitDue = now + (Timing.snkNewPower.maximum ?? .zero)
      pending.add(.currentLimit(max(limit, limits.stageCurrentLimit(for: previous))))
    } else {
      pending.add(.currentLimit(limit))
    }
    target = next.aim
    pending.add(.discharge(target < commanded))
    guard let ramp = limits.ramp else { return command(target) }
    nextStep = commanded == target ? .distantFuture : max(now, lastStep + ramp.interval)
  }

  private mutating func stepRamp(at now: Instant) {
    guard let ramp = limits.ramp, state.isOn else {
      nextStep = .distantFuture
      return
    }
    let step = max(min(target - commanded, ramp.step), .zero - ramp.step)
    command(commanded + step)
    lastStep = now
    nextStep = commanded == target ? .distantFuture : now + ramp.interval
  }

  private mutating func command(_ voltage: Millivolts) {
    commanded = voltage
    pending.add(.voltage(voltage))
  }

  private mutating func applyCurrentLimit() {
    limitDue = .distantFuture
    guard let contract, state.isOn else { return }
    watch.follow(contract, limits)
    pending.add(.currentLimit(limits.stageCurrentLimit(for: contract)))
  }

  /// VBUS is where it was wanted.
  mutating func settle(at now: Instant) {
    if onSince == .distantFuture { onSince = now }
    state = .steady
    stateDeadline = .distantFuture
    watch.settle()
    pending.add(.discharge(false))
    pending.add(.ready)
  }

  private mutating func cutOff() {
    pending.add(.output(false))
    if state != .off { pending.add(.discharge(true)) }
    contract = nil
    commanded = .zero
    target = .zero
    nextStep = .distantFuture
    limitDue = .distantFuture
    turnOnAfterDischarge = nil
  }

  private mutating func discharge(at now: Instant) {
    state = .discharging
    cutOff()
    stateDeadline = now + (Timing.safe0V.maximum ?? .zero)
  }

  mutating func finishDischarge(at now: Instant) {
    state = .off
    stateDeadline = .distantFuture
    pending.add(.discharge(false))
    if let current = turnOnAfterDischarge {
      turnOnAfterDischarge = nil
      turnOn(.typeC(current), at: now)
    } else {
      pending.add(.safe0V)
    }
  }
}

// MARK: Faults

extension PowerSupervisor {
  mutating func fail(_ cause: SupplyFault, at now: Instant) {
    guard !state.isFaulted else { return }
    if onSince != .distantFuture && now - onSince >= limits.calmTime { faultCount = 0 }
    onSince = .distantFuture
    owesSafe0V = state == .discharging && turnOnAfterDischarge == nil
    wasOffBeforeFault = state == .off
    faultCount = faultCount == .max ? .max : faultCount &+ 1
    fault = cause
    cutOff()
    pending.add(.fault(cause))
    watch.forgetMeasurement()
    state = .faultDischarging
    stateDeadline = now + (Timing.safe0V.maximum ?? .zero)
    // Whoever holds VBUS up is stronger than the discharge, which is not built for more than this time; and what was
    // off may be the partner's.
    if cause == .dischargeTimeout || wasOffBeforeFault { holdFault(at: now) }
  }

  /// VBUS is at vSafe0V after a fault, or does not get there.
  mutating func holdFault(at now: Instant) {
    pending.add(.discharge(false))
    if faultCount >= limits.faultsUntilLatched {
      state = .faultLatched
      stateDeadline = .distantFuture
    } else {
      state = .faultHeld
      stateDeadline = now + retryDelay
    }
    answerSafe0VAfterFault()
  }

  mutating func answerSafe0VAfterFault() {
    guard owesSafe0V && watch.isAtSafe0V else { return }
    owesSafe0V = false
    pending.add(.safe0V)
  }

  private var retryDelay: Nanoseconds { max(limits.retryDelay, Nanoseconds(1_000_000)) }

  private mutating func tryToRecover(at now: Instant) {
    let isCool =
      fault != .overTemperature
      || watch.temperature < limits.temperatureShutdown - limits.temperatureHysteresis
    guard watch.isAtSafe0V || wasOffBeforeFault, isCool else {
      stateDeadline = now + retryDelay
      return
    }
    state = .off
    fault = nil
    stateDeadline = .distantFuture
    pending.add(.recovered)
  }

  private mutating func clearFault(at now: Instant) {
    faultCount = 0
    switch state {
    case .faultLatched:
      state = .faultHeld
      stateDeadline = now
    case .faultHeld: stateDeadline = now
    default: break
    }
  }
}

extension PowerContract {
  /// What the stage is told to aim at: the voltage, or the middle of a variable or battery supply.
  var aim: Millivolts {
    Millivolts(voltage.rawValue &+ (highestVoltage.rawValue &- voltage.rawValue) / 2)
  }
}
