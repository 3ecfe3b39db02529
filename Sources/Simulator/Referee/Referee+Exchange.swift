import PortEngine
import PowerDelivery
public import PowerSupervision
public import Quantities

// What is agreed: requests, Accept, PS_RDY, swaps, EPR mode (USB-PD R3.2 §7.1, §7.3, §8.3.2).

extension Referee {
  /// A message that was received for the first time.
  mutating func takePower(_ message: ShortMessage, _ code: MessageCode, by side: Side, at now: Instant) {
    switch code {
    case .sourceCapabilities where ports[side.index].powerRole == .source:
      exchange.offer = PowerDataObjectList()
      for index in 0..<message.objectCount { exchange.offer.append(message.object(index)) }
    case .request, .eprRequest: requested(message, isForEPR: code == .eprRequest, by: side)
    case .drSwap, .prSwap, .vconnSwap: exchange.stage = .requested
    case .eprMode: takeEPRMode(EPRModeDataObject(rawValue: message.object(0)).action, by: side, at: now)
    case .accept where exchange.stage == .accepting: acceptHeard(by: side.other)
    case .psRDY: readyReceived(from: side, at: now)
    default: break
    }
  }

  private mutating func requested(_ message: ShortMessage, isForEPR: Bool, by side: Side) {
    exchange.stage = .requested
    exchange.request = message.object(0)
    exchange.isForEPR = isForEPR
    let position = Int(RequestDataObject(rawValue: exchange.request).objectPosition)
    exchange.object = isForEPR ? message.object(1) : exchange.offer.word(at: position) ?? 0
    exchange.next = PowerContract(
      request: exchange.request, for: exchange.object, at: position, isEPR: isEPR)
  }

  private mutating func takeEPRMode(_ action: EPRModeAction, by side: Side, at now: Instant) {
    switch action {
    case .enter: exchange.eprResponder = side.other
    case .enterSucceeded, .enterFailed: exchange.eprResponder = nil
    case .exit where side != source:
      isEPR = false
      eprExitAt = now
    default: break
    }
  }

  // MARK: Accept

  /// Accept begins as the answer to `question`.
  mutating func accepting(_ question: MessageCode, by side: Side, at now: Instant) {
    switch question {
    case .request, .eprRequest:
      checkBothReported(at: now)
      exchange.kind = .request
      exchange.number &+= 1
      if exchange.next == nil {
        report(
          .acceptedWithoutOffer, side, at: now, found: Int64(exchange.request), wanted: Int64(exchange.object)
        )
      }
      vbus.willChange(to: exchange.next)
    case .prSwap: exchange.kind = .powerRoleSwap
    case .drSwap: exchange.kind = .dataRoleSwap
    case .vconnSwap: exchange.kind = .vconnSwap
    default: return
    }
    exchange.stage = .accepting
    exchange.isAcceptHeard = false
  }

  /// Accept was received. Who asked for a DR_Swap has swapped with its GoodCRC, who accepts when that arrives.
  private mutating func acceptHeard(by side: Side) {
    exchange.isAcceptHeard = true
    guard exchange.kind == .dataRoleSwap else { return }
    ports[side.index].learnsDataRole = ports[side.index].isOpen
    ports[side.index].dataRole = ports[side.index].dataRole.other
  }

  /// A message of `side` was acknowledged.
  mutating func acknowledgedPower(_ code: MessageCode, of side: Side, at now: Instant) {
    // EPR mode is what the source takes it for.
    if code == .eprMode && side == source {
      switch EPRModeDataObject(rawValue: ports[side.index].sent.object(0)).action {
      case .enterSucceeded: isEPR = true
      case .exit: isEPR = false
      default: break
      }
    }
    if code == .psRDY && exchange.kind == .vconnSwap { isVCONNUnclear = false }
    guard exchange.stage == .accepting, code == .accept || code == .gotoMin else { return }
    exchange.acceptedAt = now
    exchange.stage = .accepted
    switch exchange.kind {
    case .dataRoleSwap:
      exchange.end()
      ports[side.index].dataRole = ports[side.index].dataRole.other
    case .request:
      let old = exchange.current ?? .typeC(.zero)
      if let next = exchange.next, old.isSameProgrammableObject(as: next) {
        vbus.mayChangeFrom = now
      } else {
        vbus.mayChangeFrom = now + (Timing.srcTransition.minimum ?? .zero)
        check(at: vbus.mayChangeFrom)
      }
    case .powerRoleSwap, .vconnSwap, .gotoMin, .other: break
    }
  }

