public import PortEngine
public import PowerDelivery
public import PowerSupervision
public import Quantities

/// One visit to a charger: wait for it, see what it offers, ask for one thing after the other, hold, and leave.
///
/// A machine without clock: it is told what the port says, and tells what to ask for.
public struct SinkJob: Sendable {
  /// What came of a wish.
  public struct Result: Equatable, Sendable {
    public enum Outcome: Equatable, Sendable {
      case met(PowerContract)
      /// The charger gave something else.
      case other(PowerContract)
      case notOffered, rejected, deferred
      case noAnswer
      /// The connection was reset on the way.
      case reset
    }

    public var wish: SinkWish
    public var outcome: Outcome
    /// From asking to Accept; `nil` where none came.
    public var accepted: Nanoseconds?
    /// From asking to PS_RDY.
    public var ready: Nanoseconds?

    public var isMet: Bool { if case .met = outcome { true } else { false } }
  }

  /// Where the visit is.
  public enum Phase: Equatable, Sendable {
    case waitingForCharger
    /// Asked for the wish of this number.
    case asking(Int)
    /// The contract stands for a while.
    case dwelling(Int)
    case holding
    case ended(End)
  }

  public enum End: Equatable, Sendable {
    case done
    /// Nobody offered anything in time.
    case noCharger
    /// The charger was taken away.
    case detached
  }

  /// What to do.
  public enum Action: Equatable, Sendable {
    /// Ask for this, as one that needs this power.
    case choose(SinkStrategy, Milliwatts)
    case report(Result)
    /// What the charger offers, once it has said so.
    case offer(PowerDataObjectList)
  }

  /// How long things may take.
  public struct Times: Equatable, Sendable {
    public var charger = Nanoseconds(10_000_000_000)
    /// Longer than any answer: Accept within 30 ms, PS_RDY within 550 ms.
    public var answer = Nanoseconds(2_000_000_000)
    /// After a reset the connection is built anew.
    public var recovery = Nanoseconds(5_000_000_000)
    public var dwell = Nanoseconds(200_000_000)
    /// How long the last contract is held; `nil`: until somebody ends it.
    public var hold: Nanoseconds? = .zero

    public init() {}
  }

  public private(set) var phase = Phase.waitingForCharger
  public private(set) var results: [Result] = []
  public private(set) var deadline: Instant
  private let times: Times
  private let plan: Plan
  private var wishes: [SinkWish] = []
  private var actions: [Action] = []
  private var asked = Instant.zero
  private var accepted: Nanoseconds?

  /// What is wanted.
  public enum Plan: Equatable, Sendable {
    /// Only to see what is offered.
    case look
    case wish(SinkWish)
    case sweep(SinkSweep)
  }

  public init(_ plan: Plan, times: Times = Times(), at now: Instant) {
    self.plan = plan
    self.times = times
    deadline = now + times.charger
  }

  public var isEnded: Bool { if case .ended = phase { true } else { false } }
  /// Whether everything that was wanted was given.
  public var isContent: Bool { phase == .ended(.done) && results.allSatisfy(\.isMet) && !isMissingAll }
  /// A sweep through what is not offered at all.
  private var isMissingAll: Bool { if case .sweep = plan { results.isEmpty } else { false } }

  public mutating func nextAction() -> Action? { actions.isEmpty ? nil : actions.removeFirst() }

  /// Accept has come.
  public mutating func noteAccept(at now: Instant) {
    if case .asking = phase, accepted == nil { accepted = now - asked }
  }

  /// What the port tells, with what is offered at that moment.
  public mutating func handle(_ notice: PortNotice, offer: PowerDataObjectList, at now: Instant) {
    switch (notice, phase) {
    case (.contract, .waitingForCharger):
      begin(offer, at: now)
    case (.contract(let contract), .asking(let number)):
      let isMet = wishes[number].isMet(by: contract)
      finish(number, isMet ? .met(contract) : .other(contract), ready: now - asked, at: now)
    case (.requestRejected, .asking(let number)): finish(number, .rejected, at: now)
    case (.requestDeferred, .asking(let number)): finish(number, .deferred, at: now)
    case (.hardReset, .asking(let number)), (.errorRecovery, .asking(let number)):
      add(number, .reset)
      recover(number, at: now)
    case (.hardReset, .dwelling(let number)), (.errorRecovery, .dwelling(let number)):
      recover(number, at: now)
    case (.detached, .waitingForCharger): break
    case (.detached, _): if !isEnded { phase = .ended(.detached) }
    default: break
    }
  }

  /// Time has passed.
  public mutating func tick(at now: Instant) {
    guard now >= deadline else { return }
    switch phase {
    case .waitingForCharger: phase = .ended(.noCharger)
    case .asking(let number): finish(number, .noAnswer, at: now)
    case .dwelling(let number): ask(number + 1, at: now)
    case .holding: phase = .ended(.done)
    case .ended: break
    }
  }

  /// Somebody wants it to end.
  public mutating func stop() { if !isEnded { phase = .ended(.done) } }

  private mutating func begin(_ offer: PowerDataObjectList, at now: Instant) {
    // After a reset it goes on with the next wish.
    if let next = resumption {
      resumption = nil
      return ask(next, at: now)
    }
    actions.append(.offer(offer))
    switch plan {
    case .look: wishes = []
    case .wish(let wish): wishes = [wish]
    case .sweep(let sweep): wishes = sweep.wishes(offer)
    }
    self.offer = offer
    ask(0, at: now)
  }
  private var offer = PowerDataObjectList()
  private var resumption: Int?

  private mutating func ask(_ number: Int, at now: Instant) {
    var number = number
    while number < wishes.count {
      if let choice = wishes[number].choice(in: offer) {
        phase = .asking(number)
        asked = now
        accepted = nil
        deadline = now + times.answer
        return actions.append(.choose(choice.strategy, choice.power))
      }
      add(number, .notOffered)
      number += 1
    }
    // What was not given is not held.
    guard results.last?.isMet ?? true else { return phase = .ended(.done) }
    phase = .holding
    deadline = times.hold.map { now + $0 } ?? .distantFuture
  }

  private mutating func finish(
    _ number: Int, _ outcome: Result.Outcome, ready: Nanoseconds? = nil, at now: Instant
  ) {
    add(number, outcome, ready: ready)
    phase = .dwelling(number)
    deadline = now + times.dwell
  }

  private mutating func add(_ number: Int, _ outcome: Result.Outcome, ready: Nanoseconds? = nil) {
    let isAsked = outcome != .notOffered
    let result = Result(
      wish: wishes[number], outcome: outcome, accepted: isAsked ? accepted : nil, ready: ready)
    results.append(result)
    actions.append(.report(result))
  }

  private mutating func recover(_ number: Int, at now: Instant) {
    phase = .waitingForCharger
    resumption = number + 1
    deadline = now + times.recovery
  }
}
