import Foundation
import TestSupport
import Testing

@testable import Trace

/// Files that are cut, altered or nothing at all: a reading ends with at most one fault and keeps what was in front.
@Suite struct RobustnessTests {
  /// Recordings, and how many cuts and alterations of each: fewer for the long ones.
  static let recordings: [(String, Int)] = [
    ("pd/sigrok-dumps/thinkpad_yoga_370-aukey_45w.sr", 24), ("pd/sigrok-dumps/apple_power_brick.sr", 12),
    ("pd/sigrok-dumps/zy12pds_sink_module-65w_noname_supply.sr", 6), ("pd/sigrok-dumps/hdmi_dongle.sr", 6),
    ("pd/sigrok-dumps/thinkpad_yoga_370-anker_powerbank-both_orientations.sr", 1),
    ("pd/briansune/epr_entry_refused_cut.sr", 4), ("pd/jimknopf/Bosch36V_ebike-SLS2_PD-sync.sr", 1),
    ("pd/jimknopf/Bosch36V_ebike-xperia10iii_PD-sync.sr", 1),
    ("pd/jimknopf/Bosch_ebike-Sony_headset_WH-1000XM4-PD-sync.sr", 1),
    ("pd/jimknopf/INIU-B63-SLS2_PD-sync.sr", 1), ("pd/jimknopf/PinePower-Fuji_Lifebook_PD-sync.sr", 1),
    ("pd/jimknopf/PinePower-SLS2_PD-sync.sr", 1), ("pd/jimknopf/PinePower-xperia10iii_3_PD-sync.sr", 1),
    ("pd/km003c/km003c_epr_session.csv", 40), ("pd/km003c/km003c_spr_9v_session.csv", 40),
    ("pd/km003c/pd_capture_new.9.pcapng", 3), ("km003c/expected_pd_events.csv", 12),
    ("km003c/usb_orig_adc_1000hz_6.csv", 2), ("km003c/usb_orig_adc_50hz_6.csv", 6),
    ("km003c/usb_orig_new_adcsimple0_12.csv", 8), ("km003c/usb_orig_open_close_16.csv", 16),
    ("km003c/usb_orig_with_pd_13.csv", 8), ("km003c/usb_pd_adcqueue_new_11.csv", 2),
    ("km003c/usb_pd_capture_new_9.csv", 4), ("km003c/usb_pd_epr0_9.csv", 4),
    ("km003c/usb_rust_simple_logger_16.csv", 16),
  ]

