public import LineCode

/// How a Twinkie lays out its packets of 64 bytes.
///
/// Nothing in a packet tells the two apart; the long one is of later firmware and known from one source only.
public enum TwinkieLayout: Sendable, CaseIterable {
  /// Sequence word, time, 60 edge bytes.
  case short
  /// Sequence word, time, a reading of VBUS, an offset, 56 edge bytes.
  case long

  /// Bytes in front of the edges.
  public var headerLength: Int { self == .short ? 4 : 8 }
}

/// One packet of a Twinkie's sniffer endpoint: a part, the sub-buffer, of a half of its ring of edges.
public struct TwinkiePacket: Equatable, Sendable {
  /// Bits 15 to 0: overflow, two unknown, channel, half-buffer (9), sub-buffer (3).
  public var word: UInt16
  /// The low half of the device's clock in µs at the end of the half-buffer.
  public var time: UInt16
  /// The long layout's reading of VBUS (the potential on CC1 packets, the current on CC2 packets) and its offset, in
  /// counts whose unit is not known; `nil` in the short layout.
  public var extra: Extra?
  /// Captures of a counter of 8 bits.
  public var edges: [UInt8]

  public struct Extra: Equatable, Sendable {
    public var vbus: UInt16
    public var offset: Int16

    public init(vbus: UInt16, offset: Int16) {
      self.vbus = vbus
      self.offset = offset
    }
  }

  public static let length = 64
  /// Sub-buffers of a half-buffer.
  public static let subBuffers = 8
  /// The counter's clock.
  public static var rate: TickRate { TickRate(hertz: 2_400_000) }

  public init(word: UInt16, time: UInt16, extra: Extra? = nil, edges: [UInt8]) {
    self.word = word
    self.time = time
    self.extra = extra
    self.edges = edges
  }

  /// Reads a packet.
  /// - Throws: `TwinkieError.length` unless there are 64 bytes.
  public init(_ bytes: Span<UInt8>, layout: TwinkieLayout = .short) throws(TwinkieError) {
    guard bytes.count == Self.length, let word = bytes.littleEndian(UInt16.self, at: 0),
      let time = bytes.littleEndian(UInt16.self, at: 2), let vbus = bytes.littleEndian(UInt16.self, at: 4),
      let offset = bytes.littleEndian(Int16.self, at: 6)
    else { throw .length(bytes.count) }
    self.word = word
    self.time = time
    extra = layout == .long ? Extra(vbus: vbus, offset: offset) : nil
    edges = bytes.bytes(layout.headerLength..<Self.length)
  }

  /// The bytes of the packet.
  public var bytes: [UInt8] {
    var words = [word, time]
    if let extra { words += [extra.vbus, UInt16(bitPattern: extra.offset)] }
    return words.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] } + edges
  }

  /// The device lost edges in front of this packet.
  public var hasOverflowed: Bool { word & 0x8000 != 0 }
  /// 0 for CC1, 1 for CC2.
  public var channel: Int { Int(word >> 12 & 1) }
  /// The running number of the half-buffer, modulo 512.
  public var halfBuffer: UInt16 { word >> 3 & 0x1FF }
  /// 0 to 7.
  public var subBuffer: UInt16 { word & 7 }
}

/// Why bytes are not what a Twinkie sends.
public enum TwinkieError: Error, Equatable, Sendable, CustomStringConvertible {
  case length(Int)

  public var description: String {
    switch self {
    case .length(let count): "a packet has 64 bytes, not \(count)"
    }
  }
}

/// Edge bytes to the ticks between edges.
///
/// The counter runs freely and its roll-over writes an entry as well, the last capture once more. An edge on its last
/// count, 0xFF, is written behind that roll-over.
public struct TwinkieEdges: Sendable {
  private var previous: UInt8?
  private var rollOvers: UInt64 = 0

  public init() {}

  /// From the last edge to the last entry.
  public var sinceEdge: Ticks {
    guard let previous, rollOvers > 0 else { return .zero }
    return Ticks(256 &* rollOvers &- UInt64(previous))
  }

  /// Takes an entry; gives the ticks since the edge before, `nil` for a roll-over and for the first entry.
  public mutating func take(_ entry: UInt8) -> Ticks? {
    guard let last = previous else {
      previous = entry
      return nil
    }
    guard entry != last else {
      rollOvers &+= 1
      return nil
    }
    var turns = rollOvers
    if turns > 0, entry < last || entry == 0xFF { turns &-= 1 }
    previous = entry
    rollOvers = 0
    return Ticks(UInt64(entry &- last) &+ 256 &* turns)
  }

  /// Forgets what it knows: entries are missing.
  public mutating func restart() { self = TwinkieEdges() }
}
