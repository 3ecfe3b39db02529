import Instruments
import Quantities
import USBTransport

/// Questions and answers on the vendor interface of a meter.
struct KM003CLink {
  let device: USBDevice
  let bulkIn: USBEndpoint
  let bulkOut: USBEndpoint
  /// Ties an answer to its question.
  private var transaction: UInt8 = 0

  init(device: USBDevice, bulkIn: USBEndpoint, bulkOut: USBEndpoint) {
    self.device = device
    self.bulkIn = bulkIn
    self.bulkOut = bulkOut
  }

  /// A meter answers within a millisecond.
  static let answerTime = Milliseconds(100)
  /// More than the longest answer seen, 188 bytes of settings and some 1,000 of samples.
  private static let capacity = 4096
  /// Answers to questions of somebody else before us that are skipped at most.
  private static let staleAnswers = 8

  /// Asks; gives the whole answer. Answers to earlier questions are skipped.
  mutating func ask(
    _ kind: KM003CPacketKind, _ attribute: UInt16 = 0
  ) throws(USBError) -> [UInt8] {
    transaction &+= 1
    try device.write(
      KM003CPacket.request(kind, transaction: transaction, attribute: attribute), to: bulkOut,
      timeout: Self.answerTime)
    for _ in 0..<Self.staleAnswers {
      let answer = try device.read(bulkIn, capacity: Self.capacity, timeout: Self.answerTime)
      if answer.count >= 4, answer[1] == transaction { return answer }
    }
    throw device.failure(
      .timedOut(Self.answerTime, done: 0), .transfer(bulkIn.kind, bulkIn.address))
  }

  /// Asks; tells whether the meter agreed.
  mutating func isAccepted(_ kind: KM003CPacketKind, _ attribute: UInt16 = 0) throws(USBError) -> Bool {
    try ask(kind, attribute)[0] & 0x7F == KM003CPacketKind.accept.rawValue
  }

  /// Takes what lies there from before: the first answer after opening may belong to a question of somebody else.
  func drain() throws(USBError) {
    for _ in 0..<Self.staleAnswers {
      do throws(USBError) {
        _ = try device.read(bulkIn, capacity: Self.capacity, timeout: Milliseconds(10))
      } catch {
        if case .timedOut = error.cause { return }
        throw error
      }
    }
  }

  /// Connects for the first time.
  mutating func connect() throws(USBError) -> Bool {
    try drain()
    return try isAccepted(.connect)
  }

  /// Clears the halts, ends what somebody left open and connects again.
  mutating func reconnect() throws(USBError) -> Bool {
    try device.clearHalt(bulkOut)
    try device.clearHalt(bulkIn)
    try drain()
    // The meter refuses to stop or to end what is not open.
    _ = try isAccepted(.stopGraph)
    _ = try isAccepted(.disconnect)
    return try isAccepted(.connect)
  }

  /// Says goodbye; a meter that does not listen any more is left alone.
  mutating func disconnect() {
    do throws(USBError) {
      _ = try ask(.disablePDMonitor)
      _ = try ask(.disconnect)
    } catch {
      return
    }
  }
}

extension USBError {
  /// Whether the device may answer when it is asked once more.
  var isWorthAnotherTry: Bool {
    switch cause {
    case .timedOut, .stalled, .overflow, .short, .transferFailed: true
    default: false
    }
  }
}
