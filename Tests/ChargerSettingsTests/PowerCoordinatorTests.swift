import ChargerSettings
import Quantities
import TestSupport
import Testing
import XiaomiCharge
import XiaomiKeys

@Suite struct PowerCoordinatorTests {
  private static func ports(_ watts: [Int32], minimum: Int32 = 15) -> [PortSettings] {
    watts.enumerated().map { index, power in
      var port = PortSettings(name: "\(index)", offer: StandardOffer.offer(pdp: Milliwatts(power * 1_000)))
      port.minimum = Milliwatts(minimum * 1_000)
      return port
    }
  }

  private static func change(_ port: Int, _ watts: Int32) -> PowerCoordinator.Change {
    PowerCoordinator.Change(port: port, power: Milliwatts(watts * 1_000))
  }

  /// The first phone gets all it can; when the second comes, the first gives up its part before the second gets it.
  @Test func powerIsTakenBeforeItIsGiven() {
    var coordinator = PowerCoordinator(budget: Milliwatts(60_000), ports: Self.ports([45, 45]))
    #expect(coordinator.attached(0) == [Self.change(0, 45)])
    #expect(coordinator.contract(0, Milliwatts(45_000)) == [])
    // The second is offered no more than what is left until the first has let go.
    #expect(coordinator.attached(1) == [Self.change(0, 30)])
    #expect(coordinator.held == Milliwatts(60_000))
    #expect(coordinator.contract(0, Milliwatts(27_000)) == [Self.change(1, 30)])
    #expect(coordinator.detached(0) == [Self.change(0, 15), Self.change(1, 45)])
  }

  /// Whatever happens in whatever order, what the ports may draw stays within the budget.
  @Test func theBudgetIsNeverExceeded() {
    var generator = SeededGenerator(seed: 9)
    var kept = 0
    for _ in 0..<200 {
      var coordinator = PowerCoordinator(budget: Milliwatts(75_000), ports: Self.ports([45, 60, 27, 65]))
      for _ in 0..<40 {
        let port = Int.random(in: 0..<5, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: _ = coordinator.attached(port)
        case 1: _ = coordinator.detached(port)
        default:
          guard port < 4 else { break }
          // A contract never exceeds what was offered when it was made.
          let most = coordinator.offered(port).rawValue
          _ = coordinator.contract(port, Milliwatts(Int32.random(in: 0...most, using: &generator)))
        }
        kept += coordinator.held <= Milliwatts(75_000) ? 1 : 0
      }
    }
    #expect(kept == 200 * 40)
  }

  // MARK: Stages of trust

  private static func xiaomiPorts(_ count: Int) -> [PortSettings] {
    let plan = XiaomiCapabilityPlan(.watts120, cable: .captive(Milliamperes(6_200)))
    return (0..<count).map { index in
      var port = PortSettings(name: "\(index)", offer: PowerOffer(plan.standard))
      port.xiaomi = XiaomiPortSettings(
        charger: XiaomiChargerSettings(adapterID: XiaomiAdapterID(rawValue: 0xA819)),
        verified: PowerOffer(plan.verified), mutual: PowerOffer(plan.mutual), keys: .synthetic)
      port.minimum = Milliwatts(15_000)
      return port
    }
  }

