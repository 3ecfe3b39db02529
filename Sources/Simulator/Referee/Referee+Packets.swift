public import PortEngine
public import PowerDelivery
public import Quantities

// The protocol layer: MessageIDs, retries, GoodCRCs, headers (USB-PD R3.2 §6.2, §6.6.1, §6.7).

extension Referee {
  /// The first bit of the preamble of a packet.
  /// - Parameter state: the state of the sender's engine.
  public mutating func packetStarted(
    _ message: borrowing ShortMessage, by side: Side, state: PolicyState, at now: Instant
  ) {
    advance(to: now)
    // A damaged GoodCRC, the cable's packets and noise keep the line busy.
    let wasFree = lineActivity <= ports[side.index].sentEnd
    lineActivity = max(lineActivity, now)
    ports[side.index].isSending = true
    ports[side.index].stuckLimit = .distantFuture
    guard message.orderedSet == .sop else { return }
    if message.isGoodCRC {
      goodCRCStarted(message.header, by: side, at: now)
    } else {
      messageStarted(copy message, by: side, state: state, wasFree: wasFree, at: now)
    }
  }

  /// The last bit of the EOP of a packet.
  /// - Parameter delivered: whether the partner received it with a good CRC, there and then.
  public mutating func packetEnded(
    _ message: borrowing ShortMessage, by side: Side, delivered: Bool, at now: Instant
  ) {
    advance(to: now)
    lineActivity = max(lineActivity, now)
    ports[side.index].isSending = false
    guard message.orderedSet == .sop else { return }
    if message.isGoodCRC {
      if let arrived = ports[side.index].arriving, arrived.header.messageID == message.header.messageID {
        ports[side.index].arriving = nil
        taken(arrived, by: side.other, at: now)
      }
    } else {
      ports[side.index].sentEnd = now
      ports[side.index].heardSinceSent = false
    }
    if delivered { packetArrived(message, by: side, at: now) }
  }

  /// The partner takes a packet of `side` that had ended before: it came late, or comes a second time.
  public mutating func packetArrived(_ message: borrowing ShortMessage, by side: Side, at now: Instant) {
    advance(to: now)
    guard message.orderedSet == .sop else { return }
    if message.isGoodCRC {
      acknowledged(message.header.messageID, of: side.other, at: now)
    } else {
      delivered(copy message, by: side, at: now)
    }
  }

  /// The line is noisy until then: who wants to send must wait, and limits for a beginning do not hold.
  public mutating func disturbed(until end: Instant) { lineActivity = max(lineActivity, end) }

  // MARK: GoodCRC

  private mutating func goodCRCStarted(_ header: MessageHeader, by side: Side, at now: Instant) {
    let index = side.index
    guard ports[index].owesGoodCRC else {
      return report(.goodCRCWithoutMessage, side, at: now, found: Int64(header.messageID))
    }
    ports[index].owesGoodCRC = false
    ports[index].isGoodCRCDue = false
    timings.add(now - ports[index].owedSince, to: .goodCRC)
    if header.messageID != ports[index].owedID {
      report(
        .goodCRCMessageID, side, at: now, found: Int64(header.messageID), wanted: Int64(ports[index].owedID))
    }
    checkRoles(header, side, isGoodCRC: true, at: now)
  }

  /// A GoodCRC was received by `side` for its own message.
  private mutating func acknowledged(_ id: UInt8, of side: Side, at now: Instant) {
    let index = side.index
    guard ports[index].isOpen, ports[index].sent.header.messageID == id, !isResetting(side) else { return }
    ports[index].isOpen = false
    // CRCReceiveTimer may have expired before: then a last retry is on its way to the line.
    ports[index].mayRepeat = now - ports[index].sentEnd >= Timing.receive.minimum ?? .zero
    let code = MessageCode(ports[index].sent.header)
    if !ports[index].heardSinceSent && AnswerRules.of(code).isDue && wantsAnswer(ports[index].sent, side) {
      ports[index].awaitsSince = now
    }
    acknowledgedPower(code, of: side, at: now)
  }

  // MARK: Messages

  private mutating func messageStarted(
    _ message: ShortMessage, by side: Side, state: PolicyState, wasFree: Bool, at now: Instant
  ) {
    let index = side.index
    if ports[index].isGoodCRCDue {
      report(.talksBeforeGoodCRC, side, at: now, found: Int64(ports[index].owedID))
    }
    ports[index].owesGoodCRC = false
    ports[index].isGoodCRCDue = false
    ports[index].arriving = nil
    let code = MessageCode(message.header)
    if ports[index].mayRepeat && ports[index].sent == message { return }
    ports[index].mayRepeat = false
    // A Soft_Reset that gave way to another message begins anew with the same MessageID.
    let isAnew = code == .softReset && ports[index].heardSinceSent
    if ports[index].isOpen && ports[index].sent == message && !isAnew {
      return retryStarted(by: side, wasFree: wasFree, at: now)
    }

    checkMessageID(message, code, side, at: now)
    beginSwapRoles(code, side)
    if source == nil && code == .sourceCapabilities { becomeSource(side) }
    checkRoles(message.header, side, at: now)
    checkRevision(message.header, code, side, at: now)
    let isChunkRequest = message.extendedHeader?.requestChunk ?? false
    if !isChunkRequest && !StateRules.of(state).sends.contains(code) {
      report(.kindNotOfState, side, at: now, found: Int64(code.rawValue), wanted: Int64(state.rawValue))
    }
    let previousEnd = ports[index].sentEnd
    let repeatsCapabilities =
      code == .sourceCapabilities && ports[index].isOpen && !ports[index].heardSinceSent
      && MessageCode(ports[index].sent.header) == code
    ports[index].isOpen = true
    ports[index].sent = message
    ports[index].copies = 1
    ports[index].lastID = message.header.messageID
    ports[index].mayRestart = false
    ports[index].discards = 0
    if code == .sourceCapabilities {
      capabilitiesStarted(side, after: repeatsCapabilities ? previousEnd : nil, at: now)
    }
    judge(message, code, by: side, at: now)
  }

