public import Quantities
public import RegisterBus
public import USBTransport

/// I2C behind an FT232H, FT2232H or FT4232H: a batch is one program of the MPSSE, one write and one read.
///
/// The MPSSE cannot branch. Where an operation of a batch is not acknowledged, those behind it have been on the bus as
/// well; the error names the first that failed, and nothing that they read is kept. The bridge belongs to one thread.
public struct FTDIBridge: RegisterBus {
  /// How the bridge is set up.
  public struct Settings: Sendable {
    public var speed = I2CSpeed.fast400kHz
    /// Wait for chips that hold SCL within a byte; AD7 must be wired to AD0. START and STOP do not wait.
    public var followsStretching = false
    /// Of AD3, AD5 and AD6, bit by bit, those that are driven high as long as the bridge is at work. The enable input of
    /// a converter hangs on one, with a resistor to ground: it is off when the bridge is unplugged or reset.
    public var enablePins: UInt8 = 0
    /// How long a transfer may take.
    public var timeout = Milliseconds(100)

    public init() {}
  }

  public let settings: Settings
  public let model: FTDIModel
  /// Writes and reads that were made, two a round trip.
  public private(set) var transfers = 0
  /// What went wrong on USB behind the last error; `nil` where the fault was on the bus.
  public private(set) var lastFault: USBError?
  /// The levels of AD7…AD0 in front of the last batch, bit by bit; the interrupt line of a chip may hang on one.
  public private(set) var lastLevels: UInt8?

  private let port: FTDIPort
  private let interface: USBInterface
  private var isReady = false

  /// Claims a port; the MPSSE is set up with the first batch.
  /// - Parameter portIndex: 0 for port A, 1 for B.
  /// - Throws: `.notFound` where the device has no such port, or is none of FTDI's with an MPSSE.
  public init(
    _ device: USBDevice, portIndex: Int = 0, settings: Settings = Settings()
  ) throws(USBError) {
    let ports = device.info.interfaces.filter {
      $0.interfaceClass.code == 0xFF && $0.endpoint(.bulk, isIn: true) != nil
        && $0.endpoint(.bulk, isIn: false) != nil
    }
    guard let model = FTDIModel(device.info.identity), ports.indices.contains(portIndex),
      let bulkIn = ports[portIndex].endpoint(.bulk, isIn: true),
      let bulkOut = ports[portIndex].endpoint(.bulk, isIn: false)
    else { throw device.failure(.notFound, .claim(UInt8(clamping: portIndex))) }
    interface = ports[portIndex]
    try device.claim(interface)
    self.model = model
    self.settings = settings
    port = FTDIPort(
      device: device, bulkIn: bulkIn, bulkOut: bulkOut, index: UInt16(interface.number) + 1,
      timeout: settings.timeout)
  }

