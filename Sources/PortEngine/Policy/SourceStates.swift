import PowerDelivery
import PowerSupervision
import Quantities

// The source's policy engine (USB-PD R3.2 §8.3.3.2).

extension PortEngine {
  /// PE_SRC_Startup.
  /// - Parameter afterSwap: after a power role swap SwapSourceStartTimer keeps the first capabilities back.
  mutating func srcStartup(afterSwap: Bool = false) {
    step(to: .srcStartup)
    capsCounter = 0
    startAnew()
    contract = .typeC(configuration.rp.current)
    updateHeader()
    advertise(configuration.rp)
    if afterSwap { startTimer(.swapSourceStart, Timing.swapSourceStart) }
    if supplyIsReady { leaveStartup() } else { startTimer(.supplyAnswer, Timing.vbuson) }
  }

  /// VBUS is there, SwapSourceStartTimer is over and VCONN is stable: the first capabilities can go.
  mutating func leaveStartup() {
    guard state == .srcStartup, supplyIsReady, !timers.isRunning(.swapSourceStart) else { return }
    if mayAskCable {
      // The cable answers tVCONNStable after VCONN was switched on.
      guard !timers.isRunning(.vconnStable) else { return }
      return srcVDMIdentityRequest()
    }
    srcSendCapabilities()
  }

  /// PE_SRC_Discovery.
  mutating func srcDiscovery() {
    step(to: .srcDiscovery)
    startTimer(.sourceCapability, Timing.typeCSendSourceCap)
  }

  /// SourceCapabilityTimer expired.
  mutating func sourceCapabilityExpired() {
    if let limit = configuration.capsCountLimit, capsCounter > limit { return srcDisabled() }
    srcSendCapabilities()
  }

  /// A message before the first capabilities were acknowledged: Get_Source_Cap is answered with them.
  mutating func receivedInDiscovery(_ message: ShortMessage) {
    if message.kind == .control(.getSourceCap) { srcSendCapabilities() } else { protocolError() }
  }

  /// PE_SRC_Disabled: the partner gets vSafe5V and no word.
  mutating func srcDisabled() {
    step(to: .srcDisabled)
    timers.stop(.noResponse)
    dropOutgoing()
    actions.append(.notify(.noPowerDelivery))
  }

  /// PE_SRC_Send_Capabilities.
  mutating func srcSendCapabilities(asAnswer: Bool = false) {
    step(to: .srcSendCapabilities)
    capsCounter &+= 1
    buildOffer()
    if isInEPRMode {
      loadOffer()
      transmitExtended(.eprSourceCapabilities, startsAMS: !asAnswer)
    } else {
      send(.sourceCapabilities, offeredCapabilities, startsAMS: !asAnswer)
    }
  }

  /// Source_Capabilities was acknowledged.
  mutating func sentCapabilities() {
    timers.stop(.noResponse)
    hardResetCounter = 0
    capsCounter = 0
    phase = 1
    awaitResponse()
  }

  /// Source_Capabilities was not acknowledged: nobody there, or nobody any more.
  mutating func failedCapabilities() {
    if hasExplicitContract { return sendSoftReset() }
    srcDiscovery()
  }

  mutating func receivedInSendCapabilities(_ message: ShortMessage) {
    switch message.kind {
    case .data(.request) where !isInEPRMode: srcNegotiateCapability(message)
    case .data(.eprRequest) where isInEPRMode: srcNegotiateCapability(message)
    case .data(.request), .data(.eprRequest): hardReset(.eprViolation)
    // A sink that asks before it heard the answer; it gets it (again).
    case .control(.getSourceCap) where !hasExplicitContract && phase == 0: srcSendCapabilities()
    default: protocolError()
    }
  }

  /// PE_SRC_Negotiate_Capability.
  mutating func srcNegotiateCapability(_ message: ShortMessage) {
    step(to: .srcNegotiateCapability)
    endRequest(.done)
    if !hasExplicitContract { negotiateRevision(message.header.specificationRevision) }
    lastRequest = message.object(0)
    switch evaluate(message) {
    case .invalidCopy: hardReset(.eprViolation)
    case .reject: srcCapabilityResponse(.reject)
    case .grant(let contract):
      nextContract = contract
      switch sourcePolicy.acceptance {
      case .automatic: srcTransitionSupply()
      case .wait: srcCapabilityResponse(.wait)
      case .ask: ask(.powerRequest)
      }
    }
  }

