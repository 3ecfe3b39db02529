import PowerSupervision
public import Quantities

/// VBUS between two ports: their stages and loads, and one node for both while a cable joins them, one each otherwise.
///
/// Everything is linear between bends, so that crossings of a threshold are computed, not searched for in small steps.
public struct PowerBus: Sendable {
  public internal(set) var stages: InlineArray<2, PowerStage>
  public internal(set) var loads: InlineArray<2, Load>
  private var nodes = InlineArray<2, VBUSNode>(repeating: VBUSNode())
  /// Whether the load of the node is on: its voltage is above the load's cut-off.
  private var isLoaded = InlineArray<2, Bool>(repeating: false)
  public private(set) var isJoined = false

  public init(charger: StageProfile, phone: StageProfile, chargerLoad: Load, phoneLoad: Load) {
    stages = [PowerStage(charger), PowerStage(phone)]
    loads = [chargerLoad, phoneLoad]
  }

  /// Which of the nodes a side is on.
  @inline(__always) func node(of side: Side) -> Int { isJoined ? 0 : side.index }

  /// VBUS at a side's connector.
  @inline(__always) public func voltage(at now: Instant, on side: Side) -> Millivolts {
    Millivolts(Int32(truncatingIfNeeded: nodes[node(of: side)].voltage(at: now) / 1000))
  }

  @inline(__always) func microvolts(at now: Instant, on side: Side) -> Int64 {
    nodes[node(of: side)].voltage(at: now)
  }
  @inline(__always) func slope(on side: Side) -> Int64 { nodes[node(of: side)].slope }
  @inline(__always) func bend(on side: Side) -> Instant { nodes[node(of: side)].bend }
  @inline(__always) func crossing(of level: Int64, on side: Side) -> Instant {
    nodes[node(of: side)].crossing(of: level)
  }

  // MARK: Changes

  /// Joins the two sides, or parts them. The capacitors share their charge at once.
  mutating func join(_ joined: Bool, at now: Instant) {
    guard joined != isJoined else { return }
    nodes[0].advance(to: now)
    nodes[1].advance(to: now)
    if joined {
      nodes[0].set(shared())
    } else {
      nodes[1].set(nodes[0].voltage)
      isLoaded[1] = isLoaded[0]
    }
    isJoined = joined
    replan(at: now)
  }

  @inline(__always) private func shared() -> Int64 {
    if stages[0].isOn { return nodes[0].voltage }
    if stages[1].isOn { return nodes[1].voltage }
    let first = Int64(capacitance(of: 0).rawValue)
    let second = Int64(capacitance(of: 1).rawValue)
    return (nodes[0].voltage &* first &+ nodes[1].voltage &* second) / max(1, first &+ second)
  }

  @inline(__always) private func capacitance(of index: Int) -> Microfarads {
    stages[index].profile.capacitance + loads[index].capacitance
  }

  /// Works out where VBUS goes from here; called after every change and at every bend.
  mutating func replan(at now: Instant) {
    if isJoined {
      plan(0, now, first: 0, last: 1)
    } else {
      plan(0, now, first: 0, last: 0)
      plan(1, now, first: 1, last: 1)
    }
  }

  /// The stage that drives a node: of two that are on, the one with the higher voltage.
  @inline(__always) private func driver(first: Int, last: Int) -> Int? {
    if first == last { return stages[first].isOn ? first : nil }
    switch (stages[0].isOn, stages[1].isOn) {
    case (true, true): return stages[0].voltage >= stages[1].voltage ? 0 : 1
    case (true, false): return 0
    case (false, true): return 1
    case (false, false): return nil
    }
  }

  private mutating func plan(_ node: Int, _ now: Instant, first: Int, last: Int) {
    nodes[node].advance(to: now)
    var demand = Milliamperes.zero
    var cutOff = Int64.max
    var floor = Int64.max
    for index in first...last where loads[index].demand > .zero {
      demand = demand + loads[index].demand
      cutOff = min(cutOff, Int64(loads[index].cutOff.rawValue) &* 1000)
      floor = min(floor, Int64(loads[index].floor.rawValue) &* 1000)
    }
    let voltage = nodes[node].voltage
    if demand > .zero {
      // The way up and the way down bend exactly at the cut-off: there the stage decides.
      let stage = driver(first: first, last: last).map { Int64(stages[$0].voltage.rawValue) &* 1000 } ?? 0
      isLoaded[node] = voltage == cutOff ? stage > cutOff : voltage > cutOff
    } else {
      isLoaded[node] = false
    }
    let current = isLoaded[node] ? demand : .zero
    guard let driver = driver(first: first, last: last) else {
      fall(node, current, cutOff: cutOff, first: first, last: last)
      return
    }
    regulate(node, driver, current, cutOff: cutOff, floor: floor, first: first, last: last)
  }

