import PowerDelivery
import Quantities

// What the supervisor looks at in every measurement (USB-PD R3.2 §7.1).

/// The limits that hold now, computed once a contract, and since when they are exceeded.
struct Watch: Equatable, Sendable {
  /// Where VBUS settles, and where transients may lead it.
  var settled = VoltageWindow(.zero, .zero)
  var valid = VoltageWindow(.zero, .zero)
  /// Where VBUS may be while it changes; the valid window otherwise.
  private var passing = VoltageWindow(.zero, .zero)
  /// Below this a PPS supply in current limit must not stay on (vPpsShutdown).
  private var shutdownVoltage = Millivolts.zero
  private var limitsCurrent = false
  private var overCurrent = OverCurrentRule.never

  var lastHeard = Instant.zero
  private var isMeasured = false
  private var vbus = Millivolts.zero
  private(set) var temperature = DegreesCelsius.zero

  private var aboveSince = Instant.distantFuture
  private var belowSince = Instant.distantFuture
  private var overCurrentSince = Instant.distantFuture
  /// Until then a PPS supply may still be coming out of current limit.
  private var recoversUntil = Instant.zero

  /// VBUS was measured last at vSafe0V.
  var isAtSafe0V: Bool { isMeasured && vbus <= ElectricalLimits.vSafe0V.maximum ?? .zero }

  func isFresh(_ limits: SupervisorLimits, at now: Instant) -> Bool {
    isMeasured && now - lastHeard <= limits.measurementTimeout
  }

  func envelope(at now: Instant) -> VoltageWindow {
    limitsCurrent && now <= recoversUntil
      ? VoltageWindow(min(shutdownVoltage, passing.lowest), passing.highest) : passing
  }

  mutating func forgetMeasurement() { isMeasured = false }

  /// The output goes on: from now on silence counts.
  mutating func start(at now: Instant) {
    lastHeard = now
    recoversUntil = .zero
    forgetExcesses()
  }

  mutating func follow(_ contract: PowerContract, _ limits: SupervisorLimits) {
    settled = contract.settledWindow
    valid = contract.validWindow
    limitsCurrent = contract.limitsCurrent
    overCurrent = OverCurrentRule(contract, limits)
    shutdownVoltage = contract.shutdownVoltage
    if !limitsCurrent { recoversUntil = .zero }
  }

  mutating func span(from window: VoltageWindow) {
    passing = window.spanning(valid)
    forgetExcesses()
  }

  /// Lets the sink draw by an older contract for now.
  mutating func tolerate(_ rule: OverCurrentRule) {
    overCurrent.threshold = max(overCurrent.threshold, rule.threshold)
    overCurrent.debounce = max(overCurrent.debounce, rule.debounce)
  }

  mutating func settle() {
    passing = valid
    aboveSince = .distantFuture
    belowSince = .distantFuture
  }

  private mutating func forgetExcesses() {
    aboveSince = .distantFuture
    belowSince = .distantFuture
    overCurrentSince = .distantFuture
  }

  /// Keeps what was measured.
  mutating func note(_ measurement: StageMeasurement, at now: Instant) {
    lastHeard = now
    isMeasured = true
    vbus = measurement.vbus
    temperature = measurement.temperature
    if limitsCurrent && measurement.isCurrentLimited {
      recoversUntil = now + (Timing.ppsCLCVTransient.maximum ?? .zero)
    }
  }

  /// Whether VBUS is too high: at once outside of what a transient allows, and in a contract that has settled above the
  /// settled window for longer than a transient may last.
  mutating func findsOverVoltage(_ measurement: StageMeasurement, isSettled: Bool, at now: Instant) -> Bool {
    if measurement.vbus > passing.highest { return true }
    let isAbove = isSettled && measurement.vbus > settled.highest
    return lasts(isAbove, &aboveSince, transient(measurement), at: now)
  }

  /// Whether VBUS is too low for longer than a transient may last.
  mutating func findsUnderVoltage(_ measurement: StageMeasurement, isSettled: Bool, at now: Instant) -> Bool {
    let span: Nanoseconds
    let isBelow: Bool
    if limitsCurrent && now <= recoversUntil {
      isBelow = measurement.vbus < min(shutdownVoltage, passing.lowest)
      span = Watch.shortTransient
    } else if measurement.vbus < passing.lowest {
      isBelow = true
      span = Watch.shortTransient
    } else {
      isBelow = isSettled && measurement.vbus < settled.lowest
      span = transient(measurement)
    }
    return lasts(isBelow, &belowSince, span, at: now)
  }

