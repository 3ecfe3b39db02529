import PowerDelivery
import PowerSupervision
import Quantities
import TestSupport
import Testing

@Suite("Random commands and measurements") struct RandomTests {
  static let contracts: [PowerContract] =
    [
      .fixed(5_000), .fixed(9_000), .fixed(20_000, 5_000), .fixed(28_000, epr: true), .pps(5_000),
      .pps(5_400),
      .pps(11_000, 2_000), .sprAVS(9_000), .sprAVS(14_000, 1_000), .eprAVS(20_000), .eprAVS(30_000, 1_000),
      .variable(8_000, 12_000), .battery(9_000, 21_000, power: 45_000),
      PowerContract(supply: .proprietary, voltage: Millivolts(10_000), current: Milliamperes(5_000)),
    ] + IllegalCommandTests.illegal

  /// What must hold after every event.
  private static func broken(_ bench: SupplyBench, hadCommand: Bool) -> String? {
    let supervisor = bench.supervisor
    if !hadCommand && (bench.output || bench.voltage != .zero) { return "acted before a command" }
    if supervisor.state.isFaulted && bench.output { return "output on in a fault" }
    if bench.output != supervisor.state.isOn { return "output differs from the state" }
    if supervisor.state.isOn {
      guard let contract = supervisor.contract, let window = supervisor.allowedWindow(at: bench.now) else {
        return "on without a contract"
      }
      if bench.voltage > window.highest || bench.voltage > bench.supervisor.limits.maximumVoltage {
        return "commanded above what is allowed"
      }
      if supervisor.state == .steady && supervisor.limits.ramp == nil
        && (bench.voltage < contract.voltage || bench.voltage > contract.highestVoltage)
      {
        return "commanded another voltage than that of the contract"
      }
    }
    switch supervisor.state {
    case .off, .faultLatched: return supervisor.nextDeadline == nil ? nil : "deadline without purpose"
    default: break
    }
    guard let deadline = supervisor.nextDeadline else { return "no way out" }
    return deadline > bench.now ? nil : "deadline not served"
  }

  private static func step(_ bench: inout SupplyBench, _ generator: inout SeededGenerator) -> Bool {
    switch Int.random(in: 0..<20, using: &generator) {
    case 0: bench.command(.off)
    case 1, 2: bench.command(.on(Milliamperes(Int32.random(in: -10...3_000, using: &generator))))
    case 3: bench.command(.transition(contracts.randomElement(using: &generator) ?? .fixed(5_000)))
    case 4: bench.command(.transition(contracts[Int.random(in: 0..<14, using: &generator)]))
    case 5:
      bench.wait(microseconds: Int64.random(in: 0...200_000, using: &generator))
      return false
    case 6:
      bench.now = bench.now + Nanoseconds(Int64.random(in: 0...200_000_000, using: &generator))
      bench.handle(.timeout)
      return false
    case 7 where Int.random(in: 0..<50, using: &generator) == 0:
      bench.handle(Bool.random(using: &generator) ? .stageFailed : .clearFault)
      return false
    case 8:
      bench.measure(
        Int32.random(in: (.min)...(.max), using: &generator),
        Int32.random(in: (.min)...(.max), using: &generator))
      return false
    default:
      bench.wait(microseconds: Int64.random(in: 0...3_000, using: &generator))
      let aim = bench.output ? bench.voltage.rawValue : 0
      bench.isCurrentLimited = Int.random(in: 0..<50, using: &generator) == 0
      bench.measure(
        aim + Int32.random(in: -200...200, using: &generator), Int32.random(in: 0...3_000, using: &generator))
      return false
    }
    return true
  }

  @Test("Invariants hold", arguments: 0..<40 as Range<UInt64>)
  func invariants(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var limits = SupervisorLimits.bench
    if seed % 2 == 1 { limits.ramp = VoltageRamp(step: Millivolts(500), interval: Nanoseconds(20_000)) }
    limits.faultsUntilLatched = seed % 3 == 0 ? 3 : 255
    var bench = SupplyBench(limits)
    var hadCommand = false
    var failure: String?
    var visited: Set<SupervisorState> = []
    for step in 0..<3_000 where failure == nil {
      hadCommand = RandomTests.step(&bench, &generator) || hadCommand
      visited.insert(bench.supervisor.state)
      failure = RandomTests.broken(bench, hadCommand: hadCommand).map { "step \(step): \($0)" }
      if bench.supervisor.state == .turningOn && bench.voltage != Millivolts(5_000) {
        failure = "on above 5 V"
      }
    }
    #expect(failure == nil && visited.count >= 6, "seed \(seed), visited \(visited.count)")
  }
}
