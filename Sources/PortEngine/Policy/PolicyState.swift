/// The states of the policy engine, by the standard's names (USB-PD R3.2 §8.3.3).
///
/// Two stand for many: the standard has one pair of states for each kind of information that can be asked for
/// (`PE_SNK_Get_PPS_Status`, `PE_SRC_Give_PPS_Status` and so on), which all do the same. Here they are
/// `getInformation` and `giveInformation`; the message tells which.
public enum PolicyState: UInt8, Equatable, Sendable {
  // Source (§8.3.3.2).
  case srcStartup
  case srcDiscovery
  case srcSendCapabilities
  case srcNegotiateCapability
  case srcTransitionSupply
  case srcReady
  case srcDisabled
  case srcCapabilityResponse
  case srcWaitNewCapabilities
  case srcHardReset
  case srcHardResetReceived
  case srcTransitionToDefault
  case srcGetSinkCap
  case srcGiveSourceCap
  case srcEPRKeepAlive

  // Sink (§8.3.3.3).
  case snkStartup
  case snkDiscovery
  case snkWaitForCapabilities
  case snkEvaluateCapability
  case snkSelectCapability
  case snkTransitionSink
  case snkReady
  case snkHardReset
  case snkTransitionToDefault
  case snkGiveSinkCap
  case snkGetSourceCap
  case snkEPRKeepAlive

  // Soft Reset and unsupported messages (§8.3.3.4, §8.3.3.6).
  case srcSendSoftReset
  case srcSoftReset
  case snkSendSoftReset
  case snkSoftReset
  case srcSendNotSupported
  case srcNotSupportedReceived
  case snkSendNotSupported
  case snkNotSupportedReceived

  // Alert (§8.3.3.7).
  case srcSendSourceAlert
  case srcWaitForGetStatus
  case srcSinkAlertReceived
  case snkSendSinkAlert
  case snkWaitForGetStatus
  case snkSourceAlertReceived

  // Information asked for and given (§8.3.3.8 to §8.3.3.14).
  case getInformation
  case giveInformation

  // EPR mode (§8.3.3.26).
  case srcEvaluateEPRModeEntry
  case srcEPRModeEntryAck
  case srcEPRModeDiscoverCable
  case srcEPRModeEvaluateCableEPR
  case srcEPRModeEntrySucceeded
  case srcEPRModeEntryFailed
  case snkSendEPRModeEntry
  case snkEPRModeWaitForResponse
  case srcSendEPRModeExit
  case srcEPRModeExitReceived
  case snkSendEPRModeExit
  case snkEPRModeExitReceived

  // Data role swap (§8.3.3.19).
  case drsDFPUFPEvaluateSwap
  case drsDFPUFPAcceptSwap
  case drsDFPUFPChangeToUFP
  case drsDFPUFPSendSwap
  case drsDFPUFPRejectSwap
  case drsUFPDFPEvaluateSwap
  case drsUFPDFPAcceptSwap
  case drsUFPDFPChangeToDFP
  case drsUFPDFPSendSwap
  case drsUFPDFPRejectSwap

  // Power role swap (§8.3.3.19.3, §8.3.3.19.4).
  case prsSRCSNKEvaluateSwap
  case prsSRCSNKAcceptSwap
  case prsSRCSNKTransitionToOff
  case prsSRCSNKAssertRd
  case prsSRCSNKWaitSourceOn
  case prsSRCSNKSendSwap
  case prsSRCSNKRejectSwap
  case prsSNKSRCEvaluateSwap
  case prsSNKSRCAcceptSwap
  case prsSNKSRCTransitionToOff
  case prsSNKSRCAssertRp
  case prsSNKSRCSourceOn
  case prsSNKSRCSendSwap
  case prsSNKSRCRejectSwap

  // Capabilities across roles (§8.3.3.19.7 to §8.3.3.19.18).
  case drSRCGetSourceCap
  case drSRCGiveSinkCap
  case drSNKGetSinkCap
  case drSNKGiveSourceCap