  /// A phone gets what the public list can use; more when it is trusted, and not for the next phone.
  @Test func trustRaisesWhatAPortCanUse() {
    var coordinator = PowerCoordinator(budget: Milliwatts(150_000), ports: Self.xiaomiPorts(2))
    #expect(coordinator.stage(0, .mutual) == [])
    #expect(coordinator.attached(0) == [Self.change(0, 65)])
    #expect(
      coordinator.stage(0, .verified) == [PowerCoordinator.Change(port: 0, power: Milliwatts(67_100))])
    #expect(coordinator.stage(0, .mutual) == [Self.change(0, 120)])
    #expect(coordinator.contract(0, Milliwatts(120_000)) == [])
    #expect(coordinator.stage(0, .mutual) == [])
    #expect(coordinator.detached(0) == [Self.change(0, 15)])
    #expect(coordinator.attached(0) == [Self.change(0, 65)])
    #expect(coordinator.stage(7, .mutual) == [])
  }

  /// The second phone that is trusted gets its part when the first has let go of it.
  @Test func trustWaitsForTheOther() {
    var coordinator = PowerCoordinator(budget: Milliwatts(150_000), ports: Self.xiaomiPorts(2))
    _ = coordinator.attached(0)
    _ = coordinator.stage(0, .mutual)
    _ = coordinator.contract(0, Milliwatts(120_000))
    #expect(coordinator.attached(1) == [Self.change(0, 85), Self.change(1, 30)])
    #expect(coordinator.contract(0, Milliwatts(80_000)) == [Self.change(1, 65)])
    #expect(coordinator.stage(1, .mutual) == [Self.change(0, 75)])
    #expect(coordinator.held == Milliwatts(150_000))
    #expect(coordinator.contract(0, Milliwatts(70_000)) == [Self.change(1, 75)])
    // Trust that is lost gives power back once the contract has followed.
    #expect(coordinator.stage(1, .standard) == [Self.change(1, 65)])
    #expect(coordinator.contract(1, Milliwatts(60_000)) == [Self.change(0, 85)])
  }

  @Test func aPortWithoutTheProtocolStaysAsItIs() {
    var coordinator = PowerCoordinator(budget: Milliwatts(60_000), ports: Self.ports([45, 45]))
    _ = coordinator.attached(0)
    #expect(coordinator.stage(0, .mutual) == [])
  }

  /// A charger of other settings keeps the trust, within what the new settings offer.
  @Test func newSettingsKeepTheStage() {
    var coordinator = PowerCoordinator(budget: Milliwatts(150_000), ports: Self.xiaomiPorts(2))
    _ = coordinator.attached(0)
    _ = coordinator.stage(0, .mutual)
    _ = coordinator.contract(0, Milliwatts(120_000))
    var ports = Self.xiaomiPorts(2)
    #expect(coordinator.reconfigure(budget: Milliwatts(150_000), ports: ports, before: [0, 1]) == [])
    #expect(coordinator.offered(0) == Milliwatts(120_000))
    ports[0].xiaomi?.mutual = PowerOffer(
      XiaomiCapabilityPlan(.watts90, cable: .captive(Milliamperes(6_200))).mutual)
    _ = coordinator.reconfigure(budget: Milliwatts(150_000), ports: ports, before: [0, 1])
    #expect(coordinator.offered(0) == Milliwatts(90_000))
    ports[0].xiaomi = nil
    _ = coordinator.reconfigure(budget: Milliwatts(150_000), ports: ports, before: [0, 1])
    #expect(coordinator.offered(0) == Milliwatts(65_000) && coordinator.held <= Milliwatts(150_000))
  }

  /// Whatever happens in whatever order, two trusted phones never hold more than the budget, nor is a port offered more
  /// than its stage can use.
  @Test func theBudgetIsNeverExceededWhateverTheTrust() {
    var generator = SeededGenerator(seed: 11)
    let budget = Milliwatts(150_000)
    let ports = Self.xiaomiPorts(2)
    let stages = [XiaomiStage.standard, .verified, .mutual]
    var broken: [String] = []
    var reached = Set<Int32>()
    for _ in 0..<300 {
      var coordinator = PowerCoordinator(budget: budget, ports: ports)
      var present = [false, false]
      var stage = [XiaomiStage.standard, .standard]
      for step in 0..<60 {
        let port = Int.random(in: 0..<2, using: &generator)
        switch Int.random(in: 0..<9, using: &generator) {
        case 0, 1:
          present[port] = true
          _ = coordinator.attached(port)
        case 2:
          present[port] = false
          stage[port] = .standard
          _ = coordinator.detached(port)
        case 3, 4:
          let next = stages[Int.random(in: 0..<3, using: &generator)]
          if present[port] { stage[port] = next }
          _ = coordinator.stage(port, next)
        case 5: _ = coordinator.reconfigure(budget: budget, ports: ports, before: [0, 1])
        default:
          // A contract never exceeds what was offered when it was made.
          let most = coordinator.offered(port).rawValue
          _ = coordinator.contract(port, Milliwatts(Int32.random(in: 0...most, using: &generator)))
        }
        if coordinator.held > budget { broken.append("step \(step): \(coordinator.held) held") }
        for index in 0..<2 {
          reached.insert(coordinator.offered(index).rawValue)
          if coordinator.offered(index) > ports[index].offer(at: stage[index]).pdp {
            broken.append("step \(step): \(coordinator.offered(index)) at \(stage[index])")
          }
        }
      }
    }
    #expect(broken == [])
    #expect(reached.isSuperset(of: [15_000, 65_000, 67_100, 75_000, 120_000]))
  }
}