  /// A cut file gives the records in front of the cut. The last packet of each line may have been cut with it, and a
  /// text may end in the middle of a number.
  @Test(arguments: recordings)
  func cut(_ name: String, _ count: Int) async throws {
    let bytes = try Captures.bytes(name)
    let whole = lasting(await KnownReadings.shared.reading(name))
    var generator = SeededGenerator(seed: 0x5EED)
    for index in 0..<count {
      // One cut short of the last byte, the others anywhere; the long recordings in their first third.
      let longest = count > 1 ? bytes.count : bytes.count / 3
      let length = index == 0 && count > 1 ? bytes.count - 1 : Int.random(in: 1..<longest, using: &generator)
      let file = try TemporaryFile(Array(bytes[..<length]))
      let reading = Reading(file.path)
      let kept = lasting(reading).dropLast(2)
      #expect(whole.starts(with: kept), "cut at \(length)")
      if reading.records.isEmpty == false { #expect(reading.fault?.kind != .unusable, "cut at \(length)") }
    }
  }

  /// Measurements are held back to be put in order, so where they stand at the end may differ.
  private func lasting(_ reading: Reading) -> [TraceRecord] {
    reading.records.filter { if case .measurement = $0.content { false } else { true } }
  }

  @Test(arguments: recordings)
  func altered(_ name: String, _ count: Int) throws {
    let bytes = try Captures.bytes(name)
    var generator = SeededGenerator(seed: 0xF11B)
    for _ in 0..<count {
      var changed = bytes
      let longest = count > 1 ? changed.count : changed.count / 5
      for _ in 0..<Int.random(in: 1...20, using: &generator) {
        changed[Int.random(in: 0..<longest, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      let file = try TemporaryFile(changed)
      let reading = Reading(file.path)
      #expect(reading.records.isEmpty == false || reading.fault != nil)
      let goesForward = zip(reading.records, reading.records.dropFirst()).allSatisfy { $0.time <= $1.time }
      #expect(goesForward || name.hasPrefix("pd/km003c/km003c_"))
    }
  }

  /// Files of the formats of which the repository holds no recording.
  private static func made(_ format: TraceFormat) throws -> [UInt8] {
    let packet = TracePacket(orderedSet: .sop, bytes: [0xA3, 0x03], crc: 0x5DFA_AC6F, validity: .crcHolds)
    let records = (0..<20).map {
      TraceRecord(time: .init(Int64($0) * 1000), line: "CC1", content: .packet(packet))
    }
    switch format {
    case .pcapng, .jsonLines:
      let file = try TemporaryFile(ending: format.rawValue)
      var writer = try TraceFile.create(file.path)
      for record in records { try writer.write(record) }
      try writer.finish()
      return try file.bytes
    case .drpdBlocks:
      return (0..<20).flatMap { index in
        let start = 5_000_000 + UInt64(index) * 1000
        return DrPDBlocks.block(DrPDBlocks.payload(start: start, end: start + 500, data: DrPDBlocks.accept))
      }
    case .drpdExport:
      let entry = #"{"entryKind": "event", "eventType": "x", "eventText": "{\"", "startTimestampUs": "5"}"#
      return Array("[\([String](repeating: entry, count: 20).joined(separator: ",\n"))]".utf8)
    case .drpdLines:
      let line =
        #"{"kind": "message", "startUs": 9, "sopKCodes": "18181811", "bytes": "a303", "crc32": "0x5DFAAC6F"}"#
      return Array([String](repeating: line, count: 20).joined(separator: "\n").utf8)
    default: return Array((0..<20).map { "\($0) ms SOP a3 03 crc=6facfa5d" }.joined(separator: "\n").utf8)
    }
  }

  @Test(arguments: [TraceFormat.pcapng, .jsonLines, .drpdBlocks, .drpdExport, .drpdLines, .hexText])
  func cutAndAlteredMadeFiles(_ format: TraceFormat) throws {
    let bytes = try Self.made(format)
    let known = try TemporaryFile(bytes)
    let whole = Reading(known.path)
    #expect(whole.records.count == 20 && whole.fault == nil)
    var generator = SeededGenerator(seed: 0xC07)
    for _ in 0..<80 {
      let length = Int.random(in: 1..<bytes.count, using: &generator)
      let cut = try TemporaryFile(Array(bytes[..<length]))
      let reading = Reading(cut.path, format: format)
      #expect(whole.records.starts(with: reading.records.dropLast()), "cut at \(length)")
      #expect(reading.records.count >= 20 * length / bytes.count - 3, "cut at \(length)")
      var changed = bytes
      changed[length] ^= UInt8.random(in: 1...255, using: &generator)
      let altered = try TemporaryFile(changed)
      #expect(Reading(altered.path, format: format).records.count <= 20)
    }
  }

  /// Cutting a packed recording keeps the packets in front of the cut, not just nothing.
  @Test func cutSessionGivesItsFirstPackets() throws {
    let bytes = try Captures.bytes("pd/sigrok-dumps/zy12pds_sink_module-65w_noname_supply.sr")
    let file = try TemporaryFile(Array(bytes[..<(bytes.count * 9 / 10)]))
    let reading = Reading(file.path)
    #expect(reading.packets.isEmpty == false)
    #expect(reading.fault?.kind == .damaged)
  }

  /// Noise under every format's name.
  @Test(arguments: TraceFormat.allCases)
  func noise(_ format: TraceFormat) throws {
    var generator = SeededGenerator(seed: 0x4015E)
    for round in 0..<60 {
      var bytes = (0..<Int.random(in: 1...600, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      if round % 3 == 1 { bytes = bytes.map { Array("0123456789abcdef,\n \"{}[]:.#SOP".utf8)[Int($0) % 30] } }
      if round % 3 == 2 { bytes = Self.heads[Int(bytes[0]) % Self.heads.count] + bytes }
      let file = try TemporaryFile(bytes)
      let reading = Reading(file.path, format: format)
      #expect(reading.records.count < 1000)
      _ = Reading(file.path)
    }
  }

  /// The beginnings of known formats.
  private static let heads: [[UInt8]] = [
    [0x50, 0x4B, 3, 4], [0x50, 0x4B, 5, 6], [0x0A, 0x0D, 0x0D, 0x0A, 28, 0, 0, 0, 0x4D, 0x3C, 0x2B, 0x1A],
    [0x0A, 0x0D, 0x0D, 0x0A, 0, 0, 0, 28, 0x1A, 0x2B, 0x3C, 0x4D],
    [0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0] + [UInt8](repeating: 0, count: 12) + [220, 0, 0, 0],
    [0xA1, 0xB2, 0x3C, 0x4D, 0, 2, 0, 4] + [UInt8](repeating: 0, count: 12) + [0, 0, 0, 147],
    Array("#41000".utf8), Array("time_s,dir,hex\n1.5,IN,".utf8),
    Array("time_ms,event,sop_index,message_hex\n1,message,0,".utf8),
    Array("[{\"entryKind\":\"message\"},{".utf8), Array("{\"time_ns\":1,".utf8),
    Array("{\"kind\":\"event\"}\n".utf8),
  ]

  /// Any recording read as any format.
  @Test(arguments: TraceFormat.allCases)
  func mistaken(_ format: TraceFormat) {
    for name in [
      "pd/sigrok-dumps/thinkpad_yoga_370-aukey_45w.sr", "pd/km003c/km003c_epr_session.csv",
      "km003c/usb_orig_open_close_16.csv", "km003c/expected_pd_events.csv",
    ] {
      let reading = Reading(Captures.path(name), format: format)
      let natural = (try? TraceFile.format(of: Captures.path(name))) == format
      #expect(natural == (reading.fault == nil), "\(name)")
    }
  }
}
