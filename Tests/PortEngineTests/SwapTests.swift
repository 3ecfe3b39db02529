import LineCode
import PortEngine
import PowerDelivery
import Quantities
import Testing

@Suite("Role swaps") struct SwapTests {
  static func pair(_ change: (inout PortConfiguration, inout PortConfiguration) -> Void = { _, _ in }) -> Pair
  {
    var first = PortConfiguration(roles: .dualRoleTrySource)
    var second = PortConfiguration(roles: .dualRoleTrySink)
    for swap in [\PortConfiguration.dataRoleSwap, \.powerRoleSwap, \.vconnSwap] {
      first[keyPath: swap] = .accept
      second[keyPath: swap] = .accept
    }
    change(&first, &second)
    var pair = Pair(
      PortEngine(
        first, source: Sample.charger, sink: Sample.phone(.fixed(maximumVoltage: Millivolts(9_000)))),
      PortEngine(
        second, source: Sample.charger, sink: Sample.phone(.fixed(maximumVoltage: Millivolts(9_000)))))
    pair.plugIn()
    pair.run(for: Nanoseconds(5_000_000_000)) { $0.source.state == .srcReady && $0.sink.state == .snkReady }
    pair.run(for: Nanoseconds(100_000_000))
    pair.log = []
    return pair
  }

  @Test("Data role swap from either side", arguments: [0, 1])
  func dataRole(_ asker: Int) {
    var pair = Self.pair()
    pair.request(asker, .dataRoleSwap)
    pair.run(for: Nanoseconds(200_000_000))
    let names = asker == 0 ? ["S DR_Swap 3", "K Accept 1"] : ["K DR_Swap 1", "S Accept 3"]
    #expect(pair.log == names)
    #expect(pair.source.dataRole == .upstreamFacing && pair.sink.dataRole == .downstreamFacing)
    #expect(pair.notices[asker].contains(.requestEnded(.dataRoleSwap, .done)))
    // Messages go on with the new roles.
    pair.request(1, .choosePower)
    pair.run(for: Nanoseconds(200_000_000))
    #expect(pair.log.suffix(3).map { String($0.dropLast(2)) } == ["K Request", "S Accept", "S PS_RDY"])
  }

