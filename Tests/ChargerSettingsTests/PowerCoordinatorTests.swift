import ChargerSettings
import Quantities
import TestSupport
import Testing

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
}
