import PortEngine
public import Quantities

// The registers as the bus sees them.

extension TCPCIModel {
  /// Registers of two bytes; r1 has two more, of its buffers.
  private static let words: Set<Int> = [
    0x00, 0x02, 0x04, 0x06, 0x08, 0x0A, 0x10, 0x12, 0x24, 0x26, 0x70, 0x72, 0x74, 0x76, 0x78, 0x7A,
  ]

  private func width(of address: Int) -> Int {
    switch (interface, address) {
    case (.r1, 0x32), (.r1, 0x52): 2
    case (.r1, 0x34), (.r1, 0x54): 28
    case (.r2, 0x30), (.r2, 0x51): 31
    default: Self.words.contains(address) ? 2 : 1
    }
  }

  // MARK: Reading

  public mutating func read(_ count: Int, from register: UInt8, at now: Instant) -> [UInt8] {
    let address = Int(register)
    guard isReady else { return (0..<count).map { address == 0x1E && $0 == 0 ? 0x40 : 0 } }
    let room = width(of: address)
    return (0..<count).map { $0 < room ? byte($0, of: address) : fillByte }
  }

  private func byte(_ offset: Int, of address: Int) -> UInt8 {
    switch address {
    case 0x00: half(vendor, offset)
    case 0x02: half(product, offset)
    case 0x04: half(0x0001, offset)
    case 0x06: half(0x0012, offset)
    case 0x08: half(interface == .r1 ? 0x2011 : 0x3011, offset)
    case 0x0A: half(interface.rawValue, offset)
    case 0x10: half(shownAlert, offset)
    case 0x1D: shownPins
    case 0x1E: powerStatus
    case 0x20: interface == .r2 && vbus < Millivolts(800) ? 0x01 : 0
    // Source and sink, VCONN, all kinds of packet, three values of Rp.
    case 0x24: half(measuresVBUS ? 0x061F : 0x021F, offset)
    case 0x26: 0
    case 0x30...0x4F: bufferByte(offset, of: address)
    case 0x51: transmitCount
    case 0x70: half(measuredVBUS, offset)
    case 0x12...0x1C, 0x1F, 0x2E, 0x2F, 0x72...0x7B: registers[address + offset]
    default: 0
    }
  }

  private func half(_ word: UInt16, _ offset: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: word >> UInt16(8 * offset))
  }

  private func bufferByte(_ offset: Int, of address: Int) -> UInt8 {
    let place: Int
    switch (interface, address) {
    case (.r2, 0x30), (.r1, 0x30): place = offset
    case (.r1, 0x31...0x34): place = address - 0x30 + offset
    default: return 0
    }
    guard alert & 0x0004 != 0, let frame = received.first else { return place == 0 ? 0 : fillByte }
    if place == 0, let falseCount { return falseCount }
    return place < frame.count ? frame[place] : fillByte
  }

  // MARK: Writing

  public mutating func write(_ bytes: [UInt8], to register: UInt8, at now: Instant) {
    guard isReady, !bytes.isEmpty else { return }
    let address = Int(register)
    let room = width(of: address)
    if bytes.count > room { raise(fault: 0x01) }
    let taken = Array(bytes.prefix(room))
    switch address {
    case 0x10: clearAlert(UInt16(taken[0]) | (taken.count > 1 ? UInt16(taken[1]) << 8 : 0))
    case 0x12, 0x72, 0x74, 0x76, 0x78:
      for (offset, byte) in taken.enumerated() { registers[address + offset] = byte }
    case 0x14...0x19, 0x1B: registers[address] = taken[0]
    case 0x1A: writeRole(taken[0], at: now)
    case 0x1C:
      if taken[0] & 0x01 == 0 { hasVCONNTripped = false }
      registers[0x1C] = taken[0]
      notePins(at: now)
    case 0x1F:
      registers[0x1F] &= ~taken[0]
    case 0x23: obey(taken[0], at: now)
    case 0x2E, 0x2F: registers[address] = taken[0] & 0x7F
    case 0x50: transmit(taken[0], at: now)
    case 0x51, 0x52, 0x54: writeBuffer(taken, at: address)
    default: raise(fault: 0x01)
    }
  }

  private mutating func clearAlert(_ bits: UInt16) {
    let releases = alert & bits & 0x0004 != 0
    alert &= ~bits
    if registers[0x1F] & registers[0x15] != 0 { alert |= 0x0200 }
    guard releases else { return }
    if !received.isEmpty { received.removeFirst() }
    if !received.isEmpty { alert |= 0x0004 }
  }

  private mutating func obey(_ command: UInt8, at now: Instant) {
    commands.append(command)
    if commands.count > 64 { commands.removeFirst() }
    switch command {
    case 0x22: setStatus(0x08, false, at: now)
    case 0x33: setStatus(0x08, true, at: now)
    case 0x44: setStatus(0x01, false, at: now)
    case 0x55: setStatus(0x01, true, at: now)
    case 0x66: setStatus(0x30, false, at: now)
    case 0x77: setStatus(0x10, true, at: now)
    case 0x88: setStatus(0x30, true, at: now)
    case 0x99: beginSearch(at: now)
    case 0xDD:
      transmitCount = 0
      isCarrierStopped = true
      if transmitter != .sending { transmitter = .idle }
    case 0xEE:
      received = []
      alert &= ~0x0004
    case 0x11, 0xFF: break
    default: raise(fault: 0x01)
    }
  }

  private mutating func writeBuffer(_ bytes: [UInt8], at address: Int) {
    switch (interface, address) {
    case (.r1, 0x51): transmitCount = bytes[0]
    case (.r2, 0x51):
      transmitCount = bytes[0]
      for (place, byte) in bytes.dropFirst().enumerated() { transmitBuffer[place] = byte }
    case (.r1, 0x52), (.r1, 0x54):
      for (offset, byte) in bytes.enumerated() { transmitBuffer[address - 0x52 + offset] = byte }
    default: raise(fault: 0x01)
    }
  }
}
