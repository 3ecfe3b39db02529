import LineCode
import PowerDelivery
import PowerSupervision
import Quantities

// What all states of the policy engine share: steps, messages, and how an input finds its state.
//
// The entry action of a state is the method with its name: `srcSendCapabilities()` steps to
// PE_SRC_Send_Capabilities and does what the standard prints under "Actions on entry".

extension PortEngine {
  /// Steps to a state; timers that belong to the state that is left stop.
  mutating func step(to new: PolicyState, by stimulus: PolicyStimulus? = nil) {
    journal.append(PolicyStep(from: state, stimulus: stimulus ?? self.stimulus, to: new))
    state = new
    phase = 0
    timers.stop(TimerSet.ofStates)
  }

  /// What both startup states do: nothing that was negotiated before counts any more.
  mutating func startAnew() {
    resetProtocolLayer()
    protocolLayer.isResetting = false
    revision = configuration.revision
    hasExplicitContract = false
    isInEPRMode = false
    lastRequest = 0
    eprEntry = EPREntry()
  }

  @inline(__always) var isReady: Bool { state == .srcReady || state == .snkReady }

  /// Back to Ready in the present role, after an AMS.
  mutating func ready() {
    if powerRole == .source { srcReady() } else { snkReady() }
  }

  /// Roles and revision changed: headers follow.
  mutating func updateHeader() {
    var header = MessageHeader()
    header.specificationRevision = revision
    header.portPowerRole = powerRole
    header.portDataRole = dataRole
    headerTemplate = header
    var cableHeader = MessageHeader()
    cableHeader.specificationRevision =
      revision == .revision2 ? .revision2 : cable.revision
    cableHeaderTemplate = cableHeader
    if configuration.goodCRC != .engine { actions.append(.setGoodCRCHeader(header)) }
  }

  // MARK: Messages

  mutating func send(_ type: ControlMessageType, startsAMS: Bool = false) {
    transmit(ShortMessage(type, header: headerTemplate), startsAMS: startsAMS)
  }

  mutating func send(_ type: DataMessageType, _ word: UInt32, startsAMS: Bool = false) {
    var message = ShortMessage(type, header: headerTemplate)
    message.append(word)
    transmit(message, startsAMS: startsAMS)
  }

  mutating func send(
    _ type: DataMessageType, _ objects: borrowing PowerDataObjectList, startsAMS: Bool = false
  ) {
    var message = ShortMessage(type, header: headerTemplate)
    for position in 1...7 {
      guard let word = objects.word(at: position) else { break }
      message.append(word)
    }
    transmit(message, startsAMS: startsAMS)
  }

  mutating func send(_ control: ExtendedControlType, startsAMS: Bool = false) {
    chunking.sending.removeAll()
    chunking.sending.append(control.rawValue)
    chunking.sending.append(0)
    transmitExtended(.extendedControl, startsAMS: startsAMS)
  }

  /// The last message was the first of an answered exchange: its answer is due within tSenderResponse.
  mutating func awaitResponse() {
    timers.start(.senderResponse, configuration.timing.senderResponse, at: now)
  }

  // MARK: Inputs

  /// A message of the partner, or the cable, is complete.
  /// - Parameter isWhole: false where an extended message did not arrive as it must; then it counts as unexpected.
  mutating func policyReceived(_ message: ShortMessage, isWhole: Bool = true) {
    stimulus = .received(message.kind)
    let steps = journal.total
    if message.orderedSet == .sop { isPDConnected = true }
    if message.orderedSet != .sop {
      receivedFromCable(message)
    } else if message.kind == .control(.softReset) {
      softResetReceived()
    } else if !isWhole {
      if isReady { sendNotSupported() } else { protocolError() }
    } else {
      receivedInState(message)
    }
    if steps == journal.total { journal.append(PolicyStep(from: state, stimulus: stimulus, to: state)) }
  }

  private mutating func receivedInState(_ message: ShortMessage) {
    switch state {
    case .srcReady: receivedInSourceReady(message)
    case .snkReady: receivedInSinkReady(message)
    case .srcSendCapabilities: receivedInSendCapabilities(message)
    case .snkSelectCapability: receivedInSelectCapability(message)
    case .snkTransitionSink: receivedInTransitionSink(message)
    case .snkWaitForCapabilities, .snkDiscovery: receivedInWaitForCapabilities(message)
    case .srcWaitNewCapabilities: receivedInWaitNewCapabilities(message)
    case .srcSendSoftReset, .snkSendSoftReset: receivedInSendSoftReset(message)
    case .srcDiscovery: receivedInDiscovery(message)
    case .bistTestMode, .bistCarrierMode, .srcDisabled, .srcStartup, .snkStartup: break
    default: receivedInExchange(message)
    }
  }

