public import PowerSupervision
public import Quantities

/// How the ports of one charger share its power: a budget with one port a link, and what each port offers by its share.
public struct BudgetSharing: Equatable, Sendable {
  public var budget: PowerBudget
  public var models: [ChargerModel]

  public init(total: Milliwatts, models: [ChargerModel], minimum: Milliwatts) {
    budget = PowerBudget(total: total)
    for model in models { budget.append(PowerBudget.Port(minimum: minimum, maximum: model.power)) }
    self.models = models
  }
}

/// Links on one timeline.
///
///     var world = World([link])
///     world.perform(.plugIn, on: 0)
///     world.advance(to: end)        // or step by step, as `nextEventTime` says
///
/// A pacer that keeps real time waits until `nextEventTime` and advances to it.
public struct World: Sendable {
  public private(set) var now = Instant.zero
  public private(set) var links: [Link]
  /// How power is shared; `nil` leaves every port all that it has.
  public private(set) var sharing: BudgetSharing?
  /// The share that each link was told last.
  private var told: [Milliwatts]

  public init(_ links: [Link], sharing: BudgetSharing? = nil) {
    self.links = links
    self.sharing = sharing
    told = Array(repeating: Milliwatts(-1), count: links.count)
    for index in self.links.indices { self.links[index].watcher.link = index }
    rebalance()
  }

  /// When the next thing happens in any link; `nil` where nothing will.
  public var nextEventTime: Instant? {
    var earliest: Instant?
    for index in links.indices {
      if let time = links[index].nextEventTime, earliest.map({ time < $0 }) ?? true { earliest = time }
    }
    return earliest
  }

  /// Lets time pass until `end`.
  public mutating func advance(to end: Instant) {
    while let (index, time) = nextLink(), time <= end {
      now = max(now, time)
      links[index].step()
      if links[index].wantsRebalancing { rebalance() }
    }
    for index in links.indices { links[index].run(until: end) }
    now = max(now, end)
  }

  /// The link in which something happens next; of two at the same time, the first.
  private func nextLink() -> (Int, Instant)? {
    var found: (Int, Instant)?
    for index in links.indices {
      guard let time = links[index].nextEventTime else { continue }
      if found.map({ time < $0.1 }) ?? true { found = (index, time) }
    }
    return found
  }

  /// Lets time pass until a link has a contract.
  /// - Returns: when that was; `nil` where it was not by `limit`.
  public mutating func runUntilContract(on link: Int, limit: Instant) -> Instant? {
    while !links[link].isAtRest {
      guard let time = nextEventTime, time <= limit else { return nil }
      advance(to: time)
    }
    return now
  }

  // MARK: Doing something

  public mutating func perform(_ action: LinkAction, on link: Int) {
    links[link].run(until: now)
    links[link].perform(action)
    if links[link].wantsRebalancing { rebalance() }
  }

  public mutating func schedule(_ action: LinkAction, on link: Int, at time: Instant) {
    links[link].schedule(action, at: time)
  }

  /// Changes the total power that is shared.
  public mutating func setBudget(_ total: Milliwatts) {
    sharing?.budget.total = total
    rebalance()
  }

  /// Reaches into a link: to switch recording, watching or coverage on, and to take what was gathered.
  public mutating func withLink<Result>(_ index: Int, _ body: (inout Link) -> Result) -> Result {
    body(&links[index])
  }

  /// What happened in all links since the last call, in the order of time, where watching is on.
  public mutating func drainEvents() -> [WorldEvent] {
    var events: [WorldEvent] = []
    for index in links.indices { events += links[index].watcher.drain() }
    return events.enumerated()
      .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
  }

  // MARK: Sharing

  /// Works out the shares anew and tells the ports whose share has changed.
  private mutating func rebalance() {
    for index in links.indices { links[index].wantsRebalancing = false }
    guard var current = sharing else { return }
    for index in 0..<min(links.count, current.budget.count) {
      current.budget[index].isActive = links[index].ports[0].engine.connection.isAttached
    }
    sharing = current
    let shares = current.budget.shares
    for index in 0..<min(links.count, current.models.count) where told[index] != shares[index] {
      told[index] = shares[index]
      links[index].run(until: now)
      links[index].perform(.offer(.init(current.models[index], power: shares[index])))
      if links[index].watcher.isOn { links[index].watcher.add(.share(shares[index]), at: now) }
      links[index].wantsRebalancing = false
    }
  }
}
