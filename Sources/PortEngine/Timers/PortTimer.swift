/// The timers of the port, by the standard's names; where the standard only names the time, by that.
///
/// The raw value is the timer's bit in `TimerSet`: of two timers that are due together, the lower one is served first.
public enum PortTimer: UInt8, Equatable, Sendable {
  case crcReceive
  case senderResponse
  case sourceCapability
  case sinkWaitCap
  case noResponse
  case psHardReset
  case psTransition
  case psSourceOff
  case psSourceOn
  case swapSourceStart
  case sinkRequest
  case sourcePPSComm
  case sinkPPSPeriodic
  case sourceEPRKeepAlive
  case sinkEPRKeepAlive
  case sinkEPREnter
  case vconnOn
  case vconnSourceOn
  case vdmResponse
  case vdmBusy
  case discoverIdentity
  case chunkSenderRequest
  case chunkSenderResponse
  case hardResetComplete
  case sinkTx
  case bistContMode
  case srcTransition
  case srcRecover
  case supplyAnswer
  case swapWait
  case decision
  case ccDebounce
  case pdDebounce
  case tryCCDebounce
  case srcDisconnect
  case drpToggle
  case drpTry
  case drpTryWait
  case errorRecovery
  case vconnDischarge
  case vconnStable
  case vendorAnswer

  /// How many timers there are.
  public static var count: Int { 42 }

  /// The name that the standard prints.
  public var name: StaticString {
    switch self {
    case .crcReceive: "CRCReceiveTimer"
    case .senderResponse: "SenderResponseTimer"
    case .sourceCapability: "SourceCapabilityTimer"
    case .sinkWaitCap: "SinkWaitCapTimer"
    case .noResponse: "NoResponseTimer"
    case .psHardReset: "PSHardResetTimer"
    case .psTransition: "PSTransitionTimer"
    case .psSourceOff: "PSSourceOffTimer"
    case .psSourceOn: "PSSourceOnTimer"
    case .swapSourceStart: "SwapSourceStartTimer"
    case .sinkRequest: "SinkRequestTimer"
    case .sourcePPSComm: "SourcePPSCommTimer"
    case .sinkPPSPeriodic: "SinkPPSPeriodicTimer"
    case .sourceEPRKeepAlive: "SourceEPRKeepAliveTimer"
    case .sinkEPRKeepAlive: "SinkEPRKeepAliveTimer"
    case .sinkEPREnter: "SinkEPREnterTimer"
    case .vconnOn: "VCONNOnTimer"
    case .vconnSourceOn: "tVCONNSourceOn"
    case .vdmResponse: "VDMResponseTimer"
    case .vdmBusy: "tVDMBusy"
    case .discoverIdentity: "DiscoverIdentityTimer"
    case .chunkSenderRequest: "ChunkSenderRequestTimer"
    case .chunkSenderResponse: "ChunkSenderResponseTimer"
    case .hardResetComplete: "HardResetCompleteTimer"
    case .sinkTx: "SinkTxTimer"
    case .bistContMode: "BISTContModeTimer"
    case .srcTransition: "tSrcTransition"
    case .srcRecover: "tSrcRecover"
    case .supplyAnswer: "tSrcTransReq"
    case .swapWait: "tDRSwapWait, tPRSwapWait, tVCONNSwapWait"
    case .decision: "tReceiverResponse"
    case .ccDebounce: "tCCDebounce"
    case .pdDebounce: "tPDDebounce"
    case .tryCCDebounce: "tTryCCDebounce"
    case .srcDisconnect: "tSRCDisconnect"
    case .drpToggle: "tDRP"
    case .drpTry: "tDRPTry"
    case .drpTryWait: "tDRPTryWait"
    case .errorRecovery: "tErrorRecovery"
    case .vconnDischarge: "tVCONNOFF"
    case .vconnStable: "tVCONNStable"
    case .vendorAnswer: "tReceiverResponse of a vendor's message"
    }
  }
}
