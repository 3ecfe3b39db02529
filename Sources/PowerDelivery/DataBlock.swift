/// The data of an extended message, put together from its chunks, without headers and padding (USB-PD R3.2 §6.2.1.2).
public struct DataBlock: Sendable {
  /// MaxExtendedMsgLen: 260 bytes.
  public static var capacity: Int { 260 }
  /// MaxExtendedMsgChunkLen: bytes of every chunk but the last.
  public static var chunkSize: Int { 26 }

  var storage: InlineArray<260, UInt8>
  /// How many bytes there are.
  public internal(set) var count: Int

  public init() {
    storage = InlineArray(repeating: 0)
    count = 0
  }

  /// The byte at `index`; 0 past the end.
  public subscript(index: Int) -> UInt8 {
    index >= 0 && index < count ? storage[index] : 0
  }

  /// The little-endian word that starts at byte `offset`; bytes past the end are 0.
  public func word(at offset: Int) -> UInt32 {
    var word: UInt32 = 0
    for index in 0..<4 { word |= UInt32(self[offset &+ index]) &<< UInt32(8 &* index) }
    return word
  }

  /// Calls `body` with the bytes.
  public func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    body(storage.span.extracting(first: count))
  }

  /// Forgets the bytes.
  public mutating func removeAll() { count = 0 }

  /// Appends a byte; `false` when the block is full.
  @discardableResult public mutating func append(_ byte: UInt8) -> Bool {
    guard count < DataBlock.capacity else { return false }
    storage[count] = byte
    count &+= 1
    return true
  }

  /// Appends a word, lowest byte first; `false` when it does not fit.
  @discardableResult public mutating func append(word: UInt32) -> Bool {
    guard count &+ 4 <= DataBlock.capacity else { return false }
    for shift in 0..<4 { append(UInt8(truncatingIfNeeded: word &>> UInt32(8 &* shift))) }
    return true
  }
}

extension DataBlock: Equatable {
  public static func == (left: DataBlock, right: DataBlock) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left.storage[index] != right.storage[index] { return false }
    return true
  }
}
