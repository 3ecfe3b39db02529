import Foundation
import Instruments
import LineCode
import Quantities
import Testing

@testable import Trace

/// Capture records built here, so that no recording of the device is needed.
enum DrPDBlocks {
  static let sop: [UInt8] = [0x18, 0x18, 0x18, 0x11]
  static let cableReset: [UInt8] = [0x07, 0x18, 0x07, 0x06]

  static func payload(
    start: UInt64 = 5_000_000, end: UInt64 = 5_000_500, result: UInt32 = 0, kCodes: [UInt8] = sop,
    pulses: [UInt16] = [], data: [UInt8] = []
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendLittleEndian(start)
    bytes.appendLittleEndian(end)
    bytes.appendLittleEndian(result)
    bytes += kCodes
    bytes.appendLittleEndian(UInt32(pulses.count))
    for pulse in pulses { bytes.appendLittleEndian(pulse) }
    bytes.appendLittleEndian(UInt32(data.count))
    return bytes + data
  }

  static func block(_ payload: [UInt8]) -> [UInt8] {
    let length = String(payload.count)
    return Array("#\(length.count)\(length)".utf8) + payload + [0x0A]
  }

  /// The widths between the edges of a packet, in cycles of 10 ns.
  static func pulses(_ message: [UInt8]) -> [UInt16] {
    guard let frame = LineFrame(.sop, message: message.span) else { return [] }
    var encoder = LineEncoder(frame, timing: LineTiming(rate: TickRate(hertz: 100_000_000)))
    var pulses: [UInt16] = []
    while let pulse = encoder.nextPulse() { pulses.append(UInt16(clamping: pulse.length.rawValue)) }
    return pulses
  }

  static let accept: [UInt8] = [0xA3, 0x03, 0x6F, 0xAC, 0xFA, 0x5D]
}

@Suite struct DrPDFileTests {
  private func read(_ payloads: [[UInt8]]) throws -> Reading {
    let file = try TemporaryFile(payloads.flatMap { DrPDBlocks.block($0) })
    return Reading(file.path)
  }

