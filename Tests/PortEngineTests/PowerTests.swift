import LineCode
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing

@Suite("What is offered, asked for and granted") struct PowerTests {
  /// Sends a raw request from Ready and says what the source made of it.
  static func answer(to word: UInt32) -> [String] {
    var pair = Sample.pair()
    pair.plugIn()
    pair.run(for: Nanoseconds(1_000_000_000))
    pair.log = []
    pair.ports[1].sinkPolicy.strategy = .raw(word)
    pair.request(1, .choosePower)
    pair.run(for: Nanoseconds(100_000_000))
    return pair.log.map { String($0.dropLast(2)) }
  }

  @Test(
    "Requests outside the offer are rejected (position, current, PPS range and current)",
    arguments: [
      0x0000_0000,  // position 0
      0x5304_B12C,  // position 5 of 4
      0x2304_BD2F,  // 9 V, 3.03 A of 3 A
      0x4306_DE3C,  // PPS 17.5 V
      0x4301_3C3C,  // PPS 3.12 V of 3.3 V at least
      0x4303_843D,  // PPS 3.05 A of 3 A
    ] as [UInt32])
  func rejected(_ word: UInt32) {
    #expect(Self.answer(to: word) == ["K Request", "S Reject"])
  }

  @Test(
    "Requests at the edge of the offer are accepted",
    arguments: [
      0x2304_B12C,  // 9 V, 3 A
      0x4304_423C,  // PPS 10.9 V, 3 A
      0x4302_943C,  // PPS 6.6 V, 3 A
      0x1300_0000,  // 5 V, nothing
    ] as [UInt32])
  func accepted(_ word: UInt32) {
    #expect(Self.answer(to: word) == ["K Request", "S Accept", "S PS_RDY"])
  }

  @Test("A PPS sink repeats its request; one that stops is reset after 12 to 15 s")
  func ppsPeriod() {
    var pair = Sample.pair(.pps(voltage: Millivolts(8_400), current: Milliamperes(2_500)))
    pair.plugIn()
    pair.run(for: Nanoseconds(1_000_000_000))
    #expect(pair.sink.contract?.supply == .sprPPS && pair.source.contract?.voltage == Millivolts(8_400))
    pair.log = []
    pair.run(for: Nanoseconds(20_000_000_000))
    #expect(pair.log.count { $0.hasPrefix("K Request") } == 2)
    pair.stopped = 1
    let start = pair.now
    pair.run(for: Nanoseconds(30_000_000_000)) { $0.log.contains("S Hard Reset") }
    #expect(pair.now - start < Nanoseconds(15_000_000_000))
    #expect(pair.notices[0].contains(.hardReset(bySelf: true, .ppsTimeout)))
  }

  @Test("Less budget: a new offer, and the sink follows; nothing left at 9 V: Reject, then Hard Reset")
  func budget() {
    var pair = Sample.pair()
    pair.plugIn()
    pair.run(for: Nanoseconds(1_000_000_000))
    pair.ports[0].sourcePolicy.capabilities = Sample.list([Sample.fixed(5, 3_000), Sample.fixed(9, 1_000)])
    pair.request(0, .offerCapabilities)
    pair.run(for: Nanoseconds(500_000_000))
    #expect(pair.source.contract == pair.sink.contract)
    #expect(pair.source.contract?.power == Milliwatts(15_000), "5 V 3 A is more than 9 V 1 A")
    #expect(pair.notices[0].contains(.requestEnded(.offerCapabilities, .done)))
    // A sink that insists on what is gone.
    pair.ports[1].sinkPolicy.strategy = .raw(0x2304_B12C)
    pair.ports[0].sourcePolicy.capabilities = Sample.list([Sample.fixed(5, 500)])
    pair.request(0, .offerCapabilities)
    pair.run(for: Nanoseconds(200_000_000))
    #expect(pair.notices[0].contains(.requestRejected))
    #expect(pair.notices[0].contains(.hardReset(bySelf: true, .contractInvalid)))
  }

