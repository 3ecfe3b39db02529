import LineCode
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing

/// PRL_Tx and PRL_Rx with one partner (USB-PD R3.2 §6.12.2.2, §6.12.2.3).
@Suite("Protocol layer") struct ProtocolLayerTests {
  // MARK: MessageID

  @Test("MessageIDs count from 0 to 7 and start over")
  func messageIDs() {
    var port = SinglePort.sourceReady()
    let start = port.now
    for _ in 0..<10 {
      port.handle(.request(.getSinkCapabilities))
      port.run(for: .milliseconds(25))
      port.receive(.sinkCapabilities, [Sample.fixed(5, 1_000)])
      port.run(for: .milliseconds(5))
    }
    #expect(port.engine.state == .srcReady)
    #expect(port.sent(since: start).map(\.message.header.messageID) == [3, 4, 5, 6, 7, 0, 1, 2, 3, 4])
  }

  @Test("Every message is acknowledged by its MessageID, in the own roles", arguments: 0..<8)
  func acknowledgement(id: UInt8) {
    var port = SinglePort.sinkReady()
    // The last message of the partner had MessageID 2.
    guard id != 2 else { return }
    port.receive(.getSinkCap, id: id)
    let header = port.goodCRCs.last?.message.header
    #expect(header?.messageID == id)
    #expect(header?.portPowerRole == .sink)
    #expect(header?.portDataRole == .upstreamFacing)
    #expect(header?.numberOfDataObjects == 0)
    #expect(header?.specificationRevision == .revision3)
    #expect(port.goodCRCs.last?.at == port.actions.last { $0.at <= port.now && $0.action.isGoodCRC }?.at)
  }

  @Test("A Revision 2.0 message is acknowledged in Revision 2.0")
  func acknowledgementInRevision2() {
    var port = SinglePort.sinkReady()
    port.receive(.getSinkCap, revision: .revision2)
    #expect(port.goodCRCs.last?.message.header.specificationRevision == .revision2)
  }

  @Test("The GoodCRC is ordered at the EOP of the message, and the message is served when it has left")
  func order() {
    var port = SinglePort.sinkReady()
    let start = port.now
    port.handle(.received(ShortMessage(.getSinkCap, header: port.partnerHeader(5))))
    #expect(port.goodCRCs.last?.at == start)
    #expect(port.engine.state == .snkReady)
    port.run(for: .milliseconds(1))
    #expect(port.engine.state != .snkReady)
    #expect(port.names(since: start) == ["Sink_Capabilities 1"])
  }

  // MARK: Repeats

  @Test(
    "A packet without GoodCRC is repeated nRetryCount times, unchanged, after tReceive",
    arguments: [SpecificationRevision.revision2, .revision3])
  func retries(revision: SpecificationRevision) {
    var port = SinglePort.sinkReady(revision: revision)
    let start = port.now
    port.acknowledges = { $0.kind != .control(.getSourceCap) }
    port.handle(.request(.getSourceCapabilities))
    port.run(for: .milliseconds(20))
    let sent = port.sent(since: start)
    let packets = sent.filter { $0.message.kind == .control(.getSourceCap) }
    #expect(packets.count == Counters.retryCount(revision) + 1)
    #expect(packets.allSatisfy { $0.message == packets.first?.message })
    for (earlier, later) in zip(packets, packets.dropFirst()) {
      let gap = later.at - (earlier.at + SinglePort.length(earlier.message))
      #expect(Timing.receive.contains(gap))
    }
    // Nobody there: Soft_Reset, with a counter that starts over (§6.7.1).
    #expect(sent.last?.message.kind == .control(.softReset))
    #expect(sent.last?.message.header.messageID == 0)
    #expect(port.count(of: .requestEnded(.getSourceCapabilities, .noAnswer)) == 1)
  }

