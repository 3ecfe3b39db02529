import Foundation
import LineCode
import Quantities
import Testing

/// Recordings of real chargers, cables and sinks against what an independent reader finds in them.
@Suite struct RecordingTests {
  @Test(arguments: EdgeFixture.all) func decodes(_ name: String) throws {
    let fixture = try EdgeFixture(name)
    let expected = try ExpectedPacket.of(name)
    let events = receive(fixture.pulses, rate: fixture.rate)
    #expect(events.count == expected.count)
    for (event, packet) in zip(events, expected) {
      #expect(differences(event, packet, fixture.rate) == [])
    }
  }

  private func differences(_ event: LineEvent, _ packet: ExpectedPacket, _ rate: TickRate) -> [String] {
    var found: [String] = []
    func check(_ what: String, _ holds: Bool) { if !holds { found.append("\(what) \(packet)") } }
    let start = Double(rate.nanoseconds(event.start).rawValue) / 1_000
    let end = Double(rate.nanoseconds(event.end).rawValue) / 1_000
    check("start \(start)", abs(start - packet.start) <= 2)
    check("end \(end)", abs(end - packet.end) <= 2)
    check("kind \(event.kind)", event.kind == packet.kind)
    check("symbols", event.wrongSymbols == 0)
    check("outcome \(event.outcome)", (event.outcome == .intact) == (packet.error == ""))
    check("rate \(event.bitRate)", (270_000...330_000).contains(event.bitRate.rawValue))
    if packet.error == "" {
      check("message \(hex(event.bytes.message))", hex(event.bytes.message) == packet.message)
      let crc = event.receivedCRC.map { String(format: "%08x", $0.byteSwapped) } ?? ""
      check("CRC \(crc)", crc == packet.crc)
    } else {
      check("place \(event.outcome)", damage(event)?.afterNibbles == Int(packet.error.split(separator: " ")[3]))
      check("bytes \(hex(event.bytes.span))", event.bytes.count == (damage(event)?.afterNibbles ?? 0) / 2)
    }
    return found
  }
}

/// Everything a receiver makes of a list of pulses.
func receive(_ pulses: [Ticks], rate: TickRate) -> [LineEvent] {
  var receiver = BMCReceiver(rate: rate)
  var events: [LineEvent] = []
  for pulse in pulses {
    if let event = receiver.edge(after: pulse) { events.append(event) }
  }
  if let event = receiver.finish() { events.append(event) }
  return events
}

func damage(_ event: LineEvent) -> LineDamage? {
  if case .damaged(let damage) = event.outcome { damage } else { nil }
}
