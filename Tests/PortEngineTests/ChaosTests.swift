import Foundation
import LineCode
import PortEngine
import PowerDelivery
import Quantities
import TestSupport
import Testing

@Suite("Two ports on a bad line") struct ChaosTests {
  /// Ports of all kinds, by seed.
  static func pair(_ random: inout SeededGenerator) -> Pair {
    if Int.random(in: 0..<3, using: &random) == 0 {
      return EPRTests.pair(cable: (Bool.random(using: &random), true))
    }
    let strategies: [SinkStrategy] = [
      .fixed(maximumVoltage: Millivolts(9_000)), .fixed(maximumVoltage: Millivolts(20_000)),
      .pps(voltage: Millivolts(8_000), current: Milliamperes(2_000)),
    ]
    let roles: [(PortConfiguration.Roles, PortConfiguration.Roles)] = [
      (.sourceOnly, .sinkOnly), (.dualRoleTrySource, .dualRole), (.dualRole, .sinkOnly),
      (.sourceOnly, .dualRole),
    ]
    let role = roles.randomElement(using: &random) ?? (.sourceOnly, .sinkOnly)
    var first = PortConfiguration(roles: role.0)
    var second = PortConfiguration(roles: role.1)
    for swap in [\PortConfiguration.dataRoleSwap, \.powerRoleSwap, \.vconnSwap] {
      first[keyPath: swap] = .accept
      second[keyPath: swap] = .accept
    }
    if Bool.random(using: &random) { second.revision = .revision2 }
    let strategy = strategies.randomElement(using: &random) ?? strategies[0]
    var pair = Pair(
      PortEngine(first, source: Sample.charger, sink: Sample.phone(strategy)),
      PortEngine(second, source: Sample.charger, sink: Sample.phone(strategy)))
    pair.hasPlug = Bool.random(using: &random)
    return pair
  }

  static let requests: [PortRequest] = [
    .offerCapabilities, .choosePower, .getSourceCapabilities, .getSinkCapabilities, .enterEPR, .exitEPR,
    .dataRoleSwap, .powerRoleSwap, .vconnSwap, .hardReset, .softReset, .get(.getStatus), .get(.getPPSStatus),
    .discoverIdentity, .discoverSVIDs, .gotoMin,
  ]

  /// One run: packets are lost and things are asked for, then the line is good. What is wrong at the end, or `nil`.
  static func run(seed: UInt64) -> String? {
    var random = SeededGenerator(seed: seed)
    var pair = pair(&random)
    let loss = Int.random(in: 0...60, using: &random)
    var dice = SeededGenerator(seed: seed &* 31 &+ 7)
    let identity = Bool.random(using: &random)
    pair.plug = { identity ? CableAnswer.identity($0, current5A: true, epr: true) : [] }
    final class Line {
      var isBad = true; var dice: SeededGenerator; init(_ dice: SeededGenerator) { self.dice = dice }
    }
    let line = Line(dice)
    _ = dice.next()
    pair.delivers = { _, _ in !line.isBad || Int.random(in: 0..<100, using: &line.dice) >= loss }
    pair.plugIn()
    for _ in 0..<Int.random(in: 0..<12, using: &random) {
      pair.run(for: Nanoseconds(Int64.random(in: 100_000...600_000_000, using: &random)))
      pair.request(
        Int.random(in: 0..<2, using: &random), requests.randomElement(using: &random) ?? .choosePower)
    }
    line.isBad = false
    pair.log.append("-- the line is good")
    pair.run(for: Nanoseconds(5_000_000_000)) { $0.source.isReadyWithContract && $0.sink.isReadyWithContract }
    guard pair.source.isReadyWithContract, pair.sink.isReadyWithContract else {
      return
        "seed \(seed): \(pair.source.state) \(pair.source.connection), \(pair.sink.state) \(pair.sink.connection)\n"
        + pair.log.suffix(40).joined(separator: "\n")
    }
    pair.run(for: Nanoseconds(60_000_000))
    guard
      pair.source.contract == pair.sink.contract || !pair.source.isReadyWithContract
        || !pair.sink.isReadyWithContract
    else {
      return
        "seed \(seed): \(String(describing: pair.source.contract)) is not \(String(describing: pair.sink.contract))"
    }
    return nil
  }

  @Test(
    "Whatever was lost and asked for: 5 s after the line is good there is a contract, the same on both sides")
  func recovers() {
    let count = UInt64(ProcessInfo.processInfo.environment["OFC_CHAOS_SEEDS"] ?? "") ?? 300
    let faults = (0..<count).compactMap { Self.run(seed: $0) }
    #expect(faults.isEmpty, "\(faults.count) of \(count): \(faults.prefix(3).joined(separator: "\n\n"))")
  }
}

extension PortEngine {
  fileprivate var isReadyWithContract: Bool {
    (state == .srcReady || state == .snkReady) && hasExplicitContract
  }
}
