import Quantities

/// When a line leaves its rest and when it comes back to it, around the packets that a receiver finds in between.
///
/// A transmitter drives the line a little before the first bit and holds it after the last one (USB-PD R3.2 §5.8.1), so
/// what a logic analyser shows is longer than the packet. An event is kept until the line rests, which it does for at
/// least tInterFrameGap (25 µs) between packets.
struct LineActivity: Sendable {
  /// Longer without an edge is a rest: 20 µs, in ticks, the widest window of idle detection (tTransitionWindow).
  private let rest: UInt64
  /// The driver is not on for longer than this before the first bit and after the last one: 30 µs, in ticks.
  private let margin: UInt64
  private var start: UInt64 = 0
  private var last: UInt64 = 0
  private var isFirst = true
  /// The burst of edges before the present one.
  private var previous: (start: UInt64, last: UInt64) = (0, 0)
  private var pending: LineEvent?

  init(rate: TickRate) {
    rest = max(1, rate.rawValue / 50_000)
    margin = max(1, rate.rawValue / 33_333)
  }

  /// Takes note of an edge; returns the event that is complete now because the line has rested.
  @inline(__always) mutating func edge(at time: UInt64) -> LineEvent? {
    guard time &- last > rest || (start == 0 && last == 0) else {
      last = time
      return nil
    }
    let event = settle()
    previous = (start, last)
    start = time
    last = time
    isFirst = true
    return event
  }

  /// Takes the event of the receiver; returns an earlier one that is complete now.
  mutating func take(_ event: LineEvent) -> LineEvent? {
    let before = settle()
    var event = event
    if event.end.rawValue <= previous.last {
      // Reported late, with the first edge after the rest.
      place(&event, from: previous.start, to: previous.last)
      if before == nil { return event }
    } else if isFirst {
      place(&event, from: start, to: event.end.rawValue)
    }
    isFirst = false
    pending = event
    return before
  }

  /// Tells that no edge has come until `time`; returns the event that is complete by then.
  mutating func still(until time: UInt64) -> LineEvent? {
    time &- last > rest ? settle() : nil
  }

  /// What is held back; its driver let go with the last edge, if that is near.
  mutating func settle() -> LineEvent? {
    guard var event = pending else { return nil }
    pending = nil
    place(&event, from: event.onset.rawValue, to: last)
    return event
  }

  private func place(_ event: inout LineEvent, from onset: UInt64, to release: UInt64) {
    let start = event.start.rawValue
    let end = event.end.rawValue
    if onset <= start && start &- onset <= margin { event.onset = Ticks(onset) }
    if release >= end && release &- end <= margin { event.release = Ticks(release) }
  }
}
