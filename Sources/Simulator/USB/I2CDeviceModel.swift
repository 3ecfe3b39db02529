public import RegisterBus

/// A chip on an I2C bus, byte by byte.
public protocol I2CDeviceModel: Sendable {
  /// START, or a repeated one, and an address byte; true acknowledges it. Called for every address on the bus.
  mutating func start(_ address: BusAddress, isRead: Bool) -> Bool
  /// A byte for the chip; true acknowledges it.
  mutating func write(_ byte: UInt8) -> Bool
  /// The next byte that the chip sends.
  mutating func read() -> UInt8
  /// STOP.
  mutating func stop()
  /// Whether the chip's interrupt pin is low.
  var interruptIsLow: Bool { get }
  /// A line of the bridge that switches the board on.
  mutating func setEnable(_ isHigh: Bool)
}

extension I2CDeviceModel {
  public var interruptIsLow: Bool { false }
  public mutating func setEnable(_ isHigh: Bool) {}
}

/// A chip that is nothing but 256 registers, which it steps through.
public struct RegisterFileModel: I2CDeviceModel {
  public let address: BusAddress
  public var registers: [UInt8]
  /// Refuses the acknowledgement of this number since it was made (address bytes and data bytes), counted from 0.
  public var refusal: Int?
  /// All acknowledgements that were asked for so far.
  public private(set) var acknowledgements = 0
  /// What was on the bus: `S44 3C S45 p`; `S` START, `p` STOP, bytes read in brackets.
  public private(set) var talk = ""

  private var pointer: UInt8 = 0
  private var expectsPointer = false
  private var isAddressed = false

  public init(_ address: BusAddress) {
    self.address = address
    registers = [UInt8](repeating: 0, count: 256)
  }

  public mutating func forgetTalk() { talk = "" }

  private mutating func acknowledge() -> Bool {
    acknowledgements += 1
    return refusal != acknowledgements - 1
  }

  public mutating func start(_ address: BusAddress, isRead: Bool) -> Bool {
    talk += "S" + Self.hexadecimal(isRead ? address.readByte : address.writeByte) + " "
    isAddressed = address == self.address && acknowledge()
    expectsPointer = !isRead
    return isAddressed
  }

  public mutating func write(_ byte: UInt8) -> Bool {
    guard isAddressed, acknowledge() else { return false }
    talk += Self.hexadecimal(byte) + " "
    if expectsPointer {
      pointer = byte
      expectsPointer = false
    } else {
      registers[Int(pointer)] = byte
      pointer &+= 1
    }
    return true
  }

  public mutating func read() -> UInt8 {
    guard isAddressed else { return 0xFF }
    let byte = registers[Int(pointer)]
    pointer &+= 1
    talk += "[" + Self.hexadecimal(byte) + "] "
    return byte
  }

  public mutating func stop() {
    isAddressed = false
    talk += "p "
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16, uppercase: true)
    return text.count == 1 ? "0" + text : text
  }
}
