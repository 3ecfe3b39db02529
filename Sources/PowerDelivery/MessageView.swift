public import LineCode

/// A USB-PD message in bytes that belong to somebody else: the header and what follows it, without the CRC.
///
/// A view costs nothing and copies nothing; every accessor reads the bytes where they are. Any 2 to 266 bytes are a
/// message. `Message` is the same with storage of its own.
public struct MessageView: ~Escapable, Sendable {
  /// The whole message in wire order, header first.
  public let bytes: Span<UInt8>
  /// The kind of packet that carries the message.
  public let orderedSet: OrderedSet
  public let header: MessageHeader

  /// A view of the bytes of a message in wire order, without CRC.
  /// - Throws: `MessageError.tooShort` below 2 bytes, `.tooLong` above 266.
  @_lifetime(copy bytes)
  @inlinable public init(wireBytes bytes: Span<UInt8>, orderedSet: OrderedSet = .sop) throws(MessageError) {
    guard bytes.count >= 2 else { throw .tooShort(byteCount: bytes.count) }
    guard bytes.count <= Message.maximumByteCount else { throw .tooLong(byteCount: bytes.count) }
    self.bytes = bytes
    self.orderedSet = orderedSet
    header = MessageHeader(rawValue: UInt16(bytes[0]) | UInt16(bytes[1]) &<< 8)
  }

  /// A view of the message in a packet: the bytes in wire order with the four bytes of the CRC at the end.
  /// - Throws: `MessageError.crcMismatch` where the CRC does not hold, and what `init(wireBytes:)` throws.
  @_lifetime(copy bytes)
  @inlinable public init(packet bytes: Span<UInt8>, orderedSet: OrderedSet = .sop) throws(MessageError) {
    guard bytes.count >= 6 else { throw .tooShort(byteCount: max(0, bytes.count &- 4)) }
    let message = bytes.extracting(first: bytes.count &- 4)
    let received = bytes.littleEndianWord(at: bytes.count &- 4)
    let computed = CRC32(of: message).value
    guard received == computed else { throw .crcMismatch(received: received, computed: computed) }
    try self.init(wireBytes: message, orderedSet: orderedSet)
  }

  /// Bytes after the message header.
  @inlinable public var payloadCount: Int { bytes.count &- 2 }

  /// The payload byte at `index`, counted from the first byte after the message header; 0 past the end.
  @inlinable public func payloadByte(at index: Int) -> UInt8 {
    index >= 0 && index < payloadCount ? bytes[2 &+ index] : 0
  }

  /// The class and type that the header names.
  ///
  /// Under revision 2.0 bits 15 and 4 are reserved, but every known sender leaves them 0, and a message that sets
  /// them says more when it is read by the later rules; `ReadingContext` reports it.
  @inlinable public var kind: MessageKind {
    let type = header.messageType
    if header.extended { return .extended(ExtendedMessageType(rawValue: type)) }
    return header.numberOfDataObjects == 0
      ? .control(ControlMessageType(rawValue: type)) : .data(DataMessageType(rawValue: type))
  }

  @inlinable public var isGoodCRC: Bool { header.isGoodCRC }

  /// Who sent it, read from bit 8: Port Power Role on SOP, Cable Plug on SOP′ and SOP″ (USB-PD R3.2 §6.2.1.1.4).
  @inlinable public var sender: Sender {
    let bit = header.rawValue & 0x0100 != 0
    return orderedSet == .sop ? (bit ? .source : .sink) : (bit ? .cablePlug : .port)
  }

  /// The extended header of an extended message; `nil` for other messages and where its two bytes are missing.
  @inlinable public var extendedHeader: ExtendedMessageHeader? {
    guard header.extended, payloadCount >= 2 else { return nil }
    return ExtendedMessageHeader(rawValue: UInt16(bytes[2]) | UInt16(bytes[3]) &<< 8)
  }

  /// How many whole data objects the message holds; never more than its header announces.
  ///
  /// What else arrived (a CRC that somebody left in the bytes, say) is not an object.
  @inlinable public var objectCount: Int {
    header.extended ? 0 : min(Int(header.numberOfDataObjects), payloadCount >> 2)
  }

  /// Data object `index`, counted from 0; 0 where there is none.
  @inlinable public func object(_ index: Int) -> UInt32 {
    index >= 0 && index < objectCount ? bytes.littleEndianWord(at: 2 &+ index &<< 2) : 0
  }
}

extension MessageHeader {
  /// A control message of type 1.
  @inlinable public var isGoodCRC: Bool { rawValue & 0xF01F == 0x0001 }
}

extension Span<UInt8> {
  /// The little-endian word in the four bytes from `offset` on; traps where they are not within the span.
  @inlinable @inline(__always) func littleEndianWord(at offset: Int) -> UInt32 {
    // "unsafe" because the type could be one that does not take any bits; a UInt32 takes all. Bounds are checked.
    UInt32(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
}

/// Why bytes are not a message.
public enum MessageError: Error, Equatable, Sendable {
  /// Fewer than the two bytes of a message header (diagnostic PD0101).
  case tooShort(byteCount: Int)
  /// More than 266 bytes (PD0102).
  case tooLong(byteCount: Int)
  /// The CRC that was received is not that of the bytes (PD0106).
  case crcMismatch(received: UInt32, computed: UInt32)
}
