/// What the referee judges. The code of a rule is stable; the clause is that of USB-PD R3.2, or says where else it is.
public enum Rule: UInt8, CaseIterable, Sendable {
  // VBUS.
  case vbusAboveWindow, vbusBelowWindow, slewTooSteep
  case hardResetFallTime, hardResetOffTime, hardResetRecovery, turnOnTime, changedTooEarly, detachOffTime
  // PS_RDY and what was agreed.
  case readyWithoutAccept, readyOutsideWindow, readyTooEarly, readyTooLate, acceptedWithoutOffer
  case swapReadyWithVBUS
  // Protocol layer.
  case messageID, retryDiffers, tooManyRetries, goodCRCMessageID, goodCRCWithoutMessage
  case powerRole, dataRole, revision, talksBeforeGoodCRC
  // Conversation.
  case kindNotOfState, answerWithoutQuestion, sequenceInterrupted, kindNotOfRole, kindNotOfRevision
  // Agreement.
  case contractsDiffer, contractNotAsRequested, contractOnOneSide
  // Liveness.
  case noWayOut, stateTooLong
  // Response times.
  case responseTime, goodCRCTime, capabilitiesInterval, firstCapabilitiesTime, retryTime

  /// A letter for the family and a number within it.
  public var code: StaticString {
    switch self {
    case .vbusAboveWindow: "V01"
    case .vbusBelowWindow: "V02"
    case .slewTooSteep: "V03"
    case .hardResetFallTime: "V04"
    case .hardResetOffTime: "V05"
    case .hardResetRecovery: "V06"
    case .turnOnTime: "V07"
    case .changedTooEarly: "V08"
    case .detachOffTime: "V09"
    case .readyWithoutAccept: "S01"
    case .readyOutsideWindow: "S02"
    case .readyTooEarly: "S03"
    case .readyTooLate: "S04"
    case .acceptedWithoutOffer: "S05"
    case .swapReadyWithVBUS: "S06"
    case .messageID: "P01"
    case .retryDiffers: "P02"
    case .tooManyRetries: "P03"
    case .goodCRCMessageID: "P04"
    case .goodCRCWithoutMessage: "P05"
    case .powerRole: "P06"
    case .dataRole: "P07"
    case .revision: "P08"
    case .talksBeforeGoodCRC: "P09"
    case .kindNotOfState: "C01"
    case .answerWithoutQuestion: "C02"
    case .sequenceInterrupted: "C03"
    case .kindNotOfRole: "C04"
    case .kindNotOfRevision: "C05"
    case .contractsDiffer: "A01"
    case .contractNotAsRequested: "A02"
    case .contractOnOneSide: "A03"
    case .noWayOut: "L01"
    case .stateTooLong: "L02"
    case .responseTime: "T01"
    case .goodCRCTime: "T02"
    case .capabilitiesInterval: "T03"
    case .firstCapabilitiesTime: "T04"
    case .retryTime: "T05"
    }
  }

  /// What is demanded, in one line.
  public var name: StaticString {
    switch self {
    case .vbusAboveWindow: "VBUS stays below the upper limit of the contract or transition"
    case .vbusBelowWindow: "VBUS stays above the lower limit of the contract or transition"
    case .slewTooSteep: "VBUS changes by at most vSrcSlew"
    case .hardResetFallTime: "VBUS is switched off tPSHardReset after a Hard Reset"
    case .hardResetOffTime: "VBUS is at vSafe5V within tSafe5V and at vSafe0V within tSafe0V"
    case .hardResetRecovery: "VBUS stays off for tSrcRecover"
    case .turnOnTime: "VBUS reaches vSafe5V in time"
    case .changedTooEarly: "VBUS does not change before tSrcTransition"
    case .detachOffTime: "VBUS is at vSafe0V in time after a detach"
    case .readyWithoutAccept: "PS_RDY follows an accepted request or swap"
    case .readyOutsideWindow: "PS_RDY is sent with VBUS inside the new window"
    case .readyTooEarly: "PS_RDY is not sent before tSrcTransition"
    case .readyTooLate: "PS_RDY is sent in time"
    case .acceptedWithoutOffer: "what is accepted was offered"
    case .swapReadyWithVBUS: "the old source sends PS_RDY with VBUS at vSafe0V"
    case .messageID: "MessageIDs count up"
    case .retryDiffers: "a retry repeats the packet"
    case .tooManyRetries: "a message is repeated nRetryCount times at most"
    case .goodCRCMessageID: "a GoodCRC carries the MessageID of the message"
    case .goodCRCWithoutMessage: "a GoodCRC acknowledges a message"
    case .powerRole: "the header carries the power role"
    case .dataRole: "the header carries the data role"
    case .revision: "the header carries the negotiated revision"
    case .talksBeforeGoodCRC: "a message is acknowledged before another is sent"
    case .kindNotOfState: "the state of the sender allows the message"
    case .answerWithoutQuestion: "an answer follows the question that it answers"
    case .sequenceInterrupted: "no new sequence begins inside another"
    case .kindNotOfRole: "the power role of the sender allows the message"
    case .kindNotOfRevision: "the negotiated revision has the message"
    case .contractsDiffer: "both ports hold the same contract"
    case .contractNotAsRequested: "the contract is what was requested"
    case .contractOnOneSide: "both ports hold a contract"
    case .noWayOut: "a state that is not stable has a timer or waits for something"
    case .stateTooLong: "no state lasts longer than it may"
    case .responseTime: "an answer begins within its limit"
    case .goodCRCTime: "a GoodCRC begins within tTransmit"
    case .capabilitiesInterval: "unanswered Source_Capabilities are repeated every tTypeCSendSourceCap"
    case .firstCapabilitiesTime: "Source_Capabilities come within tFirstSourceCap of vSafe5V"
    case .retryTime: "a retry begins within tReceive and tRetry"
    }
  }

  /// Where it is demanded.
  public var clause: StaticString {
    switch self {
    case .vbusAboveWindow, .vbusBelowWindow, .slewTooSteep: "§7.1.4, §7.4.1"
    case .hardResetFallTime, .hardResetOffTime, .hardResetRecovery: "§7.1.5, §7.3.4"
    case .turnOnTime: "§7.1.5; USB Type-C §4.11"
    case .changedTooEarly: "§7.1.4"
    case .detachOffTime: "USB Type-C §4.11"
    case .readyWithoutAccept, .readyOutsideWindow, .readyTooEarly, .readyTooLate: "§6.3.6, §7.1.4, §7.3.1"
    case .acceptedWithoutOffer: "§6.4.2"
    case .swapReadyWithVBUS: "§7.3.2"
    case .messageID: "§6.7.1"
    case .retryDiffers, .tooManyRetries: "§6.7.2"
    case .goodCRCMessageID, .goodCRCWithoutMessage, .talksBeforeGoodCRC: "§6.3.1"
    case .powerRole, .dataRole, .revision: "§6.2.1.1"
    case .kindNotOfState: "§8.3.3"
    case .answerWithoutQuestion, .sequenceInterrupted: "§8.3.2"
    case .kindNotOfRole, .kindNotOfRevision: "§6.3, §6.4, §6.5"
    case .contractsDiffer, .contractNotAsRequested, .contractOnOneSide: "§6.4.2, §8.3.2.2"
    case .noWayOut, .stateTooLong: "§8.3.3"
    case .responseTime: "§6.6.2"
    case .goodCRCTime, .retryTime: "§6.6.1"
    case .capabilitiesInterval, .firstCapabilitiesTime: "§6.6.4"
    }
  }
}
