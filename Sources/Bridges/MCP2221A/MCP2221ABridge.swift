public import Quantities
public import RegisterBus
public import USBTransport

/// I2C behind a Microchip MCP2221A: for power stages and configuration, not for a port controller.
///
/// An access to a register takes 12 ms, 84 a second (measured): a message that was received would be answered after
/// the partner's SenderResponseTimer has expired. Nothing can be batched: each operation is two reports there and back
/// for a write, three for a read, each of which costs 2 ms. The bridge belongs to one thread.
public struct MCP2221ABridge: RegisterBus {
  public static let identity = USBIdentity(vendor: 0x04D8, product: 0x00DD)

  /// What one report carries: written bytes with the register, and read ones.
  public static var capacity: Int { 60 }

  /// How the bridge is set up.
  public struct Settings: Sendable {
    /// 47 to 400 kHz.
    public var speed = MCP2221ASpeed.fast400kHz
    /// How long a report may take.
    public var timeout = Milliseconds(100)
    /// How often the engine is asked whether it is done; each time takes some 2 ms.
    public var polls = 50

    public init() {}
  }

  public let settings: Settings
  /// Reports that were sent, each with its answer; what follows a fault to bring both sides into step is left out.
  public private(set) var exchanges = 0
  /// What went wrong on USB behind the last error; `nil` where the fault was on the bus.
  public private(set) var lastFault: USBError?

  private let device: USBDevice
  private let input: USBEndpoint
  private let output: USBEndpoint
  private var isReady = false

  /// Claims the HID interface; the serial port of the chip stays where it is.
  /// - Throws: `.notFound` where the device is no MCP2221A.
  public init(_ device: USBDevice, settings: Settings = Settings()) throws(USBError) {
    let interface = device.info.interface { $0.interfaceClass.code == 0x03 }
    guard device.info.identity == Self.identity, let interface,
      let input = interface.endpoint(.interrupt, isIn: true),
      let output = interface.endpoint(.interrupt, isIn: false)
    else { throw device.failure(.notFound, .claim(2)) }
    try device.claim(interface)
    self.device = device
    self.settings = settings
    self.input = input
    self.output = output
  }