  // VCONN swap (§8.3.3.20).
  case vcsSendSwap
  case vcsEvaluateSwap
  case vcsAcceptSwap
  case vcsRejectSwap
  case vcsWaitForVCONN
  case vcsTurnOffVCONN
  case vcsTurnOnVCONN
  case vcsSendPSRdy
  case vcsForceVCONN

  // Vendor defined messages (§8.3.3.21 to §8.3.3.23).
  case srcVDMIdentityRequest
  case srcVDMIdentityACKed
  case srcVDMIdentityNAKed
  case initPortVDMIdentityRequest
  case initPortVDMIdentityACKed
  case initPortVDMIdentityNAKed
  case initVDMSVIDsRequest
  case initVDMSVIDsACKed
  case initVDMSVIDsNAKed
  case initVDMModesRequest
  case initVDMModesACKed
  case initVDMModesNAKed
  case respVDMGetIdentity
  case respVDMSendIdentity
  case respVDMGetIdentityNAK
  case respVDMGetSVIDs
  case respVDMSendSVIDs
  case respVDMGetSVIDsNAK
  case respVDMGetModes
  case respVDMSendModes
  case respVDMGetModesNAK
  case ufpVDMModeEntryNAK
  case ufpVDMModeExitNAK
  case rcvVDMAttentionRequest
  case vdmVendorMessage

  // BIST (§8.3.3.27).
  case bistCarrierMode
  case bistTestMode

  // Type-C.
  case errorRecovery
  case detached
}

extension PolicyState {
  /// How many states there are; raw values are 0 and up.
  public static var count: Int { 121 }