  /// Whether the sink draws too much for too long.
  mutating func findsOverCurrent(_ measurement: StageMeasurement, at now: Instant) -> Bool {
    let isOver =
      measurement.current > overCurrent.threshold || (measurement.isCurrentLimited && !limitsCurrent)
    return lasts(isOver, &overCurrentSince, overCurrent.debounce, at: now)
  }

  private func lasts(
    _ condition: Bool, _ since: inout Instant, _ span: Nanoseconds, at now: Instant
  ) -> Bool {
    guard condition else {
      since = .distantFuture
      return false
    }
    since = min(since, now)
    return now - since >= span && now > since
  }

  private func transient(_ measurement: StageMeasurement) -> Nanoseconds {
    measurement.current < Milliamperes(60) ? Watch.longTransient : Watch.shortTransient
  }

  private static var shortTransient: Nanoseconds {
    Timing.srcTransientLoadOfAtLeast60MA.maximum ?? .zero
  }
  private static var longTransient: Nanoseconds { Timing.srcTransientLoadBelow60MA.maximum ?? .zero }
}

extension OverCurrentRule {
  fileprivate static var never: OverCurrentRule {
    OverCurrentRule(threshold: Milliamperes(.max), debounce: .zero)
  }

  fileprivate init(threshold: Milliamperes, debounce: Nanoseconds) {
    self.threshold = threshold
    self.debounce = debounce
  }
}

extension PowerContract {
  /// The middle of vPpsShutdown, which is a share of the lowest voltage of the object (§7.1.4.2); 0 where there is no
  /// object.
  fileprivate var shutdownVoltage: Millivolts {
    guard case .sprPPS(let offer) = SourcePDO(rawValue: object) else { return .zero }
    let window = VoltageWindow(ElectricalLimits.vPpsShutdown, of: offer.minimumVoltage)
    return Millivolts((window.lowest.rawValue &+ window.highest.rawValue) / 2)
  }
}

extension PowerSupervisor {
  mutating func take(_ measurement: StageMeasurement, at now: Instant) {
    watch.note(measurement, at: now)
    watchTemperature(measurement.temperature, at: now)
    switch state {
    case .turningOn, .steady, .changing: watchOutput(measurement, at: now)
    case .discharging: if watch.isAtSafe0V { finishDischarge(at: now) }
    case .faultDischarging: if watch.isAtSafe0V { holdFault(at: now) }
    case .faultHeld, .faultLatched: answerSafe0VAfterFault()
    case .off: break
    }
  }

  private mutating func watchOutput(_ measurement: StageMeasurement, at now: Instant) {
    if measurement.current > limits.shortCircuitCurrent { return fail(.overCurrent, at: now) }
    let isSettled = state == .steady
    if watch.findsOverVoltage(measurement, isSettled: isSettled, at: now) {
      return fail(.overVoltage, at: now)
    }
    if watch.findsOverCurrent(measurement, at: now) { return fail(.overCurrent, at: now) }
    if watch.findsUnderVoltage(measurement, isSettled: isSettled, at: now) {
      return fail(.underVoltage, at: now)
    }
    guard !isSettled, commanded == target, isArrived(measurement) else { return }
    settle(at: now)
  }

  /// VBUS is where it was wanted. In current limit the load decides on the voltage, and PS_RDY is sent all the same
  /// (§7.1.4.2).
  private func isArrived(_ measurement: StageMeasurement) -> Bool {
    if watch.settled.contains(measurement.vbus) { return true }
    return state == .changing && measurement.isCurrentLimited && contract?.limitsCurrent == true
      && measurement.vbus <= watch.settled.highest
  }

  private mutating func watchTemperature(_ temperature: DegreesCelsius, at now: Instant) {
    if temperature >= limits.temperatureWarning {
      if !isHot { pending.add(.temperatureWarning) }
      isHot = true
    } else if isHot && temperature <= limits.temperatureWarning - limits.temperatureHysteresis {
      isHot = false
      pending.add(.temperatureNormal)
    }
    if temperature >= limits.temperatureShutdown { fail(.overTemperature, at: now) }
  }
}
