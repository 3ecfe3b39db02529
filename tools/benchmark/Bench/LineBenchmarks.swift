import Foundation
import LineCode
import Quantities

/// CC lines as a logic analyser samples them, made by the encoder from the packets of real recordings.
enum LineBenchmarks {
  /// Samples of one line in units of `unitSize` bytes.
  struct Samples {
    var bytes: [UInt8]
    var rate: TickRate
    var unitSize: Int
    var packets: Int

    /// - Parameter idle: how long the line rests between two packets.
    init(_ mix: PacketMix, rate: UInt64, unitSize: Int, idle: Nanoseconds, count: Int) {
      self.rate = TickRate(rawValue: rate)
      self.unitSize = unitSize
      packets = 0
      bytes = []
      bytes.reserveCapacity(count * unitSize + 1 << 16)
      let timing = LineTiming(rate: self.rate)
      let rest = Int(Int64(rate) * idle.rawValue / 1_000_000_000)
      while bytes.count < count * unitSize {
        let packet = mix.packets[packets % mix.packets.count]
        let message = mix.bytes[packet.start..<packet.start + packet.count - 4]
        append(message.span, packet.orderedSet, timing)
        bytes.append(contentsOf: repeatElement(0, count: rest * unitSize))
        packets += 1
      }
    }

    private mutating func append(_ message: Span<UInt8>, _ set: OrderedSet, _ timing: LineTiming) {
      guard let frame = LineFrame(set, message: message) else { return }
      var encoder = LineEncoder(frame, timing: timing)
      while let pulse = encoder.nextPulse() {
        for _ in 0..<pulse.length.rawValue {
          bytes.append(pulse.isHigh ? 1 : 0)
          bytes.append(contentsOf: repeatElement(0, count: unitSize - 1))
        }
      }
    }
  }

  /// Samples → packets; checks that each packet is found.
  static func scan(_ samples: Samples) -> Measurement {
    Measurement.run(rounds: 5) {
      guard
        var scanner = SampleScanner(rate: samples.rate, unitSize: samples.unitSize, lines: LineSet(line: 0))
      else { return 1 }
      var found = 0
      scanner.scan(samples.bytes.span) { _, event in if event.outcome == .intact { found += 1 } }
      scanner.finish { _, event in if event.outcome == .intact { found += 1 } }
      if found != samples.packets { print("  (\(found) of \(samples.packets) packets found)") }
      return samples.bytes.count / samples.unitSize
    }
  }
}
