import Foundation
import LineCode
import PowerDelivery
import Trace

/// The packets of real recordings, end to end in one array, as a driver would hand them on.
struct PacketMix {
  var bytes: [UInt8] = []
  var packets: [(start: Int, count: Int, orderedSet: OrderedSet)] = []

  /// Reads the intact packets of `packets.csv` (columns: sop, message_hex, crc_hex, crc_ok among others).
  init(csv path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    for line in text.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count >= 8, fields[7] == "yes" else { continue }
      let packet = hexadecimal(fields[5]) + hexadecimal(fields[6])
      packets.append((bytes.count, packet.count, fields[4].hasPrefix("SOP'") ? .sopPrime : .sop))
      bytes += packet
    }
  }

  private func hexadecimal(_ text: Substring) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}

enum MessageBenchmarks {
  /// Packet bytes → CRC checked → message → typed body in context, with all diagnostics.
  static func typed(_ mix: PacketMix, repeats: Int = 4_000) -> Measurement {
    var sum = 0
    let measurement = Measurement.run {
      let bytes = mix.bytes.span
      var context = ReadingContext()
      var diagnostics = Diagnostics()
      for _ in 0..<repeats {
        for packet in mix.packets {
          let span = bytes.extracting(packet.start..<packet.start + packet.count)
          guard let message = try? MessageView(packet: span, orderedSet: packet.orderedSet) else { continue }
          let body = context.read(message, &diagnostics)
          sum &+= diagnostics.count
          if case .request(let request) = body { sum &+= Int(request.request.rawValue & 1) }
        }
      }
      return repeats * mix.packets.count
    }
    blackHole(sum)
    return measurement
  }

  /// The same, with the tree of every field on top.
  static func explained(_ mix: PacketMix, repeats: Int = 60) -> Measurement {
    var sum = 0
    let measurement = Measurement.run {
      explainAll(mix, repeats: repeats) { sum &+= $0.nodes.count }
    }
    blackHole(sum)
    return measurement
  }

  /// The same, with every label, value and meaning written out as lines of text, as `ofc decode --explain` does.
  static func written(_ mix: PacketMix, repeats: Int = 60) -> Measurement {
    var sum = 0
    let text = ExplanationText()
    var buffer = TextBuffer(capacity: 1 << 16)
    let measurement = Measurement.run {
      explainAll(mix, repeats: repeats) {
        buffer.removeAll()
        text.append($0, to: &buffer)
        sum &+= buffer.bytes.count
      }
    }
    blackHole(sum)
    return measurement
  }

  private static func explainAll(_ mix: PacketMix, repeats: Int, _ use: (Explanation) -> Void) -> Int {
    let bytes = mix.bytes.span
    var context = ReadingContext()
    for _ in 0..<repeats {
      for packet in mix.packets {
        let span = bytes.extracting(packet.start..<packet.start + packet.count)
        guard let message = try? Message(packet: span, orderedSet: packet.orderedSet) else { continue }
        let decoded = context.read(message)
        use(Explanation(message, decoded.value, data: context.dataBlock))
      }
    }
    return repeats * mix.packets.count
  }
}

/// Keeps a result alive, so that the work for it is not left out.
@inline(never) func blackHole(_ value: Int) {
  if value == .min { print(value) }
}
