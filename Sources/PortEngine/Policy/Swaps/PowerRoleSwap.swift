import PowerDelivery
import PowerSupervision
import Quantities

// Power role swap (USB-PD R3.2 §8.3.3.19.3, §8.3.3.19.4). Data role and VCONN stay; the contract is made anew.

extension PortEngine {
  @inline(__always) private var isSource: Bool { powerRole == .source }

  /// PE_PRS_SRC_SNK_Send_Swap, PE_PRS_SNK_SRC_Send_Swap.
  mutating func sendPowerRoleSwap() {
    step(to: isSource ? .prsSRCSNKSendSwap : .prsSNKSRCSendSwap)
    send(.prSwap, startsAMS: true)
  }

  /// PE_PRS_SRC_SNK_Evaluate_Swap, PE_PRS_SNK_SRC_Evaluate_Swap.
  mutating func receivedPowerRoleSwap() {
    guard configuration.powerRoleSwap != .unsupported else { return sendNotSupported() }
    step(to: isSource ? .prsSRCSNKEvaluateSwap : .prsSNKSRCEvaluateSwap)
    // In EPR mode the swap must wait until that is left (§6.4.10.4).
    if isInEPRMode { return answerPowerRoleSwap(.reject) }
    switch configuration.powerRoleSwap {
    case .accept: answerPowerRoleSwap(.accept)
    case .wait: answerPowerRoleSwap(.wait)
    case .ask: ask(.powerRoleSwap)
    case .reject, .unsupported: answerPowerRoleSwap(.reject)
    }
  }

  mutating func answerPowerRoleSwap(_ decision: PortDecision) {
    if decision == .accept {
      step(to: isSource ? .prsSRCSNKAcceptSwap : .prsSNKSRCAcceptSwap)
      send(.accept)
    } else {
      step(to: isSource ? .prsSRCSNKRejectSwap : .prsSNKSRCRejectSwap)
      send(decision == .wait ? .wait : .reject)
    }
  }

  mutating func receivedInPowerRoleSwap(_ message: ShortMessage) {
    switch (state, message.kind) {
    case (.prsSRCSNKSendSwap, .control(.accept)), (.prsSNKSRCSendSwap, .control(.accept)):
      powerRoleSwapAccepted()
    case (.prsSRCSNKSendSwap, .control(.reject)), (.prsSNKSRCSendSwap, .control(.reject)):
      swapEnded(.rejected)
    case (.prsSRCSNKSendSwap, .control(.wait)), (.prsSNKSRCSendSwap, .control(.wait)): swapEnded(.wait)
    case (.prsSRCSNKSendSwap, .control(.notSupported)), (.prsSNKSRCSendSwap, .control(.notSupported)):
      notSupportedReceived()
    case (.prsSRCSNKWaitSourceOn, .control(.psRDY)): becomeSink()
    case (.prsSNKSRCTransitionToOff, .control(.psRDY)): prsSNKSRCAssertRp()
    default: protocolError()
    }
  }

  /// PE_PRS_SRC_SNK_Transition_to_off, PE_PRS_SNK_SRC_Transition_to_off.
  mutating func powerRoleSwapAccepted() {
    isSwappingPower = true
    if isSource {
      step(to: .prsSRCSNKTransitionToOff)
      timers.start(.srcTransition, configuration.timing.srcTransition, at: now)
    } else {
      step(to: .prsSNKSRCTransitionToOff)
      actions.append(.draw(.nothing))
      startTimer(.psSourceOff, Timing.psSourceOffSPR)
    }
  }

  /// tSrcTransition is over: VBUS goes off.
  mutating func turnOffForSwap() {
    guard state == .prsSRCSNKTransitionToOff else { return }
    phase = 1
    supplyIsReady = false
    actions.append(.supply(.off))
    startTimer(.supplyAnswer, Timing.srcSwapStdby)
  }

  /// PE_PRS_SRC_SNK_Assert_Rd, then PE_PRS_SRC_SNK_Wait_Source_on.
  mutating func prsSRCSNKAssertRd() {
    step(to: .prsSRCSNKAssertRd)
    changePowerRole(to: .sink, connection: .attachedSNK)
    terminate(.rd)
    step(to: .prsSRCSNKWaitSourceOn)
    send(.psRDY)
  }

  /// The partner's PS_RDY: it is the source now.
  private mutating func becomeSink() {
    isSwappingPower = false
    endRequest(.done)
    actions.append(.notify(.rolesChanged))
    snkStartup()
  }

  /// PE_PRS_SNK_SRC_Assert_Rp, then PE_PRS_SNK_SRC_Source_on.
  private mutating func prsSNKSRCAssertRp() {
    step(to: .prsSNKSRCAssertRp)
    changePowerRole(to: .source, connection: .attachedSRC)
    terminate(.rp(configuration.rp))
    step(to: .prsSNKSRCSourceOn)
    actions.append(.supply(.on(configuration.rp.current)))
    startTimer(.supplyAnswer, Timing.newSrc)
  }

  /// The own PS_RDY was acknowledged: capabilities follow after tSwapSourceStart.
  mutating func becomeSource() {
    isSwappingPower = false
    supplyIsReady = true
    endRequest(.done)
    actions.append(.notify(.rolesChanged))
    srcStartup(afterSwap: true)
    if let orientation, ccLevels[orientation] == .open {
      startTimer(.srcDisconnect, Timing.srcDisconnect)
    }
  }

  private mutating func changePowerRole(to role: PortPowerRole, connection: ConnectionState) {
    powerRole = role
    self.connection = connection
    updateHeader()
  }
}
