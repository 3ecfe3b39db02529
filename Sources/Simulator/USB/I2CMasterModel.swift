/// A master of an I2C bus that works byte by byte, as bridges with an I2C engine have it. It waits for chips that hold
/// SCL, but not for ever.
public struct I2CMasterModel: Sendable {
  public var bus: I2CBusModel
  /// How many ticks it waits for SCL to rise.
  public var patience = 100
  /// SCL did not rise in time, or SDA was low where START needs it high: nothing is done until the next START.
  public private(set) var isStuck = false
  private var isHeld = false

  public init(_ bus: I2CBusModel) { self.bus = bus }

  public var isSCLHigh: Bool { bus.scl }
  public var isSDAHigh: Bool { bus.sda }

  /// START, or a repeated one.
  public mutating func start() {
    isStuck = false
    // Whoever else pulls the lines is seen.
    bus.drive(scl: bus.scl, sda: true)
    raise(sda: true)
    guard !isStuck, bus.sda else {
      isStuck = true
      return
    }
    bus.drive(scl: true, sda: false)
    bus.drive(scl: false, sda: false)
    isHeld = true
  }

  public mutating func stop() {
    guard isHeld else { return }
    isHeld = false
    bus.drive(scl: false, sda: false)
    raise(sda: false)
    bus.drive(scl: true, sda: true)
  }

  /// Whether the chip acknowledged.
  public mutating func write(_ byte: UInt8) -> Bool {
    for bit in 0..<8 { _ = pulse(sda: byte & 0x80 >> bit != 0) }
    return !pulse(sda: true) && !isStuck
  }

  public mutating func read(acknowledge: Bool) -> UInt8 {
    var byte: UInt8 = 0
    for _ in 0..<8 { byte = byte << 1 | (pulse(sda: true) ? 1 : 0) }
    _ = pulse(sda: !acknowledge)
    return byte
  }

  /// The level of SDA while SCL is high.
  private mutating func pulse(sda: Bool) -> Bool {
    guard !isStuck, isHeld else { return true }
    bus.drive(scl: false, sda: sda)
    raise(sda: sda)
    let level = bus.sda
    bus.drive(scl: false, sda: sda)
    return level
  }

  private mutating func raise(sda: Bool) {
    bus.drive(scl: true, sda: sda)
    for _ in 0..<patience where !bus.scl { bus.tick() }
    if !bus.scl { isStuck = true }
  }
}
