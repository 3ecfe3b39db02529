import Quantities

/// Edges of one CC line to packets: bit clock, 4b5b, ordered sets, CRC.
///
/// Feed it the pulses between edges in integer ticks of any clock from about 2 MHz to 10 GHz; it tracks bit
/// rates from 220 to 400 kbit/s, either polarity, thresholds that make every pulse of one level up to a third
/// of a unit interval longer and of the other as much shorter, jitter, glitches, and transmissions whose
/// beginning or last edge is missing; the table at `ToleranceTests` says how far. The level itself does not
/// matter, only that it changes with every edge. It never traps, keeps no clock of its own and allocates
/// nothing.
///
/// A packet is reported with the edge that ends its last bit, or with the next one where that edge alone does
/// not tell; a reset signal with a wrong symbol, and a packet that breaks off, once the line has been still for
/// about 2.5 unit intervals: with the next edge, or by `still(for:)` before one comes.
public struct BMCReceiver: Sendable {
  /// The clock of the pulses.
  public let rate: TickRate

  /// What changes with every edge while a transmission is followed; small, because every edge copies it.
  private struct Track {
    var clock = BitClock(
      elapsed: 0, unit: 0, skew: 0, unsteadiness: 0, isPastMiddle: false, units: 0...0)
    var assembler = FrameAssembler(lastBit: false, preambleBits: 0)
    /// The first edge of the preamble.
    var start: UInt64 = 0
    /// The cell boundary of the lock, the last one, and the whole bits between them.
    var locked: UInt64 = 0
    var boundary: UInt64 = 0
    var bits: UInt32 = 0
    /// How many fits of the rhythm in a row the clock rests on or has passed over.
    var fits: UInt32 = 0
    /// Edges since a reset signal with a wrong symbol.
    var trailingEdges: UInt32 = 0
  }

  /// The last edge, counted from the start of the first pulse.
  private var now: UInt64 = 0
  private var isHigh = false
  private var hunter: PreambleHunter
  /// What is followed, changed in place: a copy with every edge would be half of the work.
  private var track = Track()
  private var isTracking = false
  /// The track before the last edge, as long as that edge may turn out to belong to a glitch.
  private var previous = Track()
  private var wasTracking = false
  private var lastPulse: Int32 = 0
  /// Whether the hunter has taken that pulse.
  private var hasHunted = false
  /// What a glitch cut off, to be joined with the next pulse.
  private var carried: Int32 = 0
  private var bytes = LineBytes()
  private let shortestGlitchFreePulse: Int32

  /// A receiver for pulses counted in ticks of `rate`.
  public init(rate: TickRate) {
    self.rate = rate
    let longest = min(max(rate.rawValue / 180_000, 1), 55_555)
    let shortest = min(max(rate.rawValue / 450_000, 1), longest)
    hunter = PreambleHunter(
      shortest: Int32(truncatingIfNeeded: shortest), longest: Int32(truncatingIfNeeded: longest))
    // A sixth of the shortest unit interval, 370 ns, a ninth of the usual one; and two ticks where those are
    // shorter than half a bit.
    shortestGlitchFreePulse = Int32(truncatingIfNeeded: shortest < 5 ? 0 : max(shortest / 6, 2))
  }

  /// The time of the last edge: the sum of all pulses so far.
  public var time: Ticks { Ticks(now) }

  /// Takes an edge that comes `pulse` after the one before (the first one: after time 0).
  ///
  /// Returns what this edge completes, or what it shows to have ended before it.
  public mutating func edge(after pulse: Ticks) -> LineEvent? {
    let length = Int32(truncatingIfNeeded: min(pulse.rawValue, 131_071))
    now &+= pulse.rawValue
    let wasHigh = isHigh
    isHigh = !isHigh
    if carried == 0, isGlitch(length, wasHigh: wasHigh) {
      joinRunt(length)
      return nil
    }
    let whole = min(length &+ carried, 131_071)
    carried = 0
    lastPulse = whole
    hasHunted = false
    wasTracking = isTracking
    guard isTracking else { return huntOn(whole, wasHigh: wasHigh) }
    previous = track
    return follow(whole, wasHigh: wasHigh, sinceEdge: pulse.rawValue)
  }

  /// Takes an edge at a time that is not before the last edge.
  mutating func edge(at time: UInt64) -> LineEvent? { edge(after: Ticks(time &- now)) }

  /// Tells that no edge has come up to a time that is not before the last edge.
  mutating func still(until time: UInt64) -> LineEvent? { still(for: Ticks(time &- now)) }

