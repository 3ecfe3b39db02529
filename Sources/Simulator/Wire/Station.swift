public import Quantities

extension Side {
  var station: Station { self == .charger ? .charger : .phone }

  /// One side after the other, without the memory that `allCases` takes.
  struct Both: Sequence, IteratorProtocol {
    private var count: UInt8 = 0

    mutating func next() -> Side? {
      count &+= 1
      return Side(rawValue: count &- 1)
    }
  }

  static var both: Both { Both() }
}

/// Who can send on a CC wire.
public enum Station: UInt8, Equatable, Sendable {
  case charger, phone
  /// The plug that answers on SOP′, and the one that answers on SOP″.
  case nearPlug, farPlug

  static var count: Int { 4 }
  var index: Int { Int(rawValue) }
  /// The port, where it is one.
  var side: Side? { rawValue < 2 ? (self == .charger ? .charger : .phone) : nil }
}

/// What a station sends.
public enum SignalKind: UInt8, Equatable, Sendable {
  case packet, hardReset, cableReset
  /// The alternating bits of BIST Carrier Mode: they occupy the line and say nothing.
  case carrier
}

/// How the physical layer of a station behaves.
public struct PhyProfile: Equatable, Sendable {
  /// fBitRate, 270 to 330 kbit/s (USB-PD R3.2 §5.8.1).
  public var bitRate: BitsPerSecond
  /// From the moment at which a packet was asked for to the first bit of its preamble, for GoodCRC (tTransmit allows
  /// 195 µs from the EOP) and for all other packets (tReceiverResponse allows 15 ms).
  public var goodCRCLatency: Nanoseconds
  public var messageLatency: Nanoseconds
  /// How much longer, drawn for each packet, the latency of other packets may be.
  public var jitter: Nanoseconds

  public init(
    bitRate: BitsPerSecond = BitsPerSecond(300_000), goodCRCLatency: Nanoseconds = Nanoseconds(60_000),
    messageLatency: Nanoseconds = Nanoseconds(300_000), jitter: Nanoseconds = .zero
  ) {
    self.bitRate = bitRate
    self.goodCRCLatency = goodCRCLatency
    self.messageLatency = messageLatency
    self.jitter = jitter
  }

  /// How long so many bits last.
  func duration(bits: Int) -> Nanoseconds {
    Nanoseconds(Int64(bits) &* 1_000_000_000 / max(1, Int64(bitRate.rawValue)))
  }
}
