import PowerDelivery
import PowerSupervision
import Quantities

// EPR mode: entry, exit, and what ends it (USB-PD R3.2 §6.4.10, §8.3.3.26).

/// Where an EPR entry is.
struct EPREntry: Sendable, Equatable {
  /// As a source: the entry goes on after an embedded VCONN_Swap or Discover Identity.
  var isUnderWay = false
  /// As a sink: the policy wants EPR and it was not tried in this contract yet.
  var wasTried = false
}

extension PortEngine {
  /// Whether an embedded exchange belongs to an EPR entry of this source.
  @inline(__always) var resumesEPREntry: Bool { eprEntry.isUnderWay && powerRole == .source }

  private mutating func send(_ action: EPRModeAction, data: UInt8 = 0, startsAMS: Bool = false) {
    var object = EPRModeDataObject()
    object.action = action
    object.data = data
    send(.eprMode, object.rawValue, startsAMS: startsAMS)
  }

  // MARK: Source

  mutating func receivedEPRModeAsSource(_ message: ShortMessage) {
    let object = EPRModeDataObject(rawValue: message.object(0))
    switch object.action {
    case .enter where sourcePolicy.eprCapabilities.count == 0 && !isInEPRMode: sendNotSupported()
    case .enter where !isInEPRMode: srcEvaluateEPRModeEntry()
    case .exit where isInEPRMode: eprModeExitReceived()
    default: protocolError()
    }
  }

  /// PE_SRC_Evaluate_EPR_Mode_Entry.
  private mutating func srcEvaluateEPRModeEntry() {
    step(to: .srcEvaluateEPRModeEntry)
    let request = RequestDataObject(rawValue: lastRequest)
    if !offersEPR { return eprEntryFailed(.capabilityBitClear) }
    if !request.eprCapable { return eprEntryFailed(.requestBitClear) }
    if !hasExplicitContract { return eprEntryFailed(.sourceUnable) }
    step(to: .srcEPRModeEntryAck)
    send(.enterAcknowledged)
  }

  /// The cable decides: known ones at once, others are asked, for which VCONN is needed.
  private mutating func evaluateCableForEPR() {
    switch cable.state {
    case .identified: srcEPRModeEvaluateCableEPR()
    case .silent: eprEntryFailed(.cableNotEPR)
    case .unknown:
      eprEntry.isUnderWay = true
      if isVCONNSource { srcEPRModeDiscoverCable() } else { sendVCONNSwap(isEmbedded: true) }
    }
  }

  /// PE_SRC_EPR_Mode_Discover_Cable.
  mutating func srcEPRModeDiscoverCable() {
    step(to: .srcEPRModeDiscoverCable)
    guard cable.wantsVCONN else { return eprEntryFailed(.cableNotEPR) }
    if timers.isRunning(.vconnStable) { return }
    srcVDMIdentityRequest()
  }

  /// PE_SRC_EPR_Mode_Evaluate_Cable_EPR.
  mutating func srcEPRModeEvaluateCableEPR() {
    step(to: .srcEPRModeEvaluateCableEPR)
    eprEntry.isUnderWay = false
    guard cable.isEPR else { return eprEntryFailed(.cableNotEPR) }
    step(to: .srcEPRModeEntrySucceeded)
    send(.enterSucceeded)
  }

  /// PE_SRC_EPR_Mode_Entry_Failed: the SPR contract stays.
  mutating func eprEntryFailed(_ cause: EPRModeFailure) {
    eprEntry.isUnderWay = false
    step(to: .srcEPRModeEntryFailed)
    actions.append(.notify(.eprEntryFailed(cause)))
    send(.enterFailed, data: cause.rawValue)
  }

  /// A message of EPR_Mode was acknowledged.
  mutating func sentInEPRMode() {
    switch state {
    case .srcEPRModeEntryAck: evaluateCableForEPR()
    case .srcEPRModeEntrySucceeded:
      isInEPRMode = true
      actions.append(.notify(.eprModeEntered))
      srcSendCapabilities()
    case .snkSendEPRModeEntry:
      awaitResponse()
      startTimer(.sinkEPREnter, Timing.enterEPR)
    case .srcSendEPRModeExit, .snkSendEPRModeExit:
      endRequest(.done)
      leaveEPRMode()
    default: ready()
    }
  }

  // MARK: Exit

