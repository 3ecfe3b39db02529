import PowerDelivery
public import PowerSupervision
public import Quantities

// VBUS: windows, slew, Hard Reset, turning on and off (USB-PD R3.2 §7.1, §7.4.1; USB Type-C §4.11).

extension Referee {
  /// VBUS at the source goes on from here in a straight line. Called at each bend.
  /// - Parameter isOverloaded: whether more is drawn than the source has agreed to: then VBUS may go down.
  public mutating func vbus(
    _ voltage: Millivolts, slope: MicrovoltsPerMicrosecond, isOverloaded: Bool = false,
    at now: Instant
  ) {
    advance(to: now)
    judgeLevel(at: now)
    vbus.start = now
    vbus.startLevel = voltage.microvolts
    vbus.slope = Int64(slope.rawValue)
    vbus.isOverloaded = isOverloaded
    judgeLevel(at: now)
    if vbus.isChanging && abs(vbus.slope) > Referee.slewLimit, let side = vbus.supplier {
      report(.slewTooSteep, side, at: now, found: vbus.slope, wanted: Referee.slewLimit)
    }
    foresee(at: now)
  }

  /// vSrcSlewPos and vSrcSlewNeg, 30 mV/µs.
  private static var slewLimit: Int64 { 30_000 }

  /// Who supplies VBUS from now on.
  public mutating func supplied(by side: Side?, contract: PowerContract?, at now: Instant) {
    advance(to: now)
    judgeLevel(at: now)
    guard side != vbus.supplier else { return }
    guard let side else { return wentOff(at: now) }
    turnedOn(by: side, at: now)
  }

  private mutating func turnedOn(by side: Side, at now: Instant) {
    if hardReset.phase == .falling {
      report(.hardResetRecovery, side, at: now)
    } else if hardReset.phase == .off {
      let span = now - hardReset.zeroAt
      let isEPR = hardReset.wasEPR || hardReset.exitsCross && span > Timing.srcRecoverSPR.maximum ?? .zero
      measure(
        span, isEPR ? .hardResetRecoveryEPR : .hardResetRecoverySPR,
        .hardResetRecovery, side, at: now, tolerance: Referee.safe0VUncertainty)
    }
    if hardReset.phase != .none { hardReset.phase = .rising }
    if source == nil { becomeSource(side) }
    let typeC = PowerContract.typeC(.zero)
    vbus.supplier = side
    vbus.lastSupplier = side
    vbus.settle(on: typeC, at: now)
    vbus.isTurningOn = true
    vbus.turnOnAt = now
    vbus.turnOnLimit = now + (Timing.srcTurnOn.maximum ?? .zero)
    if vbus.isFirstTurnOn { vbus.firstOnAt = now }
    vbus.isFirstTurnOn = false
    vbus.safe5VAt = nil
    check(at: vbus.turnOnLimit)
    foresee(at: now)
  }

  /// The moment of vSafe0V is known to the tester, and to the source, only so well.
  private static var safe0VUncertainty: Nanoseconds { Nanoseconds(10_000_000) }

  private mutating func wentOff(at now: Instant) {
    let side = vbus.supplier ?? .charger
    if hardReset.phase == .signalled {
      let span = now - hardReset.firstAt
      timings.add(span, to: .hardResetFall)
      let least = Timing.psHardReset.minimum ?? .zero
      if span < least && !hardReset.isLate {
        report(.hardResetFallTime, side, at: now, found: span.rawValue, wanted: least.rawValue)
      }
      hardReset.phase = .falling
      hardReset.fellAt = now
      hardReset.limit5V = now + (Timing.safe5V.maximum ?? .zero)
      hardReset.limit0V = now + (Timing.safe0V.maximum ?? .zero)
      check(at: hardReset.limit5V)
    } else if hardReset.phase == .rising {
      hardReset.phase = .none
    }
    vbus.forgetLimits()
    judgeLevel(at: now)
  }

  // MARK: Hard Reset

  /// Hard Reset signalling begins. Whether the partner hears it is seen from the state of its engine.
  public mutating func hardResetSignalled(by side: Side, at now: Instant) {
    advance(to: now)
    lineActivity = max(lineActivity, now)
    hasContract = false
    settleSwap()
    portResets(side)
    ports[side.other.index].mayHearReset = !isGone(side.other) && !isResetting(side.other)
    if side == source {
      // A line that is busy for longer than HardResetCompleteTimer: the source counts as if the signal had left.
      hardReset.isLate =
        now - ports[side.index].stateSince > Timing.hardResetComplete.minimum ?? .zero
        && ports[side.index].state == .srcHardReset
      resetStarts(at: now)
    } else {
      hardReset.heardFromSinkAt = now
    }
  }

