/// The bits of one transmission in the order of sending: preamble, ordered set, and for a packet bytes, CRC
/// and EOP (USB-PD R3.2 §5.5, §5.6).
public struct LineFrame: Sendable {
  /// The longest message without its CRC, in bytes.
  public static var longestMessage: Int { 268 }

  private var bytes = LineBytes()
  private let symbols: SymbolQuadruple
  private let isPacket: Bool
  private var position = 0
  private var symbol: UInt8 = 0

  /// A packet with `message` (header, extended header, payload in wire order), or a reset signal, for which
  /// it is ignored.
  ///
  /// `crc` replaces the computed CRC, and `symbols` the K-codes of the set, to make packets that a receiver
  /// has to refuse. Nil when the message has more than 268 bytes.
  public init?(
    _ orderedSet: OrderedSet, message: Span<UInt8>, crc: UInt32? = nil, symbols: SymbolQuadruple? = nil
  ) {
    guard message.count <= LineFrame.longestMessage else { return nil }
    isPacket = orderedSet.startsPacket
    self.symbols = symbols ?? orderedSet.symbols
    guard isPacket else { return }
    for index in message.indices { bytes.store(message[index], at: index) }
    let sum = crc ?? CRC32(of: message).value
    for index in 0..<4 {
      let byte = UInt8(truncatingIfNeeded: sum &>> UInt32(truncatingIfNeeded: 8 &* index))
      bytes.store(byte, at: message.count &+ index)
    }
    bytes.count = message.count &+ 4
  }

  /// How many bits it has: 64, 20, and for a packet 10 a byte and 5 for EOP.
  public var bitCount: Int { isPacket ? 89 &+ 10 &* bytes.count : 84 }

  /// The next bit, or nil at the end.
  public mutating func nextBit() -> Bool? {
    guard position < bitCount else { return nil }
    let index = position &- 64
    position &+= 1
    guard index >= 0 else { return index & 1 == 1 }
    if index % 5 == 0 { symbol = symbol(at: index / 5).rawValue }
    let bit = symbol & 1 == 1
    symbol &>>= 1
    return bit
  }

  /// The symbol that stands so many symbols behind the preamble.
  private func symbol(at index: Int) -> LineSymbol {
    guard index >= 4 else { return symbols[index] }
    let nibble = index &- 4
    guard nibble / 2 < bytes.count else { return .eop }
    let byte = bytes.span[nibble / 2]
    return LineSymbol(nibble: nibble & 1 == 0 ? byte & 15 : byte &>> 4)
  }
}
