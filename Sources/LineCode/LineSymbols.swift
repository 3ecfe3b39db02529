// The 4b5b code and the ordered sets (USB-PD R3.2 §5.3, §5.4, Tables 5.1 to 5.8); the codes themselves are in
// `Generated/LineSymbolTables.swift`.

/// A 4b5b symbol, b4…b0 in its low five bits; b0 is sent first.
public struct LineSymbol: RawRepresentable, Equatable, Hashable, Sendable {
  public var rawValue: UInt8
  /// Bits above the low five are dropped.
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue & 31 }

  /// The symbol of a nibble; bits above the low four are dropped.
  public init(nibble: UInt8) { rawValue = LineSymbolTables.encode[Int(nibble & 15)] }

  /// The nibble, 0 to 15, or nil for a K-code and for the ten symbols that mean nothing.
  public var nibble: UInt8? {
    let value = LineSymbolTables.decode[Int(rawValue & 31)]
    return value < 16 ? value : nil
  }
}

/// Four symbols as they stand on the line, the first one in the low five bits.
public struct SymbolQuadruple: RawRepresentable, Equatable, Hashable, Sendable {
  public var rawValue: UInt32
  /// Bits above the low twenty are dropped.
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue & 0xFFFFF }

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
