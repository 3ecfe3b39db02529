import ChargerSettings
import PortEngine
import PowerSupervision
public import Quantities
public import Simulator
import XiaomiCharge

/// One run of a scenario: its links side by side in one virtual time, the sharing of the budget between them, and the
/// verdict.
public struct ScenarioRun: Sendable {
  public let scenario: Scenario
  public private(set) var links: [Link]
  /// What each expectation came to; complete when the run is over.
  public private(set) var verdict: Verdict
  private var coordinator: PowerCoordinator
  private var watch: [LinkWatch]

  /// What the run remembers of a link, to see what has changed.
  private struct LinkWatch: Equatable, Sendable {
    var isAttached = false
    var trust = XiaomiStage.standard
    var contract: PowerContract?
    var contractCount = 0
    /// When both ports first had a contract.
    var contractTime: Instant?
    /// How many steps of the charger's journal were counted.
    var journalMark: UInt32 = 0
  }

  /// - Parameters:
  ///   - isRecorded: whether what was said and what happened is kept; many runs go without.
  ///   - keys: of the chargers and phones; those that scenarios name, unless it is only the invented ones.
  public init(
    _ scenario: Scenario, seed: UInt64, isRecorded: Bool, countsCoverage: Bool = false,
    keys: KeyRing = KeyRing()
  ) {
    self.scenario = scenario
    verdict = Verdict(scenario)
    coordinator = PowerCoordinator(budget: scenario.budget, ports: scenario.links.map(\.port))
    watch = Array(repeating: LinkWatch(), count: scenario.links.count)
    links = scenario.links.enumerated().map { index, link in
      var configuration = LinkConfiguration(
        link.port, power: link.port.minimum, phone: link.phone, cable: link.cable, keys: keys)
      configuration.charger.misbehaviours = link.chargerMisbehaviours
      configuration.phone.misbehaviours = link.phoneMisbehaviours
      configuration.faults = link.faults
      if let dualRole = link.dualRole { configuration.becomeDualRole(dualRole) }
      var made = Link(configuration, seed: ScenarioRun.seed(seed, index))
      made.recorder.isOn = isRecorded
      made.watcher.isOn = isRecorded
      made.coverage.isOn = countsCoverage
      // Who misbehaves on purpose is not judged.
      if link.phoneMisbehaviours.count > 0 { made.referee.judged.remove(.phone) }
      if link.chargerMisbehaviours.count > 0 { made.referee.judged.remove(.charger) }
      return made
    }
    schedule(seed)
  }

  /// The same scenario from its start with another seed; coverage goes on counting.
  public mutating func restart(seed: UInt64) {
    verdict = Verdict(scenario)
    coordinator = PowerCoordinator(budget: scenario.budget, ports: scenario.links.map(\.port))
    for index in links.indices {
      watch[index] = LinkWatch()
      links[index].restart(seed: ScenarioRun.seed(seed, index))
    }
    schedule(seed)
  }

  /// Each link has a seed of its own, so that one more event on one does not change what happens on the other.
  private static func seed(_ seed: UInt64, _ index: Int) -> UInt64 {
    seed &+ UInt64(index) &* 0xD134_2543_DE82_EF95
  }

  private mutating func schedule(_ seed: UInt64) {
    for (index, link) in scenario.links.enumerated() {
      if link.randomRequests > 0 {
        var requests = RandomRequests(seed: ScenarioRun.seed(seed, index))
        requests.schedule(link.randomRequests, on: &links[index], until: scenario.duration)
      }
      if let time = link.plugTime { links[index].schedule(.plugIn, at: .zero + time) }
    }
    for step in scenario.script { links[step.link].schedule(step.action, at: .zero + step.time) }
  }

  /// When all phones that were plugged in had a contract; `nil` where that was never so.
  public var contractTime: Nanoseconds? {
    let times = watch.map(\.contractTime)
    guard let latest = times.compactMap({ $0 }).max(), !times.contains(nil) else { return nil }
    return latest - .zero
  }

  public var contractCount: Int { watch.reduce(0) { $0 + $1.contractCount } }

  // MARK: Running

  /// Runs to the end. `emit` is called after every event, with the number of the link on which it was.
  public mutating func run(_ emit: (inout Link, Int) -> Void = { _, _ in }) {
    let end = Instant.zero + scenario.duration
    while let (index, time) = nextEvent, time <= end {
      checkMoments(before: time)
      links[index].step()
      observe(index)
      emit(&links[index], index)
      if scenario.endsAtContract, contractTime != nil, links.allSatisfy({ $0.isAtRest }) { break }
    }
    if !scenario.endsAtContract || contractTime == nil { checkMoments(before: end + Nanoseconds(1)) }
    verdict.finish(violations: links.map(\.referee.violationCount))
  }

  /// The link whose event is next; of two at the same time, the one of the lower number.
  private var nextEvent: (index: Int, time: Instant)? {
    var next: (index: Int, time: Instant)?
    for index in links.indices {
      guard let time = links[index].nextEventTime, next.map({ time < $0.time }) ?? true else { continue }
      next = (index, time)
    }
    return next
  }

  /// Expectations for moments that pass before the next event at `time`: nothing changes until then.
  private mutating func checkMoments(before time: Instant) {
    while let moment = verdict.nextMoment, Instant.zero + moment < time {
      for index in links.indices { links[index].run(until: .zero + moment) }
      verdict.passMoment(moment, links.map(LinkSituation.init))
    }
  }

  private mutating func observe(_ index: Int) {
    let isAttached = links[index].isPlugged && links[index].ports[0].engine.connection.isAttached
    var changes: [PowerCoordinator.Change] = []
    if isAttached != watch[index].isAttached {
      watch[index].isAttached = isAttached
      changes += isAttached ? coordinator.attached(index) : coordinator.detached(index)
    }
    let trust = links[index].trust ?? .standard
    if trust != watch[index].trust {
      watch[index].trust = trust
      changes += coordinator.stage(index, trust)
    }
    let contract = links[index].hasContract ? links[index].ports[0].engine.contract : nil
    if contract != watch[index].contract || links[index].contractCount != watch[index].contractCount {
      watch[index].contract = contract
      watch[index].contractCount = links[index].contractCount
      if let contract {
        if watch[index].contractTime == nil { watch[index].contractTime = links[index].now }
        changes += coordinator.contract(index, contract.power)
      }
      verdict.add(contractedPower: contractedPower, at: links[index].now)
    }
    for change in changes {
      links[change.port].run(until: links[index].now)
      links[change.port].offer(scenario.links[change.port].port.offers(power: change.power))
    }
    countSteps(index)
    if verdict.awaitsSomething { verdict.observe(index, LinkSituation(links[index])) }
  }

  /// Counts what the charger's policy engine went through since the last look.
  private mutating func countSteps(_ index: Int) {
    let total = links[index].ports[0].engine.journal.total
    while watch[index].journalMark != total {
      if let step = links[index].ports[0].engine.journal.step(watch[index].journalMark) {
        verdict.count(step, on: index)
      }
      watch[index].journalMark &+= 1
    }
  }

  /// The power of all contracts together.
  var contractedPower: Milliwatts {
    watch.reduce(.zero) { sum, link in sum + (link.contract?.power ?? .zero) }
  }
}
