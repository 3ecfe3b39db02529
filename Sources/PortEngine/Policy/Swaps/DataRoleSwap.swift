import PowerDelivery

// Data role swap (USB-PD R3.2 §8.3.3.19.1, §8.3.3.19.2). The same for both data roles but for the names.

extension PortEngine {
  @inline(__always) private var isDFP: Bool { dataRole == .downstreamFacing }

  /// PE_DRS_DFP_UFP_Send_Swap, PE_DRS_UFP_DFP_Send_Swap.
  mutating func sendDataRoleSwap() {
    step(to: isDFP ? .drsDFPUFPSendSwap : .drsUFPDFPSendSwap)
    send(.drSwap, startsAMS: true)
  }

  /// PE_DRS_DFP_UFP_Evaluate_Swap, PE_DRS_UFP_DFP_Evaluate_Swap.
  mutating func receivedDataRoleSwap() {
    guard configuration.dataRoleSwap != .unsupported else { return sendNotSupported() }
    step(to: isDFP ? .drsDFPUFPEvaluateSwap : .drsUFPDFPEvaluateSwap)
    switch configuration.dataRoleSwap {
    case .accept: answerDataRoleSwap(.accept)
    case .wait: answerDataRoleSwap(.wait)
    case .ask: ask(.dataRoleSwap)
    case .reject, .unsupported: answerDataRoleSwap(.reject)
    }
  }

  mutating func answerDataRoleSwap(_ decision: PortDecision) {
    if decision == .accept {
      step(to: isDFP ? .drsDFPUFPAcceptSwap : .drsUFPDFPAcceptSwap)
      send(.accept)
    } else {
      step(to: isDFP ? .drsDFPUFPRejectSwap : .drsUFPDFPRejectSwap)
      send(decision == .wait ? .wait : .reject)
    }
  }

  mutating func receivedInSendDataRoleSwap(_ message: ShortMessage) {
    switch message.kind {
    case .control(.accept): changeDataRole()
    case .control(.reject): swapEnded(.rejected)
    case .control(.wait): swapEnded(.wait)
    case .control(.notSupported): notSupportedReceived()
    default: protocolError()
    }
  }

  /// A swap that the partner did not want: everything stays as it was.
  mutating func swapEnded(_ outcome: RequestOutcome) {
    if outcome == .wait { startTimer(.swapWait, Timing.prSwapWait) }
    endRequest(outcome)
    ready()
  }

  /// PE_DRS_DFP_UFP_Change_to_UFP, PE_DRS_UFP_DFP_Change_to_DFP: from the acknowledged Accept on (§6.3.9).
  mutating func changeDataRole() {
    step(to: isDFP ? .drsDFPUFPChangeToUFP : .drsUFPDFPChangeToDFP)
    dataRole = isDFP ? .upstreamFacing : .downstreamFacing
    updateHeader()
    actions.append(.notify(.rolesChanged))
    endRequest(.done)
    ready()
  }
}
