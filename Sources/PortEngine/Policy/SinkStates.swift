import PowerDelivery
import PowerSupervision
import Quantities

// The sink's policy engine (USB-PD R3.2 §8.3.3.3).

extension PortEngine {
  /// PE_SNK_Startup.
  mutating func snkStartup() {
    step(to: .snkStartup)
    startAnew()
    updateHeader()
    snkDiscovery()
  }

  /// PE_SNK_Discovery: VBUS must be there; after a Hard Reset it must go first.
  mutating func snkDiscovery() {
    step(to: .snkDiscovery)
    guard awaitsVBUSDrop else {
      if vbus == .present { policyVBUSPresent() }
      return
    }
    // The source starts within tPSHardReset and is at vSafe0V within tSafe0V; a source that missed the reset is not.
    timers.start(.srcRecover, PortEngine.vbusDropLimit, at: now)
  }

  /// How long a sink waits for VBUS to fall after Hard Reset: tPSHardReset and tSafe0V at most.
  static var vbusDropLimit: Nanoseconds { Timing.psHardReset.choiceOfMaximum + Timing.safe0V.choiceOfMaximum }
  /// How long it waits for VBUS to come back: tSrcRecover of an EPR source, tSrcTurnOn, and a little.
  static var vbusReturnLimit: Nanoseconds {
    Timing.srcRecoverEPR.choiceOfMaximum + Timing.srcTurnOn.choiceOfMaximum + Nanoseconds(100_000_000)
  }

  /// VBUS has come.
  mutating func policyVBUSPresent() {
    stimulus = .vbusPresent
    guard state == .snkDiscovery, !awaitsVBUSDrop || phase == 1 else { return }
    awaitsVBUSDrop = false
    drawTypeC()
    snkWaitForCapabilities()
  }

  /// VBUS has gone after a Hard Reset.
  mutating func policyVBUSGone() {
    stimulus = .vbusGone
    guard state == .snkDiscovery, phase == 0 else { return }
    phase = 1
    timers.start(.srcRecover, PortEngine.vbusReturnLimit, at: now)
  }

  /// VBUS did not fall, or did not come back.
  mutating func vbusRecoveryExpired() {
    guard state == .snkDiscovery else { return }
    awaitsVBUSDrop = false
    if vbus == .present { policyVBUSPresent() } else { sinkDetached() }
  }

  /// PE_SNK_Wait_for_Capabilities.
  mutating func snkWaitForCapabilities() {
    step(to: .snkWaitForCapabilities)
    startTimer(.sinkWaitCap, Timing.typeCSinkWaitCap)
  }

  /// SinkWaitCapTimer: no capabilities. Optional in the default contract, due where one is renewed (§6.6.4.1).
  mutating func sinkWaitCapExpired() {
    let isDue = isInEPRMode || hasExplicitContract || configuration.timing.hardResetWithoutCapabilities
    if isDue && Int(hardResetCounter) <= Counters.hardResetCount {
      hardReset(.noCapabilities)
    } else {
      actions.append(.notify(.noPowerDelivery))
    }
  }

  mutating func receivedInWaitForCapabilities(_ message: ShortMessage) {
    switch message.kind {
    case .data(.sourceCapabilities) where !isInEPRMode: snkEvaluateCapability(message)
    case .extended(.eprSourceCapabilities) where isInEPRMode: snkEvaluateCapability(message)
    case .data(.sourceCapabilities): hardReset(.eprViolation)
    // A source may want to know what to offer before it offers; nothing else is understood here.
    case .control(.getSinkCap) where !hasExplicitContract: snkGiveSinkCap()
    default: protocolError()
    }
  }

  /// PE_SNK_Evaluate_Capability.
  mutating func snkEvaluateCapability(_ message: ShortMessage) {
    step(to: .snkEvaluateCapability)
    if !hasExplicitContract { negotiateRevision(message.header.specificationRevision) }
    keepSourceCapabilities(message)
    actions.append(.notify(.sourceCapabilities))
    guard !isInEPRMode || !partnerSourceCapabilities.hasEPRObjectInSPRPosition else {
      return hardReset(.eprViolation)
    }
    if sinkPolicy.evaluation == .ask { return ask(.capabilities) }
    snkSelectCapability(startsAMS: false)
  }

  /// Keeps what a capabilities message lists.
  mutating func keepSourceCapabilities(_ message: ShortMessage) {
    partnerSourceCapabilities = powerDataObjects(of: message)
  }

  /// The objects of a capabilities message: its own, or in an extended one those of the block that came in chunks.
  mutating func powerDataObjects(of message: ShortMessage) -> PowerDataObjectList {
    var list = PowerDataObjectList()
    if message.header.extended {
      for index in 0..<min(chunking.assembler.block.count >> 2, PowerDataObjectList.capacity) {
        list.append(chunking.assembler.block.word(at: index &* 4))
      }
    } else {
      for index in 0..<message.objectCount { list.append(message.object(index)) }
    }
    return list
  }

  /// PE_SNK_Select_Capability. The request is an answer to capabilities, or starts an AMS from Ready.
  mutating func snkSelectCapability(startsAMS: Bool) {
    step(to: .snkSelectCapability)
    let chooser = SinkChooser(
      policy: sinkPolicy, offered: partnerSourceCapabilities, revision: revision, isEPR: isInEPRMode,
      usbCommunicationsCapable: configuration.usbCommunicationsCapable)
    let choice = chooser.choose()
    lastRequest = choice.request
    nextContract = choice.contract
    var message = ShortMessage(isInEPRMode ? .eprRequest : .request, header: headerTemplate)
    message.append(choice.request)
    if isInEPRMode { message.append(choice.contract.object) }
    transmit(message, startsAMS: startsAMS)
  }

