import PowerSupervision
public import Quantities
public import XiaomiCharge

/// Decides how much each port of a charger may offer, so that all ports together never exceed the budget.
///
/// Power is taken before it is given: a port's offer is raised only by what the others have let go of, which is known
/// once their new contract holds.
public struct PowerCoordinator: Equatable, Sendable {
  /// A new offer for a port.
  public struct Change: Equatable, Sendable {
    public var port: Int
    public var power: Milliwatts

    public init(port: Int, power: Milliwatts) {
      self.port = port
      self.power = power
    }
  }

  private struct Port: Equatable, Sendable {
    var settings: PortSettings
    var isAttached = false
    /// How far the phone is trusted: what is offered to it, and so what the port can use.
    var stage = XiaomiStage.standard
    /// What it should get, what it offers, and what it may still draw.
    var target: Milliwatts
    var offered: Milliwatts
    var held: Milliwatts

    /// The most that the port can use now.
    var maximum: Milliwatts { settings.offer(at: stage).pdp }
  }

  public private(set) var budget: Milliwatts
  private var ports: [Port]

  /// Every port begins with its minimum.
  public init(budget: Milliwatts, ports: [PortSettings]) {
    self.budget = budget
    self.ports = ports.map {
      Port(settings: $0, target: $0.minimum, offered: $0.minimum, held: $0.minimum)
    }
  }

  /// The charger has changed: `before` is the number that each port had, `nil` for a new one. Ports that are left out
  /// must be off already.
  public mutating func reconfigure(budget: Milliwatts, ports settings: [PortSettings], before: [Int?])
    -> [Change]
  {
    self.budget = budget
    ports = zip(settings, before).map { settings, before in
      guard let before, ports.indices.contains(before) else {
        // A new port begins with nothing until the others have made room.
        return Port(settings: settings, target: settings.minimum, offered: .zero, held: .zero)
      }
      var port = ports[before]
      port.settings = settings
      port.offered = min(port.offered, port.maximum)
      return port
    }
    return rebalance()
  }

  /// What a port may offer now.
  public func offered(_ port: Int) -> Milliwatts { ports[port].offered }

  /// What all ports may draw at this moment.
  public var held: Milliwatts { ports.reduce(.zero) { $0 + $1.held } }

  public mutating func attached(_ port: Int) -> [Change] {
    guard ports.indices.contains(port) else { return [] }
    ports[port].isAttached = true
    return rebalance()
  }

  public mutating func detached(_ port: Int) -> [Change] {
    guard ports.indices.contains(port) else { return [] }
    ports[port].isAttached = false
    ports[port].stage = .standard
    ports[port].held = ports[port].offered
    return rebalance()
  }

  /// A port has a contract of so much power: what it held beyond its offer is free.
  public mutating func contract(_ port: Int, _ power: Milliwatts) -> [Change] {
    guard ports.indices.contains(port) else { return [] }
    ports[port].held = max(ports[port].offered, power)
    return rebalance()
  }

  /// The phone at a port is trusted so far from now on: more of the list can be used after verification, less again
  /// when the trust is lost. Whoever leaves is trusted no more, without a word. The port's own list changes with the
  /// stage, whether or not its power does.
  public mutating func stage(_ port: Int, _ stage: XiaomiStage) -> [Change] {
    guard ports.indices.contains(port), ports[port].isAttached else { return [] }
    ports[port].stage = stage
    return rebalance()
  }

  private mutating func rebalance() -> [Change] {
    var sharing = PowerBudget(total: budget)
    for port in ports {
      sharing.append(
        PowerBudget.Port(
          minimum: port.settings.minimum, maximum: port.maximum,
          priority: UInt8(clamping: port.settings.priority), isActive: port.isAttached))
    }
    let shares = sharing.shares
    var changes: [Change] = []
    for index in ports.indices {
      // All that a port can use is given whole: the last part of a step may decide what its objects promise.
      let most = ports[index].maximum
      let share = max(ports[index].settings.minimum, shares[index] >= most ? most : shares[index].roundedDown)
      ports[index].target = share
      guard share < ports[index].offered else { continue }
      ports[index].offered = share
      if !ports[index].isAttached { ports[index].held = share }
      changes.append(Change(port: index, power: share))
    }
    for index in ports.indices where ports[index].target > ports[index].offered {
      let others = held - ports[index].held
      let room = budget - others
      let power = room >= ports[index].target ? ports[index].target : room.roundedDown
      guard power >= ports[index].offered + Milliwatts.step else { continue }
      ports[index].offered = power
      ports[index].held = max(ports[index].held, power)
      changes.append(Change(port: index, power: power))
    }
    return changes
  }
}

extension Milliwatts {
  /// Offers are made in steps of this: less would renegotiate contracts for nothing.
  fileprivate static var step: Milliwatts { Milliwatts(500) }
  fileprivate var roundedDown: Milliwatts {
    Milliwatts(rawValue / Milliwatts.step.rawValue * Milliwatts.step.rawValue)
  }
}
