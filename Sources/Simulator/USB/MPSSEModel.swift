/// The engine of an FTDI chip that carries out commands on its pins, here with an I2C bus on them: SCL at AD0 (and AD7,
/// where it follows stretching), SDA at AD1 and AD2.
public struct MPSSEModel: Sendable {
  public var bus: I2CBusModel
  /// AD3, AD5 and AD6 from outside; AD0 to AD2 and AD7 are the bus, AD4 hangs on the chip's interrupt pin. AD5, once it
  /// is an output, enables the board.
  public var otherPins: UInt8 = 0x78
  /// Answers that the host has not fetched.
  public var answers: [UInt8] = []
  /// The host wants them at once.
  public var isFlushed = false
  /// SDA was driven high against a chip that pulled it low.
  public private(set) var contentions = 0
  /// I2C needs data that is steady while SCL is high: three-phase clocking.
  public private(set) var isThreePhase = false
  public private(set) var divisor: UInt16 = 0

  private var pending: [UInt8] = []
  private var value: UInt8 = 0
  private var direction: UInt8 = 0
  private var openDrain: UInt8 = 0
  private var isAdaptive = false

  public init(_ bus: I2CBusModel) { self.bus = bus }

  /// Clock of the bus in kHz, from the divisor and the phases.
  public var kilohertz: Int {
    let base = 60_000 / (2 * (1 + Int(divisor)))
    return isThreePhase ? base * 2 / 3 : base
  }

  /// Takes bytes of the host; a command may go on in the next ones.
  public mutating func take(_ bytes: [UInt8]) {
    pending += bytes
    var start = 0
    while start < pending.count, let end = carryOut(start) { start = end }
    pending.removeFirst(start)
  }

  /// Forgets commands and answers.
  public mutating func purge() {
    pending = []
    answers = []
    isFlushed = false
  }

  /// Carries out the command at `start`; gives the place of the next one, `nil` where bytes are missing.
  private mutating func carryOut(_ start: Int) -> Int? {
    let command = pending[start]
    func word(_ offset: Int) -> Int? {
      start + offset + 1 < pending.count
        ? Int(pending[start + offset]) | Int(pending[start + offset + 1]) << 8 : nil
    }
    switch command {
    case 0x80, 0x82, 0x86, 0x9E:
      guard let both = word(1) else { return nil }
      set(command, UInt8(both & 0xFF), UInt8(both >> 8))
      return start + 3
    case 0x81: answers.append(levels)
    case 0x83: answers.append(0xFF)
    case 0x8A, 0x8B, 0x84, 0x85: break
    case 0x8C, 0x8D: isThreePhase = command == 0x8C
    case 0x96, 0x97: isAdaptive = command == 0x96
    case 0x87: isFlushed = true
    case 0x11:
      guard let count = word(1), start + 4 + count < pending.count else { return nil }
      for index in 0...count { clockOut(pending[start + 3 + index], 8) }
      return start + 4 + count
    case 0x13:
      guard word(1) != nil else { return nil }
      clockOut(pending[start + 2], Int(pending[start + 1] & 7) + 1)
      return start + 3
    case 0x20:
      guard let count = word(1) else { return nil }
      for _ in 0...count { answers.append(clockIn(8)) }
      return start + 3
    case 0x22:
      guard start + 1 < pending.count else { return nil }
      answers.append(clockIn(Int(pending[start + 1] & 7) + 1))
      return start + 2
    default: answers += [0xFA, command]
    }
    return start + 1
  }

  private mutating func set(_ command: UInt8, _ low: UInt8, _ high: UInt8) {
    switch command {
    case 0x80:
      value = low
      direction = high
      drive()
      bus.chip.setEnable(low & high & 0x20 != 0)
    case 0x86: divisor = UInt16(low) | UInt16(high) << 8
    case 0x9E: openDrain = low
    default: break
    }
  }

  // MARK: Pins

  private var levels: UInt8 {
    otherPins & (bus.chip.interruptIsLow ? 0x68 : 0x78) | (bus.scl ? 0x81 : 0) | (bus.sda ? 0x06 : 0)
  }

  private func isReleased(_ pin: UInt8) -> Bool { direction & pin == 0 || value & pin != 0 }

  private mutating func drive() {
    bus.tick()
    bus.drive(scl: isReleased(1), sda: isReleased(2))
    if direction & ~openDrain & value & 2 != 0, !bus.sda { contentions += 1 }
  }

  private mutating func pulse() -> Bool {
    value |= 1
    drive()
    // The engine waits for the clock to rise only where it was told to.
    while isAdaptive, !bus.scl { bus.tick() }
    let level = bus.sda
    value &= ~1
    drive()
    return level
  }

  private mutating func clockOut(_ byte: UInt8, _ count: Int) {
    for bit in 0..<count {
      value = value & ~2 | (byte & 0x80 >> bit != 0 ? 2 : 0)
      drive()
      _ = pulse()
    }
  }

  private mutating func clockIn(_ count: Int) -> UInt8 {
    var byte: UInt8 = 0
    for _ in 0..<count { byte = byte << 1 | (pulse() ? 1 : 0) }
    return byte
  }
}