  mutating func receivedInSelectCapability(_ message: ShortMessage) {
    switch message.kind {
    case .control(.accept): snkTransitionSink()
    case .control(.reject), .control(.notSupported): requestRefused(isWait: false)
    case .control(.wait): requestRefused(isWait: true)
    default: protocolError()
    }
  }

  private mutating func requestRefused(isWait: Bool) {
    actions.append(.notify(isWait ? .requestDeferred : .requestRejected))
    endRequest(isWait ? .wait : .rejected)
    guard hasExplicitContract else { return snkWaitForCapabilities() }
    snkReady()
    if isWait { startTimer(.sinkRequest, Timing.sinkRequest) }
  }

  /// PE_SNK_Transition_Sink: the load goes to where it may be while VBUS moves (§7.2.3).
  mutating func snkTransitionSink() {
    step(to: .snkTransitionSink)
    startTimer(.psTransition, nextContract.isEPR ? Timing.psTransitionEPR : Timing.psTransitionSPR)
    actions.append(.draw(allowanceInTransition()))
  }

  private mutating func allowanceInTransition() -> SinkAllowance {
    guard let contract else { return .nothing }
    // Within one PPS or AVS object the sink may go on with the lower of both currents (§7.2.3.1).
    if contract.isSameProgrammableObject(as: nextContract) {
      return SinkAllowance(
        .contract, voltage: nextContract.voltage, current: min(contract.current, nextContract.current))
    }
    let step = nextContract.voltage - contract.voltage
    if step > ElectricalLimits.vSmallStep.maximumOrZero {
      let standby = ElectricalLimits.iSnkStdby.maximum ?? Milliamperes(500)
      return SinkAllowance(
        .standby, voltage: nextContract.voltage, current: min(standby, nextContract.current))
    }
    return SinkAllowance(
      .standby, voltage: nextContract.voltage, current: min(contract.current, nextContract.current))
  }

  mutating func receivedInTransitionSink(_ message: ShortMessage) {
    guard message.kind == .control(.psRDY) else { return protocolError() }
    contract = nextContract
    hasExplicitContract = true
    // Hard Resets that led to a contract are over (spec/text/usb-pd/open-questions.md).
    hardResetCounter = 0
    actions.append(
      .draw(SinkAllowance(.contract, voltage: nextContract.voltage, current: nextContract.current)))
    actions.append(.notify(.contract(nextContract)))
    endRequest(.done)
    snkReady()
  }

  /// PE_SNK_Ready.
  mutating func snkReady() {
    step(to: .snkReady)
    guard hasExplicitContract else { return }
    if contract?.supply == .sprPPS {
      timers.start(.sinkPPSPeriodic, configuration.timing.ppsRequest, at: now)
    }
    if isInEPRMode { startTimer(.sinkEPRKeepAlive, Timing.sinkEPRKeepAlive) }
    if mayAskCable { startTimer(.discoverIdentity, Timing.discoverIdentity) }
    enterEPRIfWanted()
  }

  /// PE_SNK_EPR_Keep_Alive.
  mutating func snkEPRKeepAlive() {
    step(to: .snkEPRKeepAlive)
    send(.eprKeepAlive, startsAMS: true)
  }

  /// PE_SNK_Get_Source_Cap.
  mutating func snkGetSourceCap() {
    step(to: .snkGetSourceCap)
    if isInEPRMode { send(.eprGetSourceCap, startsAMS: true) } else { send(.getSourceCap, startsAMS: true) }
  }

  /// PE_SNK_Give_Sink_Cap.
  mutating func snkGiveSinkCap() {
    step(to: .snkGiveSinkCap)
    send(.sinkCapabilities, sinkOffer())
  }

  /// The sink's capabilities as they are sent: flags of the first object filled in.
  mutating func sinkOffer() -> PowerDataObjectList {
    var offer = PowerDataObjectList()
    for position in 1...7 {
      guard let word = sinkPolicy.capabilities.word(at: position) else { break }
      if revision == .revision2, word >> 30 == 0b11 { continue }
      guard position == 1, case .fixed(var first) = SinkPDO(rawValue: word) else {
        offer.append(word)
        continue
      }
      first.dualRolePower = configuration.roles.isDualRole
      first.usbCommunicationsCapable = configuration.usbCommunicationsCapable
      first.dualRoleData = configuration.dataRoleSwap != .unsupported
      offer.append(first.rawValue)
    }
    // A sink without a list still takes vSafe5V (§6.4.1.3).
    if offer.count == 0 { offer.append(FixedSupplySinkPDO.vSafe5V.rawValue) }
    return offer
  }
}

extension FixedSupplySinkPDO {
  /// 5 V and no current: the least that a sink can say.
  static var vSafe5V: FixedSupplySinkPDO {
    var object = FixedSupplySinkPDO()
    object.voltage = Millivolts(5_000)
    return object
  }
}

extension TimerLimits {
  /// The upper end; 0 where there is none.
  var choiceOfMaximum: Nanoseconds { maximum ?? .zero }
}

extension QuantityLimits where Value == Millivolts {
  var maximumOrZero: Millivolts { maximum ?? .zero }
}

extension PowerDataObjectList {
  /// EPR objects belong in positions 8 and up (§6.5.15.1).
  var hasEPRObjectInSPRPosition: Bool {
    for position in 1...7 where source(at: position)?.isEPR == true { return true }
    return false
  }
}
