public import LineCode
public import PortEngine
public import PowerDelivery
public import Quantities

/// What a chip puts on its CC pin, or hears there.
public enum ChipSignal: Equatable, Sendable {
  /// A packet: header, objects and CRC in wire order.
  case packet(OrderedSet, [UInt8])
  case hardReset, cableReset
  /// The alternating bits of BIST carrier mode, until they are stopped.
  case carrier

  /// How many bits are on the line, preamble included; of a carrier, those of 45 ms.
  var bitCount: Int {
    switch self {
    case .packet(_, let bytes): 64 + 20 + 10 * bytes.count + 5
    case .hardReset, .cableReset: 64 + 20
    case .carrier: 13_500
    }
  }
}

/// A transmission that begins now.
public struct ChipTransmission: Equatable, Sendable {
  public var signal: ChipSignal
  /// The pin that is driven; `nil` where the chip drives none, so that nobody hears it.
  public var pin: CCPin?

  public init(signal: ChipSignal, pin: CCPin?) {
    self.signal = signal
    self.pin = pin
  }
}

/// What a chip presents on a CC pin.
public enum PinTermination: Equatable, Sendable {
  case open, rd
  case rp(RpCurrent)
  case vconn
}

extension ChipBench.LogEntry {
  /// When its first bit was on the line.
  public var start: Instant {
    end - Nanoseconds(Int64(signal.bitCount) * 1_000_000_000 / ChipBench.bitsPerSecond)
  }

  /// The header of a sound packet on SOP.
  public var header: MessageHeader? {
    guard case .packet(.sop, let bytes) = signal, isSound, bytes.count >= 2 else { return nil }
    return MessageHeader(rawValue: UInt16(bytes[0]) | UInt16(bytes[1]) << 8)
  }
}
