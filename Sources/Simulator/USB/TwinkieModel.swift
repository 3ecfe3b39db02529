public import Instruments
public import LineCode
public import Quantities

/// A Twinkie: edges on two CC lines, captured by a counter of 8 bits at 2.4 MHz, in half-buffers of eight packets.
public struct TwinkieModel: USBDeviceModel {
  public struct Habits: Sendable {
    public var layout = TwinkieLayout.short
    /// Both channels count their half-buffers together.
    public var countsTogether = false
    /// A turn of the counter is written in front of an edge on the last count, 0xFF, and not behind it.
    public var writesTurnsEarly = false
    /// Packets that get lost on the way, by their number from 0.
    public var lostPackets: Set<Int> = []
    /// Half-buffers that the device has no room for, by their number from 0 over both channels.
    public var overflows: Set<Int> = []
    /// The endpoint halts once so many packets were sent.
    public var haltsBehind: Int?
    /// The clock at host time 0; the low 16 bits go to the host.
    public var startTime = Microseconds(54_321)
    public var identity: [UInt16] = [0x18D1, 0x500A]

    public init() {}
  }

  public let descriptors: USBModelDescriptors
  public var habits: Habits
  public private(set) var hostTime = Nanoseconds.zero
  /// Packets that were made, those lost among them.
  public private(set) var packetCount = 0
  public private(set) var halfBufferCount = 0

  private var channels: [Channel]
  private var packets: [[UInt8]] = []
  /// Packets that the host has.
  public private(set) var sent = 0
  private var isHalted = false

  private struct Channel: Sendable {
    /// Ticks of edges that are to come, since the start.
    var edges: ArraySlice<UInt64> = []
    /// The next turn of the counter, in ticks.
    var turn: UInt64 = 256
    var capture: UInt8 = 0
    var entries: [UInt8] = []
    var number: UInt16 = 0
    var overflowed = false
  }

  public init(habits: Habits = Habits()) {
    self.habits = habits
    channels = [Channel(), Channel()]
    descriptors = USBModelDescriptors(
      vendor: habits.identity[0], product: habits.identity[1],
      strings: ["Google Inc.", "Twinkie", "0123"], isHighSpeed: false,
      interfaces: [
        .init(
          0, codes: [0xFF, 0x50, 1], endpoints: [.init(0x81, packetSize: 64), .init(0x01, packetSize: 64)]),
        .init(1, codes: [0xFF, 0xFF, 0], endpoints: [.init(0x83, packetSize: 64)]),
      ])
  }

  /// Edges that a line shows.
  /// - Parameters:
  ///   - ticks: of 2.4 MHz since host time 0, rising; those before the present are dropped.
  ///   - channel: 0 or 1.
  public mutating func show(_ ticks: [UInt64], on channel: Int) {
    let now = Self.ticks(hostTime)
    channels[channel & 1].edges += ticks.filter { $0 > now }
  }

  /// The ticks of the edges of a transmission that begins at a host time, and of the driver letting go of the line.
  public static func edges(
    _ set: OrderedSet, _ message: [UInt8] = [], at time: Nanoseconds, crc: UInt32? = nil
  ) -> [UInt64] {
    guard let frame = LineFrame(set, message: message.span, crc: crc) else { return [] }
    var encoder = LineEncoder(frame, timing: LineTiming(rate: TwinkiePacket.rate))
    var tick = ticks(time)
    var edges = [tick]
    while let pulse = encoder.nextPulse() {
      tick += pulse.length.rawValue
      edges.append(tick)
    }
    return edges
  }

  public static func ticks(_ time: Nanoseconds) -> UInt64 { TwinkiePacket.rate.ticks(time).rawValue }

  /// Lets time pass, up to a time of the host.
  public mutating func advance(to time: Nanoseconds) {
    guard time > hostTime else { return }
    hostTime = time
    let end = Self.ticks(time)
    // The channel whose entry is earlier comes first, so that half-buffers end in the order of time.
    while let (channel, tick) = nextEntry(), tick <= end { write(channel, tick) }
  }

  /// Everything that was shown is on its way.
  public var isFinished: Bool { channels.allSatisfy { $0.edges.isEmpty } && packets.isEmpty }

  private func nextEntry() -> (Int, UInt64)? {
    let times = channels.map { min($0.edges.first ?? .max, $0.turn) }
    return times[0] <= times[1] ? (0, times[0]) : (1, times[1])
  }

  private mutating func write(_ index: Int, _ tick: UInt64) {
    // On the first count both come at once: the turn is served first.
    if let edge = channels[index].edges.first, edge < channels[index].turn {
      channels[index].edges.removeFirst()
      let count = UInt8(truncatingIfNeeded: edge)
      if count == 0xFF, habits.writesTurnsEarly {
        append(index, channels[index].capture, tick)
        channels[index].turn += 256
      }
      channels[index].capture = count
      append(index, count, tick)
      return
    }
    channels[index].turn += 256
    append(index, channels[index].capture, tick)
  }

  private mutating func append(_ index: Int, _ entry: UInt8, _ tick: UInt64) {
    channels[index].entries.append(entry)
    let layout = habits.layout
    let capacity = (TwinkiePacket.length - layout.headerLength) * TwinkiePacket.subBuffers
    guard channels[index].entries.count == capacity else { return }
    let entries = channels[index].entries
    channels[index].entries.removeAll(keepingCapacity: true)
    let number = habits.countsTogether ? UInt16(truncatingIfNeeded: halfBufferCount) : channels[index].number
    channels[index].number &+= 1
    defer { halfBufferCount += 1 }
    guard !habits.overflows.contains(halfBufferCount) else {
      channels[index].overflowed = true
      return
    }
    let time = habits.startTime.rawValue + Int64(TwinkiePacket.rate.nanoseconds(Ticks(tick)).rawValue / 1000)
    let flags: UInt16 = (channels[index].overflowed ? 0x8000 : 0) | UInt16(index) << 12
    channels[index].overflowed = false
    let share = capacity / TwinkiePacket.subBuffers
    for part in 0..<TwinkiePacket.subBuffers {
      let packet = TwinkiePacket(
        word: flags | (number & 0x1FF) << 3 | UInt16(part), time: UInt16(truncatingIfNeeded: time),
        extra: layout == .long ? TwinkiePacket.Extra(vbus: 500, offset: -1) : nil,
        edges: Array(entries[part * share..<(part + 1) * share]))
      if !habits.lostPackets.contains(packetCount) { packets.append(packet.bytes) }
      packetCount += 1
    }
  }

  // MARK: USB

  public mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer { .stall }

  public mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer { .done([]) }

  /// Packets of 64 bytes do not end a transfer: they wait here until one is full.
  public mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer {
    guard endpoint == 0x83, !isHalted else { return endpoint == 0x83 ? .stall : .notYet }
    if let limit = habits.haltsBehind, sent >= limit {
      habits.haltsBehind = nil
      isHalted = true
      return .stall
    }
    let wanted = max(1, capacity / TwinkiePacket.length)
    guard packets.count >= wanted else { return .notYet }
    defer {
      packets.removeFirst(wanted)
      sent += wanted
    }
    return .done(packets.prefix(wanted).flatMap { $0 })
  }

  public mutating func clearHalt(_ endpoint: UInt8) { isHalted = false }
}
