import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities

/// What the referee knows of one port.
struct PortView: Sendable {
  // The engine, as last seen.
  var state = PolicyState.detached
  var steps: UInt32 = 0
  var stateSince = Instant.zero
  /// From when on the state has lasted too long, and from when on it has waited for nothing for too long.
  var stateLimit = Instant.distantFuture
  var stuckLimit = Instant.distantFuture

  // The last message that it sent.
  var sent = ShortMessage(header: MessageHeader())
  /// Whether `sent` may be repeated: neither acknowledged nor ended by a reset.
  var isOpen = false
  /// Whether `sent` may be repeated although it was acknowledged, because the GoodCRC came late.
  var mayRepeat = false
  var copies = 0
  var sentEnd = Instant.zero
  /// Whether anything was received since the last copy ended.
  var heardSinceSent = false
  var isSending = false
  /// The last MessageID; 7 before the first message.
  var lastID: UInt8 = 7
  /// Whether the counter may have been put back without the referee seeing it for sure.
  var mayRestart = false
  /// How many messages may have been dropped unsent, each with a MessageID, because another came in (§6.11.2.2.5).
  var discards: UInt8 = 0

  // The GoodCRC that it owes.
  var owesGoodCRC = false
  var isGoodCRCDue = false
  var owedID: UInt8 = 0
  var owedSince = Instant.zero
  /// What was received and is being acknowledged. It counts when its GoodCRC has left: a port whose GoodCRC finds the
  /// line busy need not take it (§6.11.2.3).
  var arriving: ShortMessage?
  /// The MessageID that was received last: a message that carries it again is a duplicate. 8 for none.
  var storedID: UInt8 = 8

  // The conversation.
  /// The last message that was received and wants an answer, and when the own GoodCRC for it ended.
  var question: MessageCode?
  var questionSince = Instant.zero
  /// The last message that was received, until the port sends something.
  var unanswered: MessageCode?
  /// When that was received.
  var unansweredSince = Instant.zero
  /// When the own message that wants an answer was acknowledged; `nil` while none is open.
  var awaitsSince: Instant?

  var powerRole = PortPowerRole.sink
  var dataRole = PortDataRole.upstreamFacing
  /// Whether the next header tells the data role: Accept came for a DR_Swap that was not acknowledged, so that the port
  /// may not have taken it for an answer.
  var learnsDataRole = false
  /// The revision of its last message before one was negotiated.
  var highestRevision = SpecificationRevision.revision3

  /// Whether the partner has signalled a Hard Reset that the port has not been seen to hear.
  var mayHearReset = false

  /// The contract that its engine has reported, and for which exchange.
  var report: PowerContract?
  var reportedExchange: UInt32 = 0

  mutating func forgetConversation() {
    forgetConversationKeepingGoodCRC()
    owesGoodCRC = false
    isGoodCRCDue = false
    arriving = nil
  }

  /// A Soft_Reset was received: its GoodCRC is still to come.
  mutating func forgetConversationKeepingGoodCRC() {
    isOpen = false
    mayRepeat = false
    question = nil
    unanswered = nil
    awaitsSince = nil
  }

  /// The protocol layer starts anew (§6.11.2, PE_SRC_Startup, PE_SNK_Startup).
  mutating func restart() {
    forgetConversation()
    restartIDs(certainly: false)
  }

  mutating func restartIDs(certainly: Bool) {
    if certainly { lastID = 7 }
    mayRestart = !certainly
    discards = 0
    storedID = 8
  }

  /// Whether the next MessageID may be `id`.
  func allowsID(_ id: UInt8) -> Bool {
    let gap = (id &- lastID) & 7
    return (gap >= 1 && gap <= discards &+ 1) || (mayRestart && id <= discards)
  }
}

/// The negotiation, or the swap, that is under way, as the wire tells it.
struct PowerExchange: Sendable {
  enum Stage: UInt8, Sendable {
    case none
    /// A request was received; a swap was asked for.
    case requested
    /// Accept is on its way.
    case accepting
    /// Accept was acknowledged; PS_RDY is to come.
    case accepted
    /// PS_RDY is on its way; in a power role swap that of the old source.
    case ready
    /// Power role swap: the old source is off; the PS_RDY of the new one is to come, and then on its way.
    case oldSourceOff, newSourceReady
  }

  enum Kind: UInt8, Sendable {
    case request, gotoMin, powerRoleSwap, dataRoleSwap, vconnSwap, other
  }

  var stage = Stage.none
  var kind = Kind.other
  /// Counts the accepted ones.
  var number: UInt32 = 0
  /// The last one that ended with a PS_RDY that was received.
  var completed: UInt32?
  /// Whether Accept was received, even if its GoodCRC was not.
  var isAcceptHeard = false
  /// When Accept was acknowledged.
  var acceptedAt = Instant.zero

  /// The capabilities that were received last, and the request for them.
  var offer = PowerDataObjectList()
  var request: UInt32 = 0
  var object: UInt32 = 0
  var isForEPR = false
  /// What was asked for; `nil` where the request is for nothing that was offered.
  var next: PowerContract?
  /// The explicit contract that holds.
  var current: PowerContract?

  /// Who answers EPR_Mode Enter, until the entry has succeeded or failed.
  var eprResponder: Side?

  func isEPREntryOpen(for side: Side) -> Bool { eprResponder == side }

  mutating func end() {
    stage = .none
    eprResponder = nil
  }

  /// Whether a DR_Swap was accepted and heard to be: for the port that asked it is over.
  var isSwappedForAsker: Bool { kind == .dataRoleSwap && stage == .accepting && isAcceptHeard }

  /// Whether VBUS, or VCONN, is changing hands or voltage: no other sequence may begin.
  var isInTransition: Bool {
    switch stage {
    case .none, .requested: false
    default: true
    }
  }
}