  /// The lower of the own revision and the partner's; a reserved one is taken for the own (§6.2.1.1.5).
  mutating func negotiateRevision(_ partner: SpecificationRevision) {
    let lower = min(partner.rawValue, configuration.revision.rawValue)
    revision = lower <= SpecificationRevision.revision2.rawValue ? .revision2 : .revision3
    updateHeader()
  }

  /// PE_SRC_Transition_Supply: Accept now, PS_RDY when VBUS is there.
  mutating func srcTransitionSupply() {
    step(to: .srcTransitionSupply)
    send(.accept)
  }

  /// Going down by GotoMin: the message takes the place of Accept (Revision 2.0).
  mutating func srcGotoMin() {
    step(to: .srcTransitionSupply)
    send(.gotoMin, startsAMS: true)
  }

  mutating func sentInTransitionSupply() {
    guard phase == 0 else { return contractReached() }
    phase = 1
    // A sink that goes on within the same PPS or AVS object need not go to standby first (§7.1.4).
    if let contract, contract.isSameProgrammableObject(as: nextContract) { return commandTransition() }
    timers.start(.srcTransition, configuration.timing.srcTransition, at: now)
  }

  mutating func commandTransition() {
    guard state == .srcTransitionSupply else { return }
    phase = 2
    actions.append(.supply(.transition(nextContract)))
    startTimer(.supplyAnswer, nextContract.isEPR || isInEPRMode ? Timing.srcReadyEPR : Timing.srcReadySPR)
  }

  /// PS_RDY was acknowledged: the contract holds.
  private mutating func contractReached() {
    contract = nextContract
    hasExplicitContract = true
    actions.append(.notify(.contract(nextContract)))
    if alertAfterFault.rawValue != 0 { announceFault() }
    srcReady()
  }

  /// A protection has acted: an Alert says so once there is a contract again (§7.1.7, §6.4.6).
  private mutating func announceFault() {
    if revision == .revision3 {
      requests.alert = alertAfterFault
      requests.add(.alert)
    }
    alertAfterFault = AlertDataObject()
  }

  /// PE_SRC_Ready.
  mutating func srcReady() {
    step(to: .srcReady)
    if !requests.isEmpty && avoidsCollisions {
      // The next AMS follows within tSrcHoldsBus: SinkTxNG stays.
    } else if avoidsCollisions {
      timers.stop(.sinkTx)
      advertise(.sinkTxOK)
    }
    guard hasExplicitContract else { return }
    if contract?.supply == .sprPPS { startTimer(.sourcePPSComm, Timing.ppsTimeout) }
    if isInEPRMode { startTimer(.sourceEPRKeepAlive, Timing.sourceEPRKeepAlive) }
    if mayAskCable { startTimer(.discoverIdentity, Timing.discoverIdentity) }
  }

  /// PE_SRC_Capability_Response.
  mutating func srcCapabilityResponse(_ answer: PortDecision) {
    step(to: .srcCapabilityResponse)
    // Wait promises that the present contract stays; without one, or with one that is gone, it is Reject.
    let mayWait = answer == .wait && hasExplicitContract && coversContract()
    send(mayWait ? .wait : .reject)
    actions.append(.notify(mayWait ? .requestDeferred : .requestRejected))
  }

  mutating func sentCapabilityResponse() {
    if !hasExplicitContract { return srcWaitNewCapabilities() }
    if coversContract() { srcReady() } else { hardReset(.contractInvalid) }
  }

  /// PE_SRC_Wait_New_Capabilities.
  mutating func srcWaitNewCapabilities() {
    step(to: .srcWaitNewCapabilities)
  }

  mutating func receivedInWaitNewCapabilities(_ message: ShortMessage) {
    if message.kind == .control(.getSourceCap) {
      srcSendCapabilities(asAnswer: true)
    } else {
      protocolError()
    }
  }
}
