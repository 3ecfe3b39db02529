// The 4b5b code and the ordered sets (USB-PD R3.2 §5.3, §5.4, Tables 5.1 to 5.8).

/// A 4b5b symbol, b4…b0 in its low five bits; b0 is sent first.
public struct LineSymbol: RawRepresentable, Equatable, Hashable, Sendable {
  public var rawValue: UInt8
  /// Bits above the low five are dropped.
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue & 31 }

  /// Sync-1.
  public static var sync1: LineSymbol { LineSymbol(rawValue: 0b11000) }
  /// Sync-2.
  public static var sync2: LineSymbol { LineSymbol(rawValue: 0b10001) }
  /// Sync-3.
  public static var sync3: LineSymbol { LineSymbol(rawValue: 0b00110) }
  /// RST-1.
  public static var reset1: LineSymbol { LineSymbol(rawValue: 0b00111) }
  /// RST-2.
  public static var reset2: LineSymbol { LineSymbol(rawValue: 0b11001) }
  /// EOP: end of packet.
  public static var endOfPacket: LineSymbol { LineSymbol(rawValue: 0b01101) }

  /// The symbol of a nibble; bits above the low four are dropped.
  public init(nibble: UInt8) { rawValue = LineSymbolTables.encode[Int(nibble & 15)] }

  /// The nibble, 0 to 15, or nil for a K-code and for the ten symbols that mean nothing.
  public var nibble: UInt8? {
    let value = LineSymbolTables.decode[Int(rawValue & 31)]
    return value < 16 ? value : nil
  }
}

enum LineSymbolTables {
  /// Symbol by nibble.
  static let encode: InlineArray<16, UInt8> = [
    0b11110, 0b01001, 0b10100, 0b10101, 0b01010, 0b01011, 0b01110, 0b01111,
    0b10010, 0b10011, 0b10110, 0b10111, 0b11010, 0b11011, 0b11100, 0b11101,
  ]
  /// Nibble by symbol; 16 is a K-code, 32 an unused symbol.
  static let decode: InlineArray<32, UInt8> = [
    32, 32, 32, 32, 32, 32, 16, 16, 32, 1, 4, 5, 32, 16, 6, 7,
    32, 16, 8, 9, 2, 3, 10, 11, 16, 16, 12, 13, 14, 15, 0, 32,
  ]
}

/// Four symbols as they stand on the line, the first one in the low five bits.
public struct SymbolQuadruple: RawRepresentable, Equatable, Hashable, Sendable {
  public var rawValue: UInt32
  /// Bits above the low twenty are dropped.
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue & 0xFFFFF }

  init(_ first: LineSymbol, _ second: LineSymbol, _ third: LineSymbol, _ fourth: LineSymbol) {
    rawValue =
      UInt32(first.rawValue) | UInt32(second.rawValue) &<< 5 | UInt32(third.rawValue) &<< 10
      | UInt32(fourth.rawValue) &<< 15
  }

  /// Symbol 0 to 3 in the order of sending; other indices count modulo 4.
  @inlinable public subscript(index: Int) -> LineSymbol {
    LineSymbol(rawValue: UInt8(truncatingIfNeeded: rawValue &>> (UInt32(truncatingIfNeeded: index & 3) &* 5)))
  }

  /// How many of the four symbols differ from those of `other`, 0 to 4.
  func mismatches(_ other: SymbolQuadruple) -> Int {
    let difference = rawValue ^ other.rawValue
    var count = 0
    if difference & 0x1F != 0 { count &+= 1 }
    if difference & 0x3E0 != 0 { count &+= 1 }
    if difference & 0x7C00 != 0 { count &+= 1 }
    if difference & 0xF8000 != 0 { count &+= 1 }
    return count
  }
}

extension OrderedSet {
  /// The four K-codes of the set.
  public var symbols: SymbolQuadruple {
    switch self {
    case .sop: SymbolQuadruple(.sync1, .sync1, .sync1, .sync2)
    case .sopPrime: SymbolQuadruple(.sync1, .sync1, .sync3, .sync3)
    case .sopDoublePrime: SymbolQuadruple(.sync1, .sync3, .sync1, .sync3)
    case .sopPrimeDebug: SymbolQuadruple(.sync1, .reset2, .reset2, .sync3)
    case .sopDoublePrimeDebug: SymbolQuadruple(.sync1, .reset2, .sync3, .sync2)
    case .hardReset: SymbolQuadruple(.reset1, .reset1, .reset1, .reset2)
    case .cableReset: SymbolQuadruple(.reset1, .sync1, .reset1, .sync3)
    }
  }

  /// The set with rank 0 to 6 in the order of the cases; other ranks give nil.
  @inlinable init?(rank: Int) {
    guard rank >= 0, rank < 7 else { return nil }
    self.init(rawValue: UInt8(truncatingIfNeeded: rank))
  }

  /// The set that `symbols` spell with at most one wrong symbol (USB-PD R3.2 §5.4).
  ///
  /// Some sets differ in two K-codes only, so a wrong symbol that is itself a K-code can fit two or three
  /// sets: that is nil, like two wrong symbols.
  public static func match(_ symbols: SymbolQuadruple) -> (set: OrderedSet, wrongSymbols: Int)? {
    var found: OrderedSet?
    for rank in 0..<7 {
      guard let set = OrderedSet(rank: rank) else { continue }
      let wrong = set.symbols.mismatches(symbols)
      if wrong == 0 { return (set, 0) }
      guard wrong == 1 else { continue }
      if found != nil { return nil }
      found = set
    }
    guard let found else { return nil }
    return (found, 1)
  }
}
