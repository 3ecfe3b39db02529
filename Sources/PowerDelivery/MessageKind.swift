public import LineCode

/// Which message it is: the class that the header gives, and the type within that class (USB-PD R3.2 §6.2.1.1.8).
public enum MessageKind: Hashable, Sendable {
  case control(ControlMessageType)
  case data(DataMessageType)
  case extended(ExtendedMessageType)

  /// The standard's name of the message (`Source_Capabilities`); `nil` where the type is reserved.
  public var name: StaticString? {
    switch self {
    case .control(let type): type.name
    case .data(let type): type.name
    case .extended(let type): type.name
    }
  }
}

/// Who sent a message, as far as its header tells.
public enum Sender: UInt8, Hashable, Sendable {
  /// The port that is the source, or the sink, at this time (Port Power Role, SOP).
  case source, sink
  /// On SOP′ and SOP″: the port that is VCONN source, or the cable plug (or VPD) itself.
  case port, cablePlug
}

extension Message {
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

  @inlinable public var isGoodCRC: Bool { !header.extended && header.rawValue & 0x701F == 0x0001 }

  /// Who sent it, read from bit 8: Port Power Role on SOP, Cable Plug on SOP′ and SOP″ (§6.2.1.1.4, §6.2.1.1.7).
  @inlinable public var sender: Sender {
    let bit = header.rawValue & 0x0100 != 0
    return orderedSet == .sop ? (bit ? .source : .sink) : (bit ? .cablePlug : .port)
  }

  /// The extended header of an extended message; `nil` for other messages and where its two bytes are missing.
  @inlinable public var extendedHeader: ExtendedMessageHeader? {
    header.extended && payloadCount >= 2
      ? ExtendedMessageHeader(rawValue: UInt16(truncatingIfNeeded: words[0])) : nil
  }

  /// How many whole data objects the message holds; never more than its header announces.
  ///
  /// What else arrived (a CRC that somebody left in the bytes, say) is not an object.
  @inlinable public var objectCount: Int {
    header.extended ? 0 : min(Int(header.numberOfDataObjects), payloadCount >> 2)
  }

  /// Data object `index`, counted from 0; 0 where there is none.
  @inlinable public func object(_ index: Int) -> UInt32 {
    index >= 0 && index < objectCount ? words[index] : 0
  }
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
    while payloadCount & 3 != 0 { append(byte: 0) }
    self.header.numberOfDataObjects = UInt8(truncatingIfNeeded: payloadCount >> 2)
  }

  mutating func append(word: UInt32) {
    for shift in 0..<4 { append(byte: UInt8(truncatingIfNeeded: word &>> UInt32(8 &* shift))) }
  }
}