  /// Tells that no edge has come for `span` since the last one; the next pulse still counts from that edge.
  ///
  /// Returns the transmission that broke off there, if the span is long enough to say so.
  public mutating func still(for span: Ticks) -> LineEvent? {
    guard isTracking else { return nil }
    let length = min(span.rawValue, 131_071) &<< UInt64(BitClock.fractionBits)
    guard track.clock.isIdle(after: Int32(truncatingIfNeeded: length)) else { return nil }
    return breakOff(at: now)
  }

  /// Tells that nothing more will come: reports the transmission that is under way.
  public mutating func finish() -> LineEvent? { still(for: Ticks(.max)) }

  // MARK: Glitches

  /// Whether a pulse is none of the code's; a clock that has lost the line must not keep pulses from the hunter.
  @inline(__always) private func isGlitch(_ length: Int32, wasHigh: Bool) -> Bool {
    guard isTracking else { return length < shortestGlitchFreePulse }
    let pulse = length &<< BitClock.fractionBits
    guard track.clock.isShort(pulse) else { return false }
    return track.assembler.phase == .lost
      ? length < shortestGlitchFreePulse : track.clock.isGlitch(pulse, endsHigh: wasHigh)
  }

  /// Takes back the edge before a runt pulse, so that what stands before, in and after it becomes one pulse.
  private mutating func joinRunt(_ length: Int32) {
    if hasHunted { hunter.takeBack(lastPulse) }
    hasHunted = false
    // Without a track to go back to, the lock itself rests on the taken back edge.
    isTracking = wasTracking
    if isTracking { track = previous }
    wasTracking = false
    carried = min(lastPulse &+ length, 131_071)
  }

  // MARK: Tracking

  private mutating func begin(_ lock: PreambleHunter.Lock) {
    let boundary = now &- lock.sinceBoundary
    track = Track(
      clock: lock.clock, assembler: FrameAssembler(lastBit: lock.lastBit, preambleBits: lock.bits),
      start: now &- lock.age, locked: boundary, boundary: boundary,
      fits: hunter.streak)
    isTracking = true
  }

  private mutating func follow(_ pulse: Int32, wasHigh: Bool, sinceEdge: UInt64) -> LineEvent? {
    let phase = track.assembler.phase
    if phase == .doubtfulReset { return awaitRest(pulse, wasHigh: wasHigh) }
    if track.clock.isUndecided,
      track.clock.settle(before: pulse &<< BitClock.fractionBits, endsHigh: wasHigh)
    {
      takeBit(false, at: now &- max(sinceEdge, UInt64(truncatingIfNeeded: pulse)))
      if track.assembler.phase == .complete { return complete(end: track.boundary) }
    }
    let cell = track.clock.take(pulse &<< BitClock.fractionBits, endsHigh: wasHigh)
    switch cell {
    case .middle, .undecided: break
    case .zero, .one: takeBit(cell == .one, at: now)
    case .misplaced, .late:
      if cell == .late, lacksLastEdge() { return breakOff(at: now &- sinceEdge) }
      if track.assembler.phase == .preamble, track.bits < 16 {
        isTracking = false
        return huntOn(pulse, wasHigh: wasHigh)
      }
      track.assembler.fail(.phaseLost)
    case .afterIdle: return breakOff(at: now &- sinceEdge)
    }
    switch track.assembler.phase {
    case .complete: return complete(end: now)
    case .packet, .doubtfulReset: return nil
    case .preamble: return huntOn(pulse, wasHigh: wasHigh)
    case .orderedSet, .lost:
      if phase == .preamble { hunter.breakRhythm() }
      return huntOn(pulse, wasHigh: wasHigh)
    }
  }

  @inline(__always) private mutating func takeBit(_ bit: Bool, at boundary: UInt64) {
    track.bits &+= 1
    track.boundary = boundary
    track.assembler.take(bit, into: &bytes)
  }

