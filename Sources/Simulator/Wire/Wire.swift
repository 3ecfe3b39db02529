import PowerDelivery
public import Quantities

/// What is the same for all who share a CC wire.
public struct WireConfiguration: Equatable, Sendable {
  /// Quiet time between two transmissions (tInterFrameGap, at least 25 µs; USB-PD R3.2 §5.8.5).
  public var interFrameGap: Nanoseconds
  /// How long a transmission is on the line before another station notices it: who starts within it collides.
  public var blindTime: Nanoseconds
  /// From the end of a transmission to its arrival at the other stations.
  public var propagationDelay: Nanoseconds

  public init() {
    interFrameGap = Nanoseconds(25_000)
    blindTime = Nanoseconds(12_000)
    propagationDelay = .zero
  }
}

/// A transmission that is over.
struct EndedSignal {
  var kind: SignalKind
  var sender: Station
  var message: ShortMessage
  /// Whether it can be read.
  var isSound: Bool
  /// How late the receivers learn of it.
  var delay: Nanoseconds
  /// When they hear it a second time.
  var echo: Nanoseconds?
}

/// What came of a step of a transmitter.
enum WireStep {
  /// Nothing yet; come back then.
  case again(Instant)
  case started(end: Instant)
  case ended(EndedSignal)
  /// The line was busy, the packet was not sent, and the line is idle again.
  case discarded
  case idle
}

/// The CC wire: half duplex, one transmission at a time, with carrier sense, collisions and faults.
public struct Wire: Sendable {
  public var configuration: WireConfiguration
  public var faults: FaultMix
  /// Whether the wire is torn: nothing arrives.
  public var isCut = false
  /// When the last transmission ended.
  private var quietSince = Instant(nanoseconds: -1_000_000_000)
  private(set) var noiseEnd = Instant(nanoseconds: .min)
  private var scripted = InlineArray<4, ScriptedFault>(repeating: ScriptedFault(.damage, count: 0))
  private var transmitters = InlineArray<4, Transmitter>(repeating: Transmitter())

  private struct Transmitter: Sendable {
    enum Phase: UInt8 { case idle, waiting, foundBusy, sending }
    var phase = Phase.idle
    var kind = SignalKind.packet
    /// What waits for the end of the own transmission.
    var queued: SignalKind?
    var queuedMessage = ShortMessage(header: MessageHeader())
    var isDamaged = false
    var start = Instant.zero
    var end = Instant.zero
    var bitTime = PhyProfile()
    var message = ShortMessage(header: MessageHeader())
  }

  public init(_ configuration: WireConfiguration = WireConfiguration(), faults: FaultMix = .none) {
    self.configuration = configuration
    self.faults = faults
  }

  // MARK: What stations do

  /// Asks for a transmission at `start` and returns when to come back; what the station still waited to send is
  /// dropped. What is asked for in the middle of the own transmission follows it.
  mutating func submit(
    _ kind: SignalKind, _ message: ShortMessage, from station: Station, at start: Instant, phy: PhyProfile
  ) -> Instant {
    let index = station.index
    if transmitters[index].phase == .sending {
      transmitters[index].queued = kind
      transmitters[index].queuedMessage = message
      return transmitters[index].end
    }
    transmitters[index].phase = .waiting
    transmitters[index].kind = kind
    transmitters[index].message = message
    transmitters[index].bitTime = phy
    return start
  }

  /// Whether the station has a packet that has not started yet.
  mutating func isWaiting(_ station: Station) -> Bool {
    let phase = transmitters[station.index].phase
    return (phase == .waiting || phase == .foundBusy) && transmitters[station.index].kind == .packet
  }

  /// Whether a packet would be lost if the station asked for another transmission now.
  mutating func dropsPacket(_ station: Station) -> Bool {
    isWaiting(station) || transmitters[station.index].queued == .packet
  }

  /// Whether the station found the line busy and waits for its end.
  mutating func foundBusy(_ station: Station) -> Bool { transmitters[station.index].phase == .foundBusy }

  /// Whether the station has anything to send or is sending.
  mutating func isBusy(_ station: Station) -> Bool { transmitters[station.index].phase != .idle }

  /// Whether the station is on the line.
  mutating func isSending(_ station: Station) -> Bool { transmitters[station.index].phase == .sending }

  /// Drops what the station waits to send.
  mutating func withdraw(_ station: Station) {
    if transmitters[station.index].phase != .sending { transmitters[station.index].phase = .idle }
  }

  /// Ends a transmission before its time, or takes back one that has not begun; returns when to come back.
  mutating func cutShort(_ station: Station, at now: Instant) -> Instant {
    guard transmitters[station.index].phase == .sending else {
      withdraw(station)
      return .distantFuture
    }
    transmitters[station.index].end = now
    transmitters[station.index].isDamaged = true
    return now
  }

