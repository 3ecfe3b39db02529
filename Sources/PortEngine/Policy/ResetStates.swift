import PowerDelivery
import PowerSupervision
import Quantities

// Soft Reset and Hard Reset of both roles (USB-PD R3.2 §6.8, §8.3.3.2.10 to 12, §8.3.3.3.8, §8.3.3.4).

extension PortEngine {
  // MARK: Soft Reset

  /// PE_SRC_Send_Soft_Reset, PE_SNK_Send_Soft_Reset.
  mutating func sendSoftReset() {
    step(to: powerRole == .source ? .srcSendSoftReset : .snkSendSoftReset)
    dropOutgoing()
    resetChunking()
    resetProtocolLayer(0)
    timers.stop(.sinkEPREnter)
    eprEntry.isUnderWay = false
    awaitedDecision = nil
    actions.append(.notify(.softReset(bySelf: true)))
    send(.softReset)
  }

  mutating func receivedInSendSoftReset(_ message: ShortMessage) {
    // The answer comes after the Soft_Reset was acknowledged, and is the first message of a counter that starts anew
    // (§6.12.2.3); any other Accept answers something older, even if a GoodCRC for something older was taken for that of
    // the Soft_Reset.
    if message.kind == .control(.accept), message.header.messageID == 0, timers.isRunning(.senderResponse) {
      endRequest(.done)
      return renegotiate()
    }
    // What crosses the Soft_Reset on the line is of the time before it. If it took the Soft_Reset's place, that goes
    // again, a few times.
    guard protocolLayer.transmitState == .waitForMessageRequest, !timers.isRunning(.senderResponse) else {
      return
    }
    phase &+= 1
    guard Int(phase) <= Counters.retryCount(revision) else { return hardReset(.softResetFailed) }
    resetProtocolLayer(0)
    send(.softReset)
  }

  /// A Soft_Reset came; the protocol layer has reset its counters already.
  mutating func softResetReceived() {
    switch state {
    case .srcTransitionSupply, .snkTransitionSink, .prsSRCSNKTransitionToOff, .prsSNKSRCTransitionToOff,
      .prsSRCSNKWaitSourceOn, .prsSNKSRCSourceOn:
      return hardReset(.protocolErrorInTransition)
    case .bistTestMode: return
    default: break
    }
    endRequest(.interrupted)
    resetChunking()
    timers.stop(.sinkEPREnter)
    eprEntry.isUnderWay = false
    awaitedDecision = nil
    step(to: powerRole == .source ? .srcSoftReset : .snkSoftReset)
    actions.append(.notify(.softReset(bySelf: false)))
    send(.accept)
  }

  mutating func sentSoftResetAccept() { renegotiate() }

  /// After a Soft Reset the contract is made anew in the present mode; power stays as it is meanwhile.
  private mutating func renegotiate() {
    if powerRole == .source { srcSendCapabilities() } else { snkWaitForCapabilities() }
  }

  // MARK: Hard Reset

  /// PE_SRC_Hard_Reset, PE_SNK_Hard_Reset: signals, unless that was tried nHardResetCount times in vain.
  mutating func hardReset(_ reason: HardResetReason) {
    guard connection.isAttached, !protocolLayer.isResetting else { return }
    guard Int(hardResetCounter) <= Counters.hardResetCount else { return giveUp() }
    hardResetCounter &+= 1
    beginHardReset(to: powerRole == .source ? .srcHardReset : .snkHardReset)
    actions.append(.notify(.hardReset(bySelf: true, reason)))
    actions.append(.sendHardReset)
    startTimer(.hardResetComplete, Timing.hardResetComplete)
  }

  /// The partner does not react to Hard Resets (§6.7.3): without PD it gets vSafe5V, a lost one ErrorRecovery.
  private mutating func giveUp() {
    if isPDConnected {
      errorRecovery(.noResponse)
    } else if powerRole == .source {
      srcDisabled()
    } else {
      actions.append(.notify(.noPowerDelivery))
      hasExplicitContract = false
      step(to: .snkWaitForCapabilities)
    }
  }

  /// What a Hard Reset ends, sent or received. Nothing is sent or taken until the policy engine is through (PRL_HR).
  private mutating func beginHardReset(to new: PolicyState) {
    resetsFromEPR = isInEPRMode
    step(to: new)
    endAllRequests(.interrupted)
    awaitedDecision = nil
    timers.stop(.sinkTx)
    timers.stop(.sinkEPREnter)
    eprEntry = EPREntry()
    resetProtocolLayer()
    protocolLayer.staleResults = 0
    protocolLayer.isResetting = true
    isSwappingPower = false
    if isInEPRMode { actions.append(.notify(.eprModeLeft)) }
    isInEPRMode = false
    hasExplicitContract = false
  }

  /// The signalling has left, or the driver does not say so in time (HardResetCompleteTimer).
  mutating func hardResetSent() {
    guard timers.isRunning(.hardResetComplete) || state == .srcHardReset || state == .snkHardReset else {
      return
    }
    timers.stop(.hardResetComplete)
    stimulus = .hardResetSent
    switch state {
    // Also when the line was busy for longer than HardResetCompleteTimer: tPSHardReset counts from the signal.
    case .srcHardReset: startSourceReset()
    case .snkHardReset: snkTransitionToDefault()
    default: break
    }
  }

  /// Hard Reset signalling was received.
  mutating func hardResetReceived() {
    guard connection.isAttached else { return }
    switch state {
    case .srcHardReset, .srcHardResetReceived, .srcTransitionToDefault, .snkHardReset,
      .snkTransitionToDefault:
      // Under way already: both ports signalled at once, or the partner repeats itself.
      return
    default: break
    }
    stimulus = .hardResetReceived
    if state == .bistCarrierMode { actions.append(.stopBISTCarrier) }
    if powerRole == .source {
      beginHardReset(to: .srcHardResetReceived)
      actions.append(.notify(.hardReset(bySelf: false, .received)))
      startSourceReset()
    } else {
      beginHardReset(to: .snkTransitionToDefault)
      actions.append(.notify(.hardReset(bySelf: false, .received)))
      snkTransitionToDefault()
    }
  }

