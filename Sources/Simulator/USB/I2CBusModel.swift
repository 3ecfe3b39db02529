import RegisterBus

/// The two lines of an I2C bus with a chip on it, bit by bit. A line is high where nobody pulls it low.
public struct I2CBusModel: Sendable {
  public var chip: any I2CDeviceModel
  /// How many ticks of the master the chip holds SCL low behind each byte (clock stretching).
  public var stretch = 0
  /// How many pulses on SCL it takes until a chip that holds SDA low lets go; 0 where none does.
  public var pulsesToFree = 0

  public private(set) var scl = true
  public private(set) var sda = true
  private var masterSCL = true
  private var masterSDA = true
  private var chipSDA = true
  private var heldTicks = 0
  private var state = State.idle

  private enum State {
    case idle
    /// Bits of a byte towards the chip; the first one after START is the address.
    case receiving(count: Int, bits: UInt8, isAddress: Bool)
    /// The chip answers the ninth pulse, then does what follows.
    case acknowledging(Next)
    case sending(count: Int, byte: UInt8)
    /// The master answers the ninth pulse.
    case awaitingAcknowledge(isGiven: Bool)
    /// Not meant, or refused: until the next START.
    case deaf
  }

  private enum Next { case receive, send, nothing }

  public init(_ chip: any I2CDeviceModel) { self.chip = chip }

  /// What the master does to the lines: true lets go.
  public mutating func drive(scl: Bool, sda: Bool) {
    masterSCL = scl
    masterSDA = sda
    settle()
  }

  /// Time passes: a chip that holds SCL comes nearer to letting go.
  public mutating func tick() {
    guard heldTicks > 0 else { return }
    heldTicks -= 1
    settle()
  }

  private mutating func settle() {
    let newSCL = masterSCL && heldTicks == 0
    let wasHigh = scl
    if wasHigh, !newSCL {
      scl = false
      clockFell()
    }
    let newSDA = masterSDA && chipSDA && pulsesToFree == 0
    if newSDA != sda {
      sda = newSDA
      if scl, newSCL { newSDA ? stopped() : started() }
    }
    if !wasHigh, newSCL {
      scl = true
      clockRose()
    }
  }

  private mutating func started() {
    state = .receiving(count: 0, bits: 0, isAddress: true)
    chipSDA = true
  }

  private mutating func stopped() {
    chip.stop()
    state = .idle
    chipSDA = true
  }

  private mutating func clockRose() {
    if pulsesToFree > 0 { pulsesToFree -= 1 }
    switch state {
    case .receiving(let count, let bits, let isAddress):
      state = .receiving(count: count + 1, bits: bits << 1 | (sda ? 1 : 0), isAddress: isAddress)
    case .awaitingAcknowledge: state = .awaitingAcknowledge(isGiven: !sda)
    default: break
    }
  }

  private mutating func clockFell() {
    switch state {
    case .receiving(8, let byte, let isAddress): answer(byte, isAddress)
    case .acknowledging(let next):
      chipSDA = true
      switch next {
      case .receive: state = .receiving(count: 0, bits: 0, isAddress: false)
      case .send: send()
      case .nothing: state = .deaf
      }
      heldTicks = stretch
    case .sending(let count, let byte) where count < 8:
      chipSDA = byte & 0x80 >> count != 0
      state = .sending(count: count + 1, byte: byte)
    case .sending:
      chipSDA = true
      state = .awaitingAcknowledge(isGiven: false)
    case .awaitingAcknowledge(true): send()
    case .awaitingAcknowledge(false): state = .deaf
    default: break
    }
  }

  private mutating func answer(_ byte: UInt8, _ isAddress: Bool) {
    let isRead = isAddress && byte & 1 == 1
    let accepts = isAddress ? chip.start(BusAddress(rawValue: byte >> 1), isRead: isRead) : chip.write(byte)
    chipSDA = !accepts
    state = .acknowledging(accepts ? (isRead ? .send : .receive) : .nothing)
  }

  private mutating func send() {
    let byte = chip.read()
    chipSDA = byte & 0x80 != 0
    state = .sending(count: 1, byte: byte)
  }
}
