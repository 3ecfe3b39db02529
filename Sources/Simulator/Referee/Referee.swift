import PortEngine
import PowerDelivery
import PowerSupervision
public import Quantities

/// Judges everything that two ports do on a simulated link: what is on the wire, what is on VBUS, and how the states of
/// their engines go with it.
///
/// It has its own model of a conversation, made of tables, and believes no engine: what a contract is, it reads from
/// the packets. The world tells it everything in the order of time; it answers with violations, timings and whether
/// a contract holds. Nothing is allocated while there is nothing to complain about.
public struct Referee: Sendable {
  /// Whether anything is judged at all. The model follows the link in any case.
  public var isJudging = true
  /// Who is judged. A phone that misbehaves on purpose is not.
  public var judged: Sides = .both
  /// The first violations, at most `capacity`.
  public private(set) var violations: [Violation] = []
  /// How many there were altogether.
  public private(set) var violationCount = 0
  /// How long things took. `reset` keeps them.
  public var timings = ResponseTimings()

  /// Whether an explicit contract holds: PS_RDY was received, and no reset or detach followed.
  public internal(set) var hasContract = false
  /// When the last explicit contract was made.
  public internal(set) var lastContract: Instant?
  /// How many explicit contracts there were.
  public internal(set) var contractCount = 0

  /// How many violations are kept.
  public static var capacity: Int { 64 }

  var ports = InlineArray<2, PortView>(repeating: PortView())
  var exchange = PowerExchange()
  var vbus = VBUSView()
  var hardReset = HardResetView()
  /// The side that is source by the wire, once it is known.
  var source: Side?
  /// The revision that both ports must use, once a Request was answered (§6.2.1.1.5), and that of the last Request.
  var negotiated: SpecificationRevision?
  var requestRevision = SpecificationRevision.revision3
  /// When something was on the line last, or until when it is noisy.
  var lineActivity = Instant.zero
  var isEPR = false
  /// When EPR mode was left by an Exit. A source that has a Hard Reset on its mind may not have taken it in.
  var eprExitAt: Instant?
  /// Whether the ports may disagree on who supplies VCONN: a swap broke off, or Accept was heard and not its GoodCRC.
  var isVCONNUnclear = false
  /// Nothing needs to be looked at before this moment.
  var nextCheck = Instant.distantFuture

  public init() {}

  /// Forgets the link and the violations; timings and who is judged stay.
  public mutating func reset() {
    violations.removeAll(keepingCapacity: true)
    violationCount = 0
    hasContract = false
    lastContract = nil
    contractCount = 0
    vbus = VBUSView()
    nextCheck = .distantFuture
    lineActivity = .zero
    for index in 0..<2 { ports[index] = PortView() }
    forgetLink(noticedBy: nil)
  }

  /// The cable connects both ports.
  public mutating func attached(at now: Instant) {
    advance(to: now)
    vbus.detachLimit = .distantFuture
    if vbus.supplier == nil { vbus.isFirstTurnOn = true }
  }

  /// The cable connects them no more. The model of the link ends when an engine notices: a short break may pass
  /// unseen.
  public mutating func detached(at now: Instant) {
    advance(to: now)
    guard vbus.supplier != nil else { return }
    vbus.detachLimit =
      now + (Timing.srcDisconnect.maximum ?? .zero) + (Timing.vbusoff.maximum ?? .zero)
    check(at: vbus.detachLimit)
  }

  /// Tells that time has passed without an event, so that what is missing is found.
  public mutating func passed(to now: Instant) {
    advance(to: now)
    judgeLevel(at: now)
  }

  // MARK: For the rules

  mutating func report(_ rule: Rule, _ side: Side, at now: Instant, found: Int64 = 0, wanted: Int64 = 0) {
    guard isJudging, judged.contains(side) else { return }
    violationCount &+= 1
    guard violations.count < Referee.capacity else { return }
    violations.append(
      Violation(
        rule: rule, side: side, time: now, state: ports[side.index].state, found: found, wanted: wanted))
  }

  /// Counts a span, and reports it where it leaves its limits by more than `tolerance`.
  mutating func measure(
    _ span: Nanoseconds, _ metric: TimingMetric, _ rule: Rule, _ side: Side, at now: Instant,
    tolerance: Nanoseconds = .zero
  ) {
    timings.add(span, to: metric)
    let limits = metric.limits
    if let least = limits.minimum, span < least {
      report(rule, side, at: now, found: span.rawValue, wanted: least.rawValue)
    }
    if let most = limits.maximum, span > most + tolerance {
      report(rule, side, at: now, found: span.rawValue, wanted: most.rawValue)
    }
  }

  @inline(__always) mutating func check(at moment: Instant) { nextCheck = min(nextCheck, moment) }

  /// Looks at what should have happened before `now`.
  @inline(__always) mutating func advance(to now: Instant) {
    if now > nextCheck { runChecks(at: now) }
  }

  private mutating func runChecks(at now: Instant) {
    nextCheck = .distantFuture
    checkPort(.charger, at: now)
    checkPort(.phone, at: now)
    checkVBUS(at: now)
  }

  /// Nothing of what was said counts any more: a port is detached, or in ErrorRecovery.
  /// - Parameter side: which port; `nil` for both. The other one may not have noticed.
  mutating func forgetLink(noticedBy side: Side?) {
    for index in 0..<2 where side == nil || side?.index == index || side == source {
      ports[index].forgetConversation()
      ports[index].restartIDs(certainly: side == nil || side?.index == index)
      ports[index].report = nil
    }
    hasContract = false
    negotiated = nil
    exchange.completed = nil
    // A sink that is gone leaves a source that goes on with what it does, until it notices; it comes back as UFP.
    if let side, side != source { ports[side.index].dataRole = .upstreamFacing }
    guard side == nil || side == source else { return }
    isVCONNUnclear = false
    forgetContract()
    exchange.offer = PowerDataObjectList()
    source = nil
    hardReset = HardResetView()
  }

  /// No explicit contract holds any more.
  mutating func forgetContract() {
    hasContract = false
    negotiated = nil
    isEPR = false
    exchange.end()
    exchange.current = nil
    exchange.completed = nil
  }
}
