/// Bits to packets: the end of the preamble, the ordered set, nibbles, EOP.
///
/// It holds no bytes, so that a copy is cheap and a step can be taken back.
struct FrameAssembler {
  enum Phase: Equatable {
    case preamble
    /// The alternation has ended; so many bits since, the first odd one included.
    case orderedSet
    case packet
    /// Nothing more is read until the line is idle.
    case lost
    /// A reset signal with a wrong symbol has been read: it is one if nothing follows.
    case doubtfulReset
    /// EOP or the last symbol of a reset signal has been read.
    case complete
  }

  private(set) var phase = Phase.preamble
  private(set) var damage: LineDamage?
  private(set) var set: OrderedSet?
  private(set) var symbols = SymbolQuadruple(rawValue: 0)
  private(set) var wrongSymbols = 0
  private(set) var nibbles = 0
  /// Bits of the preamble that alternate as they should.
  private(set) var preambleBits: UInt32
  /// The last 32 bits, the newest on top.
  private var history: UInt32
  private var sinceBreak = 0
  private var breakBit = false
  /// The bits of the symbol that is being read, and how many.
  private var partial: UInt8 = 0
  private var partialCount = 0
  private var lowNibble: UInt8 = 0

  init(lastBit: Bool, preambleBits: UInt32) {
    history = lastBit ? 1 &<< 31 : 0
    self.preambleBits = preambleBits
  }

  /// Whole bytes read.
  var byteCount: Int { min(nibbles / 2, LineBytes.capacity) }

  mutating func take(_ bit: Bool, into bytes: inout LineBytes) {
    let last = history &>> 31 == 1
    history = history &>> 1 | (bit ? 1 &<< 31 : 0)
    switch phase {
    case .preamble:
      if bit != last {
        if preambleBits < .max { preambleBits &+= 1 }
      } else {
        phase = .orderedSet
        sinceBreak = 1
        breakBit = bit
      }
    case .orderedSet:
      sinceBreak &+= 1
      matchOrderedSet(into: &bytes)
    case .packet: takePacketBit(bit, into: &bytes)
    case .lost, .doubtfulReset, .complete: break
    }
  }

  /// The line went idle before the end, perhaps inside a last cell whose final edge is missing:
  /// `isPastMiddle` tells whether that cell is a 1. Returns whether that cell completed the transmission.
  mutating func finish(isPastMiddle: Bool, into bytes: inout LineBytes) -> Bool {
    var attempt = self
    if phase == .packet || phase == .orderedSet {
      attempt.take(isPastMiddle, into: &bytes)
      if attempt.phase == .complete, attempt.damage == nil, attempt.wrongSymbols == 0 {
        self = attempt
        return true
      }
    }
    if phase == .orderedSet {
      settle(into: &bytes)
      if phase == .doubtfulReset { phase = .complete }
      if phase == .orderedSet { fail(.unrecognisedOrderedSet) }
    }
    if phase != .complete { fail(.wentIdle) }
    return false
  }

  /// Gives up reading; the first reason stays.
  mutating func fail(_ reason: LineDamage.Reason) {
    if damage == nil { damage = LineDamage(reason, afterNibbles: nibbles) }
    if phase != .complete { phase = .lost }
  }

  /// More follows what looked like a reset signal with a wrong symbol.
  mutating func refuseReset() {
    set = nil
    wrongSymbols = 0
    fail(.unrecognisedOrderedSet)
  }

  // MARK: Ordered set

  /// The twenty bits that ended `ago` bits ago.
  private func window(_ ago: Int) -> SymbolQuadruple {
    SymbolQuadruple(rawValue: history &>> UInt32(truncatingIfNeeded: 12 &- ago))
  }

  /// The preamble's last bit is 1. Sync-1 breaks the alternation with its second bit, RST-1 with its first,
  /// so the set ends 19 or 20 bits after the break, itself counted. When the first symbol is wrong, it ends
  /// 13 to 20 bits after.
  private mutating func matchOrderedSet(into bytes: inout LineBytes) {
    if sinceBreak >= 13, let match = OrderedSet.match(window(0)), match.wrongSymbols == 0 {
      accept(match.set, wrong: 0, ago: 0, into: &bytes)
    } else if sinceBreak >= 20 {
      settle(into: &bytes)
      guard phase == .orderedSet else { return }
      // A bit read wrongly in the middle of the preamble: the alternation goes on after it.
      let recent = history &>> 20
      if recent == 0x555 || recent == 0xAAA {
        phase = .preamble
        preambleBits &+= UInt32(truncatingIfNeeded: sinceBreak)
      } else {
        symbols = window(expectedAgo)
        fail(.unrecognisedOrderedSet)
      }
    }
  }

  /// How many bits ago the set ended if its first symbol is right.
  private var expectedAgo: Int { max(sinceBreak &- (breakBit ? 20 : 19), 0) }

  /// Accepts three right symbols of four.
  private mutating func settle(into bytes: inout LineBytes) {
    let end = breakBit ? 20 : 19
    if sinceBreak >= end, let match = OrderedSet.match(window(sinceBreak &- end)) {
      return accept(match.set, wrong: match.wrongSymbols, ago: sinceBreak &- end, into: &bytes)
    }
    var ago = min(sinceBreak &- 13, 7)
    while ago >= 0 {
      let candidate = window(ago)
      // Off the expected place only the first symbol may be wrong, since only it moves the break.
      if let match = OrderedSet.match(candidate), match.set.symbols[0] != candidate[0] {
        return accept(match.set, wrong: match.wrongSymbols, ago: ago, into: &bytes)
      }
      ago &-= 1
    }
  }

  /// The set ended `ago` bits ago; the bits since then are read again as the packet's.
  private mutating func accept(_ found: OrderedSet, wrong: Int, ago: Int, into bytes: inout LineBytes) {
    set = found
    symbols = window(ago)
    wrongSymbols = wrong
    guard found.startsPacket else {
      // It has no CRC: twenty bits of something else come near a reset signal too easily.
      phase = wrong == 0 ? .complete : .doubtfulReset
      return
    }
    phase = .packet
    var left = ago
    while left > 0 {
      left &-= 1
      takePacketBit(history &>> UInt32(truncatingIfNeeded: 31 &- left) & 1 == 1, into: &bytes)
    }
  }

  // MARK: Packet

  private mutating func takePacketBit(_ bit: Bool, into bytes: inout LineBytes) {
    partial = partial &>> 1 | (bit ? 16 : 0)
    partialCount &+= 1
    guard partialCount == 5 else { return }
    partialCount = 0
    let symbol = LineSymbol(rawValue: partial)
    if let nibble = symbol.nibble {
      takeNibble(nibble, into: &bytes)
    } else if symbol == .eop {
      phase = .complete
      if nibbles < 12 {
        fail(.tooShort)
      } else if nibbles & 1 == 1 {
        fail(.halfByte)
      }
    } else {
      fail(.invalidSymbol(symbol))
    }
  }

  private mutating func takeNibble(_ nibble: UInt8, into bytes: inout LineBytes) {
    guard nibbles < 2 &* LineBytes.capacity else { return fail(.tooLong) }
    if nibbles & 1 == 0 {
      lowNibble = nibble
    } else {
      bytes.store(nibble &<< 4 | lowNibble, at: nibbles / 2)
    }
    nibbles &+= 1
  }
}
