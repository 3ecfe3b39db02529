public import LineCode
public import Quantities

/// The packets of a Twinkie to transmissions on both CC lines, with times of the device's clock.
///
/// The edges themselves count time without a gap; the 16 bits of the clock at the end of each half-buffer tie them to
/// it and show what is missing.
public struct TwinkieStream: Sendable {
  /// What a packet gave.
  public enum Item: Sendable {
    /// A transmission on channel 0 (CC1) or 1 (CC2); from its first to its last edge on the device's clock.
    case transmission(channel: Int, LineEvent, start: Nanoseconds, end: Nanoseconds)
    /// Edges are missing on a channel in front of this.
    case lost(channel: Int, Loss)
    /// A half-buffer ended at this time of the device's clock.
    case clock(Microseconds)
  }

  public enum Loss: Equatable, Sendable {
    /// The device had no room.
    case overflow
    /// Sub-buffers did not arrive.
    case missing
    /// The edges take another time than the clock says.
    case clock
  }

  private var channels = [TwinkieChannel(), TwinkieChannel()]
  private var numbers = TwinkieNumbers()
  /// The last end of a half-buffer: device time and host time.
  private var latest: (device: Int64, host: Nanoseconds)?

  public init() {}

  /// Takes the next packet.
  /// - Parameter hostTime: when it came; it tells how often the 16 bits went round where packets are missing.
  public mutating func take(_ packet: TwinkiePacket, at hostTime: Nanoseconds) -> [Item] {
    let channel = packet.channel
    var items: [Item] = []
    var loss: Loss?
    if !numbers.isNext(packet) { loss = .missing }
    if packet.hasOverflowed, !channels[channel].hasOverflowed { loss = .overflow }
    channels[channel].hasOverflowed = packet.hasOverflowed
    let end = deviceTime(packet, hostTime, isContinuous: loss == nil)
    if let loss {
      channels[channel].breakOff(&items, channel)
      items.append(.lost(channel: channel, loss))
    }
    channels[channel].take(packet.edges, until: end, &items, channel)
    if packet.subBuffer == UInt16(TwinkiePacket.subBuffers - 1) {
      channels[channel].endHalfBuffer(at: end, &items, channel)
      items.append(.clock(Microseconds(end)))
      latest = (end, hostTime)
    }
    return items
  }

  /// Reports what is under way: nothing more will come.
  public mutating func finish() -> [Item] {
    var items: [Item] = []
    for channel in channels.indices { channels[channel].breakOff(&items, channel) }
    return items
  }

  /// The end of a packet's half-buffer on the device's clock, in µs.
  ///
  /// A half-buffer of roll-overs only takes 51.2 ms, less than the 65.5 ms in which the 16 bits go round; those of the
  /// two channels may come a little out of order.
  private func deviceTime(_ packet: TwinkiePacket, _ hostTime: Nanoseconds, isContinuous: Bool) -> Int64 {
    guard let latest else { return Int64(packet.time) }
    let limit: Int64 = 8192
    let elapsed = max(0, (hostTime - latest.host).rawValue / 1000)
    // Nearest to what the host's clock says where something is missing.
    let base = isContinuous ? latest.device &- limit : latest.device &+ elapsed &- 32_768
    let step = UInt16(truncatingIfNeeded: Int64(packet.time) &- base)
    return base &+ Int64(step)
  }
}

/// The edges of one channel.
private struct TwinkieChannel: Sendable {
  var hasOverflowed = false
  private var edges = TwinkieEdges()
  private var receiver = BMCReceiver(rate: TwinkiePacket.rate)
  /// A tick and its time on the device's clock, in ns; `nil` until the first half-buffer behind a gap has ended.
  private var anchor: (tick: UInt64, time: Int64)?
  /// The end of the half-buffer of the last packet, in µs of the device's clock.
  private var lastEnd: Int64 = 0
  /// Transmissions whose time is not known yet.
  private var waiting: [LineEvent] = []

