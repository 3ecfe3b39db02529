import Foundation
import Instruments
import LineCode
import Quantities
import Testing

@testable import Trace

/// Records of every kind, the ends of every range among them.
let everyKindOfRecord: [TraceRecord] = {
  let packet = TracePacket(
    orderedSet: .sop, bytes: [0x41, 0x00], crc: 0xA8BB_6CBB, validity: .crcHolds,
    bitRate: BitsPerSecond(300_100))
  var records = [
    TraceRecord(
      time: Nanoseconds(Int64.min), end: Nanoseconds(Int64.max), line: "CC1", content: .packet(packet)),
    TraceRecord(time: Nanoseconds(-1), line: "CC1", content: .packet(packet)),
    TraceRecord(
      time: .zero, line: "",
      content: .packet(TracePacket(orderedSet: nil, bytes: [], validity: .damaged(reason: "")))),
    TraceRecord(
      time: Nanoseconds(1), end: .zero, line: "Ω \"quoted\", comma\n",
      content: .packet(
        TracePacket(
          orderedSet: .sopDoublePrimeDebug, bytes: [UInt8](0...255),
          validity: .damaged(reason: "“why” \\ \u{1}\r\n, ok")))),
    TraceRecord(
      time: Nanoseconds(2),
      content: .packet(TracePacket(orderedSet: .sopPrime, bytes: [1], crc: 0, validity: .crcWrong))),
    TraceRecord(
      time: Nanoseconds(3),
      content: .packet(
        TracePacket(orderedSet: .sopDoublePrime, bytes: [1, 2], validity: .notChecked, bitRate: .zero))),
    TraceRecord(time: Nanoseconds(4), content: .measurement(TraceMeasurement())),
    TraceRecord(
      time: Nanoseconds(5), line: "CC2",
      content: .measurement(
        TraceMeasurement(
          vbus: Millivolts(.max), current: Milliamperes(.min), cc1: Millivolts(0), cc2: Millivolts(-1)))),
    TraceRecord(time: Nanoseconds(6), content: .measurement(TraceMeasurement(current: Milliamperes(-5)))),
    TraceRecord(time: Nanoseconds(7), end: Nanoseconds(9), content: .reset(.hardReset)),
    TraceRecord(
      time: Nanoseconds(8),
      content: .measurement(
        TraceMeasurement(
          vbus: Millivolts(1), dPlus: Millivolts(-2), dMinus: Millivolts(.max),
          temperature: MillidegreesCelsius(.min)))),
    TraceRecord(time: Nanoseconds(8), content: .measurement(TraceMeasurement(dMinus: Millivolts(0)))),
    TraceRecord(
      time: Nanoseconds(8),
      content: .measurement(TraceMeasurement(temperature: MillidegreesCelsius(-4500)))),
    TraceRecord(time: Nanoseconds(Int64.max), content: .reset(.cableReset)),
  ]
  for kind in TraceEvent.Kind.allCases {
    records.append(
      TraceRecord(time: Nanoseconds(.max), content: .event(TraceEvent(kind, text: kind.rawValue + "\t"))))
    records.append(TraceRecord(time: Nanoseconds(.max), line: "CC1", content: .event(TraceEvent(kind))))
  }
  return records
}()

@Suite struct WriterTests {
  private func write(_ records: [TraceRecord], _ make: (String) throws -> any TraceWriter) throws
    -> TemporaryFile
  {
    let file = try TemporaryFile()
    var writer = try make(file.path)
    for record in records { try writer.write(record) }
    try writer.finish()
    return file
  }

  @Test func pcapngIsLossless() throws {
    let file = try write(everyKindOfRecord) { try PcapngWriter(path: $0) }
    let reading = Reading(file.path)
    #expect(reading.records == everyKindOfRecord)
    #expect(reading.fault == nil)
  }

  @Test func jsonLinesAreLossless() throws {
    let file = try write(everyKindOfRecord) { try JSONLinesWriter(path: $0) }
    let reading = Reading(file.path)
    #expect(reading.records == everyKindOfRecord)
    #expect(reading.fault == nil)
  }

