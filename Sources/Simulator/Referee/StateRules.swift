import PortEngine
import PowerDelivery
import Quantities

/// What the standard says of a state, in a form that can be looked up: which messages it sends on SOP, how long it may
/// last, and whether it hears messages at all (USB-PD R3.2 §8.3.3).
struct StateRules: Sendable {
  /// The messages that the state sends. GoodCRC, and requests for a chunk, are sent in any state.
  var sends: KindSet
  /// The longest time that the state may last; `nil` for a state to stay in.
  var longest: Nanoseconds?
  /// Whether the state takes messages if they come, and whether it must acknowledge them.
  var hears: Bool
  var mustAcknowledge: Bool

  static let table: [StateRules] = (0..<UInt8(PolicyState.count)).map { raw in
    let state = PolicyState(rawValue: raw) ?? .detached
    return StateRules(
      sends: state.sends, longest: state.longest, hears: state.hears,
      mustAcknowledge: state.hears && !state.isStarting)
  }

  @inline(__always) static func of(_ state: PolicyState) -> StateRules { table[Int(state.rawValue)] }
}

extension PolicyState {
  /// States in which a port may stay for ever, because nothing but the partner or the user moves it:
  /// - Ready, Disabled and waiting for new capabilities: the contract, or what Rp advertises, holds.
  /// - Detached, and a sink that waits for VBUS: nobody is there.
  /// - A sink without PD waits for capabilities that never come.
  /// - BIST test data goes on until a Hard Reset.
  fileprivate var longest: Nanoseconds? {
    switch self {
    case .srcReady, .snkReady, .srcDisabled, .srcWaitNewCapabilities, .detached, .snkDiscovery,
      .snkWaitForCapabilities, .bistTestMode:
      nil
    // tPSHardReset before, then tSafe0V, tSrcRecover and tSrcTurnOn.
    case .srcTransitionToDefault: Nanoseconds(2_600_000_000)
    // VBUS must be seen to go and to come, with a source that takes its longest times.
    case .snkTransitionToDefault: Nanoseconds(3_000_000_000)
    // tSrcTransReq EPR, and the retries of Accept and PS_RDY.
    case .srcTransitionSupply: Nanoseconds(850_000_000)
    // tPSTransition EPR.
    case .snkTransitionSink: Nanoseconds(1_040_000_000)
    case .prsSRCSNKTransitionToOff, .prsSNKSRCTransitionToOff, .prsSRCSNKWaitSourceOn, .prsSNKSRCSourceOn,
      .prsSNKSRCAssertRp, .prsSRCSNKAssertRd:
      Nanoseconds(1_400_000_000)
    // tErrorRecovery, with VBUS going down before.
    case .errorRecovery: Nanoseconds(1_000_000_000)
    case .srcEPRModeDiscoverCable: Nanoseconds(2_000_000_000)
    case .snkEPRModeWaitForResponse: Timing.enterEPR.maximum
    // VBUS has to come first.
    case .srcStartup: Nanoseconds(600_000_000)
    case .bistCarrierMode: Nanoseconds(400_000_000)
    default: Nanoseconds(500_000_000)
    }
  }

  fileprivate var hears: Bool {
    switch self {
    case .detached, .errorRecovery, .srcHardReset, .srcHardResetReceived, .srcTransitionToDefault,
      .snkHardReset,
      .snkTransitionToDefault, .srcDisabled, .bistCarrierMode, .bistTestMode:
      false
    default: true
    }
  }

  /// A partner that has not heard a Hard Reset may speak to a port that starts anew.
  fileprivate var isStarting: Bool { self == .srcStartup || self == .snkStartup || self == .snkDiscovery }

