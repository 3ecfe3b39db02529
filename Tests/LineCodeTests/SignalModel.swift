import Foundation
import LineCode
import Quantities
import TestSupport
import Testing

/// What is wrong with a line, told as physics: the model knows nothing of `LineEncoder`, so that one cannot excuse the
/// other.
struct SignalModel: CustomTestStringConvertible {
  var name: String
  var bitRate = 300_000.0
  /// Standard deviation of the place of an edge, in unit intervals.
  var jitter = 0.0
  /// How much longer high pulses are than they should be, and low ones shorter, in µs.
  var skew = 0.0
  /// How much the bit rate changes from the first bit to the last.
  var drift = 0.0
  /// Bits of the preamble that are missing.
  var missingBits = 0
  /// The length of the first pulse against what it should be.
  var firstPulse = 1.0
  /// How long before the first bit the driver comes on, in µs; 0 for not at all.
  var early = 0.0
  /// How long the driver holds the line after the last bit, in µs.
  var hold = 3.0
  /// The rest before the next packet, in µs.
  var gap = 40.0
  /// The length of two glitches a packet, in ns; 0 for none.
  var glitch = 0.0
  /// Sixty edges of contact bounce before each packet.
  var bounces = false
  /// The share of packets that must be read, where the line is worse than any receiver can promise to read.
  var share = 1.0

  var testDescription: String { name }

  /// Edges of a packet in seconds from `start` on, the first one rising.
  func edges(of message: [UInt8], from start: Double, _ random: inout SeededGenerator) -> [Double] {
    var edges = early > 0 ? [start - early * 1e-6] : []
    edges.append(start)
    let bits = SignalModel.bits(of: message).dropFirst(missingBits)
    var time = start
    for (index, bit) in bits.enumerated() {
      let unit = 1 / (bitRate * (1 + drift * Double(index) / Double(bits.count)))
      if bit == 1 { edges.append(time + unit / 2) }
      time += unit
      edges.append(time)
    }
    edges = edges.map { $0 + jitter / bitRate * random.normal() }
    edges[0] = edges[1] - (edges[1] - edges[0]) * firstPulse
    if edges.count % 2 == 1, let last = edges.last { edges.append(last + hold * 1e-6) }
    edges = edges.enumerated().map { $0.element + ($0.offset % 2 == 0 ? -skew : skew) * 0.5e-6 }
    if glitch > 0 {
      for _ in 0..<2 {
        let place = random.uniform(edges[1], time)
        edges += [place, place + glitch * 1e-9]
      }
    }
    return edges.sorted()
  }

  /// Preamble, SOP, message, CRC and EOP as bits.
  private static func bits(of message: [UInt8]) -> [Int] {
    let nibbles = [
      0b11110, 0b01001, 0b10100, 0b10101, 0b01010, 0b01011, 0b01110, 0b01111, 0b10010, 0b10011, 0b10110,
      0b10111, 0b11010, 0b11011, 0b11100, 0b11101,
    ]
    let crc = CRC32(of: message.span).value
    let bytes = message + (0..<4).map { UInt8(truncatingIfNeeded: crc >> (8 * UInt32($0))) }
    let symbols =
      [0b11000, 0b11000, 0b11000, 0b10001]
      + bytes.flatMap { [nibbles[Int($0 & 15)], nibbles[Int($0 >> 4)]] } + [0b01101]
    return (0..<64).map { $0 % 2 } + symbols.flatMap { symbol in (0..<5).map { symbol >> $0 & 1 } }
  }
}

extension SeededGenerator {
  mutating func uniform(_ from: Double, _ to: Double) -> Double {
    from + (to - from) * Double(next() >> 11) / 9_007_199_254_740_992
  }

  /// A normal deviate (Box and Muller).
  mutating func normal() -> Double {
    (-2 * log(uniform(0, 1) + 1e-300)).squareRoot() * cos(2 * .pi * uniform(0, 1))
  }
}
