import Instruments
public import Quantities

/// A Dr. PD: framed SCPI on the interface FF/01/02, a queue of capture records, a sink.
///
/// It has no thread. Its clock goes on with every request, and by `advance(to:)`.
public struct DrPDModel: USBDeviceModel {
  public let descriptors: USBModelDescriptors
  public var habits: Habits
  /// The time of the host; the clock of the device is faster by its drift.
  public private(set) var hostTime = Nanoseconds.zero
  /// What the device's clock says at host time 0.
  public var startTime = Microseconds(1_000_000)

  // What the device is.
  public internal(set) var role = "OBSERVER"
  public internal(set) var attachment = "UNATTACHED"
  public internal(set) var isCapturing = true
  public internal(set) var status: UInt32 = 0
  public internal(set) var vbusState = "ENABLED"
  public internal(set) var overvoltageTime: Microseconds?
  /// In hundredths of a volt and of an ampere.
  public internal(set) var thresholds = [4800, 500]
  public var vbus = Millivolts(5000)
  public var current = Milliamperes(0)
  public internal(set) var sink = Sink()

  // What it has done.
  public private(set) var overwritten = 0
  /// Records that were lost because the decoder stood still.
  public private(set) var unheard = 0
  public internal(set) var flashWrites = 0
  /// The SCPI texts that came, oldest first; only the last thousand are kept.
  public private(set) var requests: [String] = []

  var queue: [[UInt8]] = []
  var errors: [String] = []
  private var script: ArraySlice<Record>
  private var blindUntil: Microseconds?
  private var received: [UInt8] = []
  /// Packets on their way to the host; an empty one is a zero-length packet.
  private var packets: [[UInt8]] = []
  private var answers = 0

  /// A record that the decoder completes at a time of the device's clock.
  public struct Record: Equatable, Sendable {
    public var time: Microseconds
    /// As `DrPDCaptureRecord` reads it.
    public var payload: [UInt8]

    public init(time: Microseconds, payload: [UInt8]) {
      self.time = time
      self.payload = payload
    }
  }

  /// - Parameter records: what it hears, in the order of time.
  public init(_ records: [Record] = [], habits: Habits = Habits()) {
    self.habits = habits
    script = records[...]
    errors = habits.staleErrors
    var interfaces: [USBModelDescriptors.Interface] = [
      .init(0, codes: [2, 2, 0], endpoints: [.init(0x83, type: 3, packetSize: 8, interval: 16)]),
      .init(1, codes: [0x0A, 0, 0], endpoints: [.init(0x04, packetSize: 64), .init(0x84, packetSize: 64)]),
      .init(2, codes: [0xFF, 0, 1], endpoints: []),
      .init(3, codes: [0xFF, 0, 0], endpoints: [.init(0x05, packetSize: 64), .init(0x85, packetSize: 64)]),
      .init(
        4, codes: [0xFE, 3, 1],
        endpoints: [
          .init(0x01, packetSize: 64), .init(0x81, packetSize: 64),
          .init(0x82, type: 3, packetSize: 64, interval: 1),
        ]),
      .init(5, codes: [0xFF, 1, 2], endpoints: [.init(0x06, packetSize: 64), .init(0x86, packetSize: 64)]),
    ]
    if habits.isInFaultMode || habits.isAnotherPico { interfaces.removeLast() }
    descriptors = USBModelDescriptors(
      vendor: 0x2E8A, product: 0x000A,
      strings: habits.isAnotherPico
        ? ["Raspberry Pi", "Pico", "E660000000000000"] : ["MTA Inc.", "Dr. PD", "E660000000000001"],
      isHighSpeed: false, interfaces: interfaces)
  }

  /// Whether it heard everything that it was to hear and its queue was read.
  public var isFinished: Bool { script.isEmpty && queue.isEmpty }
  /// Records that wait in the queue.
  public var queueLength: Int { queue.count }

  /// The device's own clock: µs since its start.
  public var clock: Microseconds {
    startTime + Microseconds((hostTime.rawValue + hostTime.rawValue / 1_000_000 * habits.drift) / 1000)
  }

  /// Lets time pass, up to a time of the host.
  public mutating func advance(to time: Nanoseconds) {
    hostTime = max(hostTime, time)
    finishRequest()
    while let record = script.first, record.time <= clock {
      script.removeFirst()
      hear(record)
    }
  }

  /// Adds what it hears later.
  public mutating func play(_ records: [Record]) { script += records }

