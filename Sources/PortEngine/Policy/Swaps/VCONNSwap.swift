import PowerDelivery
import Quantities

// VCONN swap (USB-PD R3.2 §8.3.3.20): the new source drives VCONN before the old one lets go.

extension PortEngine {
  /// PE_VCS_Send_Swap.
  /// - Parameter isEmbedded: within the EPR entry, which is one AMS.
  mutating func sendVCONNSwap(isEmbedded: Bool = false) {
    step(to: .vcsSendSwap)
    send(.vconnSwap, startsAMS: !isEmbedded)
  }

  /// PE_VCS_Evaluate_Swap.
  mutating func receivedVCONNSwap() {
    guard configuration.canSupplyVCONN || isVCONNSource else { return sendNotSupported() }
    guard configuration.vconnSwap != .unsupported || isVCONNSource else { return sendNotSupported() }
    step(to: .vcsEvaluateSwap)
    // A VCONN source must not refuse to be relieved (§6.3.11).
    if isVCONNSource { return answerVCONNSwap(.accept) }
    switch configuration.vconnSwap {
    case .accept: answerVCONNSwap(.accept)
    case .wait: answerVCONNSwap(.wait)
    case .ask: ask(.vconnSwap)
    case .reject, .unsupported: answerVCONNSwap(.reject)
    }
  }

  mutating func answerVCONNSwap(_ decision: PortDecision) {
    if decision == .accept {
      step(to: .vcsAcceptSwap)
      send(.accept)
    } else {
      step(to: .vcsRejectSwap)
      send(decision == .wait ? .wait : .reject)
    }
  }

  mutating func receivedInVCONNSwap(_ message: ShortMessage) {
    switch (state, message.kind) {
    case (.vcsSendSwap, .control(.accept)): vconnSwapAccepted()
    case (.vcsSendSwap, .control(.reject)): vconnSwapRefused(.rejected)
    case (.vcsSendSwap, .control(.wait)): vconnSwapRefused(.wait)
    case (.vcsSendSwap, .control(.notSupported)):
      if isVCONNSource || !configuration.canSupplyVCONN {
        vconnSwapRefused(.notSupported)
      } else {
        vcsForceVCONN()
      }
    case (.vcsWaitForVCONN, .control(.psRDY)): vcsTurnOffVCONN()
    default: protocolError()
    }
  }

  mutating func vconnSwapRefused(_ outcome: RequestOutcome) {
    if resumesEPREntry { return eprEntryFailed(.vconnSourceFailed) }
    swapEnded(outcome)
  }

  /// PE_VCS_Wait_for_VCONN, or PE_VCS_Turn_On_VCONN.
  mutating func vconnSwapAccepted() {
    if isVCONNSource {
      step(to: .vcsWaitForVCONN)
      startTimer(.vconnOn, Timing.vconnSourceTimeout)
    } else {
      step(to: .vcsTurnOnVCONN)
      actions.append(.setVCONN(true))
      vconnIsOn = true
      // Well inside tVCONNSourceOn; the supply of VCONN needs a moment to be within its limits.
      timers.start(.vconnSourceOn, Nanoseconds(5_000_000), at: now)
    }
  }

  /// VCONN is good: PE_VCS_Send_PS_Rdy.
  mutating func vconnIsStable() {
    guard state == .vcsTurnOnVCONN else { return }
    step(to: .vcsSendPSRdy)
    send(.psRDY)
  }

  /// PE_VCS_Turn_Off_VCONN.
  private mutating func vcsTurnOffVCONN() {
    step(to: .vcsTurnOffVCONN)
    turnVCONN(on: false)
    becomeVCONNSource(false)
  }

  /// PE_VCS_Force_VCONN: a partner that knows no VCONN_Swap does not drive VCONN either.
  private mutating func vcsForceVCONN() {
    step(to: .vcsForceVCONN)
    turnVCONN(on: true)
    becomeVCONNSource(true)
  }

  mutating func vconnSwapped() {
    startTimer(.vconnStable, Timing.vconnStable)
    becomeVCONNSource(true)
  }

  private mutating func becomeVCONNSource(_ isSource: Bool) {
    isVCONNSource = isSource
    cable.discoverIdentityCounter = 0
    if isSource, cable.state == .silent { cable.state = .unknown }
    if isSource { cable.wantsVCONN = true }
    actions.append(.listen(isSource ? .all : .sop))
    actions.append(.notify(.rolesChanged))
    endRequest(.done)
    if resumesEPREntry { return srcEPRModeDiscoverCable() }
    resumeAfterVCONNSwap()
  }

  /// Back to Ready, or to a sink's EPR entry, within which the source may ask for VCONN.
  mutating func resumeAfterVCONNSwap() {
    if timers.isRunning(.sinkEPREnter) { step(to: .snkEPRModeWaitForResponse) } else { ready() }
  }
}
