import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing

/// Extended messages in chunks, both ways (USB-PD R3.2 §6.12.2.1).
@Suite("Chunked messages") struct ChunkingTests {
  // MARK: Receiving

  /// A sink that has asked for something that comes in chunks.
  private static func asking() -> SinglePort {
    var port = SinglePort.sinkReady()
    port.handle(.request(.get(.getSourceCapExtended)))
    port.run(for: .milliseconds(3))
    return port
  }

  /// What the engine sent as chunk requests: their numbers.
  private static func requestedChunks(_ port: SinglePort) -> [UInt8] {
    port.sent().compactMap { item in
      guard let header = item.message.extendedHeader, header.requestChunk else { return nil }
      return header.chunkNumber
    }
  }

  @Test("Chunk after chunk is asked for until the data is complete", arguments: [1, 26, 27, 52, 53, 60, 260])
  func receive(size: Int) {
    var port = ChunkingTests.asking()
    let count = (size + 25) / 26
    for number in 0..<count {
      port.receive(.sourceCapabilitiesExtended, chunk: UInt8(number), of: size)
      port.run(for: .milliseconds(3))
    }
    #expect(ChunkingTests.requestedChunks(port) == (1..<max(1, count)).map { UInt8($0) })
    #expect(port.engine.partnerData.count == size)
    #expect((0..<size).allSatisfy { port.engine.partnerData[$0] == UInt8(truncatingIfNeeded: $0) })
    #expect(port.count(of: .requestEnded(.get, .done)) == 1)
    #expect(port.engine.state == .snkReady)
  }

  @Test("A chunk request is an extended message of one object that asks for a chunk")
  func requestFormat() throws {
    var port = ChunkingTests.asking()
    port.receive(.sourceCapabilitiesExtended, chunk: 0, of: 40)
    let message = try #require(port.sent().last?.message)
    let header = try #require(message.extendedHeader)
    #expect(message.kind == .extended(.sourceCapabilitiesExtended))
    #expect(message.header.numberOfDataObjects == 1)
    #expect(header.chunked && header.requestChunk)
    #expect(header.chunkNumber == 1)
    #expect(header.dataSize == 0)
  }

  @Test("A chunk out of order ends the message", arguments: [UInt8(2), 3, 9, 15])
  func wrongChunk(number: UInt8) {
    var port = ChunkingTests.asking()
    port.receive(.sourceCapabilitiesExtended, chunk: 0, of: 200)
    port.run(for: .milliseconds(3))
    port.receive(.sourceCapabilitiesExtended, chunk: number, of: 200)
    port.run(for: .milliseconds(3))
    #expect(port.sent().last?.message.kind == .control(.softReset))
    #expect(ChunkingTests.requestedChunks(port) == [1])
  }

  @Test("The next chunk must come within tChunkSenderResponse")
  func chunkTimeout() {
    var port = ChunkingTests.asking()
    port.receive(.sourceCapabilitiesExtended, chunk: 0, of: 40)
    port.run(for: .milliseconds(2))
    let acknowledged = port.now
    port.run(for: .milliseconds(60)) { $0.engine.state == .snkReady }
    let limits = Timing.chunkSenderResponse
    #expect(port.now - acknowledged <= limits.maximum ?? .zero)
    #expect(port.now - acknowledged >= (limits.minimum ?? .zero) - .milliseconds(2))
    #expect(port.count(of: .requestEnded(.get, .noAnswer)) == 1)
    #expect(!port.names().contains { $0.hasPrefix("Soft_Reset") })
  }

  @Test("A chunk request that nobody acknowledges ends the message")
  func requestNotAcknowledged() {
    var port = ChunkingTests.asking()
    port.acknowledges = { _ in false }
    port.receive(.sourceCapabilitiesExtended, chunk: 0, of: 40)
    port.run(for: .milliseconds(10))
    #expect(port.engine.state == .snkReady)
    #expect(port.count(of: .requestEnded(.get, .noAnswer)) == 1)
  }

