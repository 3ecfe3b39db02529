import PortEngine
import PowerDelivery
public import Quantities

/// What came of one seed.
public struct HandshakeResult: Equatable, Sendable {
  public enum Outcome: UInt8, Equatable, Sendable {
    /// There was a contract at the end, by itself.
    case contract
    /// There was one only after the plug was pulled and put in again: a port had given up, as the standard allows
    /// after too many resets.
    case contractAfterReplug
    /// There was none: a fault of an engine.
    case noContract
    /// A port asked for time that had passed, without end.
    case stuck
  }

  public var seed: UInt64
  public var outcome: Outcome
  /// When the first contract was; `nil` where there was none before the faults were switched off.
  public var firstContract: Instant?
  /// How many contracts the source reported.
  public var contracts: Int
  /// How many rules were broken.
  public var violations: Int
  /// How many events were served, and the virtual time that passed.
  public var events: Int
  public var end: Instant
}

/// Runs one link again and again, each time with another seed: from attach to contract on a bad wire, through random
/// events, and then, on a good wire, to a contract that has to come within five seconds.
///
/// The link is made once; a run takes no memory of its own.
public struct HandshakeRun: Sendable {
  public private(set) var link: Link
  /// What goes wrong on the wire until the end.
  public var faults: FaultMix
  /// How many random events there are between the first contract and the end.
  public var eventCount: Int
  /// How long a contract may take to come back (liveness).
  public var patience = Nanoseconds(5_000_000_000)

  public init(_ configuration: LinkConfiguration, faults: FaultMix = .rough, eventCount: Int = 4) {
    link = Link(configuration, seed: 0)
    self.faults = faults
    self.eventCount = eventCount
  }

  /// Reaches into the link: to switch recording or coverage on, and to take what was gathered.
  public mutating func withLink<Result>(_ body: (inout Link) -> Result) -> Result { body(&link) }

  /// One run: what it does follows from `seed` alone.
  public mutating func run(seed: UInt64) -> HandshakeResult {
    link.restart(seed: seed)
    var chance = SeededRandom(seed: seed ^ 0x5EED_5EED_5EED_5EED)
    link.perform(.setFaults(faults))
    link.perform(.plugIn)
    let first = link.runUntilContract(limit: link.now + patience)
    for _ in 0..<eventCount {
      link.perform(HandshakeRun.action(&chance, link.isPlugged))
      link.run(until: link.now + chance.span(from: .zero, to: Nanoseconds(900_000_000)))
    }
    let outcome = eventCount == 0 && first != nil ? HandshakeResult.Outcome.contract : finish()
    return HandshakeResult(
      seed: seed, outcome: link.isStuck ? .stuck : outcome, firstContract: first,
      contracts: link.contractCount, violations: link.referee.violationCount, events: link.eventCount,
      end: link.now)
  }

  /// From attach to the first contract on a good wire and nothing else: what is measured as a handshake.
  public mutating func handshake(seed: UInt64) -> Instant? {
    link.restart(seed: seed)
    link.perform(.plugIn)
    return link.runUntilContract(limit: link.now + patience)
  }

  /// Faults off: a contract has to come back.
  private mutating func finish() -> HandshakeResult.Outcome {
    link.perform(.setFaults(.none))
    link.perform(.setCCWire(isWhole: true))
    link.perform(.plugIn)
    // What was asked for before may still be going on.
    link.run(until: link.now + Nanoseconds(100_000_000))
    if link.runUntilContract(limit: link.now + patience) != nil { return .contract }
    link.perform(.unplug)
    link.run(until: link.now + Nanoseconds(1_500_000_000))
    link.perform(.plugIn)
    return link.runUntilContract(limit: link.now + patience) != nil ? .contractAfterReplug : .noContract
  }

  /// A random event.
  private static func action(_ chance: inout SeededRandom, _ isPlugged: Bool) -> LinkAction {
    guard isPlugged else { return .plugIn }
    let side: Side = chance.below(2) == 0 ? .charger : .phone
    return switch chance.below(20) {
    case 0, 1: .unplug
    case 2: .flip
    case 3: .request(side, .hardReset)
    case 4: .request(side, .softReset)
    case 5: .request(.charger, .offerCapabilities)
    case 6, 7: .request(.phone, .choosePower)
    case 8:
      .want(.fixed(maximumVoltage: Millivolts(chance.below(2) == 0 ? 5_000 : 9_000)), Milliwatts(10_000))
    case 9: .want(.fixed(maximumVoltage: Millivolts(20_000)), Milliwatts(60_000))
    case 10: .request(side, .dataRoleSwap)
    case 11: .request(side, .powerRoleSwap)
    case 12: .request(side, .vconnSwap)
    case 13: .request(.phone, .getSourceCapabilities)
    case 14: .request(.charger, .getSinkCapabilities)
    case 15: .request(side, .get(.getStatus))
    case 16: .request(side, .discoverIdentity)
    case 17: .request(.phone, chance.below(2) == 0 ? .enterEPR : .exitEPR)
    case 18: .noise(chance.span(from: .zero, to: Nanoseconds(60_000_000)))
    default: .request(side, .get(.getRevision))
    }
  }
}
