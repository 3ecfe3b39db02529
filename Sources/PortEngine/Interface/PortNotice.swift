public import PowerDelivery
public import PowerSupervision

/// What the engine tells its user. What a notice refers to can be read in the engine's properties at that moment.
public enum PortNotice: Equatable, Sendable {
  case attached(PortPowerRole, CCPin)
  case detached
  case audioAccessory, debugAccessory
  /// The partner's capabilities are in `partnerSourceCapabilities` or `partnerSinkCapabilities`.
  case sourceCapabilities, sinkCapabilities
  /// Something came that the policy leaves to the user; answer with `PortEvent.decision` within 12 ms.
  case decisionNeeded(DecisionKind)
  /// PS_RDY has been acknowledged: this contract holds.
  case contract(PowerContract)
  /// The last request was answered with Reject or Wait; an earlier contract, if any, goes on.
  case requestRejected, requestDeferred
  case rolesChanged
  case eprModeEntered, eprModeLeft
  case eprEntryFailed(EPRModeFailure)
  case softReset(bySelf: Bool)
  case hardReset(bySelf: Bool, HardResetReason)
  case errorRecovery(ErrorRecoveryReason)
  /// The partner does not speak USB-PD; it gets what Rp advertises.
  case noPowerDelivery
  case requestEnded(PortRequest.Kind, RequestOutcome)
  /// A Vendor_Defined message that the engine does not answer by itself: unstructured, or a structured answer.
  case vendorDefined(ShortMessage)
  /// The partner answered Not_Supported to a message for which the engine awaits no answer: an unstructured one.
  case notSupported(ShortMessage)
  case alert(AlertDataObject)
  /// Information came; its data is in `partnerData` and its type is this.
  case information(MessageKind)
  /// The cable on SOP′ has said what it is; `cable` holds it. Or it does not answer.
  case cableIdentified, cableSilent
  case supplyFault(SupplyFault)
  case bistStarted, bistEnded
}

/// What the user is asked.
public enum DecisionKind: UInt8, Equatable, Sendable {
  case powerRequest, dataRoleSwap, powerRoleSwap, vconnSwap
  /// Sink: capabilities have come; see `SinkPolicy.Evaluation`.
  case capabilities
}

/// Why an EPR entry failed, by the codes of EPR_Mode Enter Failed (USB-PD R3.2 §6.4.10, Table 6.50) and what a sink
/// finds by itself.
public enum EPRModeFailure: UInt8, Equatable, Sendable {
  case unknown = 0
  case cableNotEPR = 1
  case vconnSourceFailed = 2
  case requestBitClear = 3
  case sourceUnable = 4
  case capabilityBitClear = 5
  /// SinkEPREnterTimer or SenderResponseTimer expired.
  case noAnswer = 0xFE
  /// Another message came in between.
  case interrupted = 0xFF
}

/// Why a Hard Reset was signalled.
public enum HardResetReason: UInt8, Equatable, Sendable {
  case requested, received
  case senderResponseTimeout, softResetFailed, psTransitionTimeout, noCapabilities
  case ppsTimeout, eprKeepAliveTimeout, vconnTimeout
  /// An unexpected message while the supply was changing.
  case protocolErrorInTransition
  /// A message that EPR mode does not allow, or an EPR_Request with a wrong copy.
  case eprViolation
  /// The sink keeps a contract that the source can no longer serve.
  case contractInvalid
  case supplyFault
}

/// Why the port went through ErrorRecovery.
public enum ErrorRecoveryReason: UInt8, Equatable, Sendable {
  case dataRoleConflict, psSourceOffTimeout, psSourceOnTimeout, psRDYNotAcknowledged, noResponse
  case supplyFault, requested
}
