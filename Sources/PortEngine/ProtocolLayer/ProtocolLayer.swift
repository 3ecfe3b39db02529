import LineCode
import PowerDelivery

/// States of the transmitter in which time passes (USB-PD R3.2 §6.12.2.2); the others are passed through in one step.
public enum TransmitState: UInt8, Equatable, Sendable {
  /// PRL_Tx_Wait_for_Message_Request: nothing is to be sent.
  case waitForMessageRequest
  /// PRL_Tx_Construct_Message: the message waits until the GoodCRC that is being sent has left.
  case constructMessage
  /// PRL_Tx_Wait_for_PHY_Response: the packet is with the driver, or its GoodCRC is awaited.
  case waitForPHYResponse
  /// PRL_Tx_Src_Pending: SinkTxTimer runs.
  case srcPending
  /// PRL_Tx_Snk_Pending: SinkTxOK is awaited.
  case snkPending
}

/// What the protocol layer keeps: one transmitter, since a port has one line, and counters for each kind of SOP.
struct ProtocolLayer: Sendable, Equatable {
  /// Whose message is being sent; it decides who hears of its end.
  enum Owner: UInt8, Sendable { case policy, chunk, chunkRequest }

  var transmitState = TransmitState.waitForMessageRequest
  var outgoing = ShortMessage(header: MessageHeader())
  var owner = Owner.policy
  /// Whether the message is the first of an AMS: then collision avoidance applies, and it may give way.
  var startsAMS = false
  var retryCounter: UInt8 = 0
  /// Whether the packet has left and its GoodCRC is awaited.
  var isAwaitingGoodCRC = false
  /// Whether a copy of the message has left at all.
  var hasLeft = false
  /// Whether a Soft Reset has put the counter back, so that the next message has the MessageID of an older one.
  var repeatsID = false
  /// Results of transmissions that nobody waits for any more; they are still to come from the driver.
  var staleResults: UInt8 = 0

  /// MessageIDCounter and the MessageID that was received last (8: none), for SOP, SOP′ and SOP″.
  var messageID = InlineArray<3, UInt8>(repeating: 0)
  var storedID = InlineArray<3, UInt8>(repeating: ProtocolLayer.noID)
  static var noID: UInt8 { 8 }

  /// A message whose GoodCRC is being sent; it is handed on when that has left.
  var arriving = ShortMessage(header: MessageHeader())
  var isAcknowledging = false
  /// PRL_HR: between Hard Reset signalling and the end of the reset nothing is sent or taken.
  var isResetting = false

  static func == (left: Self, right: Self) -> Bool {
    for index in 0..<3
    where left.messageID[index] != right.messageID[index] || left.storedID[index] != right.storedID[index] {
      return false
    }
    return left.transmitState == right.transmitState && left.outgoing == right.outgoing
      && left.owner == right.owner && left.startsAMS == right.startsAMS
      && left.retryCounter == right.retryCounter && left.isAwaitingGoodCRC == right.isAwaitingGoodCRC
      && left.hasLeft == right.hasLeft && left.repeatsID == right.repeatsID
      && left.staleResults == right.staleResults
      && left.arriving == right.arriving
      && left.isAcknowledging == right.isAcknowledging && left.isResetting == right.isResetting
  }
}

extension PortEngine {
  /// Where the driver's transmitter is, by the standard's names.
  public var transmitState: TransmitState { protocolLayer.transmitState }

  /// Place of the counters for a kind of SOP; `nil` for kinds that no port speaks.
  @inline(__always) func place(of orderedSet: OrderedSet) -> Int? {
    switch orderedSet {
    case .sop: 0
    case .sopPrime: 1
    case .sopDoublePrime: 2
    default: nil
    }
  }

  /// PRL reset of one kind of SOP: counter and stored MessageID.
  mutating func resetProtocolLayer(_ place: Int) {
    protocolLayer.messageID[place] = 0
    protocolLayer.storedID[place] = ProtocolLayer.noID
    protocolLayer.repeatsID = true
  }

  /// Forgets what is under way and starts all counters over: at the start of a policy engine and after a Hard Reset.
  mutating func resetProtocolLayer() {
    if protocolLayer.isAcknowledging { protocolLayer.staleResults &+= 1 }
    protocolLayer.isAcknowledging = false
    dropOutgoing()
    for place in 0..<3 { resetProtocolLayer(place) }
    protocolLayer.repeatsID = false
    resetChunking()
  }

  /// Forgets the message that is being sent, without a word to anybody.
  mutating func dropOutgoing() {
    if protocolLayer.transmitState == .waitForPHYResponse, !protocolLayer.isAwaitingGoodCRC {
      protocolLayer.staleResults &+= 1
    }
    becomeIdle()
  }

  /// Nothing is to be sent any more.
  mutating func becomeIdle() {
    protocolLayer.transmitState = .waitForMessageRequest
    protocolLayer.isAwaitingGoodCRC = false
    timers.stop(.crcReceive)
    if protocolLayer.isAcknowledging { watchDriver() }
  }
}
