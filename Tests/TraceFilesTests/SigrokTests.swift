import Foundation
import LineCode
import Quantities
import Testing

@testable import Trace

@Suite struct SigrokTests {
  /// A row of `packets.csv`.
  private struct Row {
    var line: String
    var start: Double
    var end: Double
    var set: String
    var bytes: String
    var crc: String
    var crcHolds: Bool
    var error: String
  }

  private static func rows(_ file: String) throws -> [Row] {
    try Captures.text("pd/packets.csv").split(separator: "\n").dropFirst().compactMap { text in
      let fields = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      // Contact bounce while a cable is pulled out: neither preamble nor symbols stand there.
      if fields[0].contains("anker") && fields[2] == "1988323.0" { return nil }
      guard fields[0] == file, let start = Double(fields[2]), let end = Double(fields[3]) else { return nil }
      return Row(
        line: fields[1], start: start, end: end, set: fields[4], bytes: fields[5], crc: fields[6],
        crcHolds: fields[7] == "yes", error: fields[8])
    }
  }

  /// Kind, bytes, CRC and verdict of every packet, and its time, against an independent reader.
  @Test(arguments: [
    "briansune/epr_entry_refused_cut.sr", "jimknopf/Bosch36V_ebike-SLS2_PD-sync.sr",
    "jimknopf/Bosch36V_ebike-xperia10iii_PD-sync.sr",
    "jimknopf/Bosch_ebike-Sony_headset_WH-1000XM4-PD-sync.sr", "jimknopf/INIU-B63-SLS2_PD-sync.sr",
    "jimknopf/PinePower-Fuji_Lifebook_PD-sync.sr", "jimknopf/PinePower-SLS2_PD-sync.sr",
    "jimknopf/PinePower-xperia10iii_3_PD-sync.sr", "sigrok-dumps/apple_power_brick.sr",
    "sigrok-dumps/hdmi_dongle.sr",
    "sigrok-dumps/thinkpad_yoga_370-anker_powerbank-both_orientations.sr",
    "sigrok-dumps/thinkpad_yoga_370-aukey_45w.sr",
    "sigrok-dumps/zy12pds_sink_module-65w_noname_supply.sr",
  ])
  func everyPacket(_ file: String) async throws {
    let rows = try Self.rows(file)
    let records = await KnownReadings.shared.reading("pd/\(file)").records
    #expect(records.map { Self.summary($0) } == rows.map { Self.summary($0) })
    // A packet lasts from the first edge after a rest to the last one before the next rest.
    let late = zip(records, rows).map { abs(Double($0.time.rawValue) / 1000 - $1.start) }
    #expect(late.allSatisfy { $0 < 2 })
    let early = zip(records, rows).map { abs(Double($0.end?.rawValue ?? 0) / 1000 - $1.end) }
    #expect(early.allSatisfy { $0 < 2 })
  }

  private static func summary(_ row: Row) -> String {
    row.error.isEmpty
      ? "\(row.line) \(row.set) \(row.bytes) \(row.crc) \(row.crcHolds)" : "\(row.line) \(row.set) damaged"
  }

  private static func summary(_ record: TraceRecord) -> String {
    switch record.content {
    case .reset(let set): return "\(record.line) \(OrderedSetName.text(set))   false"
    case .packet(let packet):
      let name = packet.orderedSet.map { OrderedSetName.text($0) } ?? "?"
      if case .damaged(let reason) = packet.validity, !reason.isEmpty {
        return "\(record.line) \(name) damaged"
      }
      let crc = packet.crc.map {
        HexText.text([UInt8](unsafe withUnsafeBytes(of: $0.littleEndian) { unsafe Array($0) }))
      }
      return
        "\(record.line) \(name) \(HexText.text(packet.bytes)) \(crc ?? "") \(packet.validity == .crcHolds)"
    default: return "?"
    }
  }

  @Test(
    arguments: [
      ("2.4 MHz", 2_400_000), ("5 MHz", 5_000_000), ("200 kHz", 200_000), ("1000000", 1_000_000),
      ("1 GHz", 1_000_000_000),
      ("25MHz", 25_000_000), ("1.5 Hz", nil), ("", nil), ("fast", nil), ("99999999999 GHz", nil),
      ("2.500 kHz", 2500),
    ] as [(String, UInt64?)])
  func sampleRates(_ text: String, _ rate: UInt64?) {
    #expect(SigrokMetadata.frequency(text[...]) == rate)
  }