  @Test("Another message between chunks ends the chunked one; its rest is an error")
  func interrupted() {
    var port = SinglePort.sinkReady()
    let start = port.now
    port.receive(.sourceCapabilitiesExtended, chunk: 0, of: 60)
    port.run(for: .milliseconds(3))
    port.receive(.getSinkCap)
    port.run(for: .milliseconds(3))
    port.receive(.sourceCapabilitiesExtended, chunk: 1, of: 60)
    port.run(for: .milliseconds(60))
    let names = port.names(since: start)
    #expect(names.count == 3)
    #expect(names.first == "Source_Capabilities_Extended 1")
    #expect(names.contains { $0.hasPrefix("Sink_Capabilities") })
    #expect(names.last?.hasPrefix("Not_Supported") == true)
  }

  @Test("What the cable says does not end a chunked message")
  func cableBetweenChunks() {
    var port = SinglePort.source()
    port.acknowledges = { $0.orderedSet == .sop }
    port.handle(.enable)
    port.plug(Partner.sink(marked: true))
    port.run(for: .milliseconds(500)) { $0.engine.state == .srcSendCapabilities }
    port.run(for: .milliseconds(5))
    port.receive(.request, [Sample.request(2, 2_000)])
    port.run(for: .milliseconds(60)) { $0.engine.state == .srcReady }
    port.handle(.request(.get(.getSinkCapExtended)))
    port.run(for: .milliseconds(25))
    port.receive(.sinkCapabilitiesExtended, chunk: 0, of: 40)
    port.run(for: .milliseconds(3))
    var header = MessageHeader()
    header.portPowerRole = .source
    port.arrive(ShortMessage(.vendorDefined, header: header, orderedSet: .sopPrime))
    port.receive(.sinkCapabilitiesExtended, chunk: 1, of: 40)
    #expect(port.count(of: .information(.extended(.sinkCapabilitiesExtended))) == 1)
    #expect(port.engine.partnerData.count == 40)
  }

  @Test("More data than a message may have is not taken", arguments: [261, 300, 511])
  func oversized(size: Int) {
    var port = ChunkingTests.asking()
    for number in 0..<10 {
      port.receive(.sourceCapabilitiesExtended, chunk: UInt8(number), of: size)
      port.run(for: .milliseconds(2))
      if port.engine.state != .getInformation { break }
    }
    #expect(port.count(of: .information(.extended(.sourceCapabilitiesExtended))) == 0)
    #expect(port.sent().last?.message.kind == .control(.softReset))
  }

  @Test("An unchunked message of more than 26 bytes, which nobody agreed to, is not taken")
  func unchunked() {
    var port = SinglePort.sinkReady()
    var header = ExtendedMessageHeader()
    header.chunked = false
    header.dataSize = 27
    var block = DataBlock()
    for byte in UInt8(0)..<27 { block.append(byte) }
    port.arrive(
      ShortMessage(.securityRequest, chunk: header, of: block, header: port.partnerHeader(5)))
    port.run(for: .milliseconds(3))
    #expect(port.names().last == "Not_Supported 1")
  }

  @Test("A message with fewer bytes than it announces is not taken")
  func truncated() {
    var port = ChunkingTests.asking()
    var header = ExtendedMessageHeader()
    header.chunked = true
    header.dataSize = 20
    var block = DataBlock()
    for byte in UInt8(0)..<6 { block.append(byte) }
    port.arrive(
      ShortMessage(.sourceCapabilitiesExtended, chunk: header, of: block, header: port.partnerHeader(5)))
    #expect(port.count(of: .information(.extended(.sourceCapabilitiesExtended))) == 0)
  }

  @Test("An extended message without its header is not taken for the one before")
  func headerMissing() {
    var port = SinglePort.sourceReady(policy: ChunkingTests.eprCharger)
    port.receive(.eprGetSourceCap)
    port.run(for: .milliseconds(50))
    let start = port.now
    var header = port.partnerHeader(7)
    header.extended = true
    header = MessageHeader(rawValue: header.rawValue | UInt16(ExtendedMessageType.extendedControl.rawValue))
    port.arrive(ShortMessage(header: header))
    port.run(for: .milliseconds(5))
    #expect(port.sent(since: start).map(\.message.kind) == [.control(.notSupported)])
  }

  // MARK: Sending

  static var eprCharger: SourcePolicy {
    var policy = Sample.charger
    policy.eprCapabilities = Sample.list([Sample.fixed(28, 5_000), Sample.fixed(36, 5_000)])
    return policy
  }

