public import Instruments
public import LineCode
public import Quantities

/// A CY4500 analyzer: two streams that run between start and stop.
public struct CY4500Model: USBDeviceModel {
  public struct Habits: Sendable {
    public var product: UInt16 = 0xFDEF
    /// It answers commands.
    public var replies = true
    /// Behind each record the filler that ends a stream is sent.
    public var endsWithFiller = true
    /// Records that are lost in the device, by their number from 0.
    public var lost: Set<UInt32> = []
    /// The clock at host time 0, in µs.
    public var startTime: UInt32 = 1_000_000

    public init() {}
  }

  /// A transmission that it hears.
  public struct Hearing: Sendable {
    /// Its beginning, by the host's clock.
    public var time: Nanoseconds
    public var length: Microseconds
    /// The packet word, as `CY4500Record` reads it.
    public var word: UInt32
    public var data: [UInt8]

    /// - Parameters:
    ///   - message: header and data in wire order.
    ///   - faults: `.none` for a good packet.
    public init(
      _ set: OrderedSet?, _ message: [UInt8] = [], at time: Nanoseconds,
      faults: CY4500Record.Faults = .none
    ) {
      self.time = time
      length = Microseconds(300 + 33 * Int64(message.count))
      let header = UInt32(message.first ?? 0) | UInt32(message.dropFirst().first ?? 0) << 8
      word = header | UInt32(set?.rawValue ?? 7) << 16 | UInt32(faults.rawValue) << 28
      let content = Array(message.dropFirst(2).prefix(CY4500Record.dataLength))
      data = content + [UInt8](repeating: 0, count: CY4500Record.dataLength - content.count)
    }
  }

  public let descriptors: USBModelDescriptors
  public var habits: Habits
  public private(set) var hostTime = Nanoseconds.zero
  public private(set) var isRunning = false
  /// Counts of VBUS, CC1, CC2 and current.
  public var counts: [UInt16] = [421, 1700, 0, 2048]
  /// Transfers that were sent on each stream.
  public private(set) var sent = 0

  private var script: ArraySlice<Hearing>
  private var number: UInt32 = 0
  private var nextSample = Nanoseconds.zero
  private var block: [UInt8] = []
  private var packets: [[UInt8]] = []
  private var blocks: [[UInt8]] = []
  private var answers: [[UInt8]] = []

  private static let sampleTime = Nanoseconds(Milliseconds(1))

  public init(_ hearings: [Hearing] = [], habits: Habits = Habits()) {
    self.habits = habits
    script = hearings[...]
    descriptors = USBModelDescriptors(
      vendor: 0x04B4, product: habits.product, strings: ["Cypress", "EZ-PD Analyzer", "1"],
      isHighSpeed: false,
      interfaces: [
        .init(
          0, codes: [0xFF, 0, 0],
          endpoints: [0x02, 0x84, 0x81, 0x83].map { .init($0, packetSize: 64) })
      ])
  }

  /// Lets time pass, up to a time of the host.
  public mutating func advance(to time: Nanoseconds) {
    guard time > hostTime else { return }
    hostTime = time
    while nextSample <= time {
      if isRunning { sample(at: nextSample) }
      nextSample = nextSample + Self.sampleTime
    }
    while let hearing = script.first, hearing.time + Nanoseconds(hearing.length) <= time {
      script.removeFirst()
      if isRunning { hear(hearing) }
    }
  }

  private func clock(_ time: Nanoseconds) -> UInt32 {
    habits.startTime &+ UInt32(truncatingIfNeeded: time.rawValue / 1000)
  }

  private mutating func sample(at time: Nanoseconds) {
    block +=
      CY4500Sample(
        time: clock(time), vbusCount: counts[0], cc1Count: counts[1], cc2Count: counts[2],
        currentCount: counts[3]
      ).bytes
    guard block.count == CY4500Sample.samplesPerBlock * CY4500Sample.length else { return }
    blocks.append(block + [0, 0, 0, 0])
    block = []
  }

  private mutating func hear(_ hearing: Hearing) {
    defer { number &+= 1 }
    guard !habits.lost.contains(number) else { return }
    let start = clock(hearing.time)
    packets.append(
      CY4500Record(
        number: number, vbusCount: UInt32(counts[0]), start: start,
        end: start &+ UInt32(truncatingIfNeeded: hearing.length.rawValue), word: hearing.word,
        data: hearing.data
      ).bytes)
    if habits.endsWithFiller { packets.append([0xAA, 0xAB, 0xAC, 0xAD]) }
  }

  // MARK: USB

  public mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer { .stall }

  public mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer {
    guard endpoint == 0x02 else { return .done([]) }
    if bytes == CY4500Command.start.bytes { isRunning = true }
    if bytes == CY4500Command.stop.bytes { isRunning = false }
    if habits.replies { answers.append(Array(bytes.prefix(4))) }
    return .done([])
  }

  public mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer {
    switch endpoint {
    case 0x84 where !answers.isEmpty: return .done(answers.removeFirst())
    case 0x81 where !packets.isEmpty:
      sent += 1
      return .done(packets.removeFirst())
    case 0x83 where !blocks.isEmpty:
      sent += 1
      return .done(blocks.removeFirst())
    default: return .notYet
    }
  }
}