  @Test(
    arguments: [
      ("probe1=CC1\nprobe2=CC2\nprobe3=D+", nil, "CC1 CC2"), ("probe1=A0\nprobe3=A1", nil, "A0 A1"),
      ("probe2=Vcc-cc\nprobe1=X", nil, "Vcc-cc"), ("probe1=VCC\nprobe2=D0", nil, "VCC D0"),
      ("probe1=VCC\nprobe2=usb_cc1", nil, "usb_cc1"), ("probe1=CC1\nprobe2=B", ["B"], "B"),
      ("probe1=CC1", ["B"], "there is no line “B”; the session has CC1"),
      ("", nil, "the metadata name no logic line"),
    ] as [(String, [String]?, String)])
  func lineChoice(_ probes: String, _ wanted: [String]?, _ expected: String) {
    let text = "[device 1]\ncapturefile=logic-1\nsamplerate=1 MHz\nunitsize=1\n\(probes)\n"
    var found: String
    do throws(SigrokMetadataError) {
      found = try SigrokMetadata(text).lines(wanted).map(\.name).joined(separator: " ")
    } catch {
      found = error.reason
    }
    #expect(found == expected)
  }

  @Test(arguments: [
    ("[device 1]\ntotal analog=2\nanalog1=A\n", "the session holds only analogue channels"),
    ("[global]\n", "the metadata name no device"),
    ("[device 1]\ncapturefile=logic-1\n", "the metadata give no sample rate"),
    ("[device 1]\ncapturefile=logic-1\nsamplerate=1 MHz\nunitsize=9\n", "samples of 9 bytes"),
    ("[device 1]\ncapturefile=logic-1\nsamplerate=0\nunitsize=1\n", "the metadata give no sample rate"),
  ])
  func metadataErrors(_ text: String, _ reason: String) {
    do throws(SigrokMetadataError) {
      _ = try SigrokMetadata(text)
      Issue.record("was accepted")
    } catch {
      #expect(error.reason.hasPrefix(reason))
    }
  }

  @Test func linesOption() {
    let path = Captures.path("pd/sigrok-dumps/hdmi_dongle.sr")
    #expect(Reading(path, options: TraceReadOptions(lines: ["CC1"])).records.isEmpty)
    let fault = Reading(path, options: TraceReadOptions(lines: ["CC9"])).fault
    #expect(fault?.kind == .unusable && fault?.reason == "there is no line “CC9”; the session has CC1, CC2")
  }

  /// An analyser of 32 channels, all of them named by their numbers, has CC somewhere among them.
  @Test func everyLineOfAWideAnalyserIsRead() throws {
    let message: [UInt8] = [0xA3, 0x05]
    let file = try TemporaryFile()
    let archive = ZipArchiveWriter(try OutputFile(path: file.path))
    let probes = (0..<32).map { "probe\($0 + 1)=\($0)" }.joined(separator: "\n")
    let metadata = "[device 1]\ncapturefile=logic-1\nsamplerate=4 MHz\nunitsize=4\n\(probes)\n"
    var samples: [UInt8] = []
    for (line, start) in [(3, 1_000), (21, 9_000)] {
      samples += [UInt8](repeating: 0, count: 4 * start - samples.count)
      guard let frame = LineFrame(.sop, message: message.span) else { continue }
      var encoder = LineEncoder(frame, timing: LineTiming(rate: TickRate(rawValue: 4_000_000)))
      while let pulse = encoder.nextPulse() {
        for _ in 0..<pulse.length.rawValue {
          let word: UInt32 = pulse.isHigh ? 1 << line : 0
          samples += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
        }
      }
    }
    samples += [UInt8](repeating: 0, count: 4_000)
    for (name, data) in [("metadata", Array(metadata.utf8)), ("logic-1-1", samples)] {
      try archive.add(name, try ZipArchiveWriter.pack(data.span, fileName: ""))
    }
    try archive.finish()
    #expect(Reading(file.path).records.map(\.line) == ["3", "21"])
  }
}