  fileprivate var sends: KindSet {
    switch self {
    case .srcSendCapabilities, .srcGiveSourceCap, .drSNKGiveSourceCap:
      .of(DataMessageType.sourceCapabilities) | .of(ExtendedMessageType.eprSourceCapabilities)
    // GotoMin takes the place of Accept in Revision 2.0.
    case .srcTransitionSupply: .of(ControlMessageType.accept, .psRDY, .gotoMin)
    case .srcReady, .snkReady: .of(DataMessageType.bist)
    case .srcCapabilityResponse, .drsDFPUFPRejectSwap, .drsUFPDFPRejectSwap, .prsSRCSNKRejectSwap,
      .prsSNKSRCRejectSwap, .vcsRejectSwap:
      .of(ControlMessageType.reject, .wait)
    case .srcGetSinkCap, .drSNKGetSinkCap:
      .of(ControlMessageType.getSinkCap) | .of(ExtendedMessageType.extendedControl)
    case .snkGetSourceCap, .drSRCGetSourceCap:
      .of(ControlMessageType.getSourceCap) | .of(ExtendedMessageType.extendedControl)
    case .snkGiveSinkCap, .drSRCGiveSinkCap:
      .of(DataMessageType.sinkCapabilities) | .of(ExtendedMessageType.eprSinkCapabilities)
    case .srcEPRKeepAlive, .snkEPRKeepAlive: .of(ExtendedMessageType.extendedControl)
    case .snkSelectCapability: .of(DataMessageType.request, .eprRequest)
    case .srcSendSoftReset, .snkSendSoftReset: .of(ControlMessageType.softReset)
    case .srcSoftReset, .snkSoftReset: .of(ControlMessageType.accept)
    // Revision 2.0 answers Reject.
    case .srcSendNotSupported, .snkSendNotSupported: .of(ControlMessageType.notSupported, .reject)
    case .srcSendSourceAlert, .snkSendSinkAlert: .of(DataMessageType.alert)
    case .getInformation: PolicyState.questions
    case .giveInformation: PolicyState.information
    case .srcEPRModeEntryAck, .srcEPRModeEntrySucceeded, .srcEPRModeEntryFailed, .srcSendEPRModeExit,
      .snkSendEPRModeEntry, .snkSendEPRModeExit:
      .of(DataMessageType.eprMode)
    case .drsDFPUFPAcceptSwap, .drsUFPDFPAcceptSwap, .prsSRCSNKAcceptSwap, .prsSNKSRCAcceptSwap,
      .vcsAcceptSwap:
      .of(ControlMessageType.accept)
    case .drsDFPUFPSendSwap, .drsUFPDFPSendSwap: .of(ControlMessageType.drSwap)
    case .prsSRCSNKSendSwap, .prsSNKSRCSendSwap: .of(ControlMessageType.prSwap)
    case .vcsSendSwap: .of(ControlMessageType.vconnSwap)
    case .prsSRCSNKWaitSourceOn, .prsSNKSRCSourceOn, .vcsSendPSRdy: .of(ControlMessageType.psRDY)
    case .initPortVDMIdentityRequest, .initVDMSVIDsRequest, .initVDMModesRequest, .respVDMSendIdentity,
      .respVDMGetIdentityNAK, .respVDMSendSVIDs, .respVDMGetSVIDsNAK, .respVDMSendModes, .respVDMGetModesNAK,
      .ufpVDMModeEntryNAK, .ufpVDMModeExitNAK:
      .of(DataMessageType.vendorDefined)
    // The standard has no state for a tester that sends BIST; the engine sends it from here.
    case .vdmVendorMessage:
      .of(DataMessageType.vendorDefined, .bist) | .of(ExtendedMessageType.vendorDefinedExtended)
    case .bistCarrierMode, .bistTestMode: .of(DataMessageType.bist)
    default: .none
    }
  }

  static var questions: KindSet {
    .of(
      ControlMessageType.getSourceCapExtended, .getStatus, .getPPSStatus, .getCountryCodes,
      .getSinkCapExtended,
      .getSourceInfo, .getRevision) | .of(DataMessageType.getCountryInfo)
      | .of(ExtendedMessageType.getBatteryCap, .getBatteryStatus, .getManufacturerInfo)
  }

  static var information: KindSet {
    .of(DataMessageType.batteryStatus, .sourceInfo, .revision)
      | .of(
        ExtendedMessageType.sourceCapabilitiesExtended, .status, .batteryCapabilities, .manufacturerInfo,
        .ppsStatus, .countryInfo, .countryCodes, .sinkCapabilitiesExtended)
  }
}