  /// The name that the standard prints.
  public var name: StaticString {
    switch self {
    case .srcStartup: "PE_SRC_Startup"
    case .srcDiscovery: "PE_SRC_Discovery"
    case .srcSendCapabilities: "PE_SRC_Send_Capabilities"
    case .srcNegotiateCapability: "PE_SRC_Negotiate_Capability"
    case .srcTransitionSupply: "PE_SRC_Transition_Supply"
    case .srcReady: "PE_SRC_Ready"
    case .srcDisabled: "PE_SRC_Disabled"
    case .srcCapabilityResponse: "PE_SRC_Capability_Response"
    case .srcWaitNewCapabilities: "PE_SRC_Wait_New_Capabilities"
    case .srcHardReset: "PE_SRC_Hard_Reset"
    case .srcHardResetReceived: "PE_SRC_Hard_Reset_Received"
    case .srcTransitionToDefault: "PE_SRC_Transition_to_default"
    case .srcGetSinkCap: "PE_SRC_Get_Sink_Cap"
    case .srcGiveSourceCap: "PE_SRC_Give_Source_Cap"
    case .srcEPRKeepAlive: "PE_SRC_EPR_Keep_Alive"
    case .snkStartup: "PE_SNK_Startup"
    case .snkDiscovery: "PE_SNK_Discovery"
    case .snkWaitForCapabilities: "PE_SNK_Wait_for_Capabilities"
    case .snkEvaluateCapability: "PE_SNK_Evaluate_Capability"
    case .snkSelectCapability: "PE_SNK_Select_Capability"
    case .snkTransitionSink: "PE_SNK_Transition_Sink"
    case .snkReady: "PE_SNK_Ready"
    case .snkHardReset: "PE_SNK_Hard_Reset"
    case .snkTransitionToDefault: "PE_SNK_Transition_to_default"
    case .snkGiveSinkCap: "PE_SNK_Give_Sink_Cap"
    case .snkGetSourceCap: "PE_SNK_Get_Source_Cap"
    case .snkEPRKeepAlive: "PE_SNK_EPR_Keep_Alive"
    case .srcSendSoftReset: "PE_SRC_Send_Soft_Reset"
    case .srcSoftReset: "PE_SRC_Soft_Reset"
    case .snkSendSoftReset: "PE_SNK_Send_Soft_Reset"
    case .snkSoftReset: "PE_SNK_Soft_Reset"
    case .srcSendNotSupported: "PE_SRC_Send_Not_Supported"
    case .srcNotSupportedReceived: "PE_SRC_Not_Supported_Received"
    case .snkSendNotSupported: "PE_SNK_Send_Not_Supported"
    case .snkNotSupportedReceived: "PE_SNK_Not_Supported_Received"
    case .srcSendSourceAlert: "PE_SRC_Send_Source_Alert"
    case .srcWaitForGetStatus: "PE_SRC_Wait_for_Get_Status"
    case .srcSinkAlertReceived: "PE_SRC_Sink_Alert_Received"
    case .snkSendSinkAlert: "PE_SNK_Send_Sink_Alert"
    case .snkWaitForGetStatus: "PE_SNK_Wait_for_Get_Status"
    case .snkSourceAlertReceived: "PE_SNK_Source_Alert_Received"
    case .getInformation: "PE_Get_Information"
    case .giveInformation: "PE_Give_Information"
    case .srcEvaluateEPRModeEntry: "PE_SRC_Evaluate_EPR_Mode_Entry"
    case .srcEPRModeEntryAck: "PE_SRC_EPR_Mode_Entry_Ack"
    case .srcEPRModeDiscoverCable: "PE_SRC_EPR_Mode_Discover_Cable"
    case .srcEPRModeEvaluateCableEPR: "PE_SRC_EPR_Mode_Evaluate_Cable_EPR"
    case .srcEPRModeEntrySucceeded: "PE_SRC_EPR_Mode_Entry_Succeeded"
    case .srcEPRModeEntryFailed: "PE_SRC_EPR_Mode_Entry_Failed"
    case .snkSendEPRModeEntry: "PE_SNK_Send_EPR_Mode_Entry"
    case .snkEPRModeWaitForResponse: "PE_SNK_EPR_Mode_Wait_For_Response"
    case .srcSendEPRModeExit: "PE_SRC_Send_EPR_Mode_Exit"
    case .srcEPRModeExitReceived: "PE_SRC_EPR_Mode_Exit_Received"
    case .snkSendEPRModeExit: "PE_SNK_Send_EPR_Mode_Exit"
    case .snkEPRModeExitReceived: "PE_SNK_EPR_Mode_Exit_Received"
    case .drsDFPUFPEvaluateSwap: "PE_DRS_DFP_UFP_Evaluate_Swap"
    case .drsDFPUFPAcceptSwap: "PE_DRS_DFP_UFP_Accept_Swap"
    case .drsDFPUFPChangeToUFP: "PE_DRS_DFP_UFP_Change_to_UFP"
    case .drsDFPUFPSendSwap: "PE_DRS_DFP_UFP_Send_Swap"
    case .drsDFPUFPRejectSwap: "PE_DRS_DFP_UFP_Reject_Swap"
    case .drsUFPDFPEvaluateSwap: "PE_DRS_UFP_DFP_Evaluate_Swap"
    case .drsUFPDFPAcceptSwap: "PE_DRS_UFP_DFP_Accept_Swap"
    case .drsUFPDFPChangeToDFP: "PE_DRS_UFP_DFP_Change_to_DFP"
    case .drsUFPDFPSendSwap: "PE_DRS_UFP_DFP_Send_Swap"
    case .drsUFPDFPRejectSwap: "PE_DRS_UFP_DFP_Reject_Swap"
    case .prsSRCSNKEvaluateSwap: "PE_PRS_SRC_SNK_Evaluate_Swap"
    case .prsSRCSNKAcceptSwap: "PE_PRS_SRC_SNK_Accept_Swap"
    case .prsSRCSNKTransitionToOff: "PE_PRS_SRC_SNK_Transition_to_off"
    case .prsSRCSNKAssertRd: "PE_PRS_SRC_SNK_Assert_Rd"
    case .prsSRCSNKWaitSourceOn: "PE_PRS_SRC_SNK_Wait_Source_on"
    case .prsSRCSNKSendSwap: "PE_PRS_SRC_SNK_Send_Swap"
    case .prsSRCSNKRejectSwap: "PE_PRS_SRC_SNK_Reject_Swap"
    case .prsSNKSRCEvaluateSwap: "PE_PRS_SNK_SRC_Evaluate_Swap"
    case .prsSNKSRCAcceptSwap: "PE_PRS_SNK_SRC_Accept_Swap"
    case .prsSNKSRCTransitionToOff: "PE_PRS_SNK_SRC_Transition_to_off"
    case .prsSNKSRCAssertRp: "PE_PRS_SNK_SRC_Assert_Rp"
    case .prsSNKSRCSourceOn: "PE_PRS_SNK_SRC_Source_on"
    case .prsSNKSRCSendSwap: "PE_PRS_SNK_SRC_Send_Swap"
    case .prsSNKSRCRejectSwap: "PE_PRS_SNK_SRC_Reject_Swap"
    case .drSRCGetSourceCap: "PE_DR_SRC_Get_Source_Cap"
    case .drSRCGiveSinkCap: "PE_DR_SRC_Give_Sink_Cap"
    case .drSNKGetSinkCap: "PE_DR_SNK_Get_Sink_Cap"
    case .drSNKGiveSourceCap: "PE_DR_SNK_Give_Source_Cap"
    case .vcsSendSwap: "PE_VCS_Send_Swap"
    case .vcsEvaluateSwap: "PE_VCS_Evaluate_Swap"
    case .vcsAcceptSwap: "PE_VCS_Accept_Swap"
    case .vcsRejectSwap: "PE_VCS_Reject_Swap"
    case .vcsWaitForVCONN: "PE_VCS_Wait_for_VCONN"
    case .vcsTurnOffVCONN: "PE_VCS_Turn_Off_VCONN"
    case .vcsTurnOnVCONN: "PE_VCS_Turn_On_VCONN"
    case .vcsSendPSRdy: "PE_VCS_Send_PS_Rdy"
    case .vcsForceVCONN: "PE_VCS_Force_VCONN"
    case .srcVDMIdentityRequest: "PE_SRC_VDM_Identity_Request"
    case .srcVDMIdentityACKed: "PE_SRC_VDM_Identity_ACKed"
    case .srcVDMIdentityNAKed: "PE_SRC_VDM_Identity_NAKed"
    case .initPortVDMIdentityRequest: "PE_INIT_PORT_VDM_Identity_Request"
    case .initPortVDMIdentityACKed: "PE_INIT_PORT_VDM_Identity_ACKed"
    case .initPortVDMIdentityNAKed: "PE_INIT_PORT_VDM_Identity_NAKed"
    case .initVDMSVIDsRequest: "PE_INIT_VDM_SVIDs_Request"
    case .initVDMSVIDsACKed: "PE_INIT_VDM_SVIDs_ACKed"
    case .initVDMSVIDsNAKed: "PE_INIT_VDM_SVIDs_NAKed"
    case .initVDMModesRequest: "PE_INIT_VDM_Modes_Request"
    case .initVDMModesACKed: "PE_INIT_VDM_Modes_ACKed"
    case .initVDMModesNAKed: "PE_INIT_VDM_Modes_NAKed"
    case .respVDMGetIdentity: "PE_RESP_VDM_Get_Identity"
    case .respVDMSendIdentity: "PE_RESP_VDM_Send_Identity"
    case .respVDMGetIdentityNAK: "PE_RESP_VDM_Get_Identity_NAK"
    case .respVDMGetSVIDs: "PE_RESP_VDM_Get_SVIDs"
    case .respVDMSendSVIDs: "PE_RESP_VDM_Send_SVIDs"
    case .respVDMGetSVIDsNAK: "PE_RESP_VDM_Get_SVIDs_NAK"
    case .respVDMGetModes: "PE_RESP_VDM_Get_Modes"
    case .respVDMSendModes: "PE_RESP_VDM_Send_Modes"
    case .respVDMGetModesNAK: "PE_RESP_VDM_Get_Modes_NAK"
    case .ufpVDMModeEntryNAK: "PE_UFP_VDM_Mode_Entry_NAK"
    case .ufpVDMModeExitNAK: "PE_UFP_VDM_Mode_Exit_NAK"
    case .rcvVDMAttentionRequest: "PE_RCV_VDM_Attention_Request"
    case .vdmVendorMessage: "PE_VDM_Vendor_Message"
    case .bistCarrierMode: "PE_BIST_Carrier_Mode"
    case .bistTestMode: "PE_BIST_Test_Mode"
    case .errorRecovery: "ErrorRecovery"
    case .detached: "Detached"
    }
  }
}