  /// The message that the station sends, or sent last.
  mutating func message(of station: Station) -> ShortMessage { transmitters[station.index].message }
  mutating func kind(of station: Station) -> SignalKind { transmitters[station.index].kind }
  mutating func bitRate(of station: Station) -> BitsPerSecond {
    transmitters[station.index].bitTime.bitRate
  }
  mutating func start(of station: Station) -> Instant { transmitters[station.index].start }

  /// Puts a scripted fault on the wire; the oldest gives way when there are four.
  public mutating func add(_ fault: ScriptedFault) {
    for index in 0..<4 where scripted[index].count == 0 {
      scripted[index] = fault
      return
    }
    for index in 0..<3 { scripted[index] = scripted[index &+ 1] }
    scripted[3] = fault
  }

  /// Damages everything that is on the line until `end`.
  public mutating func makeNoise(until end: Instant) { noiseEnd = max(noiseEnd, end) }

  // MARK: Time

  /// Serves the transmitter of a station that is due.
  mutating func step(_ station: Station, at now: Instant, random: inout SeededRandom) -> WireStep {
    switch transmitters[station.index].phase {
    case .idle: return .idle
    case .foundBusy:
      transmitters[station.index].phase = .idle
      return .discarded
    case .waiting: return start(station, at: now)
    case .sending: return end(station, at: now, random: &random)
    }
  }

  private mutating func start(_ station: Station, at now: Instant) -> WireStep {
    let index = station.index
    var collides = false
    for other in 0..<Station.count where other != index && transmitters[other].phase == .sending {
      guard transmitters[other].start + configuration.blindTime > now else {
        let idle = transmitters[other].end
        if transmitters[index].kind == .packet {
          transmitters[index].phase = .foundBusy
          return .again(idle + Nanoseconds(1))
        }
        return .again(idle + configuration.interFrameGap)
      }
      collides = true
    }
    let free = quietSince + configuration.interFrameGap
    if now < free { return .again(free) }
    if collides {
      for other in 0..<Station.count where other != index && transmitters[other].phase == .sending {
        transmitters[other].isDamaged = true
      }
    }
    let end = now + transmitters[index].bitTime.duration(bits: bits(transmitters[index]))
    transmitters[index].phase = .sending
    transmitters[index].isDamaged = collides
    transmitters[index].start = now
    transmitters[index].end = end
    return .started(end: end)
  }

  /// Preamble, ordered set, for a packet also bytes, CRC and EOP (USB-PD R3.2 §5.6); a carrier lasts 45 ms
  /// (BISTContModeTimer).
  @inline(__always) private func bits(_ transmitter: borrowing Transmitter) -> Int {
    switch transmitter.kind {
    case .packet: 64 &+ 20 &+ 10 &* (2 &+ 4 &* Int(transmitter.message.wordCount) &+ 4) &+ 5
    case .hardReset, .cableReset: 64 &+ 20
    case .carrier: Int(transmitter.bitTime.bitRate.rawValue) / 1000 &* 45
    }
  }

  private mutating func end(_ station: Station, at now: Instant, random: inout SeededRandom) -> WireStep {
    let index = station.index
    quietSince = now
    var ended = EndedSignal(
      kind: transmitters[index].kind, sender: station, message: transmitters[index].message,
      isSound: !transmitters[index].isDamaged, delay: configuration.propagationDelay, echo: nil)
    if let queued = transmitters[index].queued {
      transmitters[index].queued = nil
      transmitters[index].kind = queued
      transmitters[index].message = transmitters[index].queuedMessage
      transmitters[index].phase = .waiting
    } else {
      transmitters[index].phase = .idle
    }
    applyChance(&ended, at: now, random: &random)
    if ended.kind == .packet { applyScript(&ended) }
    if isCut || noiseEnd > transmitters[index].start { ended.isSound = false }
    return .ended(ended)
  }

  private mutating func applyScript(_ ended: inout EndedSignal) {
    for index in 0..<4 where scripted[index].count > 0 {
      guard scripted[index].hits(ended.message, from: ended.sender) else { continue }
      switch scripted[index].effect {
      case .damage: ended.isSound = false
      case .duplicate(let after): ended.echo = after
      case .delay(let delay): ended.delay = ended.delay + delay
      }
    }
  }

  private mutating func applyChance(
    _ ended: inout EndedSignal, at now: Instant, random: inout SeededRandom
  ) {
    guard faults != .none, now < faults.end else { return }
    guard ended.kind == .packet else {
      if random.chance(faults.resetLost) { ended.isSound = false }
      return
    }
    if random.chance(faults.bitError) { ended.isSound = false }
    if ended.message.isGoodCRC && random.chance(faults.goodCRCLost) { ended.isSound = false }
    if random.chance(faults.noise) {
      makeNoise(until: now + random.span(from: Nanoseconds(500_000), to: Nanoseconds(8_000_000)))
    }
    if random.chance(faults.duplicate) {
      ended.echo = random.span(from: Nanoseconds(300_000), to: Nanoseconds(2_000_000))
    }
    if random.chance(faults.delay) {
      ended.delay = ended.delay + random.span(from: Nanoseconds(100_000), to: Nanoseconds(3_000_000))
    }
  }
}
