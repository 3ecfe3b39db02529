/// The power data objects of a capabilities message, as raw words: up to seven in SPR, up to eleven in EPR.
public struct PowerDataObjectList: Sendable {
  /// Positions that a Request can name: 1 to 7 SPR, 8 to 11 EPR (USB-PD R3.2 §6.4.2.1).
  public static var capacity: Int { 11 }

  @usableFromInline var words: InlineArray<11, UInt32>
  @usableFromInline var storedCount: Int
  /// How many objects there are, empty ones included.
  @inlinable public var count: Int { storedCount }

  @inlinable public init() {
    words = InlineArray(repeating: 0)
    storedCount = 0
  }

  /// The objects of a data message.
  @inline(__always) init(_ message: borrowing MessageView) {
    words = InlineArray(repeating: 0)
    storedCount = message.objectCount
    for index in 0..<count { words[index] = message.bytes.littleEndianWord(at: 2 &+ index &<< 2) }
  }

  /// Appends an object; `false` when the list is full.
  @discardableResult @inlinable public mutating func append(_ word: UInt32) -> Bool {
    guard count < PowerDataObjectList.capacity else { return false }
    words[storedCount] = word
    storedCount &+= 1
    return true
  }

  /// The raw object at a position, counted from 1 as the standard does; `nil` where there is none.
  @inlinable public func word(at position: Int) -> UInt32? {
    position >= 1 && position <= count ? words[position &- 1] : nil
  }

  /// The object at a position, counted from 1, read as a source's; `nil` where there is none.
  public func source(at position: Int) -> SourcePDO? { word(at: position).map(SourcePDO.init(rawValue:)) }

  /// The object at a position, counted from 1, read as a sink's; `nil` where there is none.
  public func sink(at position: Int) -> SinkPDO? { word(at: position).map(SinkPDO.init(rawValue:)) }
}

extension PowerDataObjectList: Equatable {
  public static func == (left: Self, right: Self) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left.words[index] != right.words[index] { return false }
    return true
  }
}