  mutating func hear(_ record: Record) {
    guard isCapturing, role != "DISABLED" else { return }
    if let blindUntil, record.time < blindUntil {
      unheard += 1
      return
    }
    queue.append(record.payload)
    if queue.count > habits.queueCapacity {
      queue.removeFirst()
      overwritten += 1
    }
    status |= DrPDStatus.message.rawValue
  }

  /// Both cores stand still while flash is written.
  mutating func writeFlash() {
    flashWrites += 1
    blindUntil = clock + habits.flashTime
  }

  // MARK: USB

  public mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer { .stall }

  public mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer {
    guard endpoint == 0x86 else { return .notYet }
    // A transfer ends with a short packet or when it is full.
    var count = 0
    var length = 0
    for packet in packets {
      count += 1
      length += packet.count
      if packet.count < 64 || length >= capacity {
        defer { packets.removeFirst(count) }
        return .done(packets.prefix(count).flatMap { $0 })
      }
    }
    return .notYet
  }

  public mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer {
    guard endpoint == 0x06 else { return .done([]) }
    received += bytes
    while received.count >= DrPDFrame.headerLength {
      guard received[0] == 0x57, received[1] == 0x55 else {
        received = []
        break
      }
      let length = (8..<12).reversed().reduce(0) { $0 << 8 | Int(received[$1]) }
      guard length <= 4096 else {
        received = []
        break
      }
      let end = DrPDFrame.headerLength + length
      guard received.count >= end else { break }
      let frame = DrPDFrame(
        DrPDFrameKind(rawValue: received[3]), tag: received[4],
        payload: Array(received[DrPDFrame.headerLength..<end]))
      received.removeFirst(end)
      // It looks at the request in the middle of the round trip.
      let half = Nanoseconds(Nanoseconds(habits.answerTime).rawValue / 2)
      advance(to: hostTime + half)
      take(frame)
      advance(to: hostTime + half)
    }
    return .done([])
  }

  // MARK: Frames

  private mutating func take(_ frame: DrPDFrame) {
    guard !habits.isUpdater else {
      if frame.kind == .updateStatus {
        reply(.updateState, frame.tag, [UInt8](repeating: 0, count: 16))
      }
      return
    }
    if habits.lateAnswers > 0 {
      answers += 1
      if answers.isMultiple(of: habits.lateAnswers) {
        reply(.text, frame.tag &- 1, Array("late\n".utf8))
      }
    }
    switch frame.kind {
    case .sessionReset: reply(.sessionResetAcknowledgement, frame.tag, [])
    case _ where habits.busyRequests > 0:
      habits.busyRequests -= 1
      fail(frame.tag, "Device busy")
    case .command, .query: run(frame)
    default: fail(frame.tag, "Unsupported frame")
    }
  }

  private mutating func run(_ frame: DrPDFrame) {
    let text = frame.text
    requests.append(text)
    if requests.count > 2000 { requests.removeFirst(1000) }
    let readsErrors = text.uppercased() == "SYST:ERR?"
    let stale = readsErrors || errors.isEmpty ? nil : errors.removeFirst()
    let reply = answer(text)
    if case .failure(let error) = reply { return fail(frame.tag, error) }
    if let stale, !habits.errorFollowsAnswer || reply == .done { return fail(frame.tag, stale) }
    switch (reply, frame.kind) {
    case (.done, .command): self.reply(.commandAcknowledgement, frame.tag, [])
    case (.done, _): fail(frame.tag, "Missing query response")
    case (.text, .command), (.block, .command):
      fail(frame.tag, "Command request produced data response")
    case (.text(let text), _): self.reply(.text, frame.tag, Array("\(text)\n".utf8))
    case (.block(let payload), _):
      let length = String(payload.count)
      self.reply(.binary, frame.tag, Array("#\(length.count)\(length)".utf8) + payload + [0x0A])
    case (.failure, _): break
    }
    if let stale { fail(frame.tag, stale) }
  }

  private mutating func fail(_ tag: UInt8, _ text: String) { reply(.error, tag, Array(text.utf8)) }

  private mutating func reply(_ kind: DrPDFrameKind, _ tag: UInt8, _ payload: [UInt8]) {
    let bytes = DrPDFrame(kind, tag: tag, flags: status == 0 ? 0 : 1, payload: payload).bytes
    let piece = max(1, habits.pieceLength ?? bytes.count)
    for start in stride(from: 0, to: bytes.count, by: piece) {
      let end = min(start + piece, bytes.count)
      for first in stride(from: start, to: end, by: 64) {
        packets.append(Array(bytes[first..<min(first + 64, end)]))
      }
      if (end - start).isMultiple(of: 64), end == bytes.count { packets.append([]) }
    }
  }
}