  /// Whether a port is in a Hard Reset already, and hears nothing of another.
  func isResetting(_ side: Side) -> Bool {
    switch ports[side.index].state {
    case .srcHardReset, .srcHardResetReceived, .srcTransitionToDefault, .snkHardReset,
      .snkTransitionToDefault:
      true
    default: false
    }
  }

  /// In the middle of a power role swap who has asserted Rp is the source for a Hard Reset.
  private mutating func settleSwap() {
    guard exchange.kind == .powerRoleSwap, let old = source,
      exchange.stage == .oldSourceOff || exchange.stage == .newSourceReady
    else { return }
    source = old.other
    ports[old.index].powerRole = .sink
    ports[old.other.index].powerRole = .source
  }

  /// A port has signalled or heard a Hard Reset: for it, nothing that was said counts any more.
  mutating func portResets(_ side: Side) {
    ports[side.index].restart()
    ports[side.index].mayHearReset = false
    ports[side.index].report = nil
    negotiated = nil
    exchange.completed = nil
    ports[side.index].dataRole = side == source ? .downstreamFacing : .upstreamFacing
  }

  /// How long a message may be on its way while its receiver decides on a Hard Reset: the message and its GoodCRC.
  static var crossing: Nanoseconds { Nanoseconds(5_000_000) }

  /// The source has signalled a Hard Reset, or is seen to have heard one that began at `moment`.
  mutating func resetStarts(at moment: Instant) {
    hardReset.heardFromSinkAt = nil
    let wasEPR = isEPR
    forgetContract()
    guard vbus.supplier != nil else { return }
    if hardReset.phase == .none || hardReset.phase == .rising {
      hardReset.firstAt = moment
      hardReset.wasEPR = wasEPR
      hardReset.exitsCross = eprExitAt.map { moment - $0 < Referee.crossing } ?? false
    }
    hardReset.phase = .signalled
    hardReset.lastAt = moment
    vbus.safe5VAt = nil
    check(at: hardReset.fallLimit)
  }

  // MARK: Levels

  /// Judges where VBUS is at `now`, on the line that has held until then.
  mutating func judgeLevel(at now: Instant) {
    let level = vbus.level(at: now)
    if hardReset.phase == .falling && level <= vSafe0V.microvolts {
      hardReset.phase = .off
      hardReset.zeroAt = min(now, max(hardReset.fellAt, vbus.crossing(vSafe0V.microvolts)))
      measure(
        hardReset.zeroAt - hardReset.fellAt, .hardResetOff, .hardResetOffTime, source ?? .charger, at: now)
    }
    if vbus.detachLimit != .distantFuture && level <= vSafe0V.microvolts { vbus.detachLimit = .distantFuture }
    guard let side = vbus.supplier else { return }
    if vbus.isTurningOn { judgeTurningOn(level, side, at: now) }
    judgeAbove(level, side, at: now)
    if !vbus.isTurningOn { judgeBelow(level, side, at: now) }
  }

  private var vSafe0V: Millivolts { ElectricalLimits.vSafe0V.maximum ?? .zero }

  private mutating func judgeTurningOn(_ level: Int64, _ side: Side, at now: Instant) {
    guard level >= vbus.settled.lowest.microvolts else { return }
    vbus.isTurningOn = false
    vbus.turnOnLimit = .distantFuture
    let reached = min(now, max(vbus.turnOnAt, vbus.crossing(vbus.settled.lowest.microvolts)))
    vbus.safe5VAt = reached
    measure(reached - vbus.turnOnAt, .turnOn, .turnOnTime, side, at: now)
    if hardReset.phase == .rising {
      timings.add(reached - hardReset.firstAt, to: .hardResetToSafe5V)
      hardReset.phase = .none
    }
  }

  private mutating func judgeAbove(_ level: Int64, _ side: Side, at now: Instant) {
    if level > vbus.valid.highest.microvolts + VBUSView.tolerance {
      guard !vbus.isReported else { return }
      vbus.isReported = true
      report(
        .vbusAboveWindow, side, at: now, found: level / 1_000, wanted: Int64(vbus.valid.highest.rawValue))
    }
  }

  private mutating func judgeBelow(_ level: Int64, _ side: Side, at now: Instant) {
    if vbus.isChanging && now <= vbus.mayChangeFrom { return judgeEarlyChange(level, side, at: now) }
    guard !vbus.isOverloaded else { return vbus.forgetExcesses() }
    if level < vbus.valid.lowest.microvolts - VBUSView.tolerance {
      let since = vbus.belowSince ?? min(now, vbus.crossing(vbus.valid.lowest.microvolts))
      vbus.belowSince = since
      lasting(since, Timing.srcTransientLoadOfAtLeast60MA, isBelow: true, level, side, at: now)
    } else {
      vbus.belowSince = nil
    }
    guard !vbus.isChanging else { return }
    let isBelow = level < vbus.settled.lowest.microvolts - VBUSView.tolerance
    guard isBelow || level > vbus.settled.highest.microvolts + VBUSView.tolerance else {
      vbus.unsettledSince = nil
      if vbus.belowSince == nil && level <= vbus.valid.highest.microvolts { vbus.isReported = false }
      return
    }
    let since = vbus.unsettledSince ?? now
    vbus.unsettledSince = since
    lasting(since, Timing.srcTransientLoadBelow60MA, isBelow: isBelow, level, side, at: now)
  }

