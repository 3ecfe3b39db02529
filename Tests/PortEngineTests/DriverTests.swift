import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing

/// Port controllers that acknowledge by themselves, and drivers that report late, wrongly or not at all.
@Suite("Drivers") struct DriverTests {
  @Test(
    "A port controller that acknowledges leaves the repeats to the engine, or not", arguments: [true, false])
  func silicon(repeats: Bool) {
    var port = SinglePort.sink { $0.goodCRC = repeats ? .siliconWithRetries : .silicon }
    port.isSilicon = true
    port.handle(.enable)
    port.plug(Partner.source())
    port.run(for: .milliseconds(200))
    port.handle(.vbus(.present))
    port.receive(.sourceCapabilities, [Sample.fixed(5, 3_000)])
    port.run(for: .milliseconds(5))
    #expect(port.names() == ["Request 0"])
    #expect(port.goodCRCs.isEmpty)
    port.acknowledges = { _ in false }
    port.receive(.accept)
    port.receive(.psRDY)
    let start = port.now
    port.handle(.request(.getSourceCapabilities))
    port.run(for: .milliseconds(5)) { $0.engine.state == .snkSendSoftReset }
    let packets = port.sent(since: start).count { $0.message.kind == .control(.getSourceCap) }
    #expect(packets == (repeats ? 1 : Counters.retryCount(.revision3) + 1))
  }

  @Test("Port controllers are told the roles and the revision of their GoodCRCs")
  func siliconHeader() {
    var port = SinglePort.source { $0.goodCRC = .silicon }
    port.isSilicon = true
    port.handle(.enable)
    port.plug(Partner.sink())
    port.run(for: .milliseconds(200)) { $0.engine.state == .srcSendCapabilities }
    port.run(for: .milliseconds(5))
    let headers = { (port: SinglePort) in
      port.actions.compactMap { if case .setGoodCRCHeader(let header) = $0.action { header } else { nil } }
    }
    let before = headers(port)
    port.receive(.request, [Sample.request(1, 1_000)], revision: .revision2)
    let after = headers(port)
    #expect(before.last?.portPowerRole == .source)
    #expect(before.last?.portDataRole == .downstreamFacing)
    #expect(before.last?.specificationRevision == .revision3)
    #expect(after.last?.specificationRevision == .revision2)
  }

  // MARK: Drivers that do not report

  @Test("A driver that says nothing of a packet does not hold the port for ever")
  func silentDriver() {
    var port = SinglePort.sinkReady()
    port.reports = { _ in false }
    port.handle(.request(.getSourceCapabilities))
    port.run(for: .milliseconds(200))
    // No packet was confirmed, nor was the Soft_Reset: Hard Reset.
    #expect(port.count(of: .sendHardReset) == 1)
  }

  @Test("A driver that says nothing of a GoodCRC does not hold the port for ever")
  func silentAboutGoodCRC() {
    var port = SinglePort.sinkReady()
    port.reports = { !$0.isGoodCRC }
    let start = port.now
    port.receive(.getSinkCap)
    port.run(for: .milliseconds(50))
    #expect(port.names(since: start) == ["Sink_Capabilities 1"])
    // The report that comes after all is nobody's.
    port.handle(.transmitted(.sent))
    #expect(port.engine.state == .snkReady)
  }

  @Test(
    "Reports without a packet, and late ones, change nothing",
    arguments: [
      TransmissionResult.sent, .acknowledged, .notAcknowledged, .discarded,
    ])
  func staleReports(result: TransmissionResult) {
    var port = SinglePort.sinkReady()
    let steps = port.engine.journal.total
    let count = port.actions.count
    for _ in 0..<5 { port.handle(.transmitted(result)) }
    port.run(for: .milliseconds(50))
    #expect(port.engine.journal.total == steps)
    #expect(port.actions.count == count)
  }

  @Test("A packet that finds the line busy is sent again when it is idle")
  func busyLine() {
    var port = SinglePort.sinkReady()
    let start = port.now
    port.reports = { $0.isGoodCRC }
    port.handle(.request(.getSourceCapabilities))
    port.reports = { _ in true }
    port.handle(.transmitted(.discarded))
    port.run(for: .milliseconds(5))
    #expect(port.names(since: start) == ["Get_Source_Cap 1", "Get_Source_Cap 1"])
    #expect(port.engine.state == .snkGetSourceCap)
  }
}
