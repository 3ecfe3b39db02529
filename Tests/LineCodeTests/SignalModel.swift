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
  /// The length of glitches, in ns, and how many a packet has.
  var glitch = 0.0...0.0
  var glitches = 0
  /// Up to three pairs of edges within this many ns each behind every edge: a comparator without hysteresis.
  var chatter = 0.0
  /// Time constant of the line in unit intervals, and the comparator's threshold as a part of the swing.
  var slowness = 0.0
  var threshold = 0.5
  /// What is wrong with the packet itself.
  var fault = Fault.none
  /// Sixty edges of contact bounce before each packet, and how long before it they end, in µs.
  var rest = 30.0
  var bounces = false
  /// The share of packets that must be read, where the line is worse than any receiver can promise to read.
  var share = 1.0
  /// The same where a bit has less than ten samples; nil where that makes no difference.
  var coarseShare: Double?

  enum Fault { case none, bitFlipped, cut, withoutEnd, withoutLastEdge }

  var testDescription: String { name }

  /// Edges of a packet in seconds from `start` on, the first one rising.
  func edges(of message: [UInt8], from start: Double, _ random: inout SeededGenerator) -> [Double] {
    var edges = early > 0 ? [start - early * 1e-6] : []
    edges.append(start)
    var bits = SignalModel.bits(of: message).dropFirst(missingBits)
    switch fault {
    case .none, .withoutLastEdge: break
    case .bitFlipped:
      let index = Int.random(in: 84..<bits.endIndex, using: &random)
      bits[index] = 1 - bits[index]
    case .cut: bits = bits.prefix(Int.random(in: 90..<(bits.count - 2), using: &random))
    case .withoutEnd: bits = bits.dropLast(5)
    }
    var time = start
    for (index, bit) in bits.enumerated() {
      let unit = 1 / (bitRate * (1 + drift * Double(index) / Double(bits.count)))
      if bit == 1 { edges.append(time + unit / 2) }
      time += unit
      edges.append(time)
    }
    if fault == .withoutLastEdge { edges.removeLast() }
    edges = edges.map { $0 + jitter / bitRate * random.normal() }
    edges[0] = edges[1] - (edges[1] - edges[0]) * firstPulse
    if edges.count % 2 == 1, let last = edges.last { edges.append(last + hold * 1e-6) }
    edges = edges.enumerated().map { $0.element + ($0.offset % 2 == 0 ? -skew : skew) * 0.5e-6 }
    if slowness > 0 { edges = crossings(of: edges.sorted()) }
    let clean = edges
    for _ in 0..<glitches {
      let place = random.uniform(edges[1], time)
      edges += [place, place + random.uniform(glitch.lowerBound, glitch.upperBound) * 1e-9]
    }
    if chatter > 0 {
      for edge in clean {
        var place = edge
        for _ in 0..<(2 * Int.random(in: 0...3, using: &random)) {
          place += random.uniform(0.1, 1) * chatter * 1e-9
          edges.append(place)
        }
      }
    }
    return edges.sorted()
  }

  /// When a line that follows its driver exponentially crosses the threshold; a pulse too short for that is lost.
  private func crossings(of edges: [Double]) -> [Double] {
    let constant = slowness / bitRate
    var level = 0.0
    var target = 0.0
    var last = 0.0
    var crossings: [Double] = []
    for edge in edges + [.infinity] {
      let reached = target + (level - target) * exp(-(edge - last) / constant)
      if (level > threshold) != (reached > threshold) {
        crossings.append(last + constant * log((target - level) / (target - threshold)))
      }
      (level, target, last) = (reached, 1 - target, edge)
    }
    return crossings
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
