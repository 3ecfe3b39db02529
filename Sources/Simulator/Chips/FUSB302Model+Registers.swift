import PortEngine
import PowerDelivery
public import Quantities

// The registers as the bus sees them.

extension FUSB302Model {
  /// A write of the bus: the bytes go to `register` and those behind it; FIFOS keeps its address.
  public mutating func write(_ bytes: [UInt8], to register: UInt8, at now: Instant) {
    var address = Int(register)
    for byte in bytes {
      write(byte, to: address, at: now)
      if address != 0x43 { address += 1 }
    }
  }

  /// A read of the bus.
  public mutating func read(_ count: Int, from register: UInt8, at now: Instant) -> [UInt8] {
    var address = Int(register)
    return (0..<count).map { _ in
      defer { if address != 0x43 { address += 1 } }
      return read(address, at: now)
    }
  }

  private mutating func write(_ byte: UInt8, to address: Int, at now: Instant) {
    switch address {
    case 0x02, 0x04:
      holdComparators(at: now)
      registers[address] = byte
      if address == 0x02, measuredPin == nil { isLineBusy = false }
    case 0x06:
      if byte & 0x40 != 0 { transmitFIFO = [] }
      let before = registers[0x06]
      registers[0x06] = byte & ~0x41
      if before & 0x0C != byte & 0x0C { holdComparators(at: now) }
      if byte & 0x01 != 0 { startTransmitter(at: now) }
    case 0x07:
      if byte & 0x04 != 0 { receiveFIFO = [] }
      registers[0x07] = byte & ~0x04
    case 0x09:
      registers[0x09] = byte & ~0x40
      if byte & 0x40 != 0 { startHardReset(at: now) }
    case 0x0C:
      if byte & 0x01 != 0 { loseSupply() }
      if byte & 0x02 != 0 { resetLogic() }
    case 0x08: writeControl2(byte, at: now)
    case 0x43: writeToken(byte, at: now)
    case 0x03, 0x05, 0x0A...0x0B, 0x0D...0x10: registers[address] = byte
    default: break
    }
  }

  private mutating func read(_ address: Int, at now: Instant) -> UInt8 {
    switch address {
    case 0x01: return deviceID
    case 0x02...0x10: return registers[address]
    case 0x3C: return registers[0x3C]
    case 0x3D: return registers[0x3D] & 0x38 | newestKind & 0x01 | newestKind >> 2 & 0x06
    case 0x3E:
      defer { interruptA = 0 }
      return interruptA
    case 0x3F:
      defer { interruptB = 0 }
      return interruptB
    case 0x40: return status0(at: now)
    case 0x41: return status1
    case 0x42:
      defer { interrupt = 0 }
      return isBabbling ? interrupt | 0x08 : interrupt
    case 0x43: return receiveFIFO.isEmpty ? emptyFIFOByte : receiveFIFO.removeFirst()
    default: return 0
    }
  }

  mutating func resetRegisters() {
    registers = [UInt8](repeating: 0, count: 0x44)
    for (address, value) in [
      (0x02, 0x03), (0x03, 0x20), (0x04, 0x31), (0x05, 0x60), (0x06, 0x24), (0x08, 0x02), (0x09, 0x06),
      (0x0B, 0x01), (0x0D, 0x0F),
    ] { registers[address] = UInt8(value) }
    interrupt = 0
    interruptA = 0
    interruptB = 0
    settled = .zero
    toggle = nil
  }

  /// PD_RESET: transmitter, receiver and FIFOs.
  mutating func resetLogic() {
    receiveFIFO = []
    transmitFIFO = []
    if transmitter != .sending { transmitter = .idle }
    retriesLeft = 0
    goodCRC = nil
    newestKind = 0
    hasGoodCRC = false
    registers[0x3C] = 0
  }

  // MARK: STATUS0 and STATUS1

  private func status0(at now: Instant) -> UInt8 {
    let moving = now < settled ? heldStatus : comparators
    var status = moving & 0x23
    if vbus > Millivolts(4_000) { status |= 0x80 }
    if isLineBusy, measuredPin != nil { status |= 0x40 }
    if hasGoodCRC { status |= 0x10 }
    if receiveFIFO.count >= Self.receiveCapacity || transmitFIFO.count >= Self.transmitCapacity {
      status |= 0x08
    }
    return status
  }

  private var status1: UInt8 {
    var status = newestKind << 5 & 0xC0
    if receiveFIFO.isEmpty { status |= 0x20 }
    if receiveFIFO.count >= Self.receiveCapacity { status |= 0x10 }
    if transmitFIFO.isEmpty { status |= 0x08 }
    if transmitFIFO.count >= Self.transmitCapacity { status |= 0x04 }
    if isOverCurrent { status |= 0x01 }
    return status
  }

  /// COMP and BC_LVL as the pins are now.
  private var comparators: UInt8 {
    guard registers[0x0B] & 0x04 != 0 else { return 0 }
    let code = Int32(registers[0x04] & 0x3F)
    if registers[0x04] & 0x40 != 0 {
      guard registers[0x02] & 0x0C == 0 else { return 0 }
      return vbus.rawValue >= (code + 1) * 420 ? 0x20 : 0
    }
    guard let pin = measuredPin else { return 0 }
    let voltage = (pin == .cc1 ? cc1 : cc2).rawValue
    let level: UInt8 = voltage < 200 ? 0 : voltage < 660 ? 1 : voltage < 1_230 ? 2 : 3
    return level | (voltage > (code + 1) * 42 ? 0x20 : 0)
  }

  /// Switches move: comparators need 250 µs on a pin and 350 µs on VBUS until they show something else.
  private mutating func holdComparators(at now: Instant) {
    if now >= settled { heldStatus = comparators }
    settled = now + Nanoseconds(350_000)
  }

  /// Raises the interrupts of comparators that have moved.
  mutating func noteComparators(at now: Instant) {
    let status = comparators & 0x23 | (vbus > Millivolts(4_000) ? 0x80 : 0)
    let changed = status ^ lastStatus
    lastStatus = status
    if changed & 0x80 != 0 { interrupt |= 0x80 }
    if changed & 0x20 != 0 { interrupt |= 0x20 }
    if changed & 0x03 != 0 { interrupt |= 0x01 }
  }
}