  /// The example of `spec/trace-format.md`.
  @Test func frameOfTheSpecification() {
    let record = TraceRecord(
      time: Nanoseconds(1250), end: Nanoseconds(483_754), line: "CC1",
      content: .packet(
        TracePacket(orderedSet: .sop, bytes: [0x41, 0], crc: 0xA8BB_6CBB, validity: .crcHolds)))
    #expect(
      HexText.text(RecordPayload.bytes(of: record))
        == "0100000003000000c85c070000000000bb6cbba800000000020000004100")
    #expect(
      JSONLinesWriter.line(record)
        == #"{"time_ns":1250,"end_ns":483754,"line":"CC1","kind":"packet","sop":"SOP","bytes":"4100","#
        + #""crc":"0xa8bb6cbb","validity":"crc_holds"}"#)
  }

  @Test func jsonLineOfAPacket() {
    let record = TraceRecord(
      time: Nanoseconds(1250), end: Nanoseconds(500_000), line: "CC1",
      content: .packet(
        TracePacket(orderedSet: .sopPrime, bytes: [0x41, 0], crc: 0x0A8B_6CBB, validity: .crcHolds)))
    #expect(
      JSONLinesWriter.line(record)
        == #"{"time_ns":1250,"end_ns":500000,"line":"CC1","kind":"packet","sop":"SOP'","bytes":"4100","#
        + #""crc":"0x0a8b6cbb","validity":"crc_holds"}"#)
  }

  @Test func csvRows() throws {
    let file = try write(Array(everyKindOfRecord[1...9])) { try CSVWriter(path: $0) }
    let text = String(decoding: try file.bytes, as: UTF8.self)
    #expect(
      text.hasPrefix(
        """
        time_ns,end_ns,line,kind,sop,bytes,crc,validity,reason,bit_rate,event,text,vbus_mv,current_ma,cc1_mv,cc2_mv,d_plus_mv,d_minus_mv,temperature_mc
        -1,,CC1,packet,SOP,4100,0xa8bb6cbb,crc_holds,,300100,,,,,,,,,
        0,,,packet,,,,damaged,,,,,,,,,,,
        1,0,"Ω ""quoted"", comma
        ",packet,SOP''_DEBUG,000102
        """))
    #expect(
      text.hasSuffix(
        """
        5,,CC2,measurement,,,,,,,,,2147483647,-2147483648,0,-1,,,
        6,,,measurement,,,,,,,,,,-5,,,,,
        7,9,,reset,HARD_RESET,,,,,,,,,,,,,,

        """))
  }

  /// Packets, a reset, a wrong CRC and a cut packet come back from the samples as they were.
  @Test(arguments: [2_000_000, 4_000_000, 25_000_000] as [UInt64])
  func sigrokRoundTrip(_ rate: UInt64) throws {
    let contents: [TraceRecord.Content] = [
      .packet(TracePacket(orderedSet: .sop, bytes: [0xA3, 0x03], crc: 0x5DFA_AC6F, validity: .crcHolds)),
      .packet(TracePacket(orderedSet: .sopPrime, bytes: [0x41, 0x00], validity: .notChecked)),
      .packet(TracePacket(orderedSet: .sop, bytes: [0xA3, 0x03], crc: 1, validity: .crcWrong)),
      .reset(.hardReset), .reset(.cableReset),
      .packet(TracePacket(orderedSet: .sop, bytes: [0x82, 0x10, 0x2C], validity: .damaged(reason: "cut"))),
      .packet(
        TracePacket(
          orderedSet: .sopDoublePrime, bytes: [UInt8](repeating: 0x5A, count: 268), validity: .notChecked)),
    ]
    // The second one is due before the first has ended, the last after a long idle time.
    let times: [Int64] = [1_000_000, 1_100_000, 5_000_000, 6_000_000, 7_000_000, 8_000_000, 1_200_000_000]
    let records = zip(times, contents).map { TraceRecord(time: Nanoseconds($0), content: $1) }
    let file = try write(records) { try SigrokWriter(path: $0, samplesPerSecond: rate, line: "CC2") }
    let reading = Reading(file.path)
    #expect(reading.fault == nil && reading.records.map(\.line) == [String](repeating: "CC2", count: 7))
    #expect(
      reading.records.map { Self.summary($0.content) } == [
        "sop a303 5dfaac6f crcHolds", "sopPrime 4100 a8bb6cbb crcHolds", "sop a303 1 crcWrong", "hardReset",
        "cableReset",
        "sop 82102c damaged",
        "sopDoublePrime " + String(repeating: "5a", count: 268)
          + " \(String(CRC32(of: [UInt8](repeating: 0x5A, count: 268).span).value, radix: 16)) crcHolds",
      ])
    let moved = zip(reading.records, times).map { abs($0.time.rawValue - $1) }
    #expect(moved[0] <= 500 && moved[2...].allSatisfy { $0 <= 500 } && moved[1] > 400_000)
  }

  private static func summary(_ content: TraceRecord.Content) -> String {
    switch content {
    case .reset(let set): return "\(set)"
    case .packet(let packet):
      let set = packet.orderedSet.map { "\($0)" } ?? "?"
      if case .damaged = packet.validity { return "\(set) \(HexText.text(packet.bytes)) damaged" }
      return "\(set) \(HexText.text(packet.bytes)) \(String(packet.crc ?? 0, radix: 16)) \(packet.validity)"
    default: return "?"
    }
  }

  /// The edge that ends the last bit is there, whichever the last level was; then the line is let go.
  @Test(arguments: [
    (TracePacket.Validity.notChecked, [20, 4000, 4000]), (.damaged(reason: "cut"), [4020, 4000]),
  ])
  func levelsBehindAPacket(_ validity: TracePacket.Validity, _ runs: [Int]) throws {
    let packet = TracePacket(orderedSet: .sop, bytes: [0x82, 0x10, 0x2C], validity: validity)
    let file = try write([TraceRecord(time: .zero, content: .packet(packet))]) { try SigrokWriter(path: $0) }
    let archive = try ZipArchiveReader(try InputFile(path: file.path), unpackedLimit: 1 << 24)
    let member = try #require(archive.members.first { $0.name == "logic-1-1" })
    let samples = try archive.data(of: member, limit: 1 << 24)
    var lengths: [Int] = []
    for (index, level) in samples.enumerated() {
      if index > 0 && level == samples[index - 1] {
        lengths[lengths.count - 1] += 1
      } else {
        lengths.append(1)
      }
    }
    #expect(Array(lengths.suffix(runs.count)) == runs)
  }

  @Test func anImpossiblyLongSessionIsRefused() throws {
    let file = try TemporaryFile()
    var writer = try SigrokWriter(path: file.path)
    #expect(throws: TraceWriteError.self) {
      try writer.write(TraceRecord(time: Nanoseconds(.max), content: .reset(.hardReset)))
    }
  }

  /// Every format that is written is one that is read or CSV, and the ending of the name chooses it.
  @Test(arguments: TraceWriteFormat.allCases)
  func createByName(_ format: TraceWriteFormat) throws {
    let file = try TemporaryFile(ending: format.rawValue)
    var writer = try TraceFile.create(file.path)
    try writer.write(TraceRecord(time: Nanoseconds(1_000_000), content: .reset(.hardReset)))
    try writer.finish()
    #expect(try TraceFile.format(of: file.path)?.rawValue == (format == .csv ? nil : format.rawValue))
    #expect(format == .csv || Reading(file.path).records.map(\.content) == [.reset(.hardReset)])
  }

  @Test func createWithoutAFormat() {
    #expect(
      throws: TraceWriteError(
        file: "/tmp/x", reason: "the ending names no format; the known ones are pcapng, csv, sr, jsonl")
    ) {
      _ = try TraceFile.create("/tmp/x")
    }
  }

  @Test func errorsOfFiles() {
    #expect(throws: TraceWriteError(file: "/nowhere/x", reason: "no such file or directory")) {
      _ = try PcapngWriter(path: "/nowhere/x")
    }
    #expect(TraceWriteFormat(fileName: "a.b.PCAPNG") == .pcapng && TraceWriteFormat(fileName: "sr") == nil)
  }

  @Test func fullDevice() throws {
    var writer = try CSVWriter(path: "/dev/full")
    #expect(throws: TraceWriteError(file: "/dev/full", reason: "no space left on device")) {
      try writer.finish()
    }
  }
}
