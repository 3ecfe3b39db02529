import PowerSupervision
import Quantities
import Testing

/// Shares against values worked out by hand.
struct PowerBudgetTests {
  struct Case: Sendable {
    var total: Int32
    /// Minimum, maximum, priority, active.
    var ports: [(Int32, Int32, UInt8, Bool)]
    var shares: [Int32]
  }

  static let cases: [Case] = [
    // One alone gets all that it can use.
    Case(total: 60, ports: [(10, 45, 0, true)], shares: [45]),
    Case(total: 30, ports: [(10, 45, 0, true)], shares: [30]),
    // Equals share alike; what one cannot use goes to the other.
    Case(total: 60, ports: [(10, 45, 0, true), (10, 45, 0, true)], shares: [30, 30]),
    Case(total: 60, ports: [(10, 15, 0, true), (10, 60, 0, true)], shares: [15, 45]),
    // The higher priority is served first, but everybody keeps the minimum.
    Case(total: 60, ports: [(10, 60, 0, true), (10, 60, 9, true)], shares: [10, 50]),
    // Who waits keeps the minimum where it is to spare, and no more.
    Case(total: 60, ports: [(15, 60, 0, true), (15, 60, 0, false)], shares: [45, 15]),
    Case(total: 20, ports: [(15, 60, 0, false), (15, 60, 0, true)], shares: [5, 15]),
    // Less than the minima: in the order of priority, then of ports.
    Case(total: 25, ports: [(15, 60, 0, true), (15, 60, 1, true)], shares: [10, 15]),
    Case(total: 25, ports: [(15, 60, 0, true), (15, 60, 0, true)], shares: [15, 10]),
    Case(total: 0, ports: [(15, 60, 0, true)], shares: [0]),
    Case(total: -5, ports: [(15, 60, 0, true)], shares: [0]),
    // Three that cannot be parted evenly.
    Case(total: 100, ports: [(0, 60, 0, true), (0, 60, 0, true), (0, 60, 0, true)], shares: [34, 33, 33]),
  ]

  private static func budget(_ each: Case) -> PowerBudget {
    var budget = PowerBudget(total: Milliwatts(each.total))
    for port in each.ports {
      budget.append(
        PowerBudget.Port(
          minimum: Milliwatts(port.0), maximum: Milliwatts(port.1), priority: port.2, isActive: port.3))
    }
    return budget
  }

  @Test(arguments: cases) func sharesAreAsWorkedOut(each: Case) {
    let shares = PowerBudgetTests.budget(each).shares
    #expect((0..<each.ports.count).map { shares[$0].rawValue } == each.shares)
  }

  /// Never more than there is, never more than a port can use, nothing left while somebody could use it.
  @Test func noShareIsTooLarge() {
    for total in stride(from: Int32(0), through: 200, by: 7) {
      for mask in 0..<16 {
        var budget = PowerBudget(total: Milliwatts(total))
        for index in 0..<4 {
          budget.append(
            PowerBudget.Port(
              minimum: Milliwatts(7), maximum: Milliwatts(Int32(20 + 13 * index)), priority: UInt8(index % 2),
              isActive: mask >> index & 1 == 1))
        }
        let shares = budget.shares
        let sum = (0..<4).reduce(Int32(0)) { $0 + shares[$1].rawValue }
        #expect(sum <= total)
        for index in 0..<4 { #expect(shares[index] <= budget[index].maximum) }
        let isHungry = (0..<4).contains { budget[$0].isActive && shares[$0] < budget[$0].maximum }
        if isHungry { #expect(sum == total) }
      }
    }
  }

  @Test func thereAreEightPortsAtMost() {
    var budget = PowerBudget(total: Milliwatts(1))
    let port = PowerBudget.Port(minimum: .zero, maximum: Milliwatts(1))
    var added: [Bool] = []
    for _ in 0..<9 { added.append(budget.append(port)) }
    #expect(added == Array(repeating: true, count: 8) + [false])
    budget[8] = port
    #expect(budget.count == 8)
  }
}
