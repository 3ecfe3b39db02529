public import Quantities

/// The bytes of a packet between ordered set and EOP: header, payload and CRC in wire order.
///
/// The longest message, an unchunked extended one, has 268 bytes with its CRC (USB-PD R3.2 §6.2.1); room is
/// for 272.
public struct LineBytes: Sendable {
  /// The most bytes that are kept.
  public static var capacity: Int { 272 }

  var storage = InlineArray<272, UInt8>(repeating: 0)

  /// How many bytes there are, 0 to 272.
  public internal(set) var count = 0

  init() {}

  /// The bytes.
  public var span: Span<UInt8> {
    @_lifetime(borrow self)
    get { storage.span.extracting(first: count) }
  }

  /// The bytes before the last four, which are the CRC; empty when there are fewer than four.
  public var message: Span<UInt8> {
    @_lifetime(borrow self)
    get { storage.span.extracting(first: count < 4 ? 0 : count &- 4) }
  }

  /// Keeps `byte` at `index`; an index out of range keeps nothing.
  mutating func store(_ byte: UInt8, at index: Int) {
    guard index >= 0, index < LineBytes.capacity else { return }
    storage[index] = byte
  }

  /// The last four bytes as a little-endian value, or nil when there are fewer.
  var trailingCRC: UInt32? {
    guard count >= 4, count <= LineBytes.capacity else { return nil }
    return UInt32(storage[count &- 4]) | UInt32(storage[count &- 3]) &<< 8
      | UInt32(storage[count &- 2]) &<< 16 | UInt32(storage[count &- 1]) &<< 24
  }
}

/// Why a packet could not be read to its end, and where.
public struct LineDamage: Equatable, Sendable {
  public enum Reason: Equatable, Sendable {
    /// No ordered set follows the preamble: two or more of the four symbols are wrong, or one is and fits
    /// two sets.
    case unrecognisedOrderedSet
    /// A symbol that is neither a nibble nor EOP stands in the packet.
    case invalidSymbol(LineSymbol)
    /// The line went idle before EOP.
    case wentIdle
    /// An edge came where no bit cell has one: edges are missing or too many.
    case phaseLost
    /// More bytes than the longest message has.
    case tooLong
    /// EOP came before header and CRC were complete.
    case tooShort
    /// EOP came after an odd number of nibbles; the last whole byte is the last one kept.
    case halfByte
  }

  public var reason: Reason
  /// How many nibbles had been read when it happened.
  public var afterNibbles: Int

  public init(_ reason: Reason, afterNibbles: Int) {
    self.reason = reason
    self.afterNibbles = afterNibbles
  }
}

/// What a receiver made of one transmission on the line.
public struct LineEvent: Sendable {
  /// How well it was read.
  public enum Outcome: Equatable, Sendable {
    /// A packet with its right CRC, or a reset signal.
    case intact
    /// A packet complete to EOP whose CRC does not hold.
    case wrongCRC
    /// Not read to the end.
    case damaged(LineDamage)
  }

  /// The first edge of the preamble that was seen.
  public var start: Ticks
  /// The edge that ends the last bit; for a damaged packet the last edge before the line went idle.
  public var end: Ticks
  /// The first edge after the line's rest. A driver may come on a little before the preamble (tStartDrive); the same
  /// as `start` where that is not known.
  public var onset: Ticks
  /// The last edge before the line comes to rest, when the driver lets go of it (up to tEndDriveBMC, 23 µs, after the
  /// last bit); the same as `end` where that is not known.
  public var release: Ticks
  /// The bit rate, averaged over the transmission from where the receiver locked.
  public var bitRate: BitsPerSecond
  /// The ordered set, or nil when none was recognised.
  public var orderedSet: OrderedSet?
  /// The four symbols that followed the preamble, as received; all zero when the line ended before them.
  public var symbols: SymbolQuadruple
  /// How many of the four symbols differ from the ordered set: 0 or 1; 0 when none was recognised.
  public var wrongSymbols: Int
  public var outcome: Outcome
  /// The bytes as received, CRC included; what was read before the damage if there is one.
  public var bytes: LineBytes
  /// The CRC that was received: the last four bytes of a packet that is complete to EOP.
  public var receivedCRC: UInt32?
  /// The CRC of the bytes before it.
  public var computedCRC: UInt32?
}