  /// No stage drives: bleeders, leakage and load empty the capacitors.
  private mutating func fall(_ node: Int, _ current: Milliamperes, cutOff: Int64, first: Int, last: Int) {
    let rate = emptying(current, first: first, last: last)
    let end = isLoaded[node] && nodes[node].voltage > cutOff ? cutOff : 0
    nodes[node].head(for: end, rate: rate)
  }

  /// µV/µs by which the capacitors empty: mA/µF is mV/µs.
  @inline(__always) private func emptying(_ current: Milliamperes, first: Int, last: Int) -> Int64 {
    var total = Int64(current.rawValue)
    var capacitance: Int64 = 0
    for index in first...last {
      total &+= Int64(stages[index].profile.leakage.rawValue)
      if stages[index].isDischarging { total &+= Int64(stages[index].profile.dischargeCurrent.rawValue) }
      capacitance &+= Int64(self.capacitance(of: index).rawValue)
    }
    return total &* 1000 / max(1, capacitance)
  }

  private mutating func regulate(
    _ node: Int, _ driver: Int, _ current: Milliamperes, cutOff: Int64, floor: Int64, first: Int, last: Int
  ) {
    let profile = stages[driver].profile
    let voltage = nodes[node].voltage
    let set = Int64(stages[driver].voltage.rawValue + profile.error.rawValue) &* 1000
    let limited = min(current, stages[driver].currentLimit)
    var goal = max(0, set &- Int64(limited.rawValue) &* Int64(profile.resistance.rawValue))
    var rate = Int64(profile.slew.rawValue)
    if current > stages[driver].currentLimit {
      goal = min(goal, floor)
      let missing = Int64((current - stages[driver].currentLimit).rawValue)
      rate = max(1, missing &* 1000 / Int64(max(1, totalCapacitance(first: first, last: last).rawValue)))
      rate = min(rate, Int64(profile.slew.rawValue) &* 10)
    } else if goal < voltage, !profile.pullsDown {
      rate = min(rate, emptying(current, first: first, last: last))
    }
    // On the way up through the cut-off the load sets in.
    if !isLoaded[node], cutOff != .max, voltage < cutOff, goal > cutOff { goal = cutOff }
    nodes[node].head(for: goal, rate: rate)
  }

  @inline(__always) private func totalCapacitance(first: Int, last: Int) -> Microfarads {
    first == last ? capacitance(of: first) : capacitance(of: 0) + capacitance(of: 1)
  }

  // MARK: Measurements

  /// What flows out of a side's stage.
  @inline(__always) public func current(at now: Instant, from side: Side) -> Milliamperes {
    let node = node(of: side)
    guard stages[side.index].isOn, isLoaded[node] else { return .zero }
    if isJoined, stages[side.other.index].isOn, driver(first: 0, last: 1) != side.index { return .zero }
    let drawn =
      isJoined ? loads[0].current(at: now) + loads[1].current(at: now) : loads[side.index].current(at: now)
    return min(drawn, stages[side.index].currentLimit)
  }

  /// Whether a side's stage holds the current instead of the voltage.
  @inline(__always) func isCurrentLimited(_ side: Side) -> Bool {
    guard stages[side.index].isOn, isLoaded[node(of: side)] else { return false }
    let demand = isJoined ? loads[0].demand + loads[1].demand : loads[side.index].demand
    return demand > stages[side.index].currentLimit
  }

  /// What a side's stage measures.
  mutating func measure(_ side: Side, at now: Instant, random: inout SeededRandom) -> StageMeasurement {
    let current = current(at: now, from: side)
    var vbus = voltage(at: now, on: side)
    let power = Milliwatts(
      Int32(truncatingIfNeeded: Int64(vbus.rawValue) &* Int64(current.rawValue) / 1000))
    let noise = Int(stages[side.index].profile.noise.rawValue)
    if noise > 0 {
      vbus = max(.zero, vbus + Millivolts(Int32(random.number(in: 0 &- noise...noise))))
    }
    return StageMeasurement(
      vbus: vbus, current: current, temperature: stages[side.index].temperature(at: now, power: power),
      isCurrentLimited: isCurrentLimited(side))
  }

  /// Another phone, with its capacitors empty.
  mutating func replacePhone(stage: StageProfile, load: Load) {
    stages[1] = PowerStage(stage)
    loads[1] = load
    nodes[1] = VBUSNode()
    isLoaded[1] = false
  }
}
