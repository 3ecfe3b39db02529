import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing

@testable import Simulator

@Suite("The referee: good conversations") struct RefereeGoodTests {
  @Test("Attach, contract at 9 V, detach")
  func fixed() {
    var talk = Talk.in9V()
    #expect(talk.referee.hasContract && talk.referee.contractCount == 1)
    talk.wait(100)
    talk.referee.detached(at: talk.now)
    talk.wait(5)
    talk.state(.detached, .charger)
    talk.state(.detached, .phone)
    talk.supplied(by: nil)
    talk.ramp(from: 9_000, to: 0, milliseconds: 300)
    talk.wait(5_000)
    talk.referee.passed(to: talk.now)
    #expect(talk.codes == [] && !talk.referee.hasContract)
  }

  @Test("A break of the cable that nobody notices")
  func shortBreak() {
    var talk = Talk.in9V()
    talk.referee.detached(at: talk.now)
    talk.wait(5)
    talk.referee.attached(at: talk.now)
    talk.wait(5_000)
    talk.negotiate(again: Talk.request(1), Talk.fixed5, at: 1, from: 9_000, to: 5_000)
    #expect(talk.codes == [] && talk.referee.contractCount == 2)
  }

  @Test("PPS: steps without tSrcTransition, in both directions")
  func pps() {
    var talk = Talk.inPPS()
    var voltage: Int32 = 5_000
    for next in [5_400, 9_000, 8_980, 4_000] as [Int32] {
      talk.request(Talk.ppsRequest(next))
      talk.accept()
      talk.ramp(from: voltage, to: next, milliseconds: 10)
      talk.ready()
      talk.report(talk.contract(Talk.ppsRequest(next), Talk.pps, at: 4))
      voltage = next
      talk.wait(1_000)
    }
    #expect(talk.codes == [] && talk.referee.contractCount == 5)
  }

  @Test("Capabilities that nobody hears, again and again")
  func discovery() {
    var talk = Talk.attached()
    for _ in 0..<12 {
      talk.state(.srcSendCapabilities, .charger)
      talk.wait(20)
      let message = talk.data(.sourceCapabilities, Talk.offer, .charger)
      for _ in 0..<3 {
        talk.packet(message, .charger, delivered: false)
        talk.wait(microseconds: 1_100)
      }
      talk.state(.srcDiscovery, .charger)
      talk.ids[0] = (talk.ids[0] + 1) & 7
      talk.wait(130)
    }
    talk.negotiate9V()
    #expect(talk.codes == [] && talk.referee.timings.count(.capabilitiesInterval) == 12)
  }

  @Test("Retries: the GoodCRC is lost, the message was received")
  func retries() {
    var talk = Talk.in9V()
    talk.state(.srcGetSinkCap, .charger)
    let message = talk.control(.getSinkCap, .charger)
    for isLast in [false, false, true] {
      talk.packet(message, .charger)
      talk.wait(microseconds: 40)
      var header = talk.header(.phone)
      header.messageID = message.header.messageID
      talk.packet(ShortMessage(ControlMessageType.goodCRC, header: header), .phone, delivered: isLast)
      if !isLast { talk.wait(microseconds: 600) }
    }
    talk.ids[0] += 1
    talk.send(.sinkCapabilities, [Talk.fixed5], .phone, .snkGiveSinkCap)
    talk.state(.srcReady, .charger)
    talk.state(.snkReady, .phone)
    #expect(talk.codes == [] && talk.referee.timings.count(.retry) == 2)
  }

  @Test("Soft Reset, and a new contract")
  func softReset() {
    var talk = Talk.in9V()
    talk.ids = [0, 0]
    talk.send(.softReset, .phone, .snkSendSoftReset)
    talk.send(.accept, .charger, .srcSoftReset)
    talk.state(.snkWaitForCapabilities, .phone)
    talk.capabilities()
    talk.request(Talk.request(2))
    talk.accept()
    talk.wait(28)
    talk.ready()
    talk.report(talk.contract(Talk.request(2), Talk.fixed9, at: 2))
    #expect(talk.codes == [])
  }