  @Test func packetsAndTheirVerdicts() throws {
    let wrong: [UInt8] = Array(DrPDBlocks.accept.dropLast()) + [0]
    let reading = try read([
      DrPDBlocks.payload(data: DrPDBlocks.accept),
      DrPDBlocks.payload(start: 5_001_000, end: 5_001_400, result: 2, data: wrong),
      DrPDBlocks.payload(start: 5_002_000, end: 5_002_400, data: wrong),
      DrPDBlocks.payload(start: 5_003_000, end: 5_003_400, result: 4, data: [0xA3, 0x03, 0x6F]),
      DrPDBlocks.payload(start: .max, end: .max, result: 5, data: []),
      DrPDBlocks.payload(start: 5_004_000, end: 5_004_100, result: 9, kCodes: [0, 0, 0, 0], data: [1]),
      DrPDBlocks.payload(start: 5_005_000, end: 5_005_100, data: [1, 2, 3]),
    ])
    #expect(reading.fault == nil)
    #expect(
      reading.packets.map(\.validity) == [
        .crcHolds, .crcWrong, .crcWrong, .damaged(reason: "the analyzer reports: runt pulse"),
        .damaged(reason: "the analyzer reports: incomplete"),
        .damaged(reason: "the analyzer reports: result 9"),
        .damaged(reason: "too short for header and CRC"),
      ])
    #expect(reading.packets.prefix(3).allSatisfy { $0.bytes == [0xA3, 0x03] && $0.orderedSet == .sop })
    #expect(
      reading.records.map { $0.time.rawValue / 1000 } == [0, 1000, 2000, 3000, 3000, 4000, 5000])
    #expect(reading.records.first?.end == Nanoseconds(500_000))
  }

  @Test func resetsWhateverTheResult() throws {
    let reading = try read([
      DrPDBlocks.payload(kCodes: [7, 7, 7, 0x19]),
      DrPDBlocks.payload(result: 3, kCodes: DrPDBlocks.cableReset),
    ])
    #expect(reading.records.map(\.content) == [.reset(.hardReset), .reset(.cableReset)])
  }

  @Test func firmwareEvents() throws {
    let reading = try read([
      DrPDBlocks.payload(
        result: .max, kCodes: [0, 0, 0, 0], data: [1, 0, 0, 0] + Array("VBUS OVP event".utf8)),
      DrPDBlocks.payload(result: .max, kCodes: [0, 0, 0, 0], data: [7, 0, 0, 0] + Array("x".utf8)),
      DrPDBlocks.payload(result: .max, kCodes: [0, 0, 0, 0], data: [7]),
    ])
    #expect(
      reading.events == [
        TraceEvent(.overvoltage, text: "VBUS OVP event"), TraceEvent(.other, text: "x"),
        TraceEvent(.other, text: "an event record without a type"),
      ])
  }

  /// Bytes that the device lost are read from its pulses.
  @Test(arguments: [3, 4, 5, 2] as [UInt32])
  func damagedBytesFromPulses(_ result: UInt32) throws {
    let reading = try read([
      DrPDBlocks.payload(
        result: result, pulses: DrPDBlocks.pulses([0xA3, 0x03]), data: [0xA3, 0xFF, 0, 0, 0, 0])
    ])
    #expect(reading.packets.map(\.bytes) == [[0xA3, 0x03]])
    #expect(reading.packets.map(\.validity) == [.crcHolds])
  }

  @Test func bitRateFromPulses() throws {
    let reading = try read([
      DrPDBlocks.payload(pulses: DrPDBlocks.pulses([0xA3, 0x03]), data: DrPDBlocks.accept)
    ])
    let rate = reading.packets.first?.bitRate?.rawValue ?? 0
    #expect(abs(rate - 300_000) < 3000)
  }

  @Test func damageKeepsWhatIsBefore() throws {
    let block = DrPDBlocks.block(DrPDBlocks.payload(data: DrPDBlocks.accept))
    let cases: [([UInt8], String)] = [
      (Array(block.dropLast(3)), "a block is cut"), (Array(block[0..<2]), "the head of a block is cut"),
      (Array("#9999999999".utf8), "a block of 999999999 bytes is longer than any record"),
      (
        Array("#228".utf8) + [UInt8](repeating: 0, count: 28),
        "a record of 28 bytes does not agree with its own counts"
      ),
      (Array("x".utf8), "a block begins with “#”, a digit and that many digits of length"),
    ]
    for (rest, reason) in cases {
      let file = try TemporaryFile(block + rest)
      let reading = Reading(file.path)
      #expect(reading.records.count == 1)
      #expect(reading.fault == TraceFault(.damaged, file: file.path, at: .byte(UInt64(block.count)), reason))
    }
  }

  @Test func recordInHexadecimal() throws {
    let digits = HexText.text(DrPDBlocks.payload(data: DrPDBlocks.accept))
    let text = stride(from: 0, to: digits.count, by: 64).map { digits.dropFirst($0).prefix(64) }.joined(
      separator: "\n")
    let file = try TemporaryFile(Array(text.utf8))
    #expect(try TraceFile.format(of: file.path) == .drpdHex)
    #expect(Reading(file.path).packets.map(\.validity) == [.crcHolds])
  }

  @Test func export() throws {
    let reading = try Reading(
      text: """
        [ {"entryKind": "event", "eventType": "capture_changed", "eventText": "Capture turned on at {\\"", "startTimestampUs": "1"},
        {"entryKind": "event", "eventType": "cc_status_changed", "eventText": "Device status changed to ATTACHED at", "startTimestampUs": "1000"},
        {"entryKind": "message", "startTimestampUs": 1500, "endTimestampUs": "1900", "decodeResult": 0, "rawSop": {"0": 24, "1": 24, "2": 24, "3": 17},
         "rawPulseWidths": {}, "rawDecodedData": {"0": 163, "1": 3, "2": 111, "3": 172, "5": 93, "4": 250}, "more": [null, {}]},
        {"entryKind": "event", "eventType": "capture_changed", "eventText": "Capture turned off at", "startTimestampUs": "2000"},
        {"entryKind": "message", "rawSop": {"1": 24}, "rawDecodedData": {}}]
        """)
    #expect(reading.records.map { $0.time.rawValue / 1000 } == [0, 0, 500, 1000])
    #expect(reading.events.map(\.kind) == [.captureStarted, .attach, .captureStopped])
    #expect(reading.packets.map(\.validity) == [.crcHolds])
    #expect(reading.fault?.reason == "an entry is not what the application exports")
  }

  @Test(arguments: [
    ("[{\"entryKind\": \"event\"}", "the file ends inside the JSON array"),
    ("[{\"entryKind\": \"event\"}, {\"a", "the file ends inside an object"),
    ("[{\"entryKind\": \"event\"}, 1]", "an object is due here"),
  ])
  func cutExport(_ text: String, _ reason: String) throws {
    let reading = try Reading(text: text)
    #expect(reading.events.count == 1 && reading.fault?.reason == reason)
  }

  @Test func lines() throws {
    let reading = try Reading(
      text: """
        {"kind": "event", "eventType": "capture_changed", "deviceTimeUs": 1}
        {"kind": "message", "startUs": 1000, "endUs": 1400, "decodeResult": 0, "sopKCodes": "18181811", "bytes": "a303", "crc32": "0x5DFAAC6F"}
        {"kind": "message", "startUs": 2000, "sopKCodes": "18181811", "bytes": "a303", "crc32": "0x0"}
        {"kind": "message", "startUs": 2000, "sopKCodes": "18181811", "bytes": "a3x3"}
        """)
    #expect(reading.packets.map(\.validity) == [.crcHolds, .crcWrong])
    #expect(
      reading.records.map { $0.time.rawValue / 1000 } == [0, 0, 1000] && reading.fault?.place == .line(4))
  }

  // MARK: The recordings of the device

  @Test(.enabled(if: Captures.drpd != nil, "\(Captures.drpdAbsent)"))
  func sessionInThreeForms() throws {
    let folder = try #require(Captures.drpd)
    let export = Reading("\(folder)/epr-sink-session.export.json")
    let lines = Reading("\(folder)/epr-sink-session.jsonl")
    let blocks = Reading("\(folder)/epr-sink-session.blocks.bin")
    #expect(
      export.counts == [25, 0, 0, 4, 0] && lines.counts == [25, 0, 0, 4, 0]
        && blocks.counts == [25, 0, 0, 0, 0])
    #expect(export.fault == nil && lines.fault == nil && blocks.fault == nil)
    #expect(export.packets == blocks.packets)
    #expect(lines.packets.map(\.bytes) == blocks.packets.map(\.bytes))
    #expect(blocks.packets.allSatisfy { $0.validity == .crcHolds })
    let ends = blocks.records.map { $0.time.rawValue / 1000 }
    #expect(ends.first == 0 && ends.last == 344_656)
    let rates = blocks.packets.map { $0.bitRate?.rawValue ?? 0 }
    #expect(rates.allSatisfy { (300_000...308_000).contains($0) })
  }

  @Test(.enabled(if: Captures.drpd != nil, "\(Captures.drpdAbsent)"))
  func olderRecord() throws {
    let reading = Reading("\(try #require(Captures.drpd))/ps-rdy-block.hex")
    #expect(reading.packets.map(\.bytes) == [[0xA6, 0x05]])
    #expect(reading.packets.map(\.validity) == [.crcHolds])
  }

  /// The pulses of the session alone give its bytes.
  @Test(.enabled(if: Captures.drpd != nil, "\(Captures.drpdAbsent)"))
  func sessionFromPulses() throws {
    let path = "\(try #require(Captures.drpd))/epr-sink-session.blocks.bin"
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let expected = Reading(path).packets
    var damaged: [UInt8] = []
    var rest = bytes[...]
    while let header = try DrPDBlockHeader(Array(rest.prefix(11)).span) {
      var payload = Array(rest.dropFirst(header.headLength).prefix(header.payloadLength))
      payload[16] = 3
      payload[payload.count - 6] ^= 0xFF
      damaged += DrPDBlocks.block(payload)
      rest = rest.dropFirst(header.headLength + header.payloadLength + 1)
    }
    let file = try TemporaryFile(damaged)
    let found = Reading(file.path).packets
    #expect(found.map(\.bytes) == expected.map(\.bytes) && found.allSatisfy { $0.validity == .crcHolds })
  }
}
