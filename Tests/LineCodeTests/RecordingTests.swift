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
      #expect(differences(event, packet, fixture) == [])
    }
  }

  private func differences(_ event: LineEvent, _ packet: ExpectedPacket, _ fixture: EdgeFixture) -> [String] {
    var found: [String] = []
    func check(_ what: String, _ holds: Bool) { if !holds { found.append("\(what) \(packet)") } }
    // The list gives the first and the last edge of everything between two idle times of 20 µs; a receiver
    // gives the preamble's first edge, up to 13 µs later where a driver came on early, and the end of the
    // last bit, up to 23 µs earlier where the line was driven on (tEndDriveBMC).
    let activity = fixture.activity(around: event)
    check("start \(activity.start)", abs(activity.start - packet.start) <= 2)
    check("end \(activity.end)", abs(activity.end - packet.end) <= 2)
    let start = Double(fixture.rate.nanoseconds(event.start).rawValue) / 1_000
    let end = Double(fixture.rate.nanoseconds(event.end).rawValue) / 1_000
    check("first edge \(start)", start - packet.start >= -0.1 && start - packet.start <= 13)
    check("last edge \(end)", packet.end - end >= -0.1 && packet.end - end <= 23.1)
    if packet.error == "" {
      // A whole preamble of 64 bits, one bit of which a driver's start may cover or double.
      let symbols = packet.message.isEmpty ? 0 : packet.message.utf8.count / 2 * 2 + 9
      let length = Double(64 + 20 + 5 * symbols) * 1e6 / Double(event.bitRate.rawValue)
      check("length \(end - start) \(length)", abs(end - start - length) <= 6)
    }
    check("kind \(event.kind)", event.kind == packet.kind)
    check("symbols", event.wrongSymbols == 0)
    check("outcome \(event.outcome)", (event.outcome == .intact) == (packet.error == ""))
    check("rate \(event.bitRate)", (270_000...330_000).contains(event.bitRate.rawValue))
    if packet.error == "" {
      check("message \(hex(event.bytes.message))", hex(event.bytes.message) == packet.message)
      let crc = event.receivedCRC.map { String(format: "%08x", $0.byteSwapped) } ?? ""
      check("CRC \(crc)", crc == packet.crc)
    } else {
      check(
        "place \(event.outcome)", damage(event)?.afterNibbles == Int(packet.error.split(separator: " ")[3]))
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