  @Test("Hard Reset, and a new contract")
  func hardReset() {
    var talk = Talk.in9V()
    talk.hardReset(from: 9_000)
    talk.negotiate9V()
    #expect(talk.codes == [])
    #expect(talk.referee.timings.count(.hardResetRecoverySPR) == 1)
  }

  @Test("A Hard Reset of the sink that the source does not hear is nobody's fault")
  func hardResetUnheard() {
    var talk = Talk.in9V()
    talk.referee.hardResetSignalled(by: .phone, at: talk.now)
    talk.state(.snkTransitionToDefault, .phone)
    talk.wait(1_000)
    talk.referee.passed(to: talk.now)
    #expect(talk.codes == [])
  }

  @Test("A message whose GoodCRC finds the line busy need not have been taken")
  func busyLine() {
    var talk = Talk.in9V()
    talk.ids = [0, 0]
    talk.send(.softReset, .phone, .snkSendSoftReset)
    talk.state(.srcSoftReset, .charger)
    let soft = talk.control(.softReset, .phone)
    let accept = talk.control(.accept, .charger)
    talk.wait(1)
    talk.packet(accept, .charger)
    // The Soft_Reset arrives a second time while the GoodCRC for Accept is on the line.
    talk.wait(microseconds: 40)
    var header = talk.header(.phone)
    header.messageID = accept.header.messageID
    let goodCRC = ShortMessage(ControlMessageType.goodCRC, header: header)
    talk.referee.packetStarted(goodCRC, by: .phone, state: .snkSendSoftReset, at: talk.now)
    talk.wait(microseconds: 200)
    talk.referee.packetArrived(soft, by: .phone, at: talk.now)
    talk.wait(microseconds: 300)
    talk.referee.packetEnded(goodCRC, by: .phone, delivered: true, at: talk.now)
    talk.ids[0] = 1
    talk.state(.snkWaitForCapabilities, .phone)
    talk.capabilities(after: 300)
    talk.request(Talk.request(2))
    #expect(talk.codes == [])
  }

  @Test("VCONN_Swap: Accept was heard, its GoodCRC was not, and PS_RDY follows")
  func swapWithoutGoodCRC() {
    var talk = Talk.in9V()
    talk.send(.vconnSwap, .phone, .vcsSendSwap)
    talk.state(.vcsAcceptSwap, .charger)
    let accept = talk.control(.accept, .charger)
    talk.wait(1)
    talk.packet(accept, .charger)
    talk.lostGoodCRC(for: accept, by: .phone)
    talk.ids[0] += 1
    talk.wait(5)
    talk.send(.psRDY, .phone, .vcsSendPSRdy)
    #expect(talk.codes == [])
  }

  @Test("DR_Swap: who asked has swapped with its GoodCRC, heard or not")
  func dataRoleSwapWithoutGoodCRC() {
    var talk = Talk.in9V()
    talk.send(.drSwap, .charger, .drsDFPUFPSendSwap)
    talk.state(.drsUFPDFPAcceptSwap, .phone)
    let accept = talk.control(.accept, .phone)
    talk.wait(1)
    talk.packet(accept, .phone)
    talk.lostGoodCRC(for: accept, by: .charger)
    talk.dataRoles[0] = .upstreamFacing
    talk.wait(20)
    talk.state(.srcGetSinkCap, .charger)
    talk.packet(talk.control(.getSinkCap, .charger), .charger)
    #expect(talk.codes == [])
  }

  @Test("A sink that has not heard the Hard Reset may still ask")
  func requestAfterUnheardReset() {
    var talk = Talk.in9V()
    talk.state(.srcHardReset, .charger)
    talk.referee.hardResetSignalled(by: .charger, at: talk.now)
    talk.wait(1)
    talk.state(.snkSelectCapability, .phone)
    talk.packet(talk.data(.request, [Talk.request(1)], .phone), .phone, delivered: false)
    #expect(talk.codes == [])
  }

  @Test("More is drawn than was agreed: VBUS may go down")
  func overload() {
    var talk = Talk.in9V()
    talk.referee.vbus(
      Millivolts(4_650), slope: MicrovoltsPerMicrosecond(0), isOverloaded: true, at: talk.now)
    talk.wait(40)
    talk.referee.passed(to: talk.now)
    #expect(talk.codes == [])
  }

