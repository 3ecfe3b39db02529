import LineCode
import PortEngine
import PowerDelivery
import Quantities

// Packets and resets, from the engine that sends to the engine that hears.

extension Link {
  // MARK: Sending

  mutating func transmit(_ message: ShortMessage, _ side: Side) {
    guard ports[side.index].mischief.isActive else {
      submit(message, side, delay: .zero)
      return
    }
    let offered = ports[side.index].engine.partnerSourceCapabilities
    switch ports[side.index].mischief.filterOutgoing(message, offered: offered) {
    case .send(let changed, let delay): submit(changed, side, delay: delay)
    case .swallow: swallow(message, side)
    }
  }

  private mutating func submit(_ message: ShortMessage, _ side: Side, delay: Nanoseconds) {
    let latency = ports[side.index].latency(of: message, random: &random)
    reportReplaced(side)
    if !wire.isSending(side.station) { ports[side.index].isSendingOwn = false }
    if !message.isGoodCRC { ports[side.index].armRetries() }
    slots[.chargerTransmitter, side.index] = wire.submit(
      .packet, message, from: side.station, at: now + latency + delay, phy: ports[side.index].setup.phy)
  }

  /// A packet that still waits for the line when the engine sends another will never leave: the engine hears so.
  private mutating func reportReplaced(_ side: Side) {
    let isOwed =
      ports[side.index].silicon.isAwaiting
      || (wire.dropsPacket(side.station) && !ports[side.index].isSendingOwn
        && ports[side.index].silicon.held == nil)
    if isOwed { feed(.transmitted(.discarded), side) }
  }

  /// Lets an engine believe that a packet was sent and acknowledged.
  private mutating func swallow(_ message: ShortMessage, _ side: Side) {
    if ports[side.index].usesSilicon {
      feed(.transmitted(.acknowledged), side)
      return
    }
    feed(.transmitted(.sent), side)
    guard !message.isGoodCRC else { return }
    var header = message.header
    header.numberOfDataObjects = 0
    header.extended = false
    feed(.received(ShortMessage(.goodCRC, header: header, orderedSet: message.orderedSet)), side)
  }

  mutating func transmitReset(_ kind: SignalKind, _ side: Side) {
    if kind == .hardReset { forgetPackets(side) }
    slots[.chargerTransmitter, side.index] = wire.submit(
      kind, ShortMessage(header: MessageHeader()), from: side.station,
      at: now + ports[side.index].setup.phy.goodCRCLatency, phy: ports[side.index].setup.phy)
  }

  /// A Hard Reset, or the end of a connection, ends what was to be sent, acknowledged or repeated.
  mutating func forgetPackets(_ side: Side) {
    ports[side.index].mischief.reset()
    ports[side.index].silicon = ports[side.index].silicon.cleared
    ports[side.index].owesDiscard = false
    ports[side.index].hasSent = false
    slots[.chargerSilicon, side.index] = .distantFuture
    if wire.isWaiting(side.station) {
      wire.withdraw(side.station)
      slots[.chargerTransmitter, side.index] = .distantFuture
    }
  }

  // MARK: On the line

  mutating func stepTransmitter(_ station: Station) {
    switch wire.step(station, at: now, random: &random) {
    case .idle: slots[.chargerTransmitter, station.index] = .distantFuture
    case .again(let time): slots[.chargerTransmitter, station.index] = time
    case .started(let end):
      slots[.chargerTransmitter, station.index] = end
      refereeStart(station)
    case .discarded:
      slots[.chargerTransmitter, station.index] = .distantFuture
      discarded(station)
    case .ended(let ended):
      slots[.chargerTransmitter, station.index] = wire.isBusy(station) ? now : .distantFuture
      finished(ended)
    }
  }

  private mutating func finished(_ ended: EndedSignal) {
    if recorder.isOn { record(ended) }
    refereeEnd(ended)
    // What others still wait to send found the line busy.
    for other in 0..<Station.count where other != ended.sender.index {
      guard let station = Station(rawValue: UInt8(other)), wire.isWaiting(station) else { continue }
      if let side = station.side, ended.kind == .packet, ended.isSound, isPlugged, ended.delay == .zero,
        ports[side.index].listens(to: ended.message), !ended.message.isGoodCRC
      {
        owesDiscard(of: wire.message(of: station), side)
      } else if ended.kind == .hardReset, ended.isSound, isPlugged {
        // The engine hears of the reset, which ends all that it had to send.
        if let side = station.side { ports[side.index].isSendingOwn = false }
      } else if wire.foundBusy(station) {
        discarded(station)
      } else {
        continue
      }
      wire.withdraw(station)
      slots[.chargerTransmitter, other] = .distantFuture
    }
    tellSender(ended)
    guard ended.isSound, ended.kind != .carrier else { return }
    if ended.delay == .zero {
      arrive(ended.kind, ended.message, from: ended.sender)
    } else {
      queue(ended, after: ended.delay)
    }
    if let echo = ended.echo { queue(ended, after: echo) }
  }

  private mutating func queue(_ ended: EndedSignal, after delay: Nanoseconds) {
    deliveries.append(
      DeliveryQueue.Delivery(
        time: now + delay, kind: ended.kind, sender: ended.sender, message: ended.message))
    slots[.delivery] = deliveries.nextTime
  }

  mutating func deliverDue() {
    if var delivery = deliveries.take(at: now) {
      if let free = busyReceiver(of: delivery) {
        delivery.time = free
        deliveries.append(delivery)
      } else {
        refereeArrival(delivery)
        arrive(delivery.kind, delivery.message, from: delivery.sender)
      }
    }
    slots[.delivery] = deliveries.nextTime
  }