  @Test("Revision 2.0 sink: fixed objects only after it is known, Reject instead of Not_Supported, GotoMin")
  func revision2() {
    var pair = Sample.pair { $1.revision = .revision2 }
    pair.ports[1].sinkPolicy.givesBack = true
    pair.ports[1].sinkPolicy.minimumPower = Milliwatts(4_500)
    pair.plugIn()
    pair.run(for: Nanoseconds(1_000_000_000))
    #expect(pair.source.revision == .revision2 && pair.source.contract?.current == Milliamperes(3_000))
    pair.request(0, .gotoMin)
    pair.run(for: Nanoseconds(200_000_000))
    #expect(pair.source.contract?.current == Milliamperes(500) && pair.sink.contract == pair.source.contract)
    pair.request(0, .offerCapabilities)
    pair.run(for: Nanoseconds(200_000_000))
    #expect(pair.sink.partnerSourceCapabilities.count == 3, "no augmented object any more")
    pair.log = []
    pair.request(1, .get(.getStatus))
    pair.request(1, .dataRoleSwap)
    pair.run(for: Nanoseconds(200_000_000))
    #expect(pair.notices[1].contains(.requestEnded(.get, .notPossible)))
    #expect(pair.log.map { String($0.dropLast(2)) } == ["K DR_Swap", "S Reject"])
    #expect(pair.notices[1].contains(.requestEnded(.dataRoleSwap, .rejected)))
  }

  @Test("Three amperes until the cable says five")
  func cableCurrent() {
    var offer = Sample.charger
    offer.capabilities = Sample.list([Sample.fixed(5, 3_000), Sample.fixed(20, 5_000)])
    for isMarked in [false, true] {
      var pair = Sample.pair(.fixed(maximumVoltage: Millivolts(20_000)), source: offer)
      pair.ports[1].sinkPolicy.operatingPower = Milliwatts(100_000)
      pair.hasPlug = isMarked
      pair.plug = { CableAnswer.identity($0, current5A: true, epr: false) }
      pair.plugIn()
      pair.run(for: Nanoseconds(1_500_000_000))
      #expect(pair.source.contract?.current == Milliamperes(isMarked ? 5_000 : 3_000))
    }
  }

  @Test("A cable that stays silent is asked nDiscoverIdentityCount times, and the ports go on")
  func silentCable() {
    var pair = Sample.pair()
    pair.hasPlug = true
    pair.plugIn()
    pair.run(for: Nanoseconds(4_000_000_000))
    let asked = pair.log.count { $0.hasPrefix("S sopPrime") }
    #expect(asked == (2 * 3 + 18 * 4), "retries of Revision 3, then of 2.0")
    #expect(pair.notices[0].contains(.cableSilent))
    #expect(pair.source.hasExplicitContract && pair.sink.state == .snkReady)
  }

  @Test("The user decides on requests; no answer in time is Wait, and the sink asks again")
  func asked() {
    var offer = Sample.charger
    offer.acceptance = .ask
    var pair = Sample.pair(source: offer)
    pair.plugIn()
    pair.run(for: Nanoseconds(1_000_000_000)) { $0.notices[0].contains(.decisionNeeded(.powerRequest)) }
    pair.handle(0, .decision(.accept))
    pair.run(for: Nanoseconds(200_000_000))
    #expect(pair.source.hasExplicitContract)
    pair.log = []
    pair.request(1, .choosePower)
    pair.run(for: Nanoseconds(300_000_000))
    let names = pair.log.map { String($0.dropLast(2)) }
    #expect(names.prefix(4) == ["K Request", "S Wait", "K Request", "S Wait"])
  }