  @Test("Power role swap: VBUS off, Rp and Rd change, a new contract", arguments: [0, 1])
  func powerRole(_ asker: Int) {
    var pair = Self.pair()
    pair.request(asker, .powerRoleSwap)
    pair.run(for: Nanoseconds(3_000_000_000))
    #expect(pair.source.powerRole == .sink && pair.sink.powerRole == .source)
    #expect(pair.source.state == .snkReady && pair.sink.state == .srcReady)
    #expect(pair.source.connection == .attachedSNK && pair.sink.connection == .attachedSRC)
    #expect(pair.source.contract == pair.sink.contract && pair.source.hasExplicitContract)
    #expect(pair.source.dataRole == .downstreamFacing, "the data role stays")
    #expect(pair.notices[asker].contains(.requestEnded(.powerRoleSwap, .done)))
    let swap = pair.log.prefix(4).map { String($0.dropLast(2)) }
    #expect(
      swap
        == (asker == 0
          ? ["S PR_Swap", "K Accept", "S PS_RDY", "K PS_RDY"]
          : ["K PR_Swap", "S Accept", "S PS_RDY", "K PS_RDY"]))
    #expect(!pair.notices[0].contains(.detached) && !pair.notices[1].contains(.detached))
    // And back again.
    pair.request(asker, .powerRoleSwap)
    pair.run(for: Nanoseconds(3_000_000_000))
    #expect(pair.source.state == .srcReady && pair.sink.state == .snkReady)
  }

  @Test("The new source does not come: ErrorRecovery after tPSSourceOn")
  func powerRoleFails() {
    var pair = Self.pair()
    pair.delivers = { port, message in !(port == 1 && message.kind == .control(.psRDY)) }
    pair.request(0, .powerRoleSwap)
    pair.run(for: Nanoseconds(1_500_000_000)) { $0.notices[0].contains(.errorRecovery(.psSourceOnTimeout)) }
    #expect(pair.notices[0].contains(.errorRecovery(.psSourceOnTimeout)))
    pair.delivers = { _, _ in true }
    pair.run(for: Nanoseconds(5_000_000_000))
    #expect(pair.source.hasExplicitContract && pair.sink.hasExplicitContract, "both come back")
  }

  @Test("VCONN swap: the new source says PS_RDY before the old one lets go", arguments: [0, 1])
  func vconn(_ asker: Int) {
    var pair = Self.pair { $1.canSupplyVCONN = true }
    pair.request(asker, .vconnSwap)
    pair.run(for: Nanoseconds(300_000_000))
    #expect(
      pair.log.prefix(3).map { String($0.dropLast(2)) } == [
        asker == 0 ? "S VCONN_Swap" : "K VCONN_Swap", asker == 0 ? "K Accept" : "S Accept", "K PS_RDY",
      ])
    #expect(!pair.source.isVCONNSource && pair.sink.isVCONNSource)
    #expect(pair.notices[asker].contains(.requestEnded(.vconnSwap, .done)))
  }

  @Test(
    "Reject, Wait and Not_Supported leave everything as it was",
    arguments: [SwapPolicy.reject, .wait, .unsupported])
  func refused(_ policy: SwapPolicy) {
    var pair = Self.pair {
      $1.dataRoleSwap = policy
      $1.powerRoleSwap = policy
    }
    let outcome: RequestOutcome = policy == .reject ? .rejected : policy == .wait ? .wait : .notSupported
    for kind in [PortRequest.dataRoleSwap, .powerRoleSwap] {
      pair.request(0, kind)
      pair.run(for: Nanoseconds(300_000_000))
      #expect(pair.notices[0].contains(.requestEnded(kind.kind, outcome)))
      #expect(pair.source.state == .srcReady && pair.sink.state == .snkReady)
    }
    #expect(pair.source.powerRole == .source && pair.source.dataRole == .downstreamFacing)
  }

  @Test(
    "The user decides, or does not in time: then Wait",
    arguments: [PortDecision?.some(.accept), .some(.reject), nil])
  func asked(_ decision: PortDecision?) {
    var pair = Self.pair { $1.dataRoleSwap = .ask }
    pair.request(0, .dataRoleSwap)
    pair.run(for: Nanoseconds(100_000_000)) { $0.notices[1].contains(.decisionNeeded(.dataRoleSwap)) }
    if let decision { pair.handle(1, .decision(decision)) }
    pair.run(for: Nanoseconds(100_000_000))
    let outcome: RequestOutcome = decision == .accept ? .done : decision == .reject ? .rejected : .wait
    #expect(pair.notices[0].contains(.requestEnded(.dataRoleSwap, outcome)))
  }

  @Test("FR_Swap is not supported")
  func fastRoleSwap() {
    var pair = Self.pair()
    var header = MessageHeader()
    header.specificationRevision = .revision3
    header.messageID = 5
    pair.handle(0, .received(ShortMessage(.frSwap, header: header)))
    pair.run(for: Nanoseconds(50_000_000))
    #expect(pair.log == ["S Not_Supported 3"])
  }

  @Test("A partner that knows no VCONN_Swap drives no VCONN: PE_VCS_Force_VCONN")
  func forcedVCONN() {
    var port = SinglePort.sinkReady { $0.canSupplyVCONN = true }
    port.handle(.request(.vconnSwap))
    port.run(for: .milliseconds(3))
    port.receive(.notSupported)
    #expect(port.steps.contains { $0.state == .vcsForceVCONN })
    #expect(port.engine.isVCONNSource && port.count(of: .setVCONN(true)) == 1)
    #expect(port.engine.state == .snkReady)
  }

  @Test(
    "After Wait the same is not asked for again within 100 ms, however often the user asks",
    arguments: [0, 1])
  func heldBack(_ asker: Int) {
    var pair = Self.pair {
      $0.dataRoleSwap = .wait
      $1.dataRoleSwap = .wait
    }
    pair.request(asker, .dataRoleSwap)
    pair.run(for: Nanoseconds(50_000_000))
    #expect(pair.notices[asker].contains(.requestEnded(.dataRoleSwap, .wait)))
    let asked = pair.now
    pair.request(asker, .dataRoleSwap)
    // Something else is not held back.
    pair.request(asker, asker == 0 ? .offerCapabilities : .choosePower)
    pair.run(for: Nanoseconds(400_000_000)) { $0.log.count { $0.contains("DR_Swap") } == 2 }
    #expect(pair.now - asked > Nanoseconds(50_000_000) && pair.now - asked < Nanoseconds(120_000_000))
    #expect(pair.log.contains { $0.contains("Request") })
  }
}