  /// A source that has sent the first of two chunks of EPR_Source_Capabilities.
  private static func sending() -> SinglePort {
    var port = SinglePort.sourceReady(policy: eprCharger)
    port.receive(.eprGetSourceCap)
    port.run(for: .milliseconds(3))
    return port
  }

  /// Numbers of the chunks of EPR_Source_Capabilities that were sent.
  private static func sentChunks(_ port: SinglePort) -> [UInt8] {
    port.sent().compactMap {
      $0.message.kind == .extended(.eprSourceCapabilities) ? $0.message.extendedHeader?.chunkNumber : nil
    }
  }

  @Test("Chunk after chunk is sent as it is asked for")
  func send() throws {
    var port = ChunkingTests.sending()
    #expect(ChunkingTests.sentChunks(port) == [0])
    let first = try #require(port.sent().last?.message)
    #expect(first.wordCount == 7)
    #expect(first.extendedHeader?.dataSize == 36)
    #expect(first.extendedHeader?.chunked == true)
    port.receiveChunkRequest(.eprSourceCapabilities, 1)
    port.run(for: .milliseconds(3))
    #expect(ChunkingTests.sentChunks(port) == [0, 1])
    // 10 bytes are left, with 2 of header: three objects.
    #expect(port.sent().last?.message.wordCount == 3)
    #expect(port.engine.state == .srcReady)
  }

  @Test("A partner that asks for no second chunk may know no chunks: the message counts as sent")
  func noRequest() {
    var port = ChunkingTests.sending()
    let start = port.now
    port.run(for: .milliseconds(60)) { $0.engine.state == .srcReady }
    #expect(port.now - start <= Timing.chunkSenderRequest.maximum ?? .zero)
    #expect(port.now - start >= (Timing.chunkSenderRequest.minimum ?? .zero) - .milliseconds(3))
    #expect(!port.names().contains { $0.hasPrefix("Soft_Reset") })
  }

  @Test("A request for another chunk than the next is an error", arguments: [UInt8(0), 2, 9])
  func wrongRequest(number: UInt8) {
    var port = ChunkingTests.sending()
    port.receiveChunkRequest(.eprSourceCapabilities, number)
    port.run(for: .milliseconds(3))
    #expect(ChunkingTests.sentChunks(port) == [0])
    #expect(port.names().last == "Soft_Reset 0")
  }

  @Test("A chunk that nobody acknowledges is an error")
  func chunkNotAcknowledged() {
    var port = ChunkingTests.sending()
    port.acknowledges = { $0.kind == .control(.softReset) }
    port.receiveChunkRequest(.eprSourceCapabilities, 1)
    port.run(for: .milliseconds(10))
    #expect(ChunkingTests.sentChunks(port) == [0, 1, 1, 1])
    #expect(port.names().last == "Soft_Reset 0")
  }

  @Test("Another message in place of the chunk request ends the chunked message")
  func interruptedSending() {
    var port = ChunkingTests.sending()
    port.receive(.softReset)
    port.run(for: .milliseconds(3))
    #expect(port.names().suffix(1) == ["Accept 0"])
    port.receiveChunkRequest(.eprSourceCapabilities, 1)
    port.run(for: .milliseconds(3))
    #expect(ChunkingTests.sentChunks(port) == [0])
  }

  @Test("A chunk request without a message under way is not supported")
  func unaskedRequest() {
    var port = SinglePort.sourceReady()
    port.receiveChunkRequest(.eprSourceCapabilities, 1)
    port.run(for: .milliseconds(3))
    #expect(port.names().last?.hasPrefix("Not_Supported") == true)
  }

  @Test("The first chunk of an AMS gives way to a message of the partner, like any other")
  func firstChunkGivesWay() {
    var port = SinglePort.sinkReady()
    let start = port.now
    port.acknowledges = { $0.kind != .control(.getSourceCap) && !$0.header.extended }
    port.handle(.request(.getBattery(.getBatteryCap, reference: 0)))
    port.run(for: .microseconds(700))
    port.receive(.getSinkCap)
    port.acknowledges = { _ in true }
    port.run(for: .milliseconds(5))
    #expect(
      port.names(since: start) == ["Get_Battery_Cap 1", "Sink_Capabilities 2", "Get_Battery_Cap 3"])
  }
}