  @Test("A packet that is acknowledged late in its repeats is sent once")
  func lateAcknowledgement() {
    var port = SinglePort.sinkReady()
    let start = port.now
    var packets = 0
    port.acknowledges = { _ in false }
    port.handle(.request(.getSourceCapabilities))
    port.run(for: .milliseconds(20)) { world in
      packets = world.sent(since: start).count
      return packets == 2
    }
    port.acknowledges = { _ in true }
    port.run(for: .milliseconds(2))
    #expect(port.names(since: start) == ["Get_Source_Cap 1", "Get_Source_Cap 1", "Get_Source_Cap 1"])
    port.receive(.sourceCapabilities, [Sample.fixed(5, 3_000)])
    port.run(for: .milliseconds(5))
    #expect(port.names(since: start).last == "Request 2")
  }

  @Test("A GoodCRC with another MessageID counts as none")
  func wrongGoodCRC() throws {
    var port = SinglePort.sinkReady()
    let start = port.now
    port.acknowledges = { _ in false }
    port.handle(.request(.getSourceCapabilities))
    port.run(for: .microseconds(900))
    let packet = try #require(port.sent(since: start).first?.message)
    port.handle(.received(port.goodCRC(packet, id: 5)))
    // Again at once, or when CRCReceiveTimer expires: both readings stand (§6.7.1).
    port.run(for: .microseconds(1_500)) { $0.sent(since: start).count == 2 }
    #expect(port.sent(since: start).map(\.message) == [packet, packet])
  }

  @Test("A GoodCRC that comes before the driver's report ends the transmission")
  func earlyGoodCRC() {
    var port = SinglePort.sinkReady()
    let start = port.now
    port.reports = { $0.isGoodCRC }
    port.handle(.request(.getSourceCapabilities))
    let packet = port.sent(since: start)[0].message
    port.handle(.received(port.goodCRC(packet)))
    #expect(port.engine.transmitState == .waitForMessageRequest)
    // The report that comes after all is nobody's.
    port.handle(.transmitted(.sent))
    port.receive(.sourceCapabilities, [Sample.fixed(5, 3_000)])
    port.run(for: .milliseconds(5))
    #expect(port.names(since: start) == ["Get_Source_Cap 1", "Request 2"])
  }

  @Test("A repeated message is acknowledged and not served again")
  func duplicate() {
    var port = SinglePort.sinkReady()
    let start = port.now
    let count = port.goodCRCs.count
    for _ in 0..<3 {
      port.receive(.getSinkCap, id: 6)
      port.run(for: .milliseconds(5))
    }
    #expect(port.goodCRCs.count == count + 3)
    #expect(port.names(since: start) == ["Sink_Capabilities 1"])
  }

  @Test("Soft_Reset is served whatever its MessageID was before")
  func softResetIsNoDuplicate() {
    var port = SinglePort.sinkReady()
    let start = port.now
    for _ in 0..<3 {
      port.receive(.softReset)
      port.run(for: .milliseconds(5))
    }
    #expect(port.names(since: start) == ["Accept 0", "Accept 0", "Accept 0"])
  }

  @Test("A message whose GoodCRC could not be sent is not served; its repeat is")
  func acknowledgementDiscarded() {
    var port = SinglePort.sinkReady()
    let start = port.now
    port.reports = { !$0.isGoodCRC }
    let message = ShortMessage(.getSinkCap, header: port.partnerHeader(6))
    port.handle(.received(message))
    port.handle(.transmitted(.discarded))
    port.run(for: .milliseconds(1))
    #expect(port.names(since: start) == [])
    port.reports = { _ in true }
    port.arrive(message)
    port.run(for: .milliseconds(1))
    #expect(port.names(since: start) == ["Sink_Capabilities 1"])
  }

  // MARK: Discarding (§6.12.2.2.1)