  @Test("A message that arrives late, and once more")
  func lateArrival() {
    var talk = Talk.in9V()
    talk.state(.srcGetSinkCap, .charger)
    let message = talk.control(.getSinkCap, .charger)
    talk.packet(message, .charger, delivered: false)
    talk.wait(microseconds: 400)
    talk.referee.packetArrived(message, by: .charger, at: talk.now)
    talk.goodCRC(for: message, by: .phone)
    talk.ids[0] += 1
    talk.wait(microseconds: 200)
    talk.referee.packetArrived(message, by: .charger, at: talk.now)
    talk.goodCRC(for: message, by: .phone)
    talk.send(.sinkCapabilities, [Talk.fixed5], .phone, .snkGiveSinkCap)
    #expect(talk.codes == [])
  }

  @Test("A GoodCRC that arrives after CRCReceiveTimer excuses one more retry")
  func lateGoodCRC() {
    var talk = Talk.in9V()
    talk.state(.srcGetSinkCap, .charger)
    let message = talk.control(.getSinkCap, .charger)
    talk.packet(message, .charger)
    talk.wait(microseconds: 40)
    var header = talk.header(.phone)
    header.messageID = message.header.messageID
    let goodCRC = ShortMessage(ControlMessageType.goodCRC, header: header)
    talk.packet(goodCRC, .phone, delivered: false)
    talk.wait(microseconds: 550)
    talk.referee.packetArrived(goodCRC, by: .phone, at: talk.now)
    talk.wait(microseconds: 60)
    talk.packet(message, .charger)
    talk.goodCRC(for: message, by: .phone)
    #expect(talk.codes == [])
  }

  @Test("Noise excuses what begins late")
  func noise() {
    var talk = Talk.in9V()
    talk.state(.srcGetSinkCap, .charger)
    let message = talk.control(.getSinkCap, .charger)
    talk.packet(message, .charger, delivered: false)
    talk.referee.disturbed(until: talk.now + Nanoseconds(5_000_000))
    talk.wait(6)
    talk.send(message, .charger, after: 0)
    #expect(talk.codes == [])
  }

  @Test("A Soft_Reset that comes twice is answered twice")
  func softResetTwice() {
    var talk = Talk.in9V()
    talk.ids = [0, 0]
    let reset = talk.control(.softReset, .phone)
    talk.send(.softReset, .phone, .snkSendSoftReset)
    talk.send(.accept, .charger, .srcSoftReset)
    talk.wait(microseconds: 200)
    talk.referee.packetArrived(reset, by: .phone, at: talk.now)
    talk.goodCRC(for: reset, by: .charger)
    talk.ids[0] = 0
    talk.send(.accept, .charger, .srcSoftReset)
    #expect(talk.codes == [])
  }

  @Test("Swaps of both roles")
  func swaps() {
    var talk = Talk.in9V()
    talk.send(.drSwap, .phone, .drsUFPDFPSendSwap)
    talk.send(.accept, .charger, .drsDFPUFPAcceptSwap)
    talk.dataRoles = [.upstreamFacing, .downstreamFacing]
    talk.state(.srcReady, .charger)
    talk.state(.snkReady, .phone)
    talk.send(.prSwap, .phone, .prsSNKSRCSendSwap)
    talk.send(.accept, .charger, .prsSRCSNKAcceptSwap)
    talk.state(.prsSRCSNKTransitionToOff, .charger)
    talk.state(.prsSNKSRCTransitionToOff, .phone)
    talk.wait(28)
    talk.supplied(by: nil)
    talk.ramp(from: 9_000, to: 0, milliseconds: 100)
    talk.roles[0] = .sink
    talk.send(.psRDY, .charger, .prsSRCSNKWaitSourceOn)
    talk.roles[1] = .source
    talk.turnOn(by: .phone)
    talk.send(.psRDY, .phone, .prsSNKSRCSourceOn)
    talk.ids = [0, 0]
    talk.state(.snkWaitForCapabilities, .charger)
    talk.send(.sourceCapabilities, [Talk.fixed5], .phone, .srcSendCapabilities, after: 25_000)
    talk.send(.request, [Talk.request(1)], .charger, .snkSelectCapability)
    talk.send(.accept, .phone, .srcTransitionSupply)
    talk.wait(28)
    talk.send(.psRDY, .phone)
    #expect(talk.codes == [] && talk.referee.hasContract)
  }

