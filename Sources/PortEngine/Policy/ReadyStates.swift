import PowerSupervision
import PowerDelivery
import Quantities

// What Ready does with a message that comes in (USB-PD R3.2 §8.3.3.2.6, §8.3.3.3.7).

extension PortEngine {
  /// PE_SRC_Ready.
  mutating func receivedInSourceReady(_ message: ShortMessage) {
    switch message.kind {
    case .data(.request):
      if isInEPRMode { hardReset(.eprViolation) } else { srcNegotiateCapability(message) }
    case .data(.eprRequest) where revision == .revision3:
      if isInEPRMode {
        srcNegotiateCapability(message)
      } else if offersEPR {
        hardReset(.eprViolation)
      } else {
        sendNotSupported()
      }
    case .control(.getSourceCap):
      if isInEPRMode { srcGiveSourceCap(isEPR: false) } else { srcSendCapabilities(asAnswer: true) }
    case .control(.getSinkCap) where configuration.roles.canBeSink: drSRCGiveSinkCap()
    case .extended(.extendedControl) where revision == .revision3: receivedExtendedControlAsSource(message)
    case .data(.eprMode) where revision == .revision3: receivedEPRModeAsSource(message)
    default: receivedInReady(message)
    }
  }

  /// PE_SNK_Ready.
  mutating func receivedInSinkReady(_ message: ShortMessage) {
    switch message.kind {
    case .data(.sourceCapabilities):
      if isInEPRMode { hardReset(.eprViolation) } else { snkEvaluateCapability(message) }
    case .extended(.eprSourceCapabilities) where revision == .revision3:
      if isInEPRMode { snkEvaluateCapability(message) } else { sendNotSupported() }
    case .control(.getSinkCap): snkGiveSinkCap()
    case .control(.getSourceCap) where configuration.roles.canBeSource: drSNKGiveSourceCap()
    case .control(.gotoMin) where revision == .revision2 && sinkPolicy.givesBack: receivedGotoMin()
    case .extended(.extendedControl) where revision == .revision3: receivedExtendedControlAsSink(message)
    case .data(.eprMode) where revision == .revision3: receivedEPRModeAsSink(message)
    default: receivedInReady(message)
    }
  }

  /// What both roles do the same.
  private mutating func receivedInReady(_ message: ShortMessage) {
    switch message.kind {
    case .control(.drSwap): receivedDataRoleSwap()
    case .control(.prSwap) where configuration.roles.isDualRole: receivedPowerRoleSwap()
    case .control(.vconnSwap): receivedVCONNSwap()
    case .data(.vendorDefined): receivedVendorDefined(message)
    case .data(.bist): receivedBIST(message)
    case .data(.alert) where revision == .revision3: receivedAlert(message)
    case .control(.notSupported):
      actions.append(.notify(.notSupported(message)))
      notSupportedReceived()
    // Supported, but not now (§6.8.1).
    case .control(.accept), .control(.reject), .control(.wait), .control(.psRDY), .data(.sinkCapabilities):
      protocolError()
    case .data(.request), .data(.sourceCapabilities): protocolError()
    default: giveInformation(message)
    }
  }

  /// PE_SRC_Send_Not_Supported, PE_SNK_Send_Not_Supported; Revision 2.0 has Reject instead (§6.8.1).
  mutating func sendNotSupported() {
    step(to: powerRole == .source ? .srcSendNotSupported : .snkSendNotSupported)
    send(revision == .revision2 ? .reject : .notSupported)
  }

  /// PE_SRC_Not_Supported_Received, PE_SNK_Not_Supported_Received.
  mutating func notSupportedReceived() {
    step(to: powerRole == .source ? .srcNotSupportedReceived : .snkNotSupportedReceived)
    endRequest(.notSupported)
    ready()
  }

  /// GotoMin: down to the minimum that the request named (Revision 2.0 §6.3.2).
  private mutating func receivedGotoMin() {
    guard var contract else { return }
    let request = FixedVariableGiveBackRDO(rawValue: contract.request)
    contract.current = min(contract.current, request.minimumOperatingCurrent)
    nextContract = contract
    snkTransitionSink()
  }

  private mutating func receivedAlert(_ message: ShortMessage) {
    let alert = AlertDataObject(rawValue: message.object(0))
    actions.append(.notify(.alert(alert)))
    step(to: powerRole == .source ? .srcSinkAlertReceived : .snkSourceAlertReceived)
    ready()
  }

  /// Answers, and what else comes in while an exchange of the own port goes on.
  mutating func receivedInExchange(_ message: ShortMessage) {
    switch state {
    case .getInformation, .srcGetSinkCap, .snkGetSourceCap, .drSRCGetSourceCap, .drSNKGetSinkCap,
      .srcWaitForGetStatus, .snkWaitForGetStatus, .snkEPRKeepAlive:
      receivedInformation(message)
    case .drsDFPUFPSendSwap, .drsUFPDFPSendSwap: receivedInSendDataRoleSwap(message)
    case .prsSRCSNKSendSwap, .prsSNKSRCSendSwap, .prsSRCSNKWaitSourceOn, .prsSNKSRCTransitionToOff:
      receivedInPowerRoleSwap(message)
    case .vcsSendSwap, .vcsWaitForVCONN: receivedInVCONNSwap(message)
    case .snkSendEPRModeEntry, .snkEPRModeWaitForResponse: receivedInEPREntryAsSink(message)
    case .initPortVDMIdentityRequest, .initVDMSVIDsRequest, .initVDMModesRequest, .vdmVendorMessage:
      receivedVDMResponse(message)
    default: protocolError()
    }
  }

  /// The own message of an exchange was acknowledged.
  mutating func sentInExchange() {
    switch state {
    case .srcSendNotSupported, .snkSendNotSupported, .giveInformation, .srcGiveSourceCap, .snkGiveSinkCap,
      .drSRCGiveSinkCap, .drSNKGiveSourceCap, .srcEPRKeepAlive, .drsDFPUFPRejectSwap, .drsUFPDFPRejectSwap,
      .prsSRCSNKRejectSwap, .prsSNKSRCRejectSwap:
      answered()
    case .vcsRejectSwap: resumeAfterVCONNSwap()
    case .drsDFPUFPAcceptSwap, .drsUFPDFPAcceptSwap: changeDataRole()
    case .prsSRCSNKAcceptSwap, .prsSNKSRCAcceptSwap: powerRoleSwapAccepted()
    case .prsSRCSNKWaitSourceOn: startTimer(.psSourceOn, Timing.psSourceOn)
    case .prsSNKSRCSourceOn: becomeSource()
    case .vcsAcceptSwap: vconnSwapAccepted()
    case .vcsSendPSRdy: vconnSwapped()
    case .srcSendSourceAlert, .snkSendSinkAlert: sentAlert()
    case .srcEPRModeEntryAck, .srcEPRModeEntrySucceeded, .srcEPRModeEntryFailed, .snkSendEPRModeEntry,
      .srcSendEPRModeExit, .snkSendEPRModeExit:
      sentInEPRMode()
    default: sentVDM()
    }
  }

  /// An answer to the partner's question has gone: Ready, or where the question came before a contract, back there.
  private mutating func answered() {
    if hasExplicitContract || powerRole == .source { ready() } else { snkWaitForCapabilities() }
  }
}
