import LineCode
import PowerDelivery
import Quantities

// Sending: PRL_Tx (USB-PD R3.2 §6.12.2.2).

extension PortEngine {
  /// Whether Rp tells who may start an AMS: in an explicit contract of Revision 3 (§5.7).
  @inline(__always) var avoidsCollisions: Bool { hasExplicitContract && revision != .revision2 }

  /// Sends a message of the policy engine, of a chunk, or a chunk request.
  /// - Parameter startsAMS: the first message of an AMS waits for SinkTxNG or SinkTxOK, and gives way to one that
  ///   comes in before it is acknowledged.
  mutating func transmit(
    _ message: ShortMessage, startsAMS: Bool = false, owner: ProtocolLayer.Owner = .policy
  ) {
    if protocolLayer.transmitState != .waitForMessageRequest {
      // The partner may have heard the message that is given up: its MessageID is used.
      dropOutgoing()
      countMessageID()
    }
    protocolLayer.outgoing = message
    protocolLayer.owner = owner
    protocolLayer.startsAMS = startsAMS
    protocolLayer.retryCounter = 0
    protocolLayer.hasLeft = false
    guard startsAMS, avoidsCollisions else { return constructMessage() }
    if powerRole == .source {
      guard rpCurrent == .sinkTxNG, !timers.isRunning(.sinkTx) else {
        advertise(.sinkTxNG)
        if !timers.isRunning(.sinkTx) { startTimer(.sinkTx, Timing.sinkTx) }
        protocolLayer.transmitState = .srcPending
        return
      }
    } else if !sinkMayStart {
      protocolLayer.transmitState = .snkPending
      return
    }
    constructMessage()
  }

  /// As a sink: whether the source's Rp lets it speak first. Only SinkTxNG forbids it: a Revision 3 source that stays
  /// at the default current knows no collision avoidance.
  @inline(__always) var sinkMayStart: Bool {
    guard avoidsCollisions, let orientation else { return true }
    return ccLevels[orientation] != .rp1500
  }

  /// SinkTxTimer expired, or SinkTxOK came: the message that waits goes.
  mutating func sendPending() {
    switch protocolLayer.transmitState {
    case .srcPending: constructMessage()
    case .snkPending where sinkMayStart: constructMessage()
    default: break
    }
  }

  /// PRL_Tx_Construct_Message: gives the packet to the driver.
  mutating func constructMessage() {
    guard !protocolLayer.isAcknowledging else {
      protocolLayer.transmitState = .constructMessage
      if !timers.isRunning(.crcReceive) { watchDriver() }
      return
    }
    // A kind of packet that no port sends: the message has failed before it began.
    guard let place = place(of: protocolLayer.outgoing.orderedSet) else { return transmissionError() }
    protocolLayer.outgoing.header.messageID = protocolLayer.messageID[place]
    protocolLayer.transmitState = .waitForPHYResponse
    protocolLayer.isAwaitingGoodCRC = false
    actions.append(.transmit(protocolLayer.outgoing))
    watchDriver()
  }

  /// A driver that never reports on a packet must not hold the port for ever.
  @inline(__always) mutating func watchDriver() {
    timers.start(.crcReceive, PortEngine.driverPatience, at: now)
  }

  /// How long the driver may take to report on a packet: the longest chunk takes 1.3 ms, a busy line a few more.
  static var driverPatience: Nanoseconds { Nanoseconds(12_000_000) }

  /// The driver says what became of a packet.
  mutating func transmissionEnded(_ result: TransmissionResult) {
    // What was asked for before the packet came in has been reported, or gave way and is reported after its GoodCRC.
    if protocolLayer.isAcknowledging { return acknowledgementEnded(result) }
    if protocolLayer.staleResults > 0 {
      protocolLayer.staleResults &-= 1
      return
    }
    guard protocolLayer.transmitState == .waitForPHYResponse, !protocolLayer.isAwaitingGoodCRC else { return }
    switch result {
    case .sent:
      guard configuration.goodCRC == .engine else { return messageSent() }
      protocolLayer.isAwaitingGoodCRC = true
      protocolLayer.hasLeft = true
      startTimer(.crcReceive, Timing.receive)
    case .acknowledged: messageSent()
    case .notAcknowledged:
      if configuration.goodCRC == .siliconWithRetries { transmissionError() } else { checkRetryCounter() }
    case .discarded: checkRetryCounter()
    }
  }

  /// CRCReceiveTimer expired: no GoodCRC came, or the driver says nothing.
  mutating func crcReceiveExpired() {
    if protocolLayer.isAcknowledging, protocolLayer.transmitState != .waitForPHYResponse {
      // The own GoodCRC; if it has not left after all, the partner repeats its message.
      protocolLayer.staleResults &+= 1
      return acknowledgementEnded(.sent)
    }
    guard protocolLayer.transmitState == .waitForPHYResponse else { return }
    if !protocolLayer.isAwaitingGoodCRC { protocolLayer.staleResults &+= 1 }
    checkRetryCounter()
  }

  /// PRL_Tx_Match_MessageID. A GoodCRC with another MessageID counts as none: CRCReceiveTimer goes on (§6.7.1). So
  /// does one that comes before the first message of a counter that was put back has left: it is late, and for an
  /// older message.
  mutating func goodCRCReceived(_ message: ShortMessage) {
    guard protocolLayer.transmitState == .waitForPHYResponse,
      protocolLayer.hasLeft || !protocolLayer.repeatsID,
      message.orderedSet == protocolLayer.outgoing.orderedSet,
      message.header.messageID == protocolLayer.outgoing.header.messageID
    else { return }
    if !protocolLayer.isAwaitingGoodCRC { protocolLayer.staleResults &+= 1 }
    messageSent()
  }

  /// PRL_Tx_Message_Sent.
  private mutating func messageSent() {
    endTransmission()
    switch protocolLayer.owner {
    case .policy: policySent()
    case .chunk: chunkSent()
    case .chunkRequest: chunkRequestSent()
    }
  }

  /// PRL_Tx_Check_RetryCounter. Cable plugs and long unchunked messages, which are not repeated, are not sent here.
  private mutating func checkRetryCounter() {
    protocolLayer.retryCounter &+= 1
    let revision = SpecificationRevision(
      rawValue: protocolLayer.outgoing.header.specificationRevision.rawValue)
    guard Int(protocolLayer.retryCounter) <= Counters.retryCount(revision) else { return transmissionError() }
    constructMessage()
  }

  /// PRL_Tx_Transmission_Error.
  private mutating func transmissionError() {
    endTransmission()
    switch protocolLayer.owner {
    case .policy: policyFailed()
    case .chunk: chunkFailed()
    case .chunkRequest: chunkRequestFailed()
    }
  }

  private mutating func endTransmission() {
    becomeIdle()
    countMessageID()
  }

  private mutating func countMessageID() {
    guard let place = place(of: protocolLayer.outgoing.orderedSet) else { return }
    protocolLayer.messageID[place] = (protocolLayer.messageID[place] &+ 1) & 7
    protocolLayer.repeatsID = false
  }

  /// PRL_Tx_Discard_Message: an incoming message takes precedence (§6.12.2.2.1, Table 6.72).
  mutating func discardOutgoing() {
    guard protocolLayer.transmitState != .waitForMessageRequest else { return }
    dropOutgoing()
    countMessageID()
    // The first chunk of an AMS gives way like any first message; a chunk request is nobody's message.
    guard protocolLayer.owner != .chunkRequest else { return }
    policyDiscarded()
  }
}