  @Test("Questions, refusals, vendor messages, reject")
  func questions() {
    var talk = Talk.in9V()
    talk.send(.getStatus, .phone, .getInformation)
    talk.send(.notSupported, .charger, .srcSendNotSupported)
    talk.send(.getRevision, .phone, .getInformation)
    talk.send(.revision, [0x3211_0000], .charger, .giveInformation)
    talk.send(.vendorDefined, [0xFF00_8001], .charger, .initPortVDMIdentityRequest)
    talk.send(.vendorDefined, [0xFF00_8041, 1, 2, 3], .phone, .respVDMSendIdentity)
    talk.request(Talk.request(7))
    talk.send(.reject, .charger, .srcCapabilityResponse)
    talk.state(.srcReady, .charger)
    talk.state(.snkReady, .phone)
    talk.negotiate(again: Talk.request(1), Talk.fixed5, at: 1, from: 9_000, to: 5_000)
    #expect(talk.codes == [])
  }

  @Test("Misbehaving phones are not judged, chargers are")
  func judged() {
    var talk = Talk.in9V()
    talk.referee.judged = .charger
    talk.send(.accept, .phone, .snkReady)
    #expect(talk.codes == [])
    talk.send(.accept, .charger, .srcReady)
    #expect(talk.codes == ["C01", "C02"])
    talk.referee.isJudging = false
    talk.send(.accept, .charger, .srcReady)
    #expect(talk.referee.violationCount == 2)
  }

  @Test("Reset forgets violations and the link, and keeps timings and who is judged")
  func reset() {
    var talk = Talk.in9V()
    talk.level(20_000)
    let count = talk.referee.timings.count(.goodCRC)
    talk.referee.judged = .charger
    talk.referee.reset()
    #expect(
      talk.referee.violations == [] && !talk.referee.hasContract && talk.referee.judged == .charger
        && talk.referee.timings.count(.goodCRC) == count && count > 0)
  }
}

extension Talk {
  mutating func negotiate(
    again word: UInt32, _ object: UInt32, at position: Int, from first: Int32, to last: Int32
  ) {
    request(word)
    accept()
    wait(28)
    ramp(from: first, to: last, milliseconds: 10)
    ready()
    report(contract(word, object, at: position))
  }
}

@Suite("The referee: timings") struct TimingTests {
  @Test("Extremes, percentiles and merging")
  func percentiles() {
    var first = ResponseTimings()
    var second = ResponseTimings()
    for microseconds in 1...99 { first.add(Nanoseconds(Int64(microseconds) * 1_000), to: .goodCRC) }
    second.add(Nanoseconds(5_000_000), to: .goodCRC)
    first.merge(second)
    let median = first.percentile(Percent(50), .goodCRC) ?? .zero
    #expect(first.count(.goodCRC) == 100 && first.maximum(.goodCRC) == Nanoseconds(5_000_000))
    #expect(first.minimum(.goodCRC) == Nanoseconds(1_000))
    #expect(median >= Nanoseconds(50_000) && median <= Nanoseconds(57_344))
    #expect(first.percentile(Percent(100), .goodCRC) == Nanoseconds(5_000_000))
  }

  @Test("The table shows what was measured beside its limit")
  func table() {
    let lines = "\(Talk.in9V().referee.timings)".split(separator: "\n")
    #expect(lines.count == 8)
    #expect(lines[1].contains("40 µs") && lines[1].contains("≤ 195 µs"))
    #expect(lines.contains { $0.contains("tSrcTransReq SPR") && $0.contains("25 ms…325 ms") })
  }

  @Test("Every metric and every rule has a name of its own")
  func names() {
    #expect(TimingMetric.allCases.count == TimingMetric.count)
    #expect(Set(Rule.allCases.map { "\($0.code)" }).count == Rule.allCases.count)
  }
}