  /// Reports what lasts longer than a transient may.
  private mutating func lasting(
    _ since: Instant, _ limits: TimerLimits, isBelow: Bool, _ level: Int64, _ side: Side, at now: Instant
  ) {
    let limit = since + (limits.maximum ?? .zero)
    if now <= limit { return check(at: limit) }
    guard !vbus.isReported else { return }
    vbus.isReported = true
    let edge = isBelow ? vbus.settled.lowest : vbus.settled.highest
    report(
      isBelow ? .vbusBelowWindow : .vbusAboveWindow, side, at: now, found: level / 1_000,
      wanted: Int64(edge.rawValue))
  }

  private mutating func judgeEarlyChange(_ level: Int64, _ side: Side, at now: Instant) {
    let isOutside =
      level < vbus.settled.lowest.microvolts - VBUSView.tolerance
      || level > vbus.settled.highest.microvolts + VBUSView.tolerance
    guard isOutside, !vbus.isReported else { return }
    vbus.isReported = true
    report(
      .changedTooEarly, side, at: now, found: level / 1_000,
      wanted: Int64(
        (level < vbus.settled.lowest.microvolts ? vbus.settled.lowest : vbus.settled.highest).rawValue))
  }

  /// Makes sure that the present line is looked at when it leaves or reaches something.
  private mutating func foresee(at now: Instant) {
    if vbus.supplier != nil && vbus.slope < 0 && !vbus.isTurningOn && vbus.belowSince == nil {
      check(at: max(now, vbus.crossing(vbus.valid.lowest.microvolts)))
    }
  }

  mutating func checkVBUS(at now: Instant) {
    if vbus.isChanging && vbus.mayChangeFrom > .zero && vbus.mayChangeFrom < now {
      // Where it was when the change was allowed to begin.
      if let side = vbus.supplier {
        judgeEarlyChange(vbus.level(at: vbus.mayChangeFrom), side, at: vbus.mayChangeFrom)
      }
      vbus.mayChangeFrom = .zero
    }
    // Limits first: VBUS is judged where it was when they came.
    checkDetach(at: now)
    checkHardReset(at: now)
    judgeLevel(at: now)
    if now > vbus.turnOnLimit, let side = vbus.supplier {
      vbus.turnOnLimit = .distantFuture
      let most = Timing.srcTurnOn.maximum ?? .zero
      report(.turnOnTime, side, at: now, found: (now - vbus.turnOnAt).rawValue, wanted: most.rawValue)
    }
    foresee(at: now)
    check(at: vbus.turnOnLimit)
    check(at: vbus.detachLimit)
    if vbus.isChanging && vbus.mayChangeFrom > now { check(at: vbus.mayChangeFrom) }
  }

  private mutating func checkDetach(at now: Instant) {
    guard now > vbus.detachLimit else { return }
    let level = vbus.level(at: vbus.detachLimit)
    if level > vSafe0V.microvolts {
      report(
        .detachOffTime, vbus.lastSupplier, at: vbus.detachLimit, found: level / 1_000,
        wanted: Int64(vSafe0V.rawValue))
    }
    vbus.detachLimit = .distantFuture
  }

  private mutating func checkHardReset(at now: Instant) {
    if now > hardReset.fallLimit {
      let span = now - hardReset.lastAt
      hardReset.phase = .none
      timings.add(span, to: .hardResetFall)
      report(
        .hardResetFallTime, vbus.supplier ?? .charger, at: now, found: span.rawValue,
        wanted: Timing.psHardReset.maximum?.rawValue ?? 0)
    }
    check(at: hardReset.fallLimit)
    guard hardReset.phase == .falling else { return }
    if now > hardReset.limit5V {
      let safe5V = ElectricalLimits.vSafe5V.maximum ?? .zero
      let level = vbus.level(at: hardReset.limit5V)
      if level > safe5V.microvolts {
        report(
          .hardResetOffTime, source ?? .charger, at: hardReset.limit5V, found: level / 1_000,
          wanted: Int64(safe5V.rawValue))
      }
      hardReset.limit5V = .distantFuture
    }
    if now > hardReset.limit0V && vbus.level(at: hardReset.limit0V) > vSafe0V.microvolts {
      hardReset.phase = .none
      report(
        .hardResetOffTime, source ?? .charger, at: hardReset.limit0V,
        found: vbus.level(at: now) / 1_000, wanted: Int64(vSafe0V.rawValue))
      return
    }
    check(at: min(hardReset.limit5V, hardReset.limit0V))
  }
}