  @Test("A message gives way to one that comes in, and is sent later with the next MessageID")
  func messageGivesWay() {
    var port = SinglePort.sourceReady()
    let start = port.now
    port.acknowledges = { $0.kind != .control(.getSinkCap) }
    port.handle(.request(.getSinkCapabilities))
    port.run(for: .milliseconds(30)) { !$0.names(since: start).isEmpty }
    port.run(for: .microseconds(700))
    port.receive(.request, [Sample.request(1, 1_000)])
    port.acknowledges = { _ in true }
    port.run(for: .milliseconds(100))
    #expect(
      port.names(since: start) == ["Get_Sink_Cap 3", "Accept 4", "PS_RDY 5", "Get_Sink_Cap 6"])
  }

  @Test("A Ping ends nothing")
  func ping() {
    var port = SinglePort.sinkReady(revision: .revision2)
    let start = port.now
    port.acknowledges = { _ in false }
    port.handle(.request(.getSourceCapabilities))
    port.run(for: .microseconds(700))
    port.receive(.ping, revision: .revision2)
    port.run(for: .milliseconds(1))
    #expect(port.names(since: start).allSatisfy { $0 == "Get_Source_Cap 1" })
    #expect(port.engine.state == .snkGetSourceCap)
  }

  /// A source with a marked cable that does not answer, about to ask it again in Ready.
  private static func askingCable() -> SinglePort {
    var port = SinglePort.source()
    port.acknowledges = { $0.orderedSet == .sop }
    port.handle(.enable)
    port.plug(Partner.sink(marked: true))
    port.run(for: .milliseconds(500)) { $0.engine.state == .srcSendCapabilities }
    port.run(for: .milliseconds(5))
    port.receive(.request, [Sample.request(2, 2_000)])
    port.run(for: .milliseconds(60)) { $0.engine.state == .srcReady }
    port.run(for: .milliseconds(90)) { $0.engine.transmitState == .waitForPHYResponse }
    return port
  }

  @Test("What is said to the cable gives way to what the partner says")
  func cableGivesWay() {
    var port = ProtocolLayerTests.askingCable()
    #expect(port.sent().last?.message.orderedSet == .sopPrime)
    let start = port.now + Nanoseconds(1)
    port.receive(.getSourceCap)
    port.run(for: .milliseconds(2))
    #expect(port.names(since: start).first == "Source_Capabilities 3")
  }

  @Test("What the cable says gives way to what is being said to it")
  func cableWaits() {
    var port = ProtocolLayerTests.askingCable()
    let start = port.now
    let steps = port.steps.count
    var header = MessageHeader()
    header.portPowerRole = .source
    header.specificationRevision = .revision3
    port.handle(.received(ShortMessage(.accept, header: header, orderedSet: .sopPrime)))
    port.run(for: .milliseconds(2))
    #expect(port.goodCRCs.last?.message.orderedSet == .sopPrime)
    #expect(port.steps.count == steps)
    #expect(port.sent(since: start).allSatisfy { $0.message.orderedSet == .sopPrime })
  }

  @Test("What the cable says gives way to what is being said to the partner")
  func cableIsIgnored() {
    var port = ProtocolLayerTests.askingCable()
    port.run(for: .milliseconds(30)) { $0.engine.state == .srcReady }
    port.acknowledges = { _ in false }
    port.handle(.request(.getSinkCapabilities))
    port.run(for: .milliseconds(40)) { $0.sent().last?.message.kind == .control(.getSinkCap) }
    port.run(for: .microseconds(700))
    var header = MessageHeader()
    header.portPowerRole = .source
    header.messageID = 4
    let start = port.now + Nanoseconds(1)
    port.handle(.received(ShortMessage(.accept, header: header, orderedSet: .sopPrime)))
    port.run(for: .milliseconds(2))
    #expect(port.engine.state == .srcGetSinkCap)
    #expect(port.sent(since: start).allSatisfy { $0.message.kind == .control(.getSinkCap) })
    #expect(!port.sent(since: start).isEmpty)
  }

  @Test("Who is not VCONN source takes nothing on SOP′ and SOP″")
  func notForMe() {
    var port = SinglePort.sinkReady()
    let start = port.actions.count
    var header = MessageHeader()
    header.portPowerRole = .source
    for orderedSet in [OrderedSet.sopPrime, .sopDoublePrime, .sopPrimeDebug, .sopDoublePrimeDebug] {
      port.handle(.received(ShortMessage(.softReset, header: header, orderedSet: orderedSet)))
    }
    port.run(for: .milliseconds(5))
    #expect(port.actions.count == start)
    #expect(port.engine.state == .snkReady)
  }

  // MARK: Collision avoidance (§5.7, §6.6.16)

  @Test("A source says SinkTxNG, waits tSinkTx, speaks, and says SinkTxOK when all is done")
  func sourceStartsAMS() {
    var port = SinglePort.sourceReady()
    #expect(port.termination == .rp(.sinkTxOK))
    let start = port.now
    port.handle(.request(.getSinkCapabilities))
    #expect(port.termination == .rp(.sinkTxNG))
    port.run(for: .milliseconds(25))
    #expect(Timing.sinkTx.contains(port.sent(since: start)[0].at - start))
    #expect(port.termination == .rp(.sinkTxNG))
    port.receive(.sinkCapabilities, [Sample.fixed(5, 1_000)])
    #expect(port.engine.state == .srcReady)
    #expect(port.termination == .rp(.sinkTxOK))
  }

  @Test("A sink waits for SinkTxOK")
  func sinkStartsAMS() {
    var port = SinglePort.sinkReady()
    port.plug(Partner.source(.cc1, .rp1500))
    let start = port.now
    port.handle(.request(.getSourceCapabilities))
    port.run(for: .milliseconds(200))
    #expect(port.names(since: start) == [])
    port.plug(Partner.source(.cc1, .rp3000))
    #expect(port.names(since: port.now) == ["Get_Source_Cap 1"])
  }

  @Test("A sink answers and sends Soft_Reset whatever Rp says")
  func sinkAnswers() {
    var port = SinglePort.sinkReady()
    port.plug(Partner.source(.cc1, .rp1500))
    let start = port.now
    port.receive(.getSinkCap)
    port.run(for: .milliseconds(2))
    // An Accept that nothing asked for is a protocol error.
    port.receive(.accept)
    port.run(for: .milliseconds(2))
    #expect(port.names(since: start) == ["Sink_Capabilities 1", "Soft_Reset 0"])
  }

  @Test("In a Revision 2.0 contract nobody looks at Rp, and it stays", arguments: [true, false])
  func revision2(isSource: Bool) {
    var port =
      isSource ? SinglePort.sourceReady(revision: .revision2) : SinglePort.sinkReady(revision: .revision2)
    if !isSource { port.plug(Partner.source(.cc1, .rp1500)) }
    let start = port.now
    let terminations = port.actions.count { if case .terminate = $0.action { true } else { false } }
    port.handle(.request(isSource ? .getSinkCapabilities : .getSourceCapabilities))
    #expect(port.names(since: start).count == 1)
    #expect(port.sent(since: start)[0].message.header.specificationRevision == .revision2)
    port.run(for: .milliseconds(5))
    #expect(
      port.actions.count { if case .terminate = $0.action { true } else { false } } == terminations)
  }

  @Test(
    "Before a contract Rp advertises the current and no one waits for it",
    arguments: [
      RpCurrent.usbDefault, .current1500, .current3000,
    ])
  func beforeContract(rp: RpCurrent) {
    let port = SinglePort.sourceAwaitingRequest { $0.rp = rp }
    #expect(port.termination == .rp(rp))
    #expect(port.sent()[0].at - port.entry(.srcSendCapabilities) == .zero)
  }
}

extension PortAction {
  var isGoodCRC: Bool { if case .transmit(let message) = self { message.isGoodCRC } else { false } }
}