  private mutating func startSourceReset() {
    startTimer(.psHardReset, Timing.psHardReset)
    startTimer(.noResponse, Timing.noResponse)
  }

  /// PE_SRC_Transition_to_default: VBUS to vSafe0V, there for tSrcRecover, then back to vSafe5V.
  mutating func srcTransitionToDefault() {
    step(to: .srcTransitionToDefault)
    supplyIsReady = false
    dataRole = .downstreamFacing
    actions.append(.supply(.off))
    turnVCONN(on: false)
    advertise(configuration.rp)
    contract = nil
    startTimer(.supplyAnswer, Timing.safe0V)
  }

  /// tSrcRecover is over.
  mutating func recoverSupply() {
    guard state == .srcTransitionToDefault else { return }
    phase = 2
    actions.append(.supply(.on(configuration.rp.current)))
    startTimer(.supplyAnswer, Timing.srcTurnOn)
  }

  /// vSafe5V is there again.
  mutating func sourceRecovered() {
    supplyIsReady = true
    isVCONNSource = configuration.canSupplyVCONN && !configuration.hasCaptiveCable
    if cable.wantsVCONN { turnVCONN(on: true) }
    if !configuration.hasCaptiveCable { cable.state = .unknown }
    cable.discoverIdentityCounter = 0
    srcStartup()
  }

  /// PE_SNK_Transition_to_default: the load goes off, VBUS will fall and come back.
  mutating func snkTransitionToDefault() {
    if state != .snkTransitionToDefault { step(to: .snkTransitionToDefault) }
    dataRole = .upstreamFacing
    actions.append(.draw(.nothing))
    turnVCONN(on: false)
    isVCONNSource = false
    contract = nil
    awaitsVBUSDrop = true
    snkStartup()
    if vbus != .present { policyVBUSGone() }
  }

  // MARK: Timers

  /// A timer of the policy engine expired.
  mutating func policyTimerExpired(_ timer: PortTimer) {
    stimulus = .timer(timer)
    let steps = journal.total
    switch timer {
    case .senderResponse, .vdmResponse: responseTimedOut()
    case .sourceCapability: sourceCapabilityExpired()
    case .sinkWaitCap: sinkWaitCapExpired()
    case .noResponse: noResponseExpired()
    case .hardResetComplete: hardResetSent()
    case .psHardReset: srcTransitionToDefault()
    case .psTransition: hardReset(.psTransitionTimeout)
    case .psSourceOff: errorRecovery(.psSourceOffTimeout)
    case .psSourceOn: errorRecovery(.psSourceOnTimeout)
    case .swapSourceStart: leaveStartup()
    case .vconnStable: vconnIsSettled()
    case .sinkRequest, .sinkPPSPeriodic: if state == .snkReady { requests.add(.choosePower) }
    case .sourcePPSComm: hardReset(.ppsTimeout)
    case .sinkEPRKeepAlive: requests.wantsKeepAlive = true
    case .sourceEPRKeepAlive: hardReset(.eprKeepAliveTimeout)
    case .sinkEPREnter: eprEntryTimedOut()
    case .vconnOn: hardReset(.vconnTimeout)
    case .vconnSourceOn: vconnIsStable()
    case .discoverIdentity: requests.wantsCableIdentity = mayAskCable
    case .bistContMode: bistCarrierEnded()
    case .srcTransition: transitionDue()
    case .srcRecover: if powerRole == .source { recoverSupply() } else { vbusRecoveryExpired() }
    case .supplyAnswer: supplyIsLate()
    case .decision: decisionIsLate()
    // What was held back is served right after this.
    case .swapWait, .vdmBusy, .vendorAnswer: break
    default: break
    }
    if steps == journal.total { journal.append(PolicyStep(from: state, stimulus: stimulus, to: state)) }
  }

  /// NoResponseTimer (§6.6.6): Hard Reset again, as long as that was not done too often.
  private mutating func noResponseExpired() {
    guard powerRole == .source, !protocolLayer.isResetting else { return }
    switch state {
    case .srcStartup, .srcDiscovery, .srcSendCapabilities:
      if Int(hardResetCounter) <= Counters.hardResetCount {
        hardReset(.senderResponseTimeout)
      } else if isPDConnected {
        errorRecovery(.noResponse)
      } else {
        srcDisabled()
      }
    default: break
    }
  }

  /// SenderResponseTimer, VDMResponseTimer or the chunk timers: the answer did not come.
  mutating func responseTimedOut() {
    switch state {
    case .srcSendCapabilities, .snkSelectCapability, .snkEPRKeepAlive:
      endRequest(.noAnswer)
      hardReset(.senderResponseTimeout)
    case .srcSendSoftReset, .snkSendSoftReset: hardReset(.softResetFailed)
    case .snkSendEPRModeEntry, .snkEPRModeWaitForResponse: eprEntryTimedOut()
    case .srcVDMIdentityRequest: cableDidNotAnswer()
    case .srcWaitForGetStatus, .snkWaitForGetStatus:
      endRequest(.done)
      ready()
    default:
      if resumesEPREntry { return eprEntryFailed(.vconnSourceFailed) }
      endRequest(.noAnswer)
      ready()
    }
  }

  private mutating func transitionDue() {
    if state == .srcTransitionSupply { commandTransition() } else { turnOffForSwap() }
  }
}
