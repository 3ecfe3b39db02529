package import Instruments
package import LineCode
import Quantities

/// What a capture record of a Dr. PD says, in the words of a trace.
///
/// The CRC is checked again on the host. A packet that the device could not read is read again from its pulses.
package enum DrPDReading {
  /// What one count of a pulse width is in current firmware: 10 ns.
  package static var usualPulseRate: TickRate { TickRate(hertz: 100_000_000) }

  /// The content of the record that a capture record becomes.
  /// - Parameter pulseRate: what one count of a pulse width is.
  package static func content(
    of capture: DrPDCaptureRecord, pulseRate: TickRate = usualPulseRate
  ) -> TraceRecord.Content {
    if capture.result == .event {
      guard let event = capture.event else {
        return .event(TraceEvent(.other, text: "an event record without a type"))
      }
      return .event(TraceEvent(event.type == 1 ? .overvoltage : .other, text: event.text))
    }
    if let set = capture.orderedSet, !set.startsPacket { return .reset(set) }
    var packet = packet(of: capture)
    if packet.validity != .crcHolds, let content = contentFromPulses(capture.pulses, pulseRate) {
      return content
    }
    packet.bitRate = bitRate(of: capture, byteCount: capture.data.count, pulseRate)
    return .packet(packet)
  }

  private static func packet(of capture: DrPDCaptureRecord) -> TracePacket {
    let data = capture.data
    let hasCRC = data.count >= 6
    let bytes = hasCRC ? Array(data.dropLast(4)) : data
    let crc = hasCRC ? data.span.littleEndian(UInt32.self, at: data.count - 4) : nil
    let holds = crc == CRC32(of: bytes.span).value
    let validity: TracePacket.Validity
    switch capture.result {
    case _ where holds && hasCRC && capture.orderedSet != nil: validity = .crcHolds
    case .ok where !hasCRC: validity = .damaged(reason: "too short for header and CRC")
    case .ok where capture.orderedSet == nil: validity = .damaged(reason: "no known ordered set")
    case .ok, .crcWrong: validity = hasCRC ? .crcWrong : .damaged(reason: "too short for header and CRC")
    default:
      // What was read of a broken packet does not end in a CRC.
      return TracePacket(
        orderedSet: capture.orderedSet, bytes: data,
        validity: .damaged(reason: "the analyzer reports: \(capture.result.reason ?? "")"))
    }
    return TracePacket(orderedSet: capture.orderedSet, bytes: bytes, crc: crc, validity: validity)
  }

  /// The transmission that the pulses hold; `nil` unless it reads without fault.
  private static func contentFromPulses(
    _ pulses: [UInt16], _ pulseRate: TickRate
  ) -> TraceRecord.Content? {
    var receiver = BMCReceiver(rate: pulseRate)
    // The first pulse begins at an edge.
    var event = receiver.edge(after: Ticks(pulseRate.rawValue / 10_000))
    for pulse in pulses where event == nil { event = receiver.edge(after: Ticks(UInt64(pulse))) }
    guard let event = event ?? receiver.finish(), event.outcome == .intact else { return nil }
    return TraceRecord(event, rate: pulseRate, line: "").content
  }

  /// The mean rate: preamble, ordered set, bytes and EOP over the sum of the pulses.
  private static func bitRate(
    of capture: DrPDCaptureRecord, byteCount: Int, _ pulseRate: TickRate
  ) -> BitsPerSecond? {
    let ticks = capture.pulses.reduce(UInt64(0)) { $0 + UInt64($1) }
    guard capture.result == .ok, ticks > 0 else { return nil }
    let bits = UInt64(64 + 20 + 10 * byteCount + 5)
    return BitsPerSecond(Int32(clamping: bits * pulseRate.rawValue / ticks))
  }
}
