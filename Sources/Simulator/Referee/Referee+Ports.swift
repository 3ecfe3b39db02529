public import PortEngine
import PowerDelivery
public import Quantities

// The states of the engines: each has a way out, in time (USB-PD R3.2 §8.3.3); and what is timed from them.

extension Referee {
  /// An engine has handled an event.
  public mutating func stepped(_ engine: borrowing PortEngine, on side: Side, at now: Instant) {
    stepped(
      to: engine.state, steps: engine.journal.total, hasDeadline: engine.nextDeadline != nil, on: side,
      at: now)
  }

  mutating func stepped(
    to state: PolicyState, steps: UInt32, hasDeadline: Bool, on side: Side, at now: Instant
  ) {
    advance(to: now)
    let index = side.index
    if ports[index].steps != steps || ports[index].state != state {
      entered(state, steps, side, at: now)
    }
    let isAtRest = StateRules.of(state).longest == nil
    if isAtRest || hasDeadline || ports[index].isSending {
      ports[index].stuckLimit = .distantFuture
    } else if ports[index].stuckLimit == .distantFuture {
      ports[index].stuckLimit = now + Referee.patience(state)
      check(at: ports[index].stuckLimit)
    }
  }

  private mutating func entered(_ state: PolicyState, _ steps: UInt32, _ side: Side, at now: Instant) {
    let index = side.index
    let previous = ports[index].state
    ports[index].state = state
    ports[index].steps = steps
    ports[index].stateSince = now
    ports[index].stuckLimit = .distantFuture
    ports[index].stateLimit = StateRules.of(state).longest.map { now + $0 } ?? .distantFuture
    check(at: ports[index].stateLimit)
    if !StateRules.of(state).mustAcknowledge { ports[index].isGoodCRCDue = false }
    switch state {
    // BIST carrier mode ends as a Hard Reset does, without the signal.
    case .srcTransitionToDefault where previous == .bistCarrierMode:
      portResets(side)
      forgetContract()
    case .snkTransitionToDefault, .snkStartup, .snkDiscovery:
      if previous == .bistCarrierMode || ports[index].mayHearReset {
        portResets(side)
      } else {
        ports[index].restart()
      }
    // It has seen VBUS go and come: a Hard Reset that it did not hear before is over.
    case .snkWaitForCapabilities where previous == .snkDiscovery: ports[index].mayHearReset = false
    case .srcHardResetReceived:
      portResets(side)
      if side == source, let moment = hardReset.heardFromSinkAt { resetStarts(at: moment) }
    case .srcStartup where previous == .prsSNKSRCSourceOn && ports[index].mayRepeat:
      // PS_RDY was acknowledged late: a retry that was asked for before may be on its way to the line.
      ports[index].restart()
      ports[index].mayRepeat = true
    case .srcStartup:
      if ports[index].mayHearReset { portResets(side) } else { ports[index].restart() }
    case .detached, .errorRecovery:
      // Whatever was signalled before, the port starts anew.
      ports[index].mayHearReset = false
      if previous != state { forgetLink(noticedBy: side) }
    default: break
    }
  }

  /// How long a state may be without a timer: a packet waits for the line, or the supply answers.
  private static func patience(_ state: PolicyState) -> Nanoseconds {
    switch state {
    case .srcStartup, .srcTransitionSupply, .srcTransitionToDefault, .snkTransitionToDefault,
      .prsSRCSNKTransitionToOff, .prsSNKSRCSourceOn, .errorRecovery:
      Nanoseconds(700_000_000)
    default: Nanoseconds(100_000_000)
    }
  }

  mutating func checkPort(_ side: Side, at now: Instant) {
    let index = side.index
    if ports[index].isGoodCRCDue {
      let limit = ports[index].owedSince + (Timing.transmit.maximum ?? .zero)
      if now > limit {
        ports[index].isGoodCRCDue = false
        if lineActivity > ports[index].owedSince { return checkStates(side, at: now) }
        report(
          .goodCRCTime, side, at: now, found: (now - ports[index].owedSince).rawValue,
          wanted: Timing.transmit.maximum?.rawValue ?? 0)
      } else {
        check(at: limit)
      }
    }
    checkStates(side, at: now)
  }

  private mutating func checkStates(_ side: Side, at now: Instant) {
    let index = side.index
    if now > ports[index].stuckLimit && !ports[index].isSending {
      ports[index].stuckLimit = .distantFuture
      report(.noWayOut, side, at: now, found: Int64(ports[index].state.rawValue))
    }
    if now > ports[index].stateLimit {
      ports[index].stateLimit = .distantFuture
      report(
        .stateTooLong, side, at: now, found: (now - ports[index].stateSince).rawValue,
        wanted: StateRules.of(ports[index].state).longest?.rawValue ?? 0)
    }
    check(at: ports[index].stuckLimit)
    check(at: ports[index].stateLimit)
  }

  /// Source_Capabilities begin for the first time.
  /// - Parameter previousEnd: when the last copy of unanswered capabilities before them ended.
  mutating func capabilitiesStarted(_ side: Side, after previousEnd: Instant?, at now: Instant) {
    judgeLevel(at: now)
    if side == vbus.supplier, let moment = vbus.safe5VAt {
      vbus.safe5VAt = nil
      measure(now - moment, .firstCapabilities, .firstCapabilitiesTime, side, at: now)
    } else if let previousEnd {
      measure(now - previousEnd, .capabilitiesInterval, .capabilitiesInterval, side, at: now)
    }
  }
}