  /// The clock reads whole µs, and the last entry may be a few µs old when it is read.
  private static let tolerance: UInt64 = 1_000_000

  mutating func take(
    _ entries: [UInt8], until end: Int64, _ items: inout [TwinkieStream.Item], _ channel: Int
  ) {
    lastEnd = end
    for entry in entries {
      if let pulse = edges.take(entry) {
        if let event = receiver.edge(after: pulse) { report(event, &items, channel) }
      } else if let event = receiver.still(for: edges.sinceEdge) {
        report(event, &items, channel)
      }
    }
  }

  mutating func endHalfBuffer(
    at end: Int64, _ items: inout [TwinkieStream.Item], _ channel: Int
  ) {
    let tick = receiver.time.rawValue &+ edges.sinceEdge.rawValue
    let time = end &* 1000
    if let anchor, (Self.time(of: tick, anchor) &- time).magnitude > Self.tolerance {
      items.append(.lost(channel: channel, .clock))
    }
    // Tied anew each time: an edge whose capture is that of the one before looks like a roll-over, and costs 107 µs.
    anchor = (tick, time)
    for event in waiting { report(event, &items, channel) }
    waiting.removeAll()
  }

  /// Edges are missing from here on, or nothing more comes.
  mutating func breakOff(_ items: inout [TwinkieStream.Item], _ channel: Int) {
    if let event = receiver.finish() { report(event, &items, channel) }
    // In a half-buffer that has no end the time is not known better than that end: 51 ms.
    if anchor == nil { anchor = (receiver.time.rawValue, lastEnd &* 1000) }
    for event in waiting { report(event, &items, channel) }
    waiting.removeAll()
    receiver = BMCReceiver(rate: TwinkiePacket.rate)
    edges.restart()
    anchor = nil
  }

  private mutating func report(_ event: LineEvent, _ items: inout [TwinkieStream.Item], _ channel: Int) {
    guard let anchor else {
      waiting.append(event)
      return
    }
    items.append(
      .transmission(
        channel: channel, event, start: Nanoseconds(Self.time(of: event.start.rawValue, anchor)),
        end: Nanoseconds(Self.time(of: event.end.rawValue, anchor))))
  }

  /// A tick is 1250/3 ns.
  private static func time(of tick: UInt64, _ anchor: (tick: UInt64, time: Int64)) -> Int64 {
    anchor.time &+ Int64(truncatingIfNeeded: tick &- anchor.tick) &* 1250 / 3
  }
}

/// The order of packets: sub-buffers 0 to 7 of a half-buffer, then those of the next.
///
/// Whether the channels count half-buffers together or each its own is learnt from what comes.
private struct TwinkieNumbers: Sendable {
  private var last: [(half: UInt16, sub: UInt16)?] = [nil, nil]
  private var lastOfAny: UInt16?
  private var hits = (own: 0, together: 0)

  mutating func isNext(_ packet: TwinkiePacket) -> Bool {
    let (channel, half, sub) = (packet.channel, packet.halfBuffer, packet.subBuffer)
    let previous = lastOfAny
    let before = last[channel]
    last[channel] = (half, sub)
    if before?.half != half { lastOfAny = half }
    guard let before else { return true }
    guard before.sub == 7 else { return half == before.half && sub == before.sub + 1 }
    let isOwn = half == (before.half + 1) & 0x1FF
    let isTogether = previous.map { half == ($0 + 1) & 0x1FF } ?? false
    if isOwn != isTogether {
      if isOwn { hits.own += 1 } else { hits.together += 1 }
      if max(hits.own, hits.together) > 16 { hits = (hits.own / 2, hits.together / 2) }
    }
    guard sub == 0 else { return false }
    if hits.own > hits.together { return isOwn }
    if hits.together > hits.own { return isTogether }
    return isOwn || isTogether
  }
}
