public import LineCode

/// A message of at most seven data objects, without the CRC: everything but an unchunked extended message.
///
/// What two ports say to each other in a negotiation fits: control and data messages, and every chunk of an extended
/// message (USB-PD R3.2 §6.2.1.2.5: 26 bytes of data and 2 of extended header). The value is an eighth of a `Message`,
/// so a machine can keep, copy and hand it on without a thought. `Message` is the lossless one.
public struct ShortMessage: Sendable {
  /// The kind of packet that carries the message.
  public var orderedSet: OrderedSet
  @usableFromInline var storedCount: UInt8
  public var header: MessageHeader
  @usableFromInline var words: InlineArray<7, UInt32>

  /// How many whole words follow the header; never more than seven.
  @inlinable public var wordCount: UInt8 { storedCount }

  /// A message with nothing behind its header.
  @inlinable public init(header: MessageHeader, orderedSet: OrderedSet = .sop) {
    self.header = header
    self.orderedSet = orderedSet
    storedCount = 0
    words = InlineArray(repeating: 0)
  }

  /// Keeps a message; of one that is longer than 30 bytes, only its beginning (`isWhole` tells).
  public init(_ view: borrowing MessageView) {
    self.init(header: view.header, orderedSet: view.orderedSet)
    let count = min(7, (view.payloadCount &+ 3) >> 2)
    for index in 0..<count {
      var word: UInt32 = 0
      for byte in 0..<4 {
        word |= UInt32(view.payloadByte(at: index &* 4 &+ byte)) &<< UInt32(8 &* byte)
      }
      words[index] = word
    }
    storedCount = UInt8(truncatingIfNeeded: count)
  }

  /// A control message: `header` gives roles, revision and MessageID; type and object count are set here.
  @inlinable public init(_ type: ControlMessageType, header: MessageHeader, orderedSet: OrderedSet = .sop) {
    self.init(
      header: MessageHeader(rawValue: header.rawValue & 0x0FE0 | UInt16(type.rawValue)),
      orderedSet: orderedSet)
  }

  /// A data message without objects yet: `append` adds them.
  @inlinable public init(_ type: DataMessageType, header: MessageHeader, orderedSet: OrderedSet = .sop) {
    self.init(
      header: MessageHeader(rawValue: header.rawValue & 0x0FE0 | UInt16(type.rawValue)),
      orderedSet: orderedSet)
  }

  /// One chunk of an extended message, padded with zeros to whole objects (§6.2.1.2).
  /// - Parameter block: the data of the whole message; the chunk takes the 26 bytes that its number names.
  public init(
    _ type: ExtendedMessageType, chunk: ExtendedMessageHeader, of block: borrowing DataBlock,
    header: MessageHeader, orderedSet: OrderedSet = .sop
  ) {
    var header = MessageHeader(rawValue: header.rawValue & 0x0FE0 | UInt16(type.rawValue))
    header.extended = true
    self.init(header: header, orderedSet: orderedSet)
    let first = Int(chunk.chunkNumber) &* DataBlock.chunkSize
    let count = chunk.requestChunk ? 0 : max(0, min(DataBlock.chunkSize, block.count &- first))
    storedCount = UInt8(truncatingIfNeeded: (count &+ 2 &+ 3) >> 2)
    words[0] = UInt32(chunk.rawValue)
    for index in 0..<count {
      let place = index &+ 2
      words[place >> 2] |= UInt32(block[first &+ index]) &<< UInt32(8 &* (place & 3))
    }
    self.header.numberOfDataObjects = wordCount
  }

  /// Appends a data object and counts it in the header; ignored when there are seven.
  @inlinable public mutating func append(_ word: UInt32) {
    guard wordCount < 7 else { return }
    words[Int(wordCount)] = word
    storedCount &+= 1
    header = MessageHeader(rawValue: header.rawValue & 0x8FFF | UInt16(wordCount) &<< 12)
  }

  /// Data object `index`, counted from 0; 0 where there is none.
  @inlinable public func object(_ index: Int) -> UInt32 {
    index >= 0 && index < Int(wordCount) ? words[index] : 0
  }

  /// How many whole data objects there are; never more than the header announces.
  @inlinable public var objectCount: Int {
    header.extended ? 0 : min(Int(header.numberOfDataObjects), Int(wordCount))
  }

  /// The extended header of an extended message; `nil` for other messages and where it is missing.
  @inlinable public var extendedHeader: ExtendedMessageHeader? {
    guard header.extended, wordCount > 0 else { return nil }
    return ExtendedMessageHeader(rawValue: UInt16(truncatingIfNeeded: words[0]))
  }

  @inlinable public var isGoodCRC: Bool { header.isGoodCRC }

  /// Whether the value holds all of the message: false for an unchunked extended message of more than 26 bytes.
  public var isWhole: Bool {
    guard let extended = extendedHeader, !extended.chunked else { return true }
    return extended.dataSize <= 26
  }

  /// The class and type that the header names.
  @inlinable public var kind: MessageKind {
    let type = header.messageType
    if header.extended { return .extended(ExtendedMessageType(rawValue: type)) }
    return header.numberOfDataObjects == 0
      ? .control(ControlMessageType(rawValue: type)) : .data(DataMessageType(rawValue: type))
  }

  /// The message in the form that keeps every byte. Bytes of padding behind the last chunk are part of it.
  public var message: Message {
    var message = Message(header: header, orderedSet: orderedSet)
    for index in 0..<Int(wordCount) { message.append(word: words[index]) }
    return message
  }
}

extension ShortMessage: Equatable {
  public static func == (left: ShortMessage, right: ShortMessage) -> Bool {
    guard left.orderedSet == right.orderedSet, left.header == right.header,
      left.wordCount == right.wordCount
    else { return false }
    for index in 0..<Int(left.wordCount) where left.words[index] != right.words[index] { return false }
    return true
  }
}
