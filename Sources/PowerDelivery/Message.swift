public import LineCode

/// A USB-PD message as it travels: the message header and what follows it, without the CRC (USB-PD R3.2 §6.2).
///
/// The value has a fixed size and keeps every byte, so encoding gives back what was decoded, whatever the bytes say:
/// reserved bits, wrong counts and padding included. What the bytes mean is read by `ReadingContext`.
public struct Message: Sendable {
  /// Most bytes after the message header: the extended header, 260 bytes of data and two of padding (§6.2.1.2.5).
  public static var maximumPayload: Int { 264 }

  /// The kind of packet that carries the message.
  public var orderedSet: OrderedSet
  public var header: MessageHeader
  /// How many bytes follow the message header, 0 to `maximumPayload`.
  public private(set) var payloadCount: Int
  /// The payload as little-endian words; bytes past `payloadCount` are zero.
  @usableFromInline var words: InlineArray<66, UInt32>

  /// A message with nothing behind its header.
  public init(header: MessageHeader, orderedSet: OrderedSet = .sop) {
    self.orderedSet = orderedSet
    self.header = header
    payloadCount = 0
    words = InlineArray(repeating: 0)
  }

  /// Reads a message from its bytes in wire order, without CRC.
  /// - Throws: `MessageError.tooShort` below 2 bytes, `.tooLong` above 266.
  public init(wireBytes bytes: Span<UInt8>, orderedSet: OrderedSet = .sop) throws(MessageError) {
    let count = bytes.count
    guard count >= 2 else { throw .tooShort(byteCount: count) }
    guard count <= 2 + Message.maximumPayload else { throw .tooLong(byteCount: count) }
    self.orderedSet = orderedSet
    header = MessageHeader(rawValue: UInt16(bytes[0]) | UInt16(bytes[1]) << 8)
    payloadCount = count &- 2
    words = InlineArray(repeating: 0)
    let raw = bytes.bytes
    let whole = payloadCount >> 2
    for index in 0..<whole {
      words[index] = UInt32(
        littleEndian: unsafe raw.unsafeLoadUnaligned(fromByteOffset: 2 &+ index &<< 2, as: UInt32.self))
    }
    for offset in (whole &<< 2)..<payloadCount {
      words[whole] |= UInt32(bytes[2 &+ offset]) &<< UInt32(8 &* (offset & 3))
    }
  }

  /// Reads a message from its packet: the bytes in wire order with the four bytes of the CRC at the end.
  /// - Throws: `MessageError.crcMismatch` where the CRC does not hold, and what `init(wireBytes:)` throws.
  public init(packet bytes: Span<UInt8>, orderedSet: OrderedSet = .sop) throws(MessageError) {
    let count = bytes.count
    guard count >= 6 else { throw .tooShort(byteCount: max(0, count &- 4)) }
    let message = bytes.extracting(first: count &- 4)
    let received = UInt32(
      littleEndian: unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
    let computed = CRC32.checksum(of: message)
    guard received == computed else { throw .crcMismatch(received: received, computed: computed) }
    try self.init(wireBytes: message, orderedSet: orderedSet)
  }

  /// Bytes of the whole message, header included, without CRC.
  public var byteCount: Int { payloadCount &+ 2 }

  /// The byte at `index` in wire order; `nil` outside `0..<byteCount`.
  public func byte(at index: Int) -> UInt8? {
    switch index {
    case 0: UInt8(truncatingIfNeeded: header.rawValue)
    case 1: UInt8(truncatingIfNeeded: header.rawValue >> 8)
    case 2..<byteCount: payloadByte(at: index &- 2)
    default: nil
    }
  }

  /// The payload byte at `index`, counted from the first byte after the message header; 0 past the end.
  @usableFromInline func payloadByte(at index: Int) -> UInt8 {
    guard index >= 0, index < Message.maximumPayload else { return 0 }
    return UInt8(truncatingIfNeeded: words[index >> 2] &>> UInt32(8 &* (index & 3)))
  }

  /// Writes the message in wire order, without CRC; stops where `output` is full.
  public func encode(into output: inout OutputSpan<UInt8>) {
    for index in 0..<byteCount {
      guard output.freeCapacity > 0, let byte = byte(at: index) else { return }
      output.append(byte)
    }
  }

  /// Appends one byte to the payload; ignored when the message is full.
  mutating func append(byte: UInt8) {
    guard payloadCount < Message.maximumPayload else { return }
    words[payloadCount >> 2] |= UInt32(byte) &<< UInt32(8 &* (payloadCount & 3))
    payloadCount &+= 1
  }
}

extension Message: Equatable {
  public static func == (left: Message, right: Message) -> Bool {
    guard left.orderedSet == right.orderedSet, left.header == right.header,
      left.payloadCount == right.payloadCount
    else { return false }
    for index in 0..<(left.payloadCount &+ 3) >> 2 where left.words[index] != right.words[index] {
      return false
    }
    return true
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
