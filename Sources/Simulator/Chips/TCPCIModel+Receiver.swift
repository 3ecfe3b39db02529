import LineCode
import PortEngine
import PowerDelivery
public import Quantities

// What the chip hears on its communication pin.

extension TCPCIModel {
  /// How many messages it keeps: the one that is read, and one more.
  static var receiveCapacity: Int { 2 }

  public mutating func setLine(busy: Bool) {
    guard busy != isLineBusy else { return }
    isLineBusy = busy
    if busy, acknowledges { alert |= 0x1000 }
  }

  public mutating func hear(_ signal: ChipSignal, isSound: Bool, at now: Instant) {
    guard isReady, isSound else { return }
    switch signal {
    case .hardReset: if registers[0x2F] & 0x20 != 0 { takeHardReset() }
    case .cableReset, .carrier: break
    case .packet(let orderedSet, let bytes): hear(orderedSet, bytes, at: now)
    }
  }

  private mutating func takeHardReset() {
    registers[0x2F] = 0
    received = []
    goodCRC = nil
    if transmitter != .sending { transmitter = .idle }
    alert = alert & ~0x0004 | 0x0008
  }

  private mutating func hear(_ orderedSet: OrderedSet, _ bytes: [UInt8], at now: Instant) {
    guard bytes.count >= 6, let kind = Self.kind(of: orderedSet), registers[0x2F] >> kind & 1 != 0 else {
      return
    }
    let header = UInt16(bytes[0]) | UInt16(bytes[1]) << 8
    let message = Array(bytes.dropLast(4))
    guard header & 0xF01F != 0x0001 else { return takeGoodCRC(orderedSet, header) }
    discardPacket()
    let dropsData = registers[0x19] & 0x02 != 0
    guard dropsData || received.count < Self.receiveCapacity else {
      lostMessages += 1
      alert |= 0x0400
      return
    }
    let frame = [UInt8(message.count + 1), kind] + message
    goodCRC = (answer(to: header, orderedSet), now + goodCRCLatency, dropsData ? nil : frame)
  }

  private static func kind(of orderedSet: OrderedSet) -> UInt8? {
    switch orderedSet {
    case .sop: 0
    case .sopPrime: 1
    case .sopDoublePrime: 2
    case .sopPrimeDebug: 3
    case .sopDoublePrimeDebug: 4
    case .hardReset, .cableReset: nil
    }
  }

  /// Only one for the packet that went out last, by kind and MessageID, ends the wait.
  private mutating func takeGoodCRC(_ orderedSet: OrderedSet, _ header: UInt16) {
    guard case .awaiting = transmitter, case .packet(orderedSet, let sent) = outgoing,
      UInt16(sent[1]) << 8 & 0x0E00 == header & 0x0E00
    else { return }
    transmitter = .idle
    alert |= 0x0040
  }

  /// Roles and revision come from MESSAGE_HEADER_INFO, the MessageID from what came in.
  private func answer(to header: UInt16, _ orderedSet: OrderedSet) -> ChipSignal {
    let info = UInt16(registers[0x2E])
    var answer = header & 0x0E00 | 0x0001 | (info >> 1 & 3) << 6
    if orderedSet == .sop {
      if info & 0x01 != 0 { answer |= 0x0100 }
      if info & 0x08 != 0 { answer |= 0x0020 }
    } else if info & 0x10 != 0 {
      answer |= 0x0100
    }
    let bytes = [UInt8(truncatingIfNeeded: answer), UInt8(truncatingIfNeeded: answer >> 8)]
    return .packet(orderedSet, FUSB302Model.packet(bytes))
  }

  /// The GoodCRC has left: the message can be read.
  mutating func keep(_ frame: [UInt8]) {
    guard isReady, registers[0x2F] != 0 else { return }
    received.append(frame)
    alert |= 0x0004
  }
}