  @Test("PPS limited by power: voltage and current as asked for, but not more than the budget at once")
  func powerLimited() {
    var apdo = SPRPPSSourceAPDO(rawValue: Sample.pps(3_300, 21_000, 3_000))
    apdo.ppsPowerLimited = true
    for (isLimited, contract) in [(true, Milliamperes(1_500)), (false, .zero)] {
      var offer = Sample.charger
      apdo.ppsPowerLimited = isLimited
      offer.capabilities = Sample.list([Sample.fixed(5, 3_000), apdo.rawValue])
      offer.budget = Milliwatts(30_000)
      var pair = Sample.pair(.pps(voltage: Millivolts(20_000), current: Milliamperes(3_000)), source: offer)
      pair.plugIn()
      pair.run(for: Nanoseconds(300_000_000))
      #expect(pair.source.hasExplicitContract == isLimited)
      #expect((pair.source.hasExplicitContract ? pair.source.contract?.current : .zero) == contract)
    }
  }

  @Test("Source_Info tells what is offered now")
  func sourceInfo() {
    var info = SourceInfoDataObject()
    info.portMaximumPDP = Milliwatts(45_000)
    var pair = Sample.pair { charger, _ in charger.information.sourceInfo = info.rawValue }
    pair.ports[0].sourcePolicy.budget = Milliwatts(40_000)
    pair.plugIn()
    pair.run(for: Nanoseconds(1_000_000_000))
    pair.request(1, .get(.getSourceInfo))
    pair.run(for: Nanoseconds(100_000_000))
    let told = SourceInfoDataObject(rawValue: pair.sink.partnerData.word(at: 0))
    #expect(told.portMaximumPDP == Milliwatts(45_000) && told.portPresentPDP == Milliwatts(40_000))
    #expect(told.portReportedPDP == Milliwatts(45_000))
  }

  @Test("A sink draws at most iSnkStdby while VBUS rises, and goes on within a PPS object (§7.2.3)")
  func standby() {
    var port = SinglePort.sinkReady()
    let drawn = port.actions.compactMap { item -> SinkAllowance? in
      if case .draw(let allowance) = item.action { allowance } else { nil }
    }
    #expect(drawn.map(\.reason) == [.typeC, .standby, .contract])
    #expect(drawn[1].voltage == Millivolts(9_000) && drawn[1].current == Milliamperes(500))
    #expect(drawn[2].current == Milliamperes(3_000))
    // Down again is no rise: the lower of both currents at once.
    port.engine.sinkPolicy.strategy = .fixed(maximumVoltage: Millivolts(5_000))
    port.engine.sinkPolicy.operatingPower = Milliwatts(10_000)
    port.handle(.request(.choosePower))
    port.run(for: .milliseconds(5))
    port.receive(.accept)
    #expect(
      port.actions.contains {
        $0.action == .draw(SinkAllowance(.standby, voltage: Millivolts(5_000), current: Milliamperes(2_000)))
      })
    var pair = Sample.pair(.pps(voltage: Millivolts(8_000), current: Milliamperes(2_000)))
    pair.plugIn()
    pair.run(for: .milliseconds(1_000))
    pair.draws = []
    pair.ports[1].sinkPolicy.strategy = .pps(voltage: Millivolts(9_000), current: Milliamperes(1_500))
    pair.request(1, .choosePower)
    pair.run(for: .milliseconds(100))
    #expect(pair.draws.map(\.reason) == [.contract, .contract])
    #expect(pair.draws.map(\.current) == [Milliamperes(1_500), Milliamperes(1_500)])
  }

  @Test(
    "A decision that comes after the partner has gone, or after a reset, decides nothing",
    arguments: [true, false])
  func lateDecision(isDetached: Bool) {
    var offer = Sample.charger
    offer.acceptance = .ask
    var port = SinglePort.sourceAwaitingRequest(policy: offer)
    port.receive(.request, [Sample.request(2, 2_000)])
    #expect(port.count(of: .decisionNeeded(.powerRequest)) == 1)
    if isDetached {
      port.plug(Partner.nobody)
      port.run(for: .milliseconds(11))
      #expect(port.engine.state == .detached)
    } else {
      port.handle(.hardResetReceived)
    }
    let start = port.now
    port.handle(.decision(.accept))
    port.run(for: .milliseconds(20))
    #expect(port.sent(since: start).isEmpty && !port.engine.hasExplicitContract)
    #expect(port.engine.partnerSinkCapabilities.count == 0)
  }
}