  /// Keeps looking for the preamble's rhythm where a bad lock or a damaged packet may hide it.
  ///
  /// The first locks of a preamble are measured again with every pulse, since the first pulses may be
  /// distorted. Where no ordered set has come, 12 fits behind the break of the rhythm show that it was only
  /// a disturbed bit of the preamble; behind an ordered set 24, more than data are likely to give, are the
  /// next transmission's.
  private mutating func huntOn(_ pulse: Int32, wasHigh: Bool) -> LineEvent? {
    hasHunted = true
    guard let lock = hunter.take(pulse, endsHigh: wasHigh) else { return nil }
    guard isTracking else {
      begin(lock)
      return nil
    }
    switch track.assembler.phase {
    case .preamble:
      if hunter.streak <= 12, hunter.streak == track.fits &+ 1 { begin(lock) }
      return nil
    case .orderedSet, .lost:
      guard track.assembler.set != nil else {
        if hunter.streak >= 12 { begin(lock) }
        return nil
      }
      guard hunter.streak >= 24 else { return nil }
      let event = report(end: now &- lock.age)
      begin(lock)
      return event
    case .packet, .doubtfulReset, .complete: return nil
    }
  }

  /// Takes an edge behind a reset signal with a wrong symbol.
  ///
  /// The driver brings the line low and lets go of it: two edges. A third one without a rest belongs to
  /// something else.
  private mutating func awaitRest(_ pulse: Int32, wasHigh: Bool) -> LineEvent? {
    if pulse &<< BitClock.fractionBits > track.clock.unit &* 5 / 2 { return complete(end: track.boundary) }
    track.trailingEdges &+= 1
    guard track.trailingEdges > 2 else { return nil }
    track.assembler.refuseReset()
    return huntOn(pulse, wasHigh: wasHigh)
  }

  /// Whether a cell that has no edge at its end is the last one of a packet with its right CRC, or of a reset
  /// signal.
  private mutating func lacksLastEdge() -> Bool {
    var frame = track.assembler
    guard frame.phase == .packet || frame.phase == .orderedSet,
      frame.finish(isPastMiddle: track.clock.isPastMiddle, into: &bytes)
    else { return false }
    guard frame.set?.startsPacket == true else { return true }
    bytes.count = frame.byteCount
    defer { bytes.count = 0 }
    return bytes.trailingCRC == CRC32(of: bytes.message).value
  }

  /// The line went idle at `end`.
  private mutating func breakOff(at end: UInt64) -> LineEvent? {
    if track.clock.isUndecided {
      track.clock.settleAtEnd(endsHigh: !isHigh)
      takeBit(false, at: end)
      guard track.assembler.phase != .complete else { return complete(end: end) }
    }
    if track.assembler.phase == .doubtfulReset { return complete(end: track.boundary) }
    let isComplete = track.assembler.finish(isPastMiddle: track.clock.isPastMiddle, into: &bytes)
    let rest = max(track.clock.unit &- track.clock.elapsed, 0) &>> BitClock.fractionBits
    return complete(end: isComplete ? end &+ UInt64(truncatingIfNeeded: rest) : end)
  }

  private mutating func complete(end: UInt64) -> LineEvent? {
    let event = report(end: end)
    isTracking = false
    wasTracking = false
    lastPulse = 0
    hunter.restart()
    return event
  }

  // MARK: Reporting

  /// The event of the present track; nil for a rhythm too short to be a preamble that nothing recognised
  /// follows.
  private mutating func report(end: UInt64) -> LineEvent? {
    let frame = track.assembler
    guard frame.set != nil || frame.preambleBits >= 24 else { return nil }
    bytes.count = frame.byteCount
    var event = LineEvent(
      start: Ticks(track.start), end: Ticks(end), onset: Ticks(track.start), release: Ticks(end),
      bitRate: bitRate(track), orderedSet: frame.set, symbols: frame.symbols,
      wrongSymbols: frame.wrongSymbols, outcome: .intact, bytes: bytes)
    if let damage = frame.damage {
      event.outcome = .damaged(damage)
    } else if frame.set?.startsPacket == true {
      event.receivedCRC = bytes.trailingCRC
      event.computedCRC = CRC32(of: bytes.message).value
      if event.receivedCRC != event.computedCRC { event.outcome = .wrongCRC }
    }
    bytes.count = 0
    return event
  }

  private func bitRate(_ track: Track) -> BitsPerSecond {
    let ticks = track.boundary &- track.locked
    let (product, overflow) = UInt64(track.bits).multipliedReportingOverflow(by: rate.rawValue)
    if track.bits >= 16, ticks > 0, !overflow {
      return BitsPerSecond(Int32(clamping: (product &+ ticks / 2) / ticks))
    }
    let unit = UInt64(truncatingIfNeeded: max(track.clock.unit, 1))
    return BitsPerSecond(Int32(clamping: min(rate.rawValue, 1 &<< 40) &<< 12 / unit))
  }
}
