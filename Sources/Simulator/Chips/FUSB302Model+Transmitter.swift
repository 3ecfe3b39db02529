import LineCode
import PortEngine
import PowerDelivery
public import Quantities

// What the chip sends: packets out of the FIFO with its own retries, GoodCRCs, resets, the carrier.

extension FUSB302Model {
  /// When `advance` has something to do; `nil` while only the bus or the line can move the chip.
  public var nextDeadline: Instant? {
    var earliest = Instant.distantFuture
    switch transmitter {
    // A new packet finds out about the busy line when it wants to start; a repeated one waits.
    case .waiting(let start, let isRetry):
      if !isSendingGoodCRC, !isRetry || (!isLineBusy && goodCRC == nil) { earliest = start }
    case .awaiting(let end): earliest = isLineBusy ? earliest : end
    case .idle, .sending: break
    }
    if let goodCRC, !isLineBusy, transmitter != .sending { earliest = min(earliest, goodCRC.start) }
    if let toggle { earliest = min(earliest, toggle.end) }
    return earliest == .distantFuture ? nil : earliest
  }

  /// Serves what is due.
  /// - Returns: a transmission that begins now; its end is told by `transmissionEnded`.
  public mutating func advance(to now: Instant) -> ChipTransmission? {
    advanceToggle(at: now)
    if let goodCRC, goodCRC.start <= now, !isLineBusy, transmitter != .sending {
      self.goodCRC = nil
      isSendingGoodCRC = true
      return ChipTransmission(signal: goodCRC.packet, pin: drivenPin)
    }
    switch transmitter {
    case .waiting(let start, let isRetry) where start <= now && !isSendingGoodCRC:
      guard !isLineBusy && goodCRC == nil else {
        if isRetry { return nil }
        transmitter = .idle
        interrupt |= 0x02
        return nil
      }
      transmitter = .sending
      return ChipTransmission(signal: outgoing, pin: drivenPin)
    case .awaiting(let end) where end <= now && !isLineBusy: goodCRCMissed(at: now)
    default: break
    }
    return nil
  }

  /// What the chip sent is over.
  public mutating func transmissionEnded(at now: Instant) {
    if isSendingGoodCRC {
      isSendingGoodCRC = false
      interruptB |= 0x01
      return
    }
    guard transmitter == .sending else { return }
    switch outgoing {
    case .packet: transmitter = .awaiting(now + receiveTime)
    case .hardReset:
      transmitter = .idle
      interruptA |= 0x08
    case .cableReset, .carrier: transmitter = .idle
    }
  }

  /// Whether the carrier that is being sent was stopped.
  public var wantsToStopCarrier: Bool {
    outgoing == .carrier && transmitter == .sending && registers[0x07] & 0x10 == 0
  }

  private mutating func goodCRCMissed(at now: Instant) {
    guard retriesLeft > 0 else {
      transmitter = .idle
      registers[0x3C] |= 0x10
      interruptA |= 0x10
      return
    }
    retriesLeft -= 1
    transmitter = .waiting(now + retryTime, isRetry: true)
  }

  // MARK: What the host asks for

  mutating func writeToken(_ byte: UInt8, at now: Instant) {
    if byte == 0xA1, !isInsideData { return startTransmitter(at: now) }
    guard transmitFIFO.count < Self.transmitCapacity else {
      lostBytes += 1
      return
    }
    transmitFIFO.append(byte)
  }

  /// Whether the next byte is data, announced by PACKSYM.
  private var isInsideData: Bool {
    guard let place = transmitFIFO.firstIndex(where: { $0 & 0xE0 == 0x80 }) else { return false }
    return transmitFIFO.count - place - 1 < Int(transmitFIFO[place] & 0x1F)
  }

  mutating func startTransmitter(at now: Instant) {
    guard transmitter != .sending else { return }
    registers[0x3C] &= ~0x30
    if registers[0x07] & 0x10 != 0 {
      outgoing = .carrier
    } else {
      guard let signal = transmitSignal else { return transmitFIFO = [] }
      outgoing = signal
    }
    transmitFIFO = []
    retriesLeft = registers[0x09] & 0x01 != 0 ? Int(registers[0x09] >> 1 & 3) : 0
    transmitter = .waiting(now + transmitLatency, isRetry: false)
  }

  mutating func startHardReset(at now: Instant) {
    guard transmitter != .sending else { return }
    outgoing = .hardReset
    goodCRC = nil
    transmitter = .waiting(now + transmitLatency, isRetry: true)
  }

  /// What the tokens in the FIFO say; `nil` where they say nothing that can be sent.
  private var transmitSignal: ChipSignal? {
    guard transmitFIFO.count >= 5 else { return nil }
    let orderedSet: OrderedSet
    switch Array(transmitFIFO[0..<4]) {
    case [0x12, 0x12, 0x12, 0x13]: orderedSet = .sop
    case [0x12, 0x12, 0x1B, 0x1B]: orderedSet = .sopPrime
    case [0x12, 0x1B, 0x12, 0x1B]: orderedSet = .sopDoublePrime
    case [0x15, 0x12, 0x15, 0x1B]: return transmitFIFO[4] == 0xFE ? .cableReset : nil
    case [0x15, 0x15, 0x15, 0x16]: return transmitFIFO[4] == 0xFE ? .hardReset : nil
    default: return nil
    }
    let count = Int(transmitFIFO[4] & 0x1F)
    guard transmitFIFO[4] & 0xE0 == 0x80, (2...30).contains(count), transmitFIFO.count == 8 + count,
      Array(transmitFIFO[(5 + count)...]) == [0xFF, 0x14, 0xFE]
    else { return nil }
    return .packet(orderedSet, FUSB302Model.packet(Array(transmitFIFO[5..<5 + count])))
  }

  /// A message with its CRC behind it, least significant byte first.
  public static func packet(_ message: [UInt8]) -> [UInt8] {
    let sum = CRC32(of: message.span).value
    return message + (0..<4).map { UInt8(truncatingIfNeeded: sum >> UInt32(8 * $0)) }
  }
}
