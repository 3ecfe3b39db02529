public import LineCode

/// A USB-PD message as it travels: the message header and what follows it, without the CRC (USB-PD R3.2 §6.2).
///
/// The value has a fixed size and keeps every byte, so encoding gives back what was decoded, whatever the bytes say:
/// reserved bits, wrong counts and padding included. What the bytes mean is read by `ReadingContext`.
public struct Message: Sendable {
  /// Most bytes: the header, the extended header, 260 bytes of data and two of padding (§6.2.1.2.5).
  public static var maximumByteCount: Int { 266 }

  /// The kind of packet that carries the message.
  public var orderedSet: OrderedSet
  /// Bytes of the whole message, header included, without CRC: 2 to `maximumByteCount`.
  public private(set) var byteCount: Int
  /// The message in wire order; bytes past `byteCount` are zero.
  private var storage: InlineArray<266, UInt8>

  /// A message with nothing behind its header.
  public init(header: MessageHeader, orderedSet: OrderedSet = .sop) {
    self.orderedSet = orderedSet
    byteCount = 2
    storage = InlineArray(repeating: 0)
    self.header = header
  }

  /// Keeps a message that is in somebody else's bytes.
  public init(_ view: borrowing MessageView) {
    orderedSet = view.orderedSet
    storage = InlineArray(repeating: 0)
    byteCount = min(view.bytes.count, Message.maximumByteCount)
    for index in 0..<byteCount { storage[index] = view.bytes[index] }
  }

  /// Reads a message from its bytes in wire order, without CRC.
  /// - Throws: `MessageError.tooShort` below 2 bytes, `.tooLong` above 266.
  public init(wireBytes bytes: Span<UInt8>, orderedSet: OrderedSet = .sop) throws(MessageError) {
    self.init(try MessageView(wireBytes: bytes, orderedSet: orderedSet))
  }

  /// Reads a message from its packet: the bytes in wire order with the four bytes of the CRC at the end.
  /// - Throws: `MessageError.crcMismatch` where the CRC does not hold, and what `init(wireBytes:)` throws.
  public init(packet bytes: Span<UInt8>, orderedSet: OrderedSet = .sop) throws(MessageError) {
    self.init(try MessageView(packet: bytes, orderedSet: orderedSet))
  }

  /// The header; setting it changes nothing else.
  public var header: MessageHeader {
    get { MessageHeader(rawValue: UInt16(storage[0]) | UInt16(storage[1]) &<< 8) }
    set {
      storage[0] = UInt8(truncatingIfNeeded: newValue.rawValue)
      storage[1] = UInt8(truncatingIfNeeded: newValue.rawValue &>> 8)
    }
  }

  /// The whole message in wire order, without CRC.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { storage.span.extracting(first: byteCount) }
  }

  /// Calls `body` with the view that reads the message.
  public func withView<Result>(_ body: (borrowing MessageView) -> Result) -> Result? {
    guard let view = try? MessageView(wireBytes: bytes, orderedSet: orderedSet) else { return nil }
    return body(view)
  }

  /// Writes the message in wire order, without CRC; stops where `output` is full.
  public func encode(into output: inout OutputSpan<UInt8>) {
    for index in 0..<min(byteCount, output.freeCapacity) { output.append(storage[index]) }
  }

  /// Appends one byte to the payload; ignored when the message is full.
  mutating func append(byte: UInt8) {
    guard byteCount < Message.maximumByteCount else { return }
    storage[byteCount] = byte
    byteCount &+= 1
  }

  mutating func append(word: UInt32) {
    for shift in 0..<4 { append(byte: UInt8(truncatingIfNeeded: word &>> UInt32(8 &* shift))) }
  }
}

extension Message: Equatable {
  public static func == (left: Message, right: Message) -> Bool {
    guard left.orderedSet == right.orderedSet, left.byteCount == right.byteCount else { return false }
    for index in 0..<left.byteCount where left.storage[index] != right.storage[index] { return false }
    return true
  }
}

// MARK: - Reading, as `MessageView` does

extension Message {
  public var kind: MessageKind { withView { $0.kind } ?? .control(ControlMessageType(rawValue: 0)) }
  public var isGoodCRC: Bool { header.isGoodCRC }
  public var sender: Sender { withView { $0.sender } ?? .sink }
  public var extendedHeader: ExtendedMessageHeader? { withView { $0.extendedHeader } ?? nil }
  /// How many whole data objects the message holds; never more than its header announces.
  public var objectCount: Int { withView { $0.objectCount } ?? 0 }
  /// Data object `index`, counted from 0; 0 where there is none.
  public func object(_ index: Int) -> UInt32 { withView { $0.object(index) } ?? 0 }
}

// MARK: - Making messages

extension Message {
  /// A control message: `header` gives roles, revision and MessageID; type and object count are set here.
  public init(_ type: ControlMessageType, header: MessageHeader, orderedSet: OrderedSet = .sop) {
    var header = header
    header.extended = false
    header.numberOfDataObjects = 0
    header.messageType = type.rawValue
    self.init(header: header, orderedSet: orderedSet)
  }

  /// A data message with up to seven objects; further ones are left out.
  public init(
    _ type: DataMessageType, objects: Span<UInt32>, header: MessageHeader, orderedSet: OrderedSet = .sop
  ) {
    var header = header
    let count = min(objects.count, 7)
    header.extended = false
    header.numberOfDataObjects = UInt8(truncatingIfNeeded: count)
    header.messageType = type.rawValue
    self.init(header: header, orderedSet: orderedSet)
    for index in 0..<count { append(word: objects[index]) }
  }

  /// A data message with one object.
  public init(
    _ type: DataMessageType, object: UInt32, header: MessageHeader, orderedSet: OrderedSet = .sop
  ) {
    let objects: InlineArray<1, UInt32> = [object]
    self.init(type, objects: objects.span, header: header, orderedSet: orderedSet)
  }

  /// An extended message in one packet: one chunk of a chunked message, or an unchunked one (§6.2.1.2).
  ///
  /// A chunk is padded with zeros to whole objects and counted in the message header; an unchunked message is
  /// neither. `data` past 260 bytes is left out.
  public init(
    _ type: ExtendedMessageType, extendedHeader: ExtendedMessageHeader, data: Span<UInt8>,
    header: MessageHeader, orderedSet: OrderedSet = .sop
  ) {
    var header = header
    header.extended = true
    header.messageType = type.rawValue
    header.numberOfDataObjects = 0
    self.init(header: header, orderedSet: orderedSet)
    append(byte: UInt8(truncatingIfNeeded: extendedHeader.rawValue))
    append(byte: UInt8(truncatingIfNeeded: extendedHeader.rawValue >> 8))
    for index in 0..<min(data.count, DataBlock.capacity) { append(byte: data[index]) }
    guard extendedHeader.chunked else { return }
    while byteCount & 3 != 2 { append(byte: 0) }
    header.numberOfDataObjects = UInt8(truncatingIfNeeded: min((byteCount &- 2) >> 2, 7))
    self.header = header
  }
}
