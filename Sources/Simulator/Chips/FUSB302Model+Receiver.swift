import LineCode
import PortEngine
import PowerDelivery
public import Quantities

// What the chip hears on the pin that its receiver is connected to.

extension FUSB302Model {
  /// A transmission of somebody else is over.
  /// - Parameter isSound: whether it can be read.
  public mutating func hear(_ signal: ChipSignal, isSound: Bool, at now: Instant) {
    guard registers[0x0B] & 0x07 == 0x07, isSound else {
      if case .packet = signal { hasGoodCRC = false }
      return
    }
    switch signal {
    case .hardReset:
      resetLogic()
      registers[0x3C] |= 0x01
      interruptA |= 0x01
    case .cableReset, .carrier: break
    case .packet(let orderedSet, let bytes): hear(orderedSet, bytes, at: now)
    }
  }

  private mutating func hear(_ orderedSet: OrderedSet, _ bytes: [UInt8], at now: Instant) {
    guard bytes.count >= 6, isEnabled(orderedSet) else { return }
    let header = UInt16(bytes[0]) | UInt16(bytes[1]) << 8
    hasGoodCRC = true
    interrupt |= 0x10
    newestKind = 1 << Self.place(of: orderedSet)
    // BIST test data is acknowledged and dropped.
    if registers[0x09] & 0x20 == 0 { store(orderedSet, bytes) }
    if header & 0xF01F == 0x0001 {
      guard case .awaiting = transmitter, case .packet(orderedSet, let sent) = outgoing,
        sent[1] >> 1 & 7 == bytes[1] >> 1 & 7
      else { return }
      transmitter = .idle
      interruptA |= 0x04
      return
    }
    if header & 0xF01F == 0x000D {
      registers[0x3C] |= 0x02
      interruptA |= 0x02
    }
    // The chip compares four bits of the type, so that Get_Source_Cap_Extended (0x11) passes for a GoodCRC.
    guard registers[0x03] & 0x04 != 0, registers[0x06] & 0x02 == 0, header & 0x700F != 0x0001 else { return }
    goodCRC = (goodCRC(for: orderedSet, header), now + goodCRCLatency)
  }

  private func isEnabled(_ orderedSet: OrderedSet) -> Bool {
    switch orderedSet {
    case .sop: true
    case .sopPrime: registers[0x07] & 0x01 != 0
    case .sopDoublePrime: registers[0x07] & 0x02 != 0
    case .sopPrimeDebug: registers[0x07] & 0x20 != 0
    case .sopDoublePrimeDebug: registers[0x07] & 0x40 != 0
    case .hardReset, .cableReset: false
    }
  }

  private static func place(of orderedSet: OrderedSet) -> UInt8 {
    switch orderedSet {
    case .sopPrime: 1
    case .sopDoublePrime: 2
    case .sopPrimeDebug: 3
    case .sopDoublePrimeDebug: 4
    default: 0
    }
  }

  /// Roles and revision come from SWITCHES1, the MessageID from what came in.
  private func goodCRC(for orderedSet: OrderedSet, _ header: UInt16) -> ChipSignal {
    let switches = UInt16(registers[0x03])
    var answer = header & 0x0E00 | 0x0001 | (switches >> 5 & 3) << 6
    if switches & 0x80 != 0 { answer |= 0x0100 }
    if switches & 0x10 != 0, orderedSet == .sop { answer |= 0x0020 }
    let bytes = [UInt8(truncatingIfNeeded: answer), UInt8(truncatingIfNeeded: answer >> 8)]
    return .packet(orderedSet, FUSB302Model.packet(bytes))
  }

  /// What finds no room is lost, and with it the framing.
  private mutating func store(_ orderedSet: OrderedSet, _ bytes: [UInt8]) {
    let token: [UInt8] = [0xE0, 0xC0, 0xA0, 0x80, 0x60]
    for byte in [token[Int(Self.place(of: orderedSet))] | undefinedTokenBits & 0x1F] + bytes {
      guard receiveFIFO.count < Self.receiveCapacity else {
        lostBytes += 1
        continue
      }
      receiveFIFO.append(byte)
    }
    if receiveFIFO.count >= Self.receiveCapacity { interrupt |= 0x08 }
  }
}
