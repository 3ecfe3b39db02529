import PowerDelivery
import PowerSupervision
import Quantities

// What the supply says, and what the user decides.

extension PortEngine {
  mutating func supplyReported(_ report: SupplyReport) {
    switch report {
    case .ready:
      stimulus = .supplyReady
      timers.stop(.supplyAnswer)
      supplyReady()
    case .safe0V:
      stimulus = .supplySafe0V
      supplySafe0V()
    case .fault(let fault):
      stimulus = .supplyFault
      supplyFailed(fault)
    case .recovered:
      // ErrorRecovery has brought the port back to where it waits for a partner.
      break
    case .temperatureWarning, .temperatureNormal:
      sendTemperatureAlert(isWarning: report == .temperatureWarning)
    }
  }

  private mutating func supplyReady() {
    switch state {
    case .srcStartup:
      supplyIsReady = true
      leaveStartup()
    case .srcTransitionToDefault where phase == 2: sourceRecovered()
    case .srcTransitionSupply where phase == 2:
      phase = 3
      send(.psRDY)
    case .prsSNKSRCSourceOn where phase == 0:
      phase = 1
      send(.psRDY)
    default: break
    }
  }

  private mutating func supplySafe0V() {
    switch state {
    case .srcTransitionToDefault where phase == 0:
      phase = 1
      timers.stop(.supplyAnswer)
      timers.start(
        .srcRecover,
        resetsFromEPR ? configuration.timing.srcRecoverEPR : configuration.timing.srcRecoverSPR, at: now)
    case .prsSRCSNKTransitionToOff where phase == 1:
      timers.stop(.supplyAnswer)
      prsSRCSNKAssertRd()
    default: break
    }
  }

  /// VBUS is being taken down: with a partner that speaks, Hard Reset says so (§7.1.7); otherwise from the start.
  private mutating func supplyFailed(_ fault: SupplyFault) {
    actions.append(.notify(.supplyFault(fault)))
    guard connection.isAttached, powerRole == .source else { return }
    supplyIsReady = false
    switch fault {
    case .overCurrent: alertAfterFault.ocpEvent = true
    case .overTemperature: alertAfterFault.otpEvent = true
    case .overVoltage: alertAfterFault.ovpEvent = true
    default: break
    }
    if isPDConnected, !protocolLayer.isResetting, Int(hardResetCounter) <= Counters.hardResetCount {
      hardReset(.supplyFault)
    } else {
      errorRecovery(.supplyFault)
    }
  }

  /// The supply did not answer in the time that the standard gives it.
  mutating func supplyIsLate() {
    switch state {
    case .srcTransitionSupply: hardReset(.supplyFault)
    default: errorRecovery(.supplyFault)
    }
  }

  /// Announces that the source gets hot, or no longer does (§7.1.11): Operating Condition Change.
  private mutating func sendTemperatureAlert(isWarning: Bool) {
    guard hasExplicitContract, revision == .revision3, powerRole == .source else { return }
    var alert = AlertDataObject()
    alert.operatingConditionChange = true
    isTemperatureWarning = isWarning
    take(.alert(alert))
  }

  mutating func vconnFailed() {
    guard vconnIsOn else { return }
    turnVCONN(on: false)
    if !configuration.hasCaptiveCable { cable.wantsVCONN = false }
    if state == .srcStartup { leaveStartup() }
  }

  // MARK: Decisions of the user

  /// Leaves a decision to the user, who has until shortly before tReceiverResponse.
  mutating func ask(_ kind: DecisionKind) {
    awaitedDecision = kind
    actions.append(.notify(.decisionNeeded(kind)))
    timers.start(.decision, Nanoseconds(12_000_000), at: now)
  }

  mutating func decide(_ decision: PortDecision) {
    guard let kind = awaitedDecision else { return }
    awaitedDecision = nil
    timers.stop(.decision)
    stimulus = .decision
    switch kind {
    case .powerRequest:
      if decision == .accept { srcTransitionSupply() } else { srcCapabilityResponse(decision) }
    case .dataRoleSwap: answerDataRoleSwap(decision)
    case .powerRoleSwap: answerPowerRoleSwap(decision)
    case .vconnSwap: answerVCONNSwap(decision)
    case .capabilities: snkSelectCapability(startsAMS: false)
    }
  }

  /// No decision in time: Wait, where that can be said, keeps everything as it is. A sink chooses as its policy stands.
  mutating func decisionIsLate() { decide(.wait) }
}
