public import RegisterBus

/// Commands for the MPSSE of an FTDI chip that carry out register operations on I2C, and where their answers will lie.
///
/// SCL is AD0; SDA is AD1 (output) and AD2 (input) tied together. The MPSSE carries out the whole program even when a
/// chip does not acknowledge: what it answered is looked at afterwards.
public struct MPSSEProgram: Equatable, Sendable {
  /// How the chip lets go of SDA.
  public enum Lines: Sendable {
    /// FT232H: AD0 and AD1 are open drain (command 9E).
    case openDrain
    /// FT2232H, FT4232H: AD1 becomes an input.
    case turnedAround
  }

  /// What a byte of the answer is.
  public enum Reply: Equatable, Sendable {
    /// The levels of AD7…AD0 on the idle bus.
    case idleLevels
    /// Bit 0 is 0 where the address byte of this operation was acknowledged.
    case addressAcknowledge(operation: Int)
    /// Bit 0 is 0 where a byte of this operation was acknowledged.
    case dataAcknowledge(operation: Int)
    /// Byte `position` that this operation read.
    case data(operation: Int, position: Int)
  }

  /// The FIFOs of the chip hold 1 KiB each; programs and answers stay below that.
  public static var capacity: Int { 1000 }
  public static var answerCapacity: Int { 510 }

  public private(set) var bytes: [UInt8] = []
  public private(set) var replies: [Reply] = []
  private let lines: Lines
  private let speed: I2CSpeed
  /// AD3 to AD6: those that are driven high all the time.
  private let highPins: UInt8

  /// - Parameter highPins: of AD3 to AD6, bit by bit, those that are driven high; others are left alone.
  public init(lines: Lines, speed: I2CSpeed, highPins: UInt8 = 0) {
    self.lines = lines
    self.speed = speed
    self.highPins = highPins & 0x78
  }

  public var fits: Bool { bytes.count <= Self.capacity && replies.count <= Self.answerCapacity }

  // MARK: Parts

  /// Looks at the idle bus: a line that stays low is seen, and what hangs on AD3 to AD7.
  public mutating func lookAtLines() {
    set(3, 1)
    bytes += [0x81]
    replies.append(.idleLevels)
  }

  /// Carries out one operation: START to STOP.
  public mutating func append(_ operation: RegisterOperation, at index: Int, of batch: RegisterBatch) {
    let holds = speed.holds
    set(3, holds.idle)
    start()
    write(operation.address.writeByte, .addressAcknowledge(operation: index))
    write(operation.register, .dataAcknowledge(operation: index))
    switch operation.direction {
    case .write:
      for position in 0..<operation.count {
        write(batch.byte(position, of: index), .dataAcknowledge(operation: index))
      }
    case .read:
      set(2, 1)
      set(3, holds.idle)
      start()
      write(operation.address.readByte, .addressAcknowledge(operation: index))
      for position in 0..<operation.count {
        read(isLast: position == operation.count - 1, .data(operation: index, position: position))
      }
    }
    stop()
  }

  /// Nine pulses on SCL with SDA released, then STOP: a chip that holds SDA in the middle of a byte lets go.
  public mutating func clockFree() {
    let holds = speed.holds.start
    for _ in 0..<9 {
      set(2, holds)
      set(3, holds)
    }
    set(2, holds)
    stop()
    lookAtLines()
  }

  /// Sends the answers now instead of waiting for the latency timer.
  public mutating func finish() { bytes += [0x87] }

  // MARK: Bits on the wire

  /// Sets SDA (bit 1) and SCL (bit 0), `times` over for its time. A chip without open drain lets go of what is to be
  /// high by making it an input; SCL alone is driven, as no chip may hold it there.
  private mutating func set(_ levels: UInt8, _ times: Int) {
    let command: [UInt8] =
      switch (lines, levels) {
      case (.turnedAround, 3): pins(0x03, outputs: 0x00)
      case (.turnedAround, 2): pins(0x00, outputs: 0x01)
      default: pins(levels, outputs: 0x03)
      }
    for _ in 0..<times { bytes += command }
  }

  private func pins(_ levels: UInt8, outputs: UInt8) -> [UInt8] {
    [0x80, levels | highPins, outputs | highPins]
  }

  private mutating func start() {
    set(1, speed.holds.start)
    set(0, speed.holds.start)
  }

  private mutating func stop() {
    let holds = speed.holds
    set(0, holds.start)
    set(1, holds.start)
    set(3, holds.idle)
  }

  /// Before bits are written by a chip without open drain: AD1 is an output again, SCL being low.
  private mutating func takeLine() {
    if lines == .turnedAround { bytes += pins(0x02, outputs: 0x03) }
  }

  private mutating func write(_ byte: UInt8, _ reply: Reply) {
    takeLine()
    bytes += [0x11, 0, 0, byte]
    // AD1 must not hold SDA while the chip answers.
    set(2, 1)
    bytes += [0x22, 0]
    replies.append(reply)
  }

  private mutating func read(isLast: Bool, _ reply: Reply) {
    bytes += [0x20, 0, 0]
    takeLine()
    bytes += [0x13, 0, isLast ? 0xFF : 0x00]
    set(2, 1)
    replies.append(reply)
  }
}
