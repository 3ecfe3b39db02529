import Foundation
import LineCode
import PortEngine
import PowerDelivery
import Quantities
import TestSupport
import Testing

/// Capabilities of a real charger and the request that a real device made of them.
struct RecordedNegotiation: CustomTestStringConvertible {
  var file: String
  var capabilities: ShortMessage
  var request: ShortMessage
  var testDescription: String { file }

  var offer: [UInt32] { (0..<capabilities.objectCount).map { capabilities.object($0) } }
  var chosen: SourcePDO { SourcePDO(rawValue: offer[Int(request.object(0) >> 28) - 1]) }

  /// All negotiations of the recordings in Tests/Captures/pd that came to a contract.
  static let all: [RecordedNegotiation] = {
    let text =
      (try? String(contentsOf: ProjectFiles.url("Tests/Captures/pd/packets.csv"), encoding: .utf8)) ?? ""
    var found: [RecordedNegotiation] = []
    var file = ""
    var capabilities: ShortMessage?
    var request: ShortMessage?
    var isAccepted = false
    for line in text.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard fields.count >= 8, fields[4] == "SOP", fields[7] == "yes" else { continue }
      if fields[0] != file { (file, capabilities, request, isAccepted) = (fields[0], nil, nil, false) }
      let words = bytes(fields[5])
      guard let view = try? MessageView(wireBytes: words.span) else { continue }
      let message = ShortMessage(view)
      switch message.kind {
      case .data(.sourceCapabilities): (capabilities, request, isAccepted) = (message, nil, false)
      case .data(.request): (request, isAccepted) = (message, false)
      case .control(.accept): isAccepted = request != nil
      case .control(.psRDY):
        if let capabilities, let request, isAccepted {
          found.append(RecordedNegotiation(file: file, capabilities: capabilities, request: request))
        }
        isAccepted = false
      default: break
      }
    }
    return found
  }()
}

@Suite("Ports against what real ones said") struct RecordingTests {
  @Test("There are negotiations of chargers and devices of several makers")
  func exist() {
    #expect(RecordedNegotiation.all.count >= 12)
    #expect(Set(RecordedNegotiation.all.map(\.file)).count >= 8)
  }

  @Test(
    "As a sink: the recorded charger's offer, the recorded request, a contract",
    arguments: RecordedNegotiation.all)
  func sink(_ recorded: RecordedNegotiation) {
    let revision = recorded.capabilities.header.specificationRevision
    var port = SinglePort.sink(strategy: .raw(recorded.request.object(0))) {
      $0.revision = recorded.request.header.specificationRevision
    }
    port.plug(Partner.source())
    port.handle(.enable)
    port.run(for: .milliseconds(10))
    port.handle(.vbus(.present))
    port.run(for: .milliseconds(200))
    let start = port.now
    port.receive(.sourceCapabilities, recorded.offer, revision: revision)
    port.run(for: .milliseconds(3))
    let sent = port.sent(since: start).map(\.message)
    #expect(sent.count == 1 && sent.first?.object(0) == recorded.request.object(0))
    #expect(sent.first?.header.specificationRevision == recorded.request.header.specificationRevision)
    port.receive(.accept, revision: revision)
    port.run(for: .milliseconds(100))
    port.receive(.psRDY, revision: revision)
    #expect(port.engine.state == .snkReady)
    let voltage = port.engine.contract?.voltage ?? .zero
    #expect(recorded.chosen.voltages?.contains(voltage) == true)
    #expect(port.engine.partnerSourceCapabilities == Sample.list(recorded.offer))
  }

  @Test(
    "As a source: the recorded offer goes out, the recorded request is granted",
    arguments: RecordedNegotiation.all)
  func source(_ recorded: RecordedNegotiation) {
    let policy = SourcePolicy(capabilities: Sample.list(recorded.offer), pdp: Milliwatts(100_000))
    var port = SinglePort.source(policy: policy) {
      $0.hasCaptiveCable = true
      $0.captiveCableCurrent = Milliamperes(5_000)
      $0.revision = recorded.capabilities.header.specificationRevision
    }
    port.plug(Partner.sink())
    port.handle(.enable)
    port.run(for: .milliseconds(400)) { $0.engine.state == .srcSendCapabilities }
    port.run(for: .milliseconds(3))
    let offered = port.sent().map(\.message)
    // The flags of the first object are the port's own.
    let flags: UInt32 = 0x3F80_0000
    let expected = recorded.offer.enumerated().map { $0 == 0 ? $1 & ~flags : $1 }
    #expect(offered.count == 1)
    #expect(
      (0..<(offered.first?.objectCount ?? 0)).map { offered[0].object($0) & ($0 == 0 ? ~flags : .max) }
        == expected)
    let start = port.now
    port.receive(
      .request, [recorded.request.object(0)], revision: recorded.request.header.specificationRevision)
    port.run(for: .milliseconds(200))
    #expect(port.names(since: start) == ["Accept 1", "PS_RDY 2"])
    #expect(port.engine.state == .srcReady)
    #expect(port.engine.revision == recorded.request.header.specificationRevision)
  }
}