  // MARK: PS_RDY

  /// PS_RDY begins.
  mutating func readyStarted(by side: Side, at now: Instant) {
    // Who asked for a swap and has heard Accept goes on, although the partner may not know it.
    let isSwap = exchange.kind == .powerRoleSwap || exchange.kind == .vconnSwap
    let isUnacknowledged = exchange.stage == .accepting && exchange.isAcceptHeard && isSwap
    if isUnacknowledged { exchange.stage = .accepted }
    switch (exchange.kind, exchange.stage) {
    case (.request, .accepted) where ports[side.index].powerRole == .source:
      contractReady(by: side, at: now)
      exchange.stage = .ready
    case (.gotoMin, .accepted) where ports[side.index].powerRole == .source:
      exchange.stage = .ready
    case (.powerRoleSwap, .accepted) where side == source:
      let level = vbus.level(at: now)
      let limit = ElectricalLimits.vSafe0V.maximum ?? .zero
      if level > limit.microvolts {
        report(
          .swapReadyWithVBUS, side, at: now, found: level / 1_000, wanted: Int64(limit.rawValue))
      }
      exchange.stage = .ready
    case (.powerRoleSwap, .oldSourceOff) where side != source:
      checkReadyWindow(PowerContract.typeC(.zero), side, at: now)
      exchange.stage = .newSourceReady
    case (.vconnSwap, .accepted):
      exchange.stage = .none
      isVCONNUnclear = true
      // Its acknowledgement tells nothing of the partner, who may have given the swap up.
      if isUnacknowledged { exchange.kind = .other }
    // Each takes the other for the VCONN source.
    case (.vconnSwap, .none) where isVCONNUnclear && ports[side.index].state == .vcsSendPSRdy: break
    // The old source has gone in the middle of the swap, which takes tSRCDisconnect to be seen.
    case (_, .none) where ports[side.index].state == .prsSNKSRCSourceOn && isGone(side.other): break
    default: report(.readyWithoutAccept, side, at: now)
    }
  }

  /// Whether a port is not attached, by its engine.
  func isGone(_ side: Side) -> Bool {
    ports[side.index].state == .detached || ports[side.index].state == .errorRecovery
  }

  private mutating func contractReady(by side: Side, at now: Instant) {
    guard let next = exchange.next else { return }
    checkReadyWindow(next, side, at: now)
    let old = exchange.current ?? .typeC(.zero)
    let span = now - exchange.acceptedAt
    let metric = Referee.transitionMetric(from: old, to: next)
    timings.add(span, to: metric)
    let limits = metric.limits
    if let least = limits.minimum, span < least {
      report(.readyTooEarly, side, at: now, found: span.rawValue, wanted: least.rawValue)
    } else if let most = limits.maximum, span > most {
      report(.readyTooLate, side, at: now, found: span.rawValue, wanted: most.rawValue)
    }
    vbus.settle(on: next, at: now)
    judgeLevel(at: now)
  }

  private static func transitionMetric(from old: PowerContract, to next: PowerContract) -> TimingMetric {
    guard old.isSameProgrammableObject(as: next) else {
      return old.isEPR || next.isEPR ? .transitionEPR : .transitionSPR
    }
    let step = abs(next.voltage.rawValue - old.voltage.rawValue)
    if next.limitsCurrent {
      let small = ElectricalLimits.vPpsSmallStep.maximum?.rawValue ?? 0
      return step <= small ? .transitionPPSSmall : .transitionPPSLarge
    }
    let small = ElectricalLimits.vAvsSmallStep.maximum?.rawValue ?? 0
    return step <= small ? .transitionAVSSmall : .transitionAVSLarge
  }