  /// Whether the contract is on an SPR object, without which EPR mode cannot be left (§6.4.10.3).
  @inline(__always) private var isOnSPRObject: Bool { (contract?.position ?? 0) <= 7 }

  /// PE_SRC_Send_EPR_Mode_Exit, PE_SNK_Send_EPR_Mode_Exit.
  mutating func beginEPRExit() -> Bool {
    guard isOnSPRObject else { return false }
    step(to: powerRole == .source ? .srcSendEPRModeExit : .snkSendEPRModeExit)
    send(.exit, startsAMS: true)
    return true
  }

  /// PE_SRC_EPR_Mode_Exit_Received, PE_SNK_EPR_Mode_Exit_Received.
  private mutating func eprModeExitReceived() {
    step(to: powerRole == .source ? .srcEPRModeExitReceived : .snkEPRModeExitReceived)
    guard isOnSPRObject else { return hardReset(.eprViolation) }
    leaveEPRMode()
  }

  private mutating func leaveEPRMode() {
    isInEPRMode = false
    eprEntry.wasTried = true
    actions.append(.notify(.eprModeLeft))
    if powerRole == .source { srcSendCapabilities(asAnswer: true) } else { snkWaitForCapabilities() }
  }

  // MARK: Sink

  /// Whether the last Source_Capabilities says that the source has EPR (bit 23).
  @inline(__always) private var partnerOffersEPR: Bool {
    if case .fixed(let first)? = partnerSourceCapabilities.source(at: 1) { return first.eprCapable }
    return false
  }

  /// In Ready of an SPR contract: enters EPR mode once, where both sides can and the policy wants it.
  mutating func enterEPRIfWanted() {
    guard sinkPolicy.entersEPR, !isInEPRMode, !eprEntry.wasTried, revision == .revision3, partnerOffersEPR
    else { return }
    eprEntry.wasTried = true
    requests.add(.enterEPR)
  }

  /// PE_SNK_Send_EPR_Mode_Entry.
  mutating func beginEPREntry() -> Bool {
    guard hasExplicitContract, !isInEPRMode, partnerOffersEPR else { return false }
    step(to: .snkSendEPRModeEntry)
    // Data is the sink's operational PDP in watts (§6.4.10, Table 6.50).
    send(
      .enter, data: UInt8(clamping: sinkPolicy.operatingPower.rawValue / 1_000), startsAMS: true)
    return true
  }

  mutating func receivedInEPREntryAsSink(_ message: ShortMessage) {
    // The source may need VCONN to ask the cable (§6.4.10.1).
    if state == .snkEPRModeWaitForResponse, message.kind == .control(.vconnSwap) {
      return receivedVCONNSwap()
    }
    if message.kind == .control(.notSupported), state == .snkSendEPRModeEntry {
      timers.stop(.sinkEPREnter)
      return notSupportedReceived()
    }
    guard message.kind == .data(.eprMode) else { return eprEntryBroken(.interrupted) }
    let object = EPRModeDataObject(rawValue: message.object(0))
    switch (state, object.action) {
    case (.snkSendEPRModeEntry, .enterAcknowledged): step(to: .snkEPRModeWaitForResponse)
    case (.snkEPRModeWaitForResponse, .enterSucceeded):
      timers.stop(.sinkEPREnter)
      isInEPRMode = true
      actions.append(.notify(.eprModeEntered))
      endRequest(.done)
      snkWaitForCapabilities()
    case (_, .enterFailed): eprEntryBroken(EPRModeFailure(rawValue: object.data) ?? .unknown)
    default: eprEntryBroken(.interrupted)
    }
  }

  /// The entry failed at the sink: Soft_Reset, and the SPR contract is made anew (§6.4.10.1).
  private mutating func eprEntryBroken(_ cause: EPRModeFailure) {
    timers.stop(.sinkEPREnter)
    actions.append(.notify(.eprEntryFailed(cause)))
    endRequest(cause == .noAnswer ? .noAnswer : .rejected)
    sendSoftReset()
  }

  /// SinkEPREnterTimer or SenderResponseTimer.
  mutating func eprEntryTimedOut() {
    guard !isInEPRMode, powerRole == .sink, !protocolLayer.isResetting else { return }
    eprEntryBroken(.noAnswer)
  }

  mutating func receivedEPRModeAsSink(_ message: ShortMessage) {
    let object = EPRModeDataObject(rawValue: message.object(0))
    if object.action == .exit, isInEPRMode { eprModeExitReceived() } else { protocolError() }
  }
}
