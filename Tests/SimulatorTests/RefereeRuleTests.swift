import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing

@testable import Simulator

/// A conversation that breaks one rule, and the code under which exactly that is found.
struct BadTalk: CustomTestStringConvertible, Sendable {
  var code: String
  var what: String
  var start: @Sendable () -> Talk
  var run: @Sendable (inout Talk) -> Void

  init(
    _ code: String, _ what: String, from start: @escaping @Sendable () -> Talk = Talk.in9V,
    _ run: @escaping @Sendable (inout Talk) -> Void
  ) {
    self.code = code
    self.what = what
    self.start = start
    self.run = run
  }

  var testDescription: String { "\(code) \(what)" }
}

@Suite("The referee: each rule is found broken under its own code") struct RefereeRuleTests {
  @Test("VBUS", arguments: BadTalk.vbus) func vbus(_ bad: BadTalk) { #expect(found(bad) == [bad.code]) }
  @Test("PS_RDY", arguments: BadTalk.ready) func ready(_ bad: BadTalk) { #expect(found(bad) == [bad.code]) }
  @Test("Protocol layer", arguments: BadTalk.packets)
  func packets(_ bad: BadTalk) { #expect(found(bad) == [bad.code]) }
  @Test("Conversation", arguments: BadTalk.conversation)
  func conversation(_ bad: BadTalk) { #expect(found(bad) == [bad.code]) }
  @Test("Agreement and liveness", arguments: BadTalk.engines)
  func engines(_ bad: BadTalk) { #expect(found(bad) == [bad.code]) }
  @Test("Times", arguments: BadTalk.times) func times(_ bad: BadTalk) { #expect(found(bad) == [bad.code]) }

  @Test("Every rule has a conversation that breaks it")
  func complete() {
    let all =
      BadTalk.vbus + BadTalk.ready + BadTalk.packets + BadTalk.conversation + BadTalk.engines + BadTalk.times
    #expect(Set(Rule.allCases.map { "\($0.code)" }).subtracting(all.map(\.code)) == [])
  }

  @Test("A violation says what, where, when and by how much")
  func text() {
    var talk = Talk.in9V()
    talk.level(10_000)
    let text = talk.referee.violations.first.map { "\($0)" } ?? ""
    #expect(text.hasPrefix("V01 charger at ") && text.contains("PE_SRC_Ready"))
    #expect(text.hasSuffix("(§7.1.4, §7.4.1); found 10000, limit 9950"))
  }

  private func found(_ bad: BadTalk) -> [String] {
    var talk = bad.start()
    bad.run(&talk)
    talk.referee.passed(to: talk.now)
    return talk.codes
  }
}

extension BadTalk {
  static let vbus: [BadTalk] = [
    BadTalk("V01", "above vSrcValid") { $0.ramp(from: 9_000, to: 9_960, milliseconds: 1) },
    BadTalk("V01", "above vSrcNew for longer than a transient") {
      $0.level(9_500)
      $0.wait(151)
    },
    BadTalk("V02", "below vSrcValid for longer than 5 ms") {
      $0.ramp(from: 9_000, to: 8_000, milliseconds: 1)
      $0.wait(6)
    },
    BadTalk("V02", "a slow fall that no bend ends") {
      $0.referee.vbus(Millivolts(9_000), slope: MicrovoltsPerMicrosecond(-10), at: $0.now)
      $0.wait(60)
      $0.referee.passed(to: $0.now)
      $0.wait(42)
      $0.referee.passed(to: $0.now)
    },
    BadTalk("V02", "VBUS goes to 5 V without Accept") {
      $0.ramp(from: 9_000, to: 5_000, milliseconds: 3)
      $0.wait(10)
    },
    BadTalk("V01", "typeC: 9 V without Accept", from: Talk.attached) {
      $0.ramp(from: 5_000, to: 9_000, milliseconds: 3)
    },
    BadTalk("V03", "steeper than 30 mV/µs", from: Talk.attached) {
      $0.capabilities()
      $0.request(Talk.request(2))
      $0.accept()
      $0.wait(28)
      $0.referee.vbus(Millivolts(5_000), slope: MicrovoltsPerMicrosecond(40_000), at: $0.now)
      $0.wait(microseconds: 100)
      $0.level(9_000)
      $0.ready()
    },
    BadTalk("V04", "VBUS off too early") { $0.hardReset(from: 9_000, holding: 24) },
    BadTalk("V04", "VBUS off too late") { $0.hardReset(from: 9_000, holding: 36) },
    // The supply is off when VBUS is told, so that a start from 20 V is judged by nothing else.
    BadTalk("V05", "vSafe5V too late") { $0.hardReset(from: 20_000, falling: 600) },
    BadTalk("V05", "vSafe0V too late") { $0.hardReset(from: 5_000, falling: 900) },
    BadTalk("V06", "back too early") { $0.hardReset(from: 9_000, off: 600) },
    BadTalk("V06", "back too late") { $0.hardReset(from: 9_000, off: 1_020) },
    BadTalk("V06", "back before vSafe0V") {
      $0.state(.srcHardReset, .charger)
      $0.referee.hardResetSignalled(by: .charger, at: $0.now)
      $0.wait(30)
      $0.supplied(by: nil)
      $0.ramp(from: 9_000, to: 3_000, milliseconds: 100)
      $0.supplied(by: .charger)
      $0.ramp(from: 3_000, to: 5_000, milliseconds: 10)
    },
    BadTalk("V07", "vSafe5V too late after turning on", from: { Talk() }) {
      $0.referee.attached(at: $0.now)
      $0.supplied(by: .charger)
      $0.ramp(from: 0, to: 4_000, milliseconds: 10)
      $0.wait(270)
    },
    BadTalk("V07", "and later still", from: { Talk() }) {
      $0.referee.attached(at: $0.now)
      $0.supplied(by: .charger)
      $0.ramp(from: 0, to: 5_000, milliseconds: 400)
    },
    BadTalk("V08", "VBUS changes before tSrcTransition", from: Talk.attached) {
      $0.capabilities()
      $0.request(Talk.request(2))
      $0.accept()
      $0.wait(5)
      $0.ramp(from: 5_000, to: 9_000, milliseconds: 30)
      $0.ready()
    },
    BadTalk("V09", "VBUS stays after a detach") {
      $0.referee.detached(at: $0.now)
      $0.wait(671)
    },
  ]

  static let ready: [BadTalk] = [
    BadTalk("S01", "PS_RDY out of the blue") { $0.send(.psRDY, .charger, .srcTransitionSupply) },
    BadTalk("S01", "PS_RDY before Accept is acknowledged", from: Talk.attached) {
      $0.capabilities()
      $0.request(Talk.request(1))
      $0.state(.srcTransitionSupply, .charger)
      $0.wait(1)
      $0.packet($0.control(.accept, .charger), .charger)
      $0.goodCRC(for: $0.control(.accept, .charger), by: .phone)
      $0.ids[0] += 1
      $0.wait(28)
      $0.ready()
      $0.send(.psRDY, .charger, .srcTransitionSupply)
    },
    BadTalk("S02", "PS_RDY before VBUS is there", from: Talk.attached) {
      $0.capabilities()
      $0.request(Talk.request(2))
      $0.accept()
      $0.wait(28)
      $0.referee.vbus(Millivolts(5_000), slope: MicrovoltsPerMicrosecond(1_000), at: $0.now)
      $0.wait(1)
      $0.ready()
      $0.wait(1)
      $0.level(9_000)
    },
    BadTalk("S03", "PS_RDY before tSrcTransition", from: Talk.attached) {
      $0.capabilities()
      $0.request(Talk.request(1))
      $0.accept()
      $0.wait(20)
      $0.ready()
    },
    BadTalk("S04", "PS_RDY after tSrcTransReq", from: Talk.attached) {
      $0.capabilities()
      $0.request(Talk.request(1))
      $0.accept()
      $0.wait(325)
      $0.ready()
    },
    BadTalk("S04", "PS_RDY after tPpsSrcTransSmall", from: Talk.inPPS) {
      $0.request(Talk.ppsRequest(5_020))
      $0.accept()
      $0.wait(26)
      $0.ready()
    },
    BadTalk("S05", "a position that was not offered") {
      $0.request(Talk.request(7))
      $0.accept()
    },
    BadTalk("S05", "more current than offered") {
      $0.request(Talk.request(2, 3_100))
      $0.accept()
    },
    BadTalk("S05", "a PPS voltage outside the object") {
      $0.request(Talk.ppsRequest(11_020))
      $0.accept()
    },
    BadTalk("S06", "the old source is not off") {
      $0.send(.prSwap, .phone, .prsSNKSRCSendSwap)
      $0.send(.accept, .charger, .prsSRCSNKAcceptSwap)
      $0.wait(28)
      $0.supplied(by: nil)
      $0.ramp(from: 9_000, to: 3_000, milliseconds: 20)
      $0.roles[0] = .sink
      $0.send(.psRDY, .charger, .prsSRCSNKWaitSourceOn)
    },
  ]

  static let engines: [BadTalk] = [
    BadTalk("A01", "the ports hold different currents") {
      let contract = $0.contract(Talk.request(2), Talk.fixed9, at: 2)
      $0.referee.contract(contract, on: .charger, at: $0.now)
      $0.referee.contract(contract.map { Talk.halved($0) }, on: .phone, at: $0.now)
    },
    BadTalk("A02", "the contract is not what was requested") {
      $0.referee.contract(nil, on: .phone, at: $0.now)
      $0.referee.contract($0.contract(Talk.request(1), Talk.fixed5, at: 1), on: .charger, at: $0.now)
    },
    BadTalk("A03", "only the source knows of the contract") {
      $0.referee.contract(nil, on: .phone, at: $0.now)
      $0.negotiate(again: Talk.request(2), Talk.fixed9, at: 2, from: 9_000, to: 9_000)
    },
    BadTalk("L01", "waits for nothing") {
      $0.state(.srcNegotiateCapability, .charger, hasDeadline: false)
      $0.wait(101)
    },
    BadTalk("L02", "a state that does not end") {
      $0.state(.snkSelectCapability, .phone)
      $0.wait(501)
    },
  ]

  static let times: [BadTalk] = [
    BadTalk("T01", "Accept too late") {
      $0.request(Talk.request(2))
      $0.state(.srcTransitionSupply, .charger)
      $0.send(.accept, .charger, after: 15_001)
    },
    BadTalk("T01", "Request too late", from: Talk.attached) {
      $0.capabilities()
      $0.state(.snkSelectCapability, .phone)
      $0.send(.request, [Talk.request(1)], .phone, after: 15_001)
    },
    BadTalk("T02", "GoodCRC too late") {
      $0.state(.srcGetSinkCap, .charger)
      $0.packet($0.control(.getSinkCap, .charger), .charger)
      $0.goodCRC(for: $0.control(.getSinkCap, .charger), by: .phone, after: 196)
    },
    BadTalk("T02", "no GoodCRC at all") {
      $0.state(.srcGetSinkCap, .charger)
      $0.packet($0.control(.getSinkCap, .charger), .charger)
      $0.wait(1)
    },
    BadTalk("T03", "capabilities too soon again", from: Talk.attached) {
      $0.state(.srcSendCapabilities, .charger)
      $0.packet($0.data(.sourceCapabilities, Talk.offer, .charger), .charger, delivered: false)
      $0.wait(99)
      $0.ids[0] += 1
      $0.packet($0.data(.sourceCapabilities, Talk.offer, .charger), .charger, delivered: false)
    },
    BadTalk("T04", "the first capabilities too late", from: Talk.attached) {
      $0.state(.srcVDMIdentityRequest, .charger)
      $0.capabilities(after: 251_000)
    },
    BadTalk("T05", "a retry too soon") {
      $0.state(.srcGetSinkCap, .charger)
      $0.packet($0.control(.getSinkCap, .charger), .charger, delivered: false)
      $0.wait(microseconds: 899)
      $0.packet($0.control(.getSinkCap, .charger), .charger, delivered: false)
    },
    BadTalk("T05", "a retry too late") {
      $0.state(.srcGetSinkCap, .charger)
      $0.packet($0.control(.getSinkCap, .charger), .charger, delivered: false)
      $0.wait(microseconds: 1_296)
      $0.packet($0.control(.getSinkCap, .charger), .charger, delivered: false)
    },
  ]
}

extension Talk {
  static func halved(_ contract: PowerContract) -> PowerContract {
    var contract = contract
    contract.current = Milliamperes(1_500)
    return contract
  }

  /// In a contract of Revision 2.0.
  static func inRevision2() -> Talk {
    var talk = Talk.attached()
    talk.revision = .revision2
    talk.negotiate9V()
    return talk
  }
}