  /// In current limit a PPS supply is ready below its window, so only the upper end is judged there.
  private mutating func checkReadyWindow(_ contract: PowerContract, _ side: Side, at now: Instant) {
    let level = vbus.level(at: now)
    let window = contract.settledWindow
    let isLow = level < window.lowest.microvolts - VBUSView.tolerance && !contract.limitsCurrent
    guard isLow || level > window.highest.microvolts + VBUSView.tolerance else { return }
    let limit = isLow ? window.lowest : window.highest
    report(.readyOutsideWindow, side, at: now, found: level / 1_000, wanted: Int64(limit.rawValue))
  }

  private mutating func readyReceived(from side: Side, at now: Instant) {
    switch (exchange.kind, exchange.stage) {
    case (.request, .ready):
      exchange.end()
      exchange.current = exchange.next
      exchange.completed = exchange.number
      hasContract = true
      lastContract = now
      contractCount &+= 1
      if vbus.firstOnAt != .distantFuture {
        timings.add(now - vbus.firstOnAt, to: .attachToContract)
        vbus.firstOnAt = .distantFuture
      }
    case (.gotoMin, .ready):
      exchange.end()
      exchange.completed = exchange.number
    case (.powerRoleSwap, .ready): exchange.stage = .oldSourceOff
    case (.powerRoleSwap, .newSourceReady):
      let dataRoles = (ports[0].dataRole, ports[1].dataRole)
      source = side
      exchange.end()
      exchange.current = nil
      exchange.completed = nil
      hasContract = false
      isEPR = false
      (ports[0].dataRole, ports[1].dataRole) = dataRoles
      ports[0].restartIDs(certainly: false)
      ports[1].restartIDs(certainly: false)
    default: break
    }
  }

  // MARK: Roles

  /// In a power role swap the header follows Rp and Rd: the PS_RDY of each port carries its new role (§6.2.1.1.4).
  mutating func beginSwapRoles(_ code: MessageCode, _ side: Side) {
    guard code == .psRDY, exchange.kind == .powerRoleSwap else { return }
    if exchange.stage == .accepted && side == source { ports[side.index].powerRole = .sink }
    if exchange.stage == .oldSourceOff && side != source { ports[side.index].powerRole = .source }
  }

  /// Source and DFP are one port at first.
  mutating func becomeSource(_ side: Side) {
    source = side
    ports[side.index].powerRole = .source
    ports[side.other.index].powerRole = .sink
    resetDataRoles()
  }

  mutating func resetDataRoles() {
    guard let source else { return }
    ports[source.index].dataRole = .downstreamFacing
    ports[source.other.index].dataRole = .upstreamFacing
  }

  // MARK: What the engines believe

  /// An engine has told its contract; `nil` when it has lost it.
  public mutating func contract(_ contract: PowerContract?, on side: Side, at now: Instant) {
    advance(to: now)
    guard let contract else {
      ports[side.index].report = nil
      return
    }
    ports[side.index].report = contract
    ports[side.index].reportedExchange = exchange.number
    if let next = exchange.next, !contract.isSamePower(as: next) {
      report(
        .contractNotAsRequested, side, at: now, found: Int64(contract.voltage.rawValue),
        wanted: Int64(next.voltage.rawValue))
    }
    let partner = ports[side.other.index]
    guard let other = partner.report, partner.reportedExchange == exchange.number else { return }
    if !contract.isSamePower(as: other) || !contract.hasSameCurrent(as: other) {
      report(
        .contractsDiffer, side, at: now, found: Int64(contract.voltage.rawValue),
        wanted: Int64(other.voltage.rawValue))
    }
  }

  /// Before the next contract both must have told the last one.
  private mutating func checkBothReported(at now: Instant) {
    guard exchange.completed == exchange.number, exchange.number > 0 else { return }
    let first = ports[0].report != nil && ports[0].reportedExchange == exchange.number
    let second = ports[1].report != nil && ports[1].reportedExchange == exchange.number
    // A port that resets has forgotten its contract; the other may not have heard of the reset yet.
    guard !ports[0].state.isHardReset, !ports[1].state.isHardReset else { return }
    if first != second { report(.contractOnOneSide, first ? .phone : .charger, at: now) }
  }
}