  private mutating func retryStarted(by side: Side, wasFree: Bool, at now: Instant) {
    let index = side.index
    ports[index].copies += 1
    let revision = ports[index].sent.header.specificationRevision
    let most = Counters.retryCount(revision)
    if ports[index].copies > most + 1 {
      report(.tooManyRetries, side, at: now, found: Int64(ports[index].copies - 1), wanted: Int64(most))
    }
    guard !ports[index].heardSinceSent else { return }
    let span = now - ports[index].sentEnd
    timings.add(span, to: .retry)
    let latest =
      (Timing.receive.maximum ?? .zero) + (Timing.retry(revision).maximum ?? .zero)
    let earliest = Timing.receive.minimum ?? .zero
    if span < earliest || (span > latest && wasFree) {
      let limit = span < earliest ? earliest : latest
      report(.retryTime, side, at: now, found: span.rawValue, wanted: limit.rawValue)
    }
  }

  private mutating func checkMessageID(
    _ message: ShortMessage, _ code: MessageCode, _ side: Side, at now: Instant
  ) {
    let port = ports[side.index]
    let id = message.header.messageID
    if code == .softReset {
      if id != 0 { report(.messageID, side, at: now, found: Int64(id)) }
    } else if !port.allowsID(id) {
      let isRetry = port.isOpen && id == port.lastID
      report(
        isRetry ? .retryDiffers : .messageID, side, at: now, found: Int64(id),
        wanted: Int64((port.lastID &+ 1) & 7))
    }
  }

  private mutating func checkRoles(
    _ header: MessageHeader, _ side: Side, isGoodCRC: Bool = false, at now: Instant
  ) {
    guard source != nil else { return }
    if ports[side.index].learnsDataRole {
      ports[side.index].learnsDataRole = false
      ports[side.index].dataRole = header.portDataRole
    }
    let port = ports[side.index]
    // A GoodCRC may tell the new role before PS_RDY does: Rp and Rd change first (§6.2.1.1.4).
    let isChanging = isGoodCRC && exchange.kind == .powerRoleSwap && exchange.isInTransition
    if header.portPowerRole != port.powerRole && !isChanging {
      report(
        .powerRole, side, at: now, found: Int64(header.portPowerRole.rawValue),
        wanted: Int64(port.powerRole.rawValue))
    }
    if header.portDataRole != port.dataRole {
      report(
        .dataRole, side, at: now, found: Int64(header.portDataRole.rawValue),
        wanted: Int64(port.dataRole.rawValue))
    }
  }

  private mutating func checkRevision(
    _ header: MessageHeader, _ code: MessageCode, _ side: Side, at now: Instant
  ) {
    guard let negotiated else {
      ports[side.index].highestRevision = header.specificationRevision
      if code == .request { requestRevision = header.specificationRevision }
      // A sink answers capabilities with at most their revision.
      let partner = ports[side.other.index].highestRevision
      if code == .request && header.specificationRevision.rawValue > partner.rawValue {
        report(
          .revision, side, at: now, found: Int64(header.specificationRevision.rawValue),
          wanted: Int64(partner.rawValue))
      }
      return
    }
    if header.specificationRevision != negotiated {
      report(
        .revision, side, at: now, found: Int64(header.specificationRevision.rawValue),
        wanted: Int64(negotiated.rawValue))
    }
  }

  // MARK: Reception

  private mutating func delivered(_ message: ShortMessage, by side: Side, at now: Instant) {
    let receiver = side.other.index
    let rules = StateRules.of(ports[receiver].state)
    ports[receiver].owesGoodCRC = true
    // What comes late or twice may find the line busy.
    ports[receiver].isGoodCRCDue =
      rules.mustAcknowledge && !ports[0].isSending && !ports[1].isSending
    ports[receiver].owedID = message.header.messageID
    ports[receiver].owedSince = now
    if ports[receiver].isGoodCRCDue { check(at: now + (Timing.transmit.maximum ?? .zero)) }
    ports[receiver].arriving = rules.hears ? message : nil
  }

  /// A message of `side` was received and acknowledged.
  private mutating func taken(_ message: ShortMessage, by side: Side, at now: Instant) {
    let receiver = side.other.index
    // What comes a second time is dropped, unless another message came in between, or a Soft_Reset went either way: then
    // its MessageID is new again (§6.11.2.3).
    let id = message.header.messageID
    let isSoftReset = MessageCode(message.header) == .softReset
    guard isSoftReset || ports[receiver].storedID != id else { return }
    ports[receiver].storedID = id
    ports[receiver].heardSinceSent = true
    ports[receiver].discards = min(6, ports[receiver].discards &+ 1)
    ports[receiver].awaitsSince = nil
    take(message, MessageCode(message.header), by: side, at: now)
    // The reset of the receiver comes before its ID is stored.
    if isSoftReset { ports[receiver].storedID = id }
  }
}