  /// Nobody receives while it sends: when a port that is on the line can hear what is late or comes twice.
  private mutating func busyReceiver(of delivery: DeliveryQueue.Delivery) -> Instant? {
    for side in Side.both where side.station != delivery.sender && wire.isSending(side.station) {
      guard delivery.kind == .packet, ports[side.index].listens(to: delivery.message) else { continue }
      return slots[.chargerTransmitter, side.index] + Nanoseconds(1)
    }
    return nil
  }

  /// What the sender learns at the end of its transmission.
  private mutating func tellSender(_ ended: EndedSignal) {
    guard let side = ended.sender.side else {
      if ended.kind == .packet, ended.message.isGoodCRC { answer(ended.sender) }
      return
    }
    switch ended.kind {
    case .hardReset: feed(.hardResetSent, side)
    case .cableReset, .carrier: break
    case .packet where ports[side.index].isSendingOwn: ports[side.index].isSendingOwn = false
    case .packet:
      if ports[side.index].usesSilicon {
        siliconSent(ended.message, side)
      } else {
        feed(.transmitted(.sent), side)
        if ended.message.isGoodCRC { settleDiscard(side) }
      }
    }
  }

  /// A packet gives way to one that comes in. Nobody is told of a GoodCRC, since the one for what came in takes its
  /// place, nor of a packet for which the engine waits no more.
  private mutating func owesDiscard(of message: ShortMessage, _ side: Side) {
    if !ports[side.index].isSendingOwn && !message.isGoodCRC
      && ports[side.index].engine.transmitState == .waitForPHYResponse
    {
      ports[side.index].owesDiscard = true
    }
    ports[side.index].isSendingOwn = false
  }

  /// After the GoodCRC for what came in, the engine hears that its own packet gave way.
  mutating func settleDiscard(_ side: Side) {
    guard ports[side.index].owesDiscard else { return }
    ports[side.index].owesDiscard = false
    feed(.transmitted(.discarded), side)
  }

  private mutating func discarded(_ station: Station) {
    guard let side = station.side else { return }
    let message = wire.message(of: station)
    if ports[side.index].isSendingOwn {
      ports[side.index].isSendingOwn = false
    } else if ports[side.index].usesSilicon, message.isGoodCRC {
      ports[side.index].silicon.held = nil
      settleDiscard(side)
    } else {
      feed(.transmitted(.discarded), side)
      if message.isGoodCRC { settleDiscard(side) }
    }
  }

  // MARK: Arriving

  private mutating func arrive(_ kind: SignalKind, _ message: ShortMessage, from sender: Station) {
    if kind == .packet, sender.side != nil { arriveAtPlugs(message) }
    if kind != .packet {
      plugs[0].restart()
      plugs[1].restart()
    }
    for side in Side.both where side.station != sender {
      guard isPlugged || (side == .charger && sender.side == nil) else { continue }
      guard kind != .packet || ports[side.index].listens(to: message) else { continue }
      switch kind {
      case .hardReset:
        forgetPackets(side)
        feed(.hardResetReceived, side)
      case .cableReset: feed(.cableResetReceived, side)
      case .packet: hear(message, side)
      case .carrier: break
      }
    }
  }

  private mutating func arriveAtPlugs(_ message: ShortMessage) {
    guard message.orderedSet != .sop else { return }
    let index = message.orderedSet == .sopPrime ? 0 : 1
    guard let answer = plugs[index].take(message, cable: cable, at: now, random: &random) else { return }
    let station = index == 0 ? Station.nearPlug : .farPlug
    let phy = PhyProfile()
    slots[.chargerTransmitter, station.index] = wire.submit(
      .packet, answer, from: station, at: now + phy.goodCRCLatency, phy: phy)
  }

  /// A plug has acknowledged: now it answers.
  private mutating func answer(_ station: Station) {
    guard let answer = plugs[station == .nearPlug ? 0 : 1].takeAnswer() else { return }
    let phy = PhyProfile()
    var latency = phy.messageLatency
    if cable.revision == .revision2 { latency = Timing.cableMessage.minimum ?? latency }
    if case .late(let span) = cable.marker { latency = span }
    slots[.chargerTransmitter, station.index] = wire.submit(
      .packet, answer, from: station, at: now + latency, phy: phy)
  }

  private mutating func hear(_ message: ShortMessage, _ side: Side) {
    var message = message
    if ports[side.index].mischief.isActive {
      switch ports[side.index].mischief.filterIncoming(message) {
      case .pass(let changed): message = changed
      case .drop: return
      case .acknowledgeOnly:
        acknowledge(message, side)
        return
      }
      if message.kind == .control(.accept) { planUnplug(side) }
    }
    // What arrives late or twice finds the line quiet, and a packet that waits for its time.
    if !message.isGoodCRC, wire.isWaiting(side.station), !ports[side.index].isSendingOwn {
      wire.withdraw(side.station)
      owesDiscard(of: wire.message(of: side.station), side)
    }
    if ports[side.index].usesSilicon {
      siliconHeard(message, side)
    } else {
      feed(.received(message), side)
    }
  }

  /// Sends a GoodCRC of which the engine knows nothing.
  private mutating func acknowledge(_ message: ShortMessage, _ side: Side) {
    var header = MessageHeader()
    header.portPowerRole = ports[side.index].engine.powerRole
    header.portDataRole = ports[side.index].engine.dataRole
    header.specificationRevision = ports[side.index].engine.revision
    header.messageID = message.header.messageID
    submit(ShortMessage(.goodCRC, header: header, orderedSet: message.orderedSet), side, delay: .zero)
    ports[side.index].isSendingOwn = true
  }
}
