import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing

@testable import Simulator

/// Many seeds: bad wires and random events, and a contract again afterwards.
struct SeedTests {
  struct Pair: Sendable, CustomTestStringConvertible {
    var charger: ChargerModel.Kind
    var phone: PhoneModel
    var cable: Cable.Kind

    var configuration: LinkConfiguration {
      LinkConfiguration(
        charger: ChargerModel(charger, power: Milliwatts(charger == .epr ? 140_000 : 45_000)).setup,
        phone: phone.setup, cable: Cable(cable))
    }
    var testDescription: String { "\(charger) with \(phone) over \(cable)" }
  }

  static let pairs = [
    Pair(charger: .fixedPD2, phone: .pd2Fixed, cable: .plain),
    Pair(charger: .fixed, phone: .pd3Fixed, cable: .active),
    Pair(charger: .pps, phone: .pps, cable: .passive5A),
    Pair(charger: .avs, phone: .avs, cable: .passive3A),
    Pair(charger: .epr, phone: .eprLaptop, cable: .epr),
    Pair(charger: .pps, phone: .powerBank, cable: .plain),
  ]

  /// 2,000 seeds in all on a wild wire.
  @Test(arguments: pairs) func aContractComesBack(pair: Pair) {
    var run = HandshakeRun(pair.configuration, faults: .wild)
    var failed: [UInt64] = []
    for seed in 0..<UInt64(334) {
      let result = run.run(seed: seed)
      if result.outcome != .contract { failed.append(seed) }
    }
    #expect(failed == [], "seeds without a contract at the end")
  }

  /// Without faults no rule is broken from attach to contract, whatever the delays.
  @Test(arguments: pairs) func aGoodWireBreaksNoRule(pair: Pair) {
    var configuration = pair.configuration
    configuration.charger.phy.jitter = Nanoseconds(2_000_000)
    configuration.phone.phy.jitter = Nanoseconds(2_000_000)
    var run = HandshakeRun(configuration)
    for seed in 0..<UInt64(50) {
      let reached = run.handshake(seed: seed)
      #expect(reached != nil, "seed \(seed)")
      #expect(run.link.referee.violations == [], "seed \(seed)")
    }
  }

  /// What noise does is no excuse: resets, swaps, detaches and new contracts on a bad wire break no rule.
  @Test(arguments: pairs.prefix(3)) func aBadWireBreaksNoRule(pair: Pair) {
    var run = HandshakeRun(pair.configuration, faults: .rough)
    for seed in 0..<UInt64(200) {
      _ = run.run(seed: seed)
      #expect(run.link.referee.violations == [], "seed \(seed)")
    }
  }

  @Test func coverageGrowsAndMerges() {
    var run = HandshakeRun(SeedTests.pairs[2].configuration)
    run.withLink { $0.coverage.isOn = true }
    _ = run.run(seed: 1)
    let first = run.link.coverage
    #expect(first.hits(.charger, .srcSendCapabilities, .received(.data(.request))) > 0)
    #expect(first.hits(.phone, .snkTransitionSink, .received(.control(.psRDY))) > 0)
    #expect(first.hits(.phone, .srcReady, .received(.data(.request))) == 0)
    for seed in 2..<UInt64(40) { _ = run.run(seed: seed) }
    #expect(run.link.coverage.distinct(.charger) > first.distinct(.charger))
    var sum = first
    sum.merge(first)
    let stimulus = PolicyStimulus.received(.data(.request))
    #expect(
      sum.hits(.charger, .srcSendCapabilities, stimulus)
        == 2 * first.hits(.charger, .srcSendCapabilities, stimulus))
  }

  /// A phone that never acknowledges is no endless loop, and no contract.
  @Test func aDeafPhoneIsGivenUp() {
    var pair = SeedTests.pairs[1].configuration
    pair.phone.misbehaviours = MisbehaviourList(.stopsGoodCRC(after: 0))
    var run = HandshakeRun(pair, eventCount: 0)
    let outcome = run.run(seed: 5).outcome
    #expect(outcome == .noContract)
  }
}
