import LineCode
import Quantities
import Testing

@testable import Trace

@Suite struct HexTextTests {
  @Test(
    arguments: [
      ("4100", 0, .sop, [0x41, 0]), ("41 00", 0, .sop, [0x41, 0]), ("0x41, 0x0", 0, .sop, [0x41, 0]),
      ("41:00:ff-1", nil, .sop, []), ("41-00", 0, .sop, [0x41, 0]),
      ("0.012345 SOP' 4100 # note", 12_345_000, .sopPrime, [0x41, 0]),
      ("12.345 ms SOP: 41 00", 12_345_000, .sop, [0x41, 0]),
      ("12us sop″ 41 00", 12_000, .sopDoublePrime, [0x41, 0]),
      ("1s,SOP'_DEBUG,4100", 1_000_000_000, .sopPrimeDebug, [0x41, 0]), ("\tHARD_RESET", 0, .hardReset, []),
      ("3 ns Cable-Reset", 3, .cableReset, []), ("HARD_RESET 41", nil, .sop, []), ("41", nil, .sop, []),
      ("SOP", nil, .sop, []),
      ("41 0g", nil, .sop, []), ("410", nil, .sop, []), ("99999999999999999999 s 4100", nil, .sop, []),
      ("0x0x41 00", nil, .sop, []), ("-5 ms 4100", nil, .sop, []),
    ] as [(String, Int64?, OrderedSet, [UInt8])])
  func line(_ text: String, _ time: Int64?, _ set: OrderedSet, _ bytes: [UInt8]) throws {
    let reading = try Reading(text: text, format: .hexText)
    guard let time else {
      #expect(reading.records.isEmpty && reading.fault?.place == .line(1))
      return
    }
    let content: TraceRecord.Content =
      set.startsPacket
      ? .packet(TracePacket(orderedSet: set, bytes: bytes, validity: .notChecked)) : .reset(set)
    #expect(reading.records == [TraceRecord(time: Nanoseconds(time), content: content)])
  }

  @Test(arguments: [
    ("a303 crc=6facfa5d", TracePacket.Validity.crcHolds), ("a3 03 crc=0x5dfaac6f", .crcHolds),
    ("a303 CRC=00000000", .crcWrong),
  ])
  func crc(_ text: String, _ validity: TracePacket.Validity) throws {
    #expect(try Reading(text: text).packets.map(\.validity) == [validity])
  }

  @Test func firstBadLineEndsTheReading() throws {
    let reading = try Reading(text: "# a log\n\n4100\r\n1 ms 6101\nnonsense\n6303\n")
    #expect(reading.packets.map(\.bytes) == [[0x41, 0], [0x61, 1]])
    #expect(reading.fault?.description == "FILE:5: “nonsense” is neither bytes in hexadecimal nor a SOP kind")
  }

  @Test func timeGoesForward() throws {
    let reading = try Reading(text: "5 ms 4100\n4 ms 4100\n")
    #expect(reading.records.count == 1 && reading.fault?.description == "FILE:2: goes back in time")
  }

  @Test func endlessLine() throws {
    let reading = try Reading(text: "4100\n" + String(repeating: "41 ", count: 400_000))
    #expect(
      reading.records.count == 1 && reading.fault?.description == "FILE:2: the line is longer than 1 MiB")
  }
}
