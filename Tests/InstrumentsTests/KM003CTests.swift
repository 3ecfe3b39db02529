import Foundation
import Instruments
import LineCode
import Quantities
import Testing

/// Bytes of a hexadecimal text; white space and `|` are skipped.
func hex(_ text: some StringProtocol) -> [UInt8] {
  let digits = text.compactMap { $0.hexDigitValue }
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

private func parse(_ bytes: [UInt8]) throws -> KM003CPacket { try KM003CPacket(bytes.span) }

private func stateTrace(_ bytes: [UInt8]) throws -> KM003CStateTrace { try KM003CStateTrace(bytes.span) }

private let captures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .appending(path: "Captures/km003c")

@Suite struct KM003CTests {
  @Test func adcReply() throws {
    let reply = hex(
      """
      41118202 0100000B EB0F0000 0E000000 D30F0000 10000000 37100000 6E000000 DD0F 817E D704 2E03 1603 897E
      00 80 7800 5100 4F00
      """)
    guard case .data(0x11, 10, let packets) = try parse(reply) else {
      Issue.record("not a data packet")
      return
    }
    let payload = packets[0].payload
    let adc = try KM003CMeasurement(payload.span)
    let text =
      "\(adc.vbus.rawValue) \(adc.current.rawValue) \(adc.temperature?.rawValue ?? 0) \(adc.cc1.rawValue)"
      + " \(adc.cc2.rawValue) \(adc.dPlus.rawValue) \(adc.dMinus.rawValue) \(adc.vdd.rawValue)"
      + " \(adc.cc2Average.rawValue) \(adc.dPlusAverage.rawValue) \(adc.dMinusAverage.rawValue)"
    #expect(text == "4075 14 31726 3238500 123900 81400 79000 3239300 120 81 79")
  }

  @Test func queueSamples() throws {
    let reply = hex(
      """
      413E0202 02000205 0DE80800 D5C38C00 598CE8FF DC40 1F01 5B17 5817
      01EA0800 0BAC8C00 0255E9FF 9240 1E01 5817 5417
      """)
    guard case .data(_, _, let packets) = try parse(reply) else {
      Issue.record("not a data packet")
      return
    }
    let samples = try KM003CSample.samples(of: packets[0])
    let text = samples.map { "\($0.sequence) \($0.vbus.rawValue) \($0.current.rawValue) \($0.cc1Counts)" }
    #expect(text == ["59405 9225173 -1536935 16604", "59905 9219083 -1485566 16530"])
  }

  @Test func powerDeliveryReply() throws {
    let reply = hex(
      """
      41A90205 10000016 8BFA1200 DE13 0000 7506 0200
      9F80FA1200 00 A1632C9101082CD102002CC103002CB10400454106003C21DCC0
      8781FA1200 00 4102  8B85FA1200 00 8210DC700323  8786FA1200 00 2101  878AFA1200 00 A305  878AFA1200 00 4104
      """)
    guard case .data(_, _, let packets) = try parse(reply) else {
      Issue.record("not a data packet")
      return
    }
    let payload = packets[0].payload
    let reading = try KM003CPowerDelivery(payload.span)
    let sizes = reading.events.map { event in
      if case .packet(.sop, let bytes) = event.content { bytes.count } else { -1 }
    }
    #expect(
      (reading.time == Milliseconds(1_243_787) && reading.vbus == Millivolts(5086)
        && reading.cc1 == Millivolts(1653) && reading.cc2 == Millivolts(2)
        && sizes == [26, 2, 6, 2, 2, 2]))
  }

  @Test(arguments: [
    ("45D4F8120011", KM003CPowerDelivery.Content.attach(code: 0x11)),
    ("45EFA9010021", .attach(code: 0x21)),
    ("45EFA9010012", .detach(code: 0x12)),
    ("45EFA9010022", .detach(code: 0x22)),
    ("45EFA9010004", .hardResetSent),
    ("05EFA9010004", .hardResetReceived),
    ("05EFA9010066", .receiveError(.crc)),
    ("05EFA90100EE", .unknown(flags: 0x05, [0xEE])),
    ("8BEFA90100018F1001A000FF", .packet(.sopPrime, hex("8F1001A000FF"))),
    ("A3EFA9010000" + String(repeating: "5A", count: 30), .packet(.sop, [UInt8](repeating: 0x5A, count: 30))),
    ("87EFA90100072101", .unknown(flags: 0x87, [7, 0x21, 0x01])),
  ])
  func eventRecord(_ record: String, _ content: KM003CPowerDelivery.Content) throws {
    let payload = [UInt8](repeating: 0, count: 12) + hex(record)
    #expect(try KM003CPowerDelivery(payload.span).events.map(\.content) == [content])
  }

  @Test func typeCStates() throws {
    guard case .data(_, _, let packets) = try parse(hex("410A0200 20000000 00 05 82B9000000"))
    else {
      Issue.record("not a data packet")
      return
    }
    let trace = try stateTrace(packets[0].payload)
    #expect(trace.states.isEmpty && trace.events.map(\.code) == [0x82])
    #expect(trace.events.first?.uptime == Milliseconds(185_000))
    #expect(try stateTrace(hex("05 17 01000000 00")).states.first?.stateName == "AttachedSink")
  }

  @Test func requests() throws {
    #expect(KM003CPacket.request(.getData, transaction: 7, attribute: 0x11) == [0x0C, 7, 0x22, 0])
    guard case .control(let control) = try parse([0x0C, 7, 0x22, 0]) else {
      Issue.record("not a control packet")
      return
    }
    #expect(control.kind == .getData && control.transaction == 7 && control.attribute == 0x11)
  }

  /// Every event of every recording, against the list that was split independently.
  @Test func everyRecordedEvent() throws {
    var found: [String] = []
    for name in ["orig_with_pd_13", "pd_capture_new_9", "pd_epr0_9"] {
      let text = try String(contentsOf: captures.appending(path: "usb_\(name).csv"), encoding: .utf8)
      for row in text.split(separator: "\n").dropFirst() {
        let fields = row.split(separator: ",")
        guard fields[1] == "IN", case .data(_, _, let packets) = try parse(hex(fields[2])) else {
          continue
        }
        for packet in packets where packet.attribute == 16 {
          found += lines(try KM003CPowerDelivery(packet.payload.span), packet.payload)
        }
      }
    }
    let expected = try String(contentsOf: captures.appending(path: "expected_pd_events.csv"), encoding: .utf8)
      .split(separator: "\n").dropFirst().map { row in
        row.split(separator: ",", omittingEmptySubsequences: false).dropFirst(2).joined(separator: ",")
      }
    #expect(found == expected.map { String($0) })
  }

  private func lines(_ reading: KM003CPowerDelivery, _ payload: [UInt8]) -> [String] {
    let head =
      "\(reading.time.rawValue),\(reading.vbus.rawValue),\(reading.current.rawValue),\(reading.cc1.rawValue)"
      + ",\(reading.cc2.rawValue)"
    return reading.events.map { event in
      let (flags, code, bytes): (Int, UInt8, [UInt8]) =
        switch event.content {
        case .packet(let set, let bytes): (0x80 | (bytes.count + 5), set.rawValue, bytes)
        case .attach(let code), .detach(let code): (0x45, code, [])
        case .hardResetSent: (0x45, 4, [])
        default: (0, 0xFF, [])
        }
      let frame = bytes.map { twoDigits($0) }.joined()
      return "\(head),\(twoDigits(UInt8(flags))),\(event.time.rawValue),\(twoDigits(code)),\(frame)"
    }
  }

  @Test func cutEventListKeepsWhatIsBefore() throws {
    let payload = [UInt8](repeating: 0, count: 12) + hex("8781FA1200004102 8B85FA120000821 0")
    let reading = try KM003CPowerDelivery(payload.span)
    #expect(reading.events.count == 1 && reading.damage == .cut(at: 20, needs: 12, has: 8))
  }

  private func twoDigits(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  /// Cut or altered bytes give a value or an error, never a trap.
  @Test func hostileBytes() {
    let reply = hex("41A90205 10800016 8BFA1200DE13000075060200 9F80FA1200 00 A163 02000205 20000000 05")
    var errors = 0
    for length in 0...reply.count {
      for flip in 0..<max(length * 8, 1) {
        var bytes = Array(reply[..<length])
        if !bytes.isEmpty { bytes[flip / 8] ^= 1 << UInt8(flip % 8) }
        errors += failures(bytes)
      }
    }
    #expect(errors > 1000)
  }

  private func failures(_ bytes: [UInt8]) -> Int {
    do {
      guard case .data(_, _, let packets) = try parse(bytes) else { return 0 }
      for packet in packets {
        _ = try? KM003CSample.samples(of: packet)
        _ = try? KM003CMeasurement(packet.payload.span)
        _ = try? KM003CStateTrace(packet.payload.span)
        if let damage = try KM003CPowerDelivery(packet.payload.span).damage { throw damage }
      }
      return 0
    } catch {
      return 1
    }
  }
}
