/// A Microchip MCP2221A with an I2C bus: its engine behind HID reports, with its quirks.
public struct MCP2221AModel: USBDeviceModel {
  public let descriptors: USBModelDescriptors
  public var master: I2CMasterModel
  /// How many reports pass until the engine is done with a transfer.
  public var latency = 0
  /// Something on the bus has confused the engine; a cancel brings it back.
  public var isConfused = false
  /// The divider of the clock.
  public private(set) var divider: UInt8 = 0x75
  /// Commands that were seen, but those that only ask.
  public private(set) var commands: [UInt8] = []
  public private(set) var isHung = false

  private var state = State.idle
  private var next = State.idle
  private var remaining = 0
  private var isNotAcknowledged = false
  private var wasUsed = false
  private var buffer: [UInt8] = []
  private var reports: [[UInt8]] = []

  private enum State: UInt8 {
    case idle = 0x00
    case startTimeout = 0x12
    case addressNotAcknowledged = 0x25
    case sending = 0x41
    case endedWithoutStop = 0x45
    case reading = 0x54
    case dataReady = 0x55
    case stopTimeout = 0x62
  }

  public init(_ bus: I2CBusModel, serial: String = "0001234567") {
    master = I2CMasterModel(bus)
    descriptors = USBModelDescriptors(
      vendor: 0x04D8, product: 0x00DD, codes: [0xEF, 2, 1],
      strings: ["Microchip Technology Inc.", "MCP2221 USB-I2C/UART Combo", serial], isHighSpeed: false,
      interfaces: [
        .init(0, codes: [2, 2, 1], endpoints: [.init(0x81, type: 3, packetSize: 8, interval: 2)]),
        .init(1, codes: [10, 0, 0], endpoints: [.init(0x82, packetSize: 16), .init(0x02, packetSize: 16)]),
        .init(
          2, codes: [3, 0, 0],
          endpoints: [
            .init(0x83, type: 3, packetSize: 64, interval: 1),
            .init(0x03, type: 3, packetSize: 64, interval: 1),
          ]),
      ])
  }

  public mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer { .stall }

  public mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer {
    guard endpoint == 0x03 else { return .stall }
    // A report is always whole.
    guard bytes.count == 64 else { return .done([]) }
    if remaining > 0 {
      remaining -= 1
      if remaining == 0 { state = next }
    }
    var answer = [UInt8](repeating: 0, count: 64)
    answer[0] = bytes[0]
    switch bytes[0] {
    case 0x10: tellStatus(bytes, &answer)
    case 0x90, 0x92, 0x94: answer[1] = write(bytes) ? 0 : 1
    case 0x91, 0x93: answer[1] = read(bytes) ? 0 : 1
    case 0x40: fetch(&answer)
    default: answer[1] = 1
    }
    reports.append(answer)
    return .done([])
  }

  public mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer {
    guard endpoint == 0x83, !reports.isEmpty else { return .notYet }
    return .done(reports.removeFirst())
  }

  // MARK: Commands

  private mutating func tellStatus(_ bytes: [UInt8], _ answer: inout [UInt8]) {
    if bytes[2] == 0x10 {
      commands.append(0x10)
      cancel()
    }
    if bytes[3] == 0x20 {
      commands.append(0x20)
      answer[3] = state == .idle && !isHung ? 0x20 : 0x21
      if answer[3] == 0x20 { divider = bytes[4] }
    }
    answer[8] = isHung ? State.stopTimeout.rawValue : state.rawValue
    answer[18] = isConfused ? 8 : 0
    answer[20] = isNotAcknowledged ? 0x40 : 0
    answer[21] = wasUsed ? 1 : 0
    answer[22] = master.isSCLHigh ? 1 : 0
    answer[23] = master.isSDAHigh ? 1 : 0
  }

  private mutating func cancel() {
    // An engine that was never used does not come back from this.
    guard wasUsed else { return isHung = true }
    master.stop()
    state = .idle
    remaining = 0
    isConfused = false
    isNotAcknowledged = false
    buffer = []
  }

  private mutating func begin(_ command: UInt8) -> Bool {
    commands.append(command)
    let isRepeated = command == 0x92 || command == 0x93
    guard !isHung, !isConfused, remaining == 0, state == (isRepeated ? .endedWithoutStop : .idle) else {
      return false
    }
    wasUsed = true
    isNotAcknowledged = false
    buffer = []
    master.start()
    return true
  }

  private mutating func end(_ state: State, while working: State) {
    next = state
    remaining = latency
    self.state = latency > 0 ? working : state
  }

  private mutating func write(_ bytes: [UInt8]) -> Bool {
    let count = Int(bytes[1]) | Int(bytes[2]) << 8
    guard count <= 60, begin(bytes[0]) else { return false }
    guard address(bytes[3]) else { return true }
    for byte in bytes[4..<4 + count] where !isNotAcknowledged {
      isNotAcknowledged = !master.write(byte)
    }
    if bytes[0] != 0x94 || isNotAcknowledged { master.stop() }
    end(bytes[0] == 0x94 && !isNotAcknowledged ? .endedWithoutStop : .idle, while: .sending)
    return true
  }

  private mutating func read(_ bytes: [UInt8]) -> Bool {
    let count = Int(bytes[1]) | Int(bytes[2]) << 8
    guard count <= 60, begin(bytes[0]) else { return false }
    guard address(bytes[3]) else { return true }
    buffer = (0..<count).map { master.read(acknowledge: $0 < count - 1) }
    master.stop()
    end(.dataReady, while: .reading)
    return true
  }

  /// False where the transfer has ended with the address.
  private mutating func address(_ byte: UInt8) -> Bool {
    if master.isStuck {
      end(.startTimeout, while: .sending)
      return false
    }
    guard master.write(byte) else {
      isNotAcknowledged = true
      master.stop()
      end(.addressNotAcknowledged, while: .sending)
      return false
    }
    return true
  }

  private mutating func fetch(_ answer: inout [UInt8]) {
    answer[2] = state.rawValue
    guard state == .dataReady, remaining == 0 else {
      answer[1] = 0x41
      answer[3] = 127
      return
    }
    answer[3] = UInt8(buffer.count)
    for (place, byte) in buffer.enumerated() { answer[4 + place] = byte }
    state = .idle
    buffer = []
  }
}