  public mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
    guard !batch.isOverfull else { throw RegisterBusError(.overfullBatch) }
    lastFault = nil
    for index in 0..<batch.count {
      guard let operation = batch.operation(index) else { break }
      let length = operation.direction == .write ? operation.count + 1 : operation.count
      guard length <= Self.capacity, length > 0 else {
        throw RegisterBusError(.unsupported, operation: index, address: operation.address)
      }
      do throws(RegisterBusError) {
        if !isReady { try setUp() }
        switch operation.direction {
        case .write:
          try write((0..<operation.count).map { batch.byte($0, of: index) }, operation)
        case .read:
          for (position, byte) in try read(operation).enumerated() {
            batch.store(byte, at: position, of: index)
          }
        }
      } catch {
        if error.cause != .deviceGone, isReady { leave() }
        throw RegisterBusError(error.cause, operation: index, address: operation.address)
      }
    }
  }

  // MARK: Operations

  private mutating func write(_ bytes: [UInt8], _ operation: RegisterOperation) throws(RegisterBusError) {
    let body = [operation.register] + bytes
    try send([0x90, UInt8(body.count), 0, operation.address.writeByte] + body)
    try wait(for: MCP2221AStatus.idle)
  }

  private mutating func read(_ operation: RegisterOperation) throws(RegisterBusError) -> [UInt8] {
    try send([0x94, 1, 0, operation.address.writeByte, operation.register])
    // Refused as long as the register is on its way.
    for _ in 0..<settings.polls {
      let answer = try exchange([0x93, UInt8(operation.count), 0, operation.address.readByte])
      if answer[1] == 0 { return try fetch(operation.count) }
      try check(status())
    }
    throw RegisterBusError(.timedOut)
  }

  /// Fetches what was read, in as many pieces as the engine makes of it.
  private mutating func fetch(_ count: Int) throws(RegisterBusError) -> [UInt8] {
    var found: [UInt8] = []
    for _ in 0..<settings.polls {
      let answer = try exchange([0x40])
      let length = Int(answer[3])
      if answer[1] == 0, length > 0, length <= count - found.count {
        found += answer[4..<4 + length]
        if found.count == count { return found }
      } else if answer[1] == 0, length > count - found.count, length <= Self.capacity {
        throw RegisterBusError(.unexpectedAnswer)
      } else {
        try check(status())
      }
    }
    throw RegisterBusError(found.isEmpty ? .timedOut : .shortAnswer)
  }

  /// Starts a transfer; the engine takes it once it is done with the last one.
  private mutating func send(_ report: [UInt8]) throws(RegisterBusError) {
    for _ in 0..<settings.polls {
      if try exchange(report)[1] == 0 { return }
      try check(status())
    }
    throw RegisterBusError(.timedOut)
  }

  private mutating func wait(for state: UInt8) throws(RegisterBusError) {
    for _ in 0..<settings.polls {
      let status = try status()
      try check(status)
      if status.state == state { return }
    }
    throw RegisterBusError(.timedOut)
  }

  /// Throws where the engine has stopped.
  private func check(_ status: MCP2221AStatus) throws(RegisterBusError) {
    if let cause = status.fault { throw RegisterBusError(cause) }
  }

  // MARK: The engine

  private mutating func status() throws(RegisterBusError) -> MCP2221AStatus {
    MCP2221AStatus(try exchange([0x10]))
  }

  /// Ends what is under way, so that the next operation finds the engine idle.
  private mutating func leave() {
    do throws(RegisterBusError) {
      _ = try cancel(status())
    } catch {
      isReady = false
    }
  }

  /// Whether there was something to cancel.
  private mutating func cancel(_ status: MCP2221AStatus) throws(RegisterBusError) -> Bool {
    // An engine that was never used hangs for good when it is told to cancel.
    guard status.wasUsed, status.state != MCP2221AStatus.idle || status.isConfused else { return false }
    _ = try exchange([0x10, 0, 0x10])
    for _ in 0..<settings.polls where try self.status().state == MCP2221AStatus.idle { return true }
    throw RegisterBusError(.timedOut)
  }

  /// Finds both sides in step, the engine idle, the lines high, and sets the clock.
  private mutating func setUp() throws(RegisterBusError) {
    try forgetAnswers()
    isReady = true
    do throws(RegisterBusError) {
      var status = try status()
      if try cancel(status) { status = try self.status() }
      // An engine in the middle of a transfer holds SCL itself.
      guard status.isSCLHigh, status.isSDAHigh else { throw RegisterBusError(.lineStuckLow) }
      for _ in 0..<settings.polls {
        if try exchange([0x10, 0, 0, 0x20, settings.speed.divider])[3] == 0x20 { return }
      }
      throw RegisterBusError(.timedOut)
    } catch {
      isReady = false
      throw error
    }
  }

  private mutating func forgetAnswers() throws(RegisterBusError) {
    do throws(USBError) {
      try device.clearHalt(output)
      try device.clearHalt(input)
      for _ in 0..<4 { _ = try device.read(input, capacity: 64, timeout: Milliseconds(5)) }
    } catch {
      if case .timedOut = error.cause { return }
      throw note(error)
    }
    throw RegisterBusError(.unexpectedAnswer)
  }

  /// One report there and one back, which repeats the command.
  private mutating func exchange(_ report: [UInt8]) throws(RegisterBusError) -> [UInt8] {
    exchanges += 1
    let answer: [UInt8]
    do throws(USBError) {
      try device.write(
        report + [UInt8](repeating: 0, count: 64 - report.count), to: output, timeout: settings.timeout)
      answer = try device.read(input, capacity: 64, timeout: settings.timeout)
    } catch {
      throw note(error)
    }
    guard answer.count == 64, answer[0] == report[0] else {
      isReady = false
      throw RegisterBusError(answer.count < 64 ? .shortAnswer : .unexpectedAnswer)
    }
    return answer
  }

  private mutating func note(_ error: USBError) -> RegisterBusError {
    lastFault = error
    isReady = false
    return RegisterBusError(RegisterBusError.Cause(error.cause))
  }
}
