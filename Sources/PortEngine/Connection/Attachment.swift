import PowerDelivery
import PowerSupervision
import Quantities

// Attach and detach: what the connection state machine does to power, VCONN and the layers above it.

extension PortEngine {
  mutating func attachAsSource() {
    timers.stop(.drpTry)
    let pin = ccLevels.sinkPin ?? .cc1
    becomeAttached(as: .source, data: .downstreamFacing, on: pin)
    cable = CableKnowledge(configuration)
    cable.wantsVCONN =
      configuration.canSupplyVCONN && !configuration.hasCaptiveCable && ccLevels[pin.other] == .ra
    isVCONNSource = configuration.canSupplyVCONN && !configuration.hasCaptiveCable
    supplyIsReady = false
    actions.append(.supply(.on(configuration.rp.current)))
    startTimer(.supplyAnswer, Timing.vbuson)
    if cable.wantsVCONN { turnVCONN(on: true) }
    srcStartup()
  }

  mutating func attachAsSink() {
    timers.stop(.drpTry)
    timers.stop(.drpTryWait)
    becomeAttached(as: .sink, data: .upstreamFacing, on: ccLevels.sourcePin ?? .cc1)
    cable = CableKnowledge(configuration)
    isVCONNSource = false
    snkStartup()
  }

  private mutating func becomeAttached(as power: PortPowerRole, data: PortDataRole, on pin: CCPin) {
    powerRole = power
    dataRole = data
    orientation = pin
    revision = configuration.revision
    hasExplicitContract = false
    isInEPRMode = false
    isPDConnected = false
    hardResetCounter = 0
    updateHeader()
    actions.append(.setOrientation(pin))
    actions.append(.listen(power == .source ? .sopAndPrime : .sop))
    actions.append(.notify(.attached(power, pin)))
  }

  /// Switches VCONN; after it is stable the cable can be asked.
  mutating func turnVCONN(on: Bool) {
    guard vconnIsOn != on else { return }
    vconnIsOn = on
    actions.append(.setVCONN(on))
    if on { startTimer(.vconnStable, Timing.vconnStable) } else { timers.stop(.vconnStable) }
  }

  /// As a source: the partner's pin is open.
  mutating func sourceDetached() {
    let dischargesVCONN = vconnIsOn
    detach()
    actions.append(.supply(.off))
    if dischargesVCONN {
      enterConnection(.unattachedWaitSRC)
    } else {
      leaveAttachedSRC()
    }
  }

  /// Where a source goes whose sink is gone. Of two ports that both prefer to be the source, each would take the part
  /// from the other for ever, if the one that loses it did not wait as a sink.
  mutating func leaveAttachedSRC() {
    if configuration.roles == .dualRoleTrySource { enterConnection(.tryWaitSNK) } else { enterUnattached() }
  }

  /// As a sink: VBUS is gone without a reason that we know.
  mutating func sinkDetached() {
    detach()
    enterUnattached()
  }

  /// Ends everything that needs a partner.
  mutating func detach() {
    guard state != .detached else { return }
    if state == .bistCarrierMode { actions.append(.stopBISTCarrier) }
    timers.stopAll()
    endAllRequests(.interrupted)
    resetProtocolLayer()
    protocolLayer.isResetting = false
    protocolLayer.staleResults = 0
    turnVCONN(on: false)
    isVCONNSource = false
    if powerRole == .sink { actions.append(.draw(.nothing)) }
    isSwappingPower = false
    isInEPRMode = false
    hasExplicitContract = false
    contract = nil
    orientation = nil
    supplyIsReady = false
    awaitsVBUSDrop = false
    alertAfterFault = AlertDataObject()
    lastAlert = 0
    awaitedDecision = nil
    partnerSourceCapabilities = PowerDataObjectList()
    partnerSinkCapabilities = PowerDataObjectList()
    step(to: .detached, by: .detached)
    actions.append(.setOrientation(nil))
    actions.append(.listen(.off))
    actions.append(.notify(.detached))
  }

  /// ErrorRecovery: both terminations off for tErrorRecovery, then from the start.
  mutating func errorRecovery(_ reason: ErrorRecoveryReason) {
    guard connection != .errorRecovery, connection != .disabled else { return }
    actions.append(.notify(.errorRecovery(reason)))
    if state != .detached { step(to: .errorRecovery, by: .errorRecovery) }
    stimulus = .errorRecovery
    detach()
    actions.append(.supply(.off))
    enterConnection(.errorRecovery)
  }

  /// As a sink: VBUS crossed a threshold.
  mutating func sinkSeesVBUS() {
    if vbus == .present {
      policyVBUSPresent()
    } else if awaitsVBUSDrop {
      policyVBUSGone()
    } else if !isSwappingPower {
      sinkDetached()
    }
  }
}

extension SinkAllowance {
  static var nothing: SinkAllowance { SinkAllowance(.nothing, voltage: .zero, current: .zero) }
}
