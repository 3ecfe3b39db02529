public import Quantities
public import RegisterBus
public import USBTransport

/// I2C behind a CH347 or a CH341A.
///
/// A CH347 carries out a whole batch of up to 510 bytes in one write and one read; a CH341A takes a write and a read for
/// every 32 bytes. The chip does not stop where a byte is not acknowledged: where an operation of a CH347's batch
/// fails, those behind it may have been on the bus as well; the error names the first that failed, and nothing that
/// those behind it read is kept. A line that is held low shows as a missing acknowledgement: the chip has no command
/// that looks at the lines of its I2C. The bridge belongs to one thread.
public struct WCHBridge: RegisterBus {
  /// How the bridge is set up.
  public struct Settings: Sendable {
    public var speed = WCHSpeed.fast400kHz
    /// What goes into one transfer; `nil` for what the chip is known to take: a CH347 whole batches, a CH341A the two
    /// phases of a read apart.
    public var grouping: WCHProgram.Grouping?
    /// How long a transfer may take.
    public var timeout = Milliseconds(100)

    public init() {}
  }

  public let settings: Settings
  public let model: WCHModel
  /// Writes and reads that were made, two a round trip; what follows a fault to bring both sides into step is left out.
  public private(set) var transfers = 0
  /// What went wrong on USB behind the last error; `nil` where the fault was on the bus.
  public private(set) var lastFault: USBError?

  private let device: USBDevice
  private let bulkIn: USBEndpoint
  private let bulkOut: USBEndpoint
  private var isReady = false

  /// Claims the interface with I2C, which is the one of a vendor's class; the chip is set up with the first batch.
  /// - Throws: `.notFound` where the device is none of WCH's with I2C, or is in a mode without it.
  public init(_ device: USBDevice, settings: Settings = Settings()) throws(USBError) {
    let interface = device.info.interface {
      $0.interfaceClass.code == 0xFF && $0.endpoint(.bulk, isIn: true) != nil
        && $0.endpoint(.bulk, isIn: false) != nil
    }
    guard let model = WCHModel(device.info.identity), let interface,
      let bulkIn = interface.endpoint(.bulk, isIn: true), let bulkOut = interface.endpoint(.bulk, isIn: false)
    else { throw device.failure(.notFound, .claim(0)) }
    try device.claim(interface)
    self.device = device
    self.model = model
    self.settings = settings
    self.bulkIn = bulkIn
    self.bulkOut = bulkOut
  }

  public mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
    guard !batch.isOverfull else { throw RegisterBusError(.overfullBatch) }
    lastFault = nil
    if !isReady { try setUp() }
    let grouping = settings.grouping ?? (model == .ch347 ? .batch : .phase)
    for program in WCHProgram.programs(for: batch, model, grouping) {
      let answer = try exchange(program)
      do throws(RegisterBusError) {
        try take(answer, of: program, &batch)
      } catch {
        if program.isOpen { try? write(WCHProgram.stop) }
        throw error
      }
    }
  }

  /// Keeps what an answer brings, up to the first byte that was not acknowledged.
  private mutating func take(
    _ answer: [UInt8], of program: WCHProgram, _ batch: inout RegisterBatch
  ) throws(RegisterBusError) {
    for (reply, byte) in zip(program.replies, answer) {
      switch reply {
      case .addressAcknowledge(let index):
        if !model.isAcknowledged(byte) { throw failure(.addressNotAcknowledged, index, batch) }
      case .dataAcknowledge(let index):
        if !model.isAcknowledged(byte) { throw failure(.dataNotAcknowledged, index, batch) }
      case .data(let index, let position): batch.store(byte, at: position, of: index)
      }
    }
    guard answer.count == program.replies.count else {
      throw RegisterBusError(answer.count < program.replies.count ? .shortAnswer : .unexpectedAnswer)
    }
  }

  private func failure(
    _ cause: RegisterBusError.Cause, _ index: Int, _ batch: RegisterBatch
  ) -> RegisterBusError {
    RegisterBusError(cause, operation: index, address: batch.operation(index)?.address)
  }

  /// One write, and reads until the answer is there: a single one.
  private mutating func exchange(_ program: WCHProgram) throws(RegisterBusError) -> [UInt8] {
    try write(program.bytes)
    transfers += 1
    var answer: [UInt8] = []
    while answer.count < program.replies.count {
      transfers += 1
      do throws(USBError) {
        let piece = try device.read(
          bulkIn, capacity: program.replies.count - answer.count, timeout: settings.timeout)
        answer += piece
        // A chip that breaks off behind a missing acknowledgement says nothing more.
        if piece.isEmpty || refuses(answer, program) { break }
      } catch {
        isReady = false
        if case .timedOut = error.cause, !answer.isEmpty { break }
        throw note(error)
      }
    }
    if answer.count != program.replies.count { isReady = false }
    return answer
  }

  private func refuses(_ answer: [UInt8], _ program: WCHProgram) -> Bool {
    zip(program.replies, answer).contains { reply, byte in
      if case .data = reply { return false }
      return !model.isAcknowledged(byte)
    }
  }

  private mutating func write(_ bytes: [UInt8]) throws(RegisterBusError) {
    do throws(USBError) {
      try device.write(bytes, to: bulkOut, timeout: settings.timeout)
    } catch {
      throw note(error)
    }
  }

  /// Frees the bus, sets its clock and forgets answers that nobody waits for any more. After a fault this brings both
  /// sides into step again.
  private mutating func setUp() throws(RegisterBusError) {
    do throws(USBError) {
      try device.clearHalt(bulkOut)
      try device.clearHalt(bulkIn)
    } catch {
      throw note(error)
    }
    if device.info.identity == WCHModel.ch347Mode3 { try write(Self.raiseSCL) }
    try write(WCHProgram.stop)
    try write([0xAA, 0x60 | settings.speed.rawValue, 0x00])
    try drain()
    isReady = true
  }

  /// GPIO3, which is SCL, becomes an output and high.
  private static var raiseSCL: [UInt8] { [0xCC, 0x08, 0x00, 0x00, 0x00, 0x00, 0xF8, 0x00, 0x00, 0x00, 0x00] }

  private mutating func drain() throws(RegisterBusError) {
    var silences = 0
    var patience = 4 * model.capacity
    while patience > 0 {
      do throws(USBError) {
        patience -= max(1, try device.read(bulkIn, capacity: model.capacity, timeout: Milliseconds(5)).count)
      } catch {
        guard case .timedOut = error.cause else { throw note(error) }
        silences += 1
        // What comes late is still caught.
        if silences == 2 { return }
      }
    }
    // It goes on sending without being asked.
    throw RegisterBusError(.unexpectedAnswer)
  }

  private mutating func note(_ error: USBError) -> RegisterBusError {
    lastFault = error
    isReady = false
    return RegisterBusError(RegisterBusError.Cause(error.cause))
  }
}
