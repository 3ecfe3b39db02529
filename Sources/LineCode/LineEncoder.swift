public import Quantities

/// A stretch of one level on the line; an edge ends it.
public struct LinePulse: Equatable, Sendable {
  public var length: Ticks
  public var isHigh: Bool

  public init(length: Ticks, isHigh: Bool) {
    self.length = length
    self.isHigh = isHigh
  }
}

/// How a transmission looks on the line, and in which ticks it is counted.
public struct LineTiming: Sendable {
  public var rate: TickRate
  /// 270 to 330 kbit/s by the standard (USB-PD R3.2 §5.8.5); rates below 1 bit/s count as 1.
  public var bitRate: BitsPerSecond
  /// How much longer every high pulse is than it should be, and every low one shorter: −10 to 10 µs.
  public var skew: Nanoseconds
  /// How far an edge may stand from its place, either way, evenly distributed: 0 to 10 µs.
  public var jitter: Nanoseconds
  /// The level of the first pulse. A transmitter starts low (USB-PD R3.2 §5.8.1); high is an inverted line.
  public var startsHigh: Bool

  public init(
    rate: TickRate, bitRate: BitsPerSecond = BitsPerSecond(300_000), skew: Nanoseconds = .zero,
    jitter: Nanoseconds = .zero, startsHigh: Bool = false
  ) {
    self.rate = rate
    self.bitRate = bitRate
    self.skew = skew
    self.jitter = jitter
    self.startsHigh = startsHigh
  }
}

/// A frame as pulses: biphase mark code, an edge at the start of every bit and another one inside a 1.
///
/// The first pulse begins with the first edge of the preamble. If the edge that ends the last bit leaves
/// the line high, one more pulse of a unit interval brings it low (USB-PD R3.2 §5.8.1).
public struct LineEncoder: Sendable {
  private var frame: LineFrame
  private let timing: LineTiming
  /// Half bits before the edge that ends the next pulse.
  private var halves: UInt64 = 0
  private var isHigh: Bool
  private var isInsideOne = false
  private var isEnded = false
  /// The last edge in whole ticks since the first.
  private var last: UInt64 = 0

  public init(_ frame: LineFrame, timing: LineTiming) {
    self.frame = frame
    self.timing = timing
    isHigh = timing.startsHigh
  }

  /// The next pulse without jitter, or nil at the end.
  public mutating func nextPulse() -> LinePulse? {
    guard advance() else { return nil }
    return pulse(shift: 0)
  }

  /// The next pulse, its end moved by the timing's jitter, or nil at the end.
  public mutating func nextPulse(using generator: inout some RandomNumberGenerator) -> LinePulse? {
    guard advance() else { return nil }
    let range = fine(timing.jitter)
    let shift = range > 0 ? Int64.random(in: (0 &- range)...range, using: &generator) : 0
    return pulse(shift: shift)
  }

  /// Moves on to the next edge of the code; false at the end.
  private mutating func advance() -> Bool {
    if isInsideOne {
      isInsideOne = false
      halves &+= 1
      return true
    }
    if let bit = frame.nextBit() {
      isInsideOne = bit
      halves &+= bit ? 1 : 2
      return true
    }
    guard !isEnded, isHigh != timing.startsHigh else { return false }
    isEnded = true
    halves &+= 2
    return true
  }

  /// The pulse up to the edge of the code that `advance` found, moved by skew and `shift`, which is in 2⁻⁸
  /// ticks.
  private mutating func pulse(shift: Int64) -> LinePulse {
    let skew = fine(timing.skew) / 2
    let rate = min(timing.rate.rawValue, 10_000_000_000)
    let place = halves &* rate &* 128 / UInt64(max(timing.bitRate.rawValue, 1))
    let moved = max(Int64(place) &+ (isHigh ? skew : 0 &- skew) &+ shift &+ 128, 0)
    let edge = max(UInt64(moved) &>> 8, last)
    let pulse = LinePulse(length: Ticks(edge &- last), isHigh: isHigh)
    last = edge
    isHigh = !isHigh
    return pulse
  }

  /// `span`, at most 10 µs either way, in 2⁻⁸ ticks.
  private func fine(_ span: Nanoseconds) -> Int64 {
    let limited = min(max(span.rawValue, -10_000), 10_000)
    return limited &* Int64(min(timing.rate.rawValue, 10_000_000_000)) &* 256 / 1_000_000_000
  }
}
