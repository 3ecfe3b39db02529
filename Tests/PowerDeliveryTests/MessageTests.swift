import LineCode
import Testing
import TestSupport

@testable import PowerDelivery

@Suite struct MessageTests {
  @Test(arguments: [0, 1, 2, 3, 5, 6, 30, 31, 265, 266, 267, 300])
  func lengthsThatAreMessages(count: Int) {
    let wire = [UInt8](repeating: 0xA5, count: count)
    let result = Result { () throws(MessageError) in try Message(wireBytes: wire.span) }
    switch count {
    case ..<2: #expect(throws: MessageError.tooShort(byteCount: count)) { try result.get() }
    case 267...: #expect(throws: MessageError.tooLong(byteCount: count)) { try result.get() }
    default: #expect((try? result.get().byteCount) == count)
    }
  }

  @Test(arguments: 0..<200) func encodingGivesBackWhatWasDecoded(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let count = Int.random(in: 2...266, using: &generator)
    let wire = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    let message = try Message(wireBytes: wire.span, orderedSet: .sopPrime)
    let encoded = [UInt8](capacity: 300) { message.encode(into: &$0) }
    #expect(encoded == wire)
  }

  @Test func encodingStopsWhereTheOutputIsFull() throws {
    let message = try Message(wireBytes: bytes("82102cb10413").span)
    let encoded = [UInt8](capacity: 3) { message.encode(into: &$0) }
    #expect(encoded == [0x82, 0x10, 0x2C])
  }

  @Test func packetsAreCheckedByTheirCRC() throws {
    func read(_ packet: [UInt8]) throws(MessageError) -> Message { try Message(packet: packet.span) }
    let packet = bytes("82102cb104138983f04c")
    #expect(try read(packet).byteCount == 6)
    for bit in 0..<packet.count * 8 {
      var damaged = packet
      damaged[bit / 8] ^= 1 << (bit % 8)
      let isRefused = (try? read(damaged)) == nil
      #expect(isRefused, "bit \(bit)")
    }
    #expect(throws: MessageError.tooShort(byteCount: 1)) { try read([UInt8](packet[..<5])) }
  }

  @Test func objectsAreNoMoreThanAnnouncedAndNoMoreThanThere() throws {
    // Announces one object; the four bytes behind it are a CRC that was left in.
    let surplus = try Message(wireBytes: bytes("6111969001363e61739c").span)
    #expect(surplus.objectCount == 1)
    #expect(surplus.object(1) == 0)
    // Announces five, holds one and a half.
    let missing = try Message(wireBytes: bytes("a1532c9101082cd1").span)
    #expect(missing.objectCount == 1)
    #expect(missing.object(0) == 0x0801_912C)
  }

  @Test func sendersAreReadFromBitEight() throws {
    func sender(_ wire: String, _ set: OrderedSet) throws -> Sender {
      try Message(wireBytes: bytes(wire).span, orderedSet: set).sender
    }
    #expect(try sender("a305", .sop) == .source)
    #expect(try sender("4102", .sop) == .sink)
    #expect(try sender("4101", .sopPrime) == .cablePlug)
    #expect(try sender("8d00", .sopDoublePrime) == .port)
  }

  @Test func madeMessagesHaveTheirTypeAndCounts() throws {
    var header = MessageHeader(rawValue: 0)
    header.messageID = 2
    header.specificationRevision = .revision3
    header.portPowerRole = .source
    header.portDataRole = .downstreamFacing
    #expect([UInt8](Message(.accept, header: header)) == bytes("a305"))
    let objects: [UInt32] = [0x0801_912C, 0x0002_D12C]
    #expect(
      [UInt8](Message(.sourceCapabilities, objects: objects.span, header: header))
        == bytes("a1252c9101082cd10200"))
    var extended = ExtendedMessageHeader(rawValue: 0)
    extended.chunked = true
    extended.dataSize = 2
    let keepAlive = Message(
      .extendedControl, extendedHeader: extended, data: [3, 0].span, header: header)
    #expect([UInt8](keepAlive) == bytes("b09502800300"))
    extended.chunked = false
    let unchunked = Message(
      .extendedControl, extendedHeader: extended, data: [3, 0].span, header: header)
    #expect([UInt8](unchunked) == bytes("b08502000300"))
  }
}

extension [UInt8] {
  /// The bytes of a message in wire order.
  init(_ message: Message) {
    self = [UInt8](capacity: message.byteCount) { message.encode(into: &$0) }
  }
}