extension PowerContract {
  /// Reads a request against what was offered; `nil` where it asks for more, or for nothing that there is (§6.4.2).
  init?(request word: UInt32, for object: UInt32, at position: Int, isEPR: Bool) {
    guard position > 0 else { return nil }
    let offer = SourcePDO(rawValue: object)
    var current: Milliamperes
    var voltage = offer.voltages?.minimum ?? .zero
    var highest = offer.voltages?.maximum ?? .zero
    let supply: Supply
    switch (PowerRequest(rawValue: word, for: offer), offer) {
    case (.fixedVariable(let request), .fixed(let offer)):
      supply = .fixed
      current = request.operatingCurrent
      guard current <= offer.maximumCurrent else { return nil }
    case (.fixedVariableGiveBack(let request), .fixed(let offer)):
      supply = .fixed
      current = request.operatingCurrent
      guard current <= offer.maximumCurrent else { return nil }
    case (.fixedVariable(let request), .variable(let offer)):
      supply = .variable
      current = request.operatingCurrent
      guard current <= offer.maximumCurrent else { return nil }
    case (.fixedVariableGiveBack(let request), .variable(let offer)):
      supply = .variable
      current = request.operatingCurrent
      guard current <= offer.maximumCurrent else { return nil }
    case (.battery(let request), .battery(let offer)):
      supply = .battery
      guard request.operatingPower <= offer.maximumPower, voltage > .zero else { return nil }
      current = Milliamperes(
        Int32(clamping: Int64(request.operatingPower.rawValue) * 1_000 / Int64(voltage.rawValue)))
    case (.pps(let request), .sprPPS(let offer)):
      supply = .sprPPS
      current = request.operatingCurrent
      guard current <= offer.maximumCurrent, voltage <= request.outputVoltage,
        request.outputVoltage <= highest
      else { return nil }
      voltage = request.outputVoltage
      highest = voltage
    case (.avs(let request), .sprAVS(let offer)):
      supply = .sprAVS
      current = request.operatingCurrent
      let most =
        request.outputVoltage <= Millivolts(15_000) ? offer.maximumCurrent15V : offer.maximumCurrent20V
      guard current <= most, voltage <= request.outputVoltage, request.outputVoltage <= highest else {
        return nil
      }
      voltage = request.outputVoltage
      highest = voltage
    case (.avs(let request), .eprAVS(let offer)):
      supply = .eprAVS
      current = request.operatingCurrent
      guard current <= offer.maximumCurrent(at: request.outputVoltage), voltage <= request.outputVoltage,
        request.outputVoltage <= highest
      else { return nil }
      voltage = request.outputVoltage
      highest = voltage
    default: return nil
    }
    self.init(
      supply: supply, voltage: voltage, highestVoltage: highest, current: current,
      position: UInt8(truncatingIfNeeded: position), object: object, request: word, isEPR: isEPR)
  }

  /// The same object, request and voltage.
  func isSamePower(as other: PowerContract) -> Bool {
    position == other.position && request == other.request && voltage == other.voltage
      && highestVoltage == other.highestVoltage
  }

  /// The same current; a PPS source that is limited by power may hold a lower one than was asked for.
  func hasSameCurrent(as other: PowerContract) -> Bool {
    current == other.current
      || supply == .sprPPS && SPRPPSSourceAPDO(rawValue: object).ppsPowerLimited
  }
}

extension PolicyState {
  /// Between the decision for a Hard Reset, or its arrival, and the new start.
  fileprivate var isHardReset: Bool {
    switch self {
    case .srcHardReset, .srcHardResetReceived, .srcTransitionToDefault, .snkHardReset,
      .snkTransitionToDefault:
      true
    default: false
    }
  }
}

extension Millivolts {
  var microvolts: Int64 { Int64(rawValue) * 1_000 }
}

extension PortDataRole {
  /// What a DR_Swap makes of it.
  fileprivate var other: PortDataRole { self == .downstreamFacing ? .upstreamFacing : .downstreamFacing }
}
