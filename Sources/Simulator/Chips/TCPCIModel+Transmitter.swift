import LineCode
import PortEngine
import PowerDelivery
public import Quantities

// What the chip sends: packets out of the buffer with its own retries, GoodCRCs, resets, the carrier.

extension TCPCIModel {
  public var nextDeadline: Instant? {
    if let readyTime { return neverReady ? nil : readyTime }
    var earliest = Instant.distantFuture
    switch transmitter {
    case .waiting(let start): if !isLineBusy, goodCRC == nil, !isSendingGoodCRC { earliest = start }
    case .awaiting(let end): if !isLineBusy { earliest = end }
    case .idle, .sending: break
    }
    if let goodCRC, !isLineBusy, transmitter != .sending { earliest = min(earliest, goodCRC.start) }
    if let pinsChange { earliest = min(earliest, pinsChange) }
    if let end = search?.end { earliest = min(earliest, end) }
    return earliest == .distantFuture ? nil : earliest
  }

  public mutating func advance(to now: Instant) -> ChipTransmission? {
    getReady(at: now)
    guard isReady else { return nil }
    advancePins(to: now)
    guard !isLineBusy, transmitter != .sending, !isSendingGoodCRC else { return nil }
    if let goodCRC {
      guard goodCRC.start <= now else { return nil }
      self.goodCRC = nil
      isSendingGoodCRC = true
      acknowledged = goodCRC.frame
      return ChipTransmission(signal: goodCRC.packet, pin: activePin)
    }
    switch transmitter {
    case .waiting(let start) where start <= now:
      transmitter = .sending
      return ChipTransmission(signal: outgoing, pin: activePin)
    case .awaiting(let end) where end <= now: goodCRCMissed(at: now)
    default: break
    }
    return nil
  }

  private mutating func getReady(at now: Instant) {
    guard let readyTime, readyTime <= now, !neverReady else { return }
    self.readyTime = nil
    raise(fault: 0x80)
    if registers[0x14] & 0x40 != 0 { alert |= 0x0002 }
    notePins(at: now)
  }

  public mutating func transmissionEnded(at now: Instant) {
    if isSendingGoodCRC {
      isSendingGoodCRC = false
      if let acknowledged { keep(acknowledged) }
      acknowledged = nil
      return
    }
    guard transmitter == .sending else { return }
    transmitter = .idle
    // The supply broke in meanwhile.
    guard isReady else { return }
    switch outgoing {
    case .packet: transmitter = .awaiting(now + receiveTime)
    case .hardReset:
      alert |= 0x0050
      registers[0x2F] = 0
    case .cableReset, .carrier: alert |= 0x0040
    }
  }

  public var wantsToStopCarrier: Bool {
    outgoing == .carrier && transmitter == .sending && (isCarrierStopped || !isReady)
  }

  private mutating func goodCRCMissed(at now: Instant) {
    guard retriesLeft > 0 else {
      transmitter = .idle
      alert |= 0x0010
      return
    }
    retriesLeft -= 1
    transmitter = .waiting(now + retryTime)
  }

  /// A message comes in before the packet has left, or instead of its GoodCRC.
  mutating func discardPacket() {
    guard case .packet = outgoing else { return }
    switch transmitter {
    case .waiting, .awaiting:
      transmitter = .idle
      alert |= 0x0020
    case .idle, .sending: break
    }
  }

  /// TRANSMIT is written.
  mutating func transmit(_ byte: UInt8, at now: Instant) {
    guard !isTransmitterStuck else { return }
    switch byte & 0x07 {
    case 5:
      // What was under way ends without a word.
      outgoing = .hardReset
      goodCRC = nil
      received = []
      alert &= ~0x0004
    case 6: outgoing = .cableReset
    case 7:
      outgoing = .carrier
      isCarrierStopped = false
    default:
      guard transmitter == .idle, let packet = packet(byte & 0x07) else { return }
      // A message that is still to be read has come in first.
      guard alert & 0x0004 == 0, goodCRC == nil, !isSendingGoodCRC else {
        alert |= 0x0020
        return
      }
      outgoing = packet
    }
    retriesLeft = Int(byte >> 4 & 3)
    transmitter = .waiting(now + transmitLatency)
  }

  /// What is in the buffer; `nil` where its count is none of a message.
  private func packet(_ kind: UInt8) -> ChipSignal? {
    let kinds: [OrderedSet] = [.sop, .sopPrime, .sopDoublePrime, .sopPrimeDebug, .sopDoublePrimeDebug]
    guard (2...30).contains(transmitCount), transmitCount % 4 == 2 else { return nil }
    return .packet(
      kinds[Int(kind)], FUSB302Model.packet(Array(transmitBuffer[..<Int(transmitCount)])))
  }
}