  /// The own message was acknowledged.
  mutating func policySent() {
    stimulus = .sent
    let steps = journal.total
    if protocolLayer.outgoing.orderedSet == .sop { isPDConnected = true }
    switch state {
    case .srcSendCapabilities: sentCapabilities()
    case .srcTransitionSupply: sentInTransitionSupply()
    case .srcCapabilityResponse: sentCapabilityResponse()
    case .snkSelectCapability, .snkGetSourceCap, .snkEPRKeepAlive, .srcGetSinkCap, .getInformation,
      .srcSendSoftReset, .snkSendSoftReset, .drSRCGetSourceCap, .drSNKGetSinkCap, .drsDFPUFPSendSwap,
      .drsUFPDFPSendSwap, .prsSRCSNKSendSwap, .prsSNKSRCSendSwap, .vcsSendSwap:
      awaitResponse()
    case .srcSoftReset, .snkSoftReset: sentSoftResetAccept()
    default: sentInExchange()
    }
    if steps == journal.total { journal.append(PolicyStep(from: state, stimulus: stimulus, to: state)) }
  }

  /// The own message was not acknowledged, after all retries (§6.7.1).
  mutating func policyFailed() {
    stimulus = .failed
    switch state {
    case .srcSendCapabilities: failedCapabilities()
    case .srcTransitionSupply: hardReset(.protocolErrorInTransition)
    case .srcSendSoftReset, .snkSendSoftReset, .srcSoftReset, .snkSoftReset: hardReset(.softResetFailed)
    case .prsSRCSNKWaitSourceOn, .prsSNKSRCSourceOn: errorRecovery(.psRDYNotAcknowledged)
    case .srcVDMIdentityRequest: cableDidNotAnswer()
    default:
      guard state != .detached, !protocolLayer.isResetting else { return }
      endRequest(.noAnswer)
      if protocolLayer.outgoing.orderedSet == .sop { sendSoftReset() } else { cableFailed() }
    }
  }

  /// The own message gave way to one that came in. The first message of an AMS is tried again later.
  mutating func policyDiscarded() {
    stimulus = .discarded
    if state == .srcVDMIdentityRequest { return cableExchangeInterrupted() }
    if state == .vdmVendorMessage, !protocolLayer.startsAMS {
      // An answer that nobody waits for any more.
      endRequest(.interrupted)
      return ready()
    }
    if state.endsPartnersExchange, hasExplicitContract {
      // Who speaks again has heard the answer, or given up waiting for it; only its GoodCRC was lost.
      return ready()
    }
    guard protocolLayer.startsAMS, hasExplicitContract else { return }
    switch state {
    case .snkSelectCapability where !requests.isServing: requests.add(.choosePower)
    case .srcSendCapabilities where !requests.isServing: requests.add(.offerCapabilities)
    default: break
    }
    requests.deferCurrent()
    ready()
  }

  /// A multi-chunk answer broke off.
  mutating func policyChunkError() {
    stimulus = .chunkError
    if isReady { return }
    responseTimedOut()
  }

  /// A message that the state does not await (§6.8.1, Table 6.73).
  mutating func protocolError() {
    switch state {
    case .srcTransitionSupply, .snkTransitionSink, .prsSRCSNKTransitionToOff, .prsSNKSRCTransitionToOff,
      .prsSRCSNKWaitSourceOn, .prsSNKSRCSourceOn:
      hardReset(.protocolErrorInTransition)
    default:
      endRequest(.interrupted)
      sendSoftReset()
    }
  }
}

extension PolicyState {
  /// Whether the state sends the last message of an exchange that the partner began.
  var endsPartnersExchange: Bool {
    switch self {
    case .srcSendNotSupported, .snkSendNotSupported, .giveInformation, .srcGiveSourceCap, .snkGiveSinkCap,
      .drSRCGiveSinkCap, .drSNKGiveSourceCap, .srcEPRKeepAlive, .drsDFPUFPRejectSwap, .drsUFPDFPRejectSwap,
      .prsSRCSNKRejectSwap, .prsSNKSRCRejectSwap, .respVDMSendIdentity, .respVDMSendSVIDs, .respVDMSendModes,
      .respVDMGetIdentityNAK, .respVDMGetSVIDsNAK, .respVDMGetModesNAK, .ufpVDMModeEntryNAK,
      .ufpVDMModeExitNAK:
      true
    default: false
    }
  }
}