  public mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
    guard !batch.isOverfull else { throw RegisterBusError(.overfullBatch) }
    lastFault = nil
    if !isReady { try setUp() }
    var first = 0
    while first < batch.count {
      let (program, end) = try compile(batch, from: first)
      let levels = try attempt(program, &batch)
      if levels & 3 != 3 {
        try clockFree()
        // A chip that was set free may have taken the clock of the program for its own; now it listens.
        guard try attempt(program, &batch) & 3 == 3 else { throw RegisterBusError(.lineStuckLow) }
      }
      first = end
    }
  }

  /// Whether the interrupt line at AD4 is low, without a word on the bus: one write and one read.
  public mutating func interruptIsLow() throws(RegisterBusError) -> Bool {
    lastFault = nil
    if !isReady { try setUp() }
    var program = MPSSEProgram(
      lines: model.lines, speed: settings.speed, highPins: settings.enablePins & 0x68)
    program.lookAtLines()
    program.finish()
    let levels = try exchange(program)[0]
    lastLevels = levels
    return levels & 0x10 == 0
  }

  /// Makes all pins inputs: what hangs on an enable pin goes off. The next batch sets the bridge up again.
  public mutating func letGo() throws(RegisterBusError) {
    isReady = false
    do throws(USBError) {
      try port.letGo()
    } catch {
      throw note(error)
    }
  }

  /// As many operations from `first` on as go into one program.
  private func compile(
    _ batch: RegisterBatch, from first: Int
  ) throws(RegisterBusError) -> (MPSSEProgram, end: Int) {
    var program = MPSSEProgram(
      lines: model.lines, speed: settings.speed, highPins: settings.enablePins & 0x68)
    program.lookAtLines()
    var index = first
    while let operation = batch.operation(index) {
      var longer = program
      longer.append(operation, at: index, of: batch)
      var finished = longer
      finished.finish()
      guard finished.fits else { break }
      program = longer
      index += 1
    }
    guard index > first else {
      throw RegisterBusError(.unsupported, operation: first, address: batch.operation(first)?.address)
    }
    program.finish()
    return (program, index)
  }

  /// Runs a program; gives the levels of the idle bus in front of it. On a bus with a line that is low nothing else of
  /// the answer means anything.
  private mutating func attempt(
    _ program: MPSSEProgram, _ batch: inout RegisterBatch
  ) throws(RegisterBusError) -> UInt8 {
    let answer = try exchange(program)
    let levels = answer[0]
    lastLevels = levels
    guard levels & 3 == 3 else { return levels }
    for (reply, byte) in zip(program.replies, answer) where byte & 1 == 1 {
      switch reply {
      case .addressAcknowledge(let index):
        throw failure(.addressNotAcknowledged, index, batch)
      case .dataAcknowledge(let index):
        throw failure(.dataNotAcknowledged, index, batch)
      case .idleLevels, .data: break
      }
    }
    for (reply, byte) in zip(program.replies, answer) {
      if case .data(let index, let position) = reply { batch.store(byte, at: position, of: index) }
    }
    return levels
  }

  private func failure(
    _ cause: RegisterBusError.Cause, _ index: Int, _ batch: RegisterBatch
  ) -> RegisterBusError {
    RegisterBusError(cause, operation: index, address: batch.operation(index)?.address)
  }

  private mutating func clockFree() throws(RegisterBusError) {
    var program = MPSSEProgram(
      lines: model.lines, speed: settings.speed, highPins: settings.enablePins & 0x68)
    program.clockFree()
    program.finish()
    guard try exchange(program)[0] & 3 == 3 else { throw RegisterBusError(.lineStuckLow) }
  }

  /// One write and one read: the answer has exactly the bytes that the program asks for.
  private mutating func exchange(_ program: MPSSEProgram) throws(RegisterBusError) -> [UInt8] {
    transfers += 2
    let answer: [UInt8]
    do throws(USBError) {
      try port.write(program.bytes)
      answer = try port.read(program.replies.count)
    } catch {
      throw note(error)
    }
    guard answer.count == program.replies.count else {
      isReady = false
      throw RegisterBusError(answer.count < program.replies.count ? .shortAnswer : .unexpectedAnswer)
    }
    return answer
  }

  /// Switches the MPSSE on and sees that it answers. After a fault this brings both sides into step again.
  private mutating func setUp() throws(RegisterBusError) {
    let divisor = settings.speed.divisor
    var commands: [UInt8] = [0x8A, settings.followsStretching ? 0x96 : 0x97, 0x8C, 0x85]
    if model.lines == .openDrain { commands += [0x9E, 0x07, 0x00] }
    let high = settings.enablePins & 0x68
    commands += [
      0x86, UInt8(truncatingIfNeeded: divisor), UInt8(divisor >> 8), 0x80, 0x03 | high, 0x03 | high,
    ]
    let echo: [UInt8]
    do throws(USBError) {
      try port.clearHalts()
      try port.start()
      // An unknown command is answered with FA and itself.
      try port.write([0xAA])
      echo = try port.read(2)
      if echo == [0xFA, 0xAA] { try port.write(commands) }
    } catch {
      throw note(error)
    }
    guard echo == [0xFA, 0xAA] else { throw RegisterBusError(.unexpectedAnswer) }
    isReady = true
  }

  private mutating func note(_ error: USBError) -> RegisterBusError {
    lastFault = error
    isReady = false
    return RegisterBusError(RegisterBusError.Cause(error.cause))
  }
}
