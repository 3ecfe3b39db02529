@testable import Instruments
import LineCode
import Quantities
import Testing

// No recording of such a sniffer is public: all vectors here are made from what is known of its firmware
// (`usb-hardware.md` §4), none was heard on a wire.

@Suite struct CH32X035LineTests {
  private func read(_ text: String) -> Result<CH32X035Line, CH32X035LineError> {
    readBytes(Array(text.replacing("|", with: "\u{1F}").utf8))
  }

  private func readBytes(_ bytes: [UInt8]) -> Result<CH32X035Line, CH32X035LineError> {
    Result { () throws(CH32X035LineError) in try CH32X035Line(bytes.span) }
  }

  private static let source = CH32X035Line.Message(
    time: Milliseconds(1234), vbus: Millivolts(5086), number: 7, orderedSet: .sop,
    bytes: [0xA1, 0x21, 0x2C, 0x91, 0x01, 0x08, 0x2C, 0xD1, 0x02, 0x00], crc: 0x0123_4567,
    remarks: ["Source_Capabilities", "0", "SRC->SNK", "V3"])

  /// The digits of a line stand most significant first; the wire has the bytes the other way round.
  @Test func message() {
    #expect(
      read(
        "> 1234ms|5086mV|#007|SOP|Source_Capabilities|0|SRC->SNK|V3|[H]0x21A1|[0]0x0801912C|[1]0x0002D12C|[CRC]0x01234567"
      ) == .success(.message(Self.source)))
  }

  /// Columns may have spaces around them, the mark a column of its own, and a warning may follow.
  @Test func otherColumns() {
    var warned = Self.source
    warned.remarks.append("(!)")
    #expect(
      read(
        ">|1234 ms| 5086mV |#7|SOP |Source_Capabilities|0|SRC->SNK|V3|[H]0x21a1|[0]0x0801912c|[1]0x0002d12c|[CRC]0x01234567|(!)"
      ) == .success(.message(warned)))
  }

  @Test(arguments: [
    ("SOP", OrderedSet.sop), ("SOP'", .sopPrime), ("SOP''", .sopDoublePrime), ("SOP\"", .sopDoublePrime),
    ("SOP'_DEBUG", .sopPrimeDebug), ("SOP''_DBG", .sopDoublePrimeDebug),
  ])
  func orderedSets(_ name: String, _ set: OrderedSet) {
    #expect(
      read("> 1ms|\(name)|[H]0x0041")
        == .success(
          .message(.init(time: Milliseconds(1), orderedSet: set, bytes: [0x41, 0x00], remarks: []))))
  }

  /// A name that is not known is kept as it is.
  @Test func unknownSet() {
    #expect(
      read("> SOPQ|[H]0x0041") == .success(.message(.init(bytes: [0x41, 0x00], remarks: ["SOPQ"]))))
  }

  @Test(arguments: [
    (
      "Attach:CC1, CC1:1653mV, CC2:12mV, VBUS:5086mV",
      CH32X035Line.attach(
        .init(cc: 1, cc1: Millivolts(1653), cc2: Millivolts(12), vbus: Millivolts(5086)))
    ),
    ("Attach:CC2", .attach(.init(cc: 2))), ("Detach:CC2", .detach(cc: 2)), ("Detach:?", .detach(cc: nil)),
    ("! invalid PD length:3", .other("! invalid PD length:3")), ("a|b", .other("a b")),
  ])
  func others(_ text: String, _ line: CH32X035Line) { #expect(read(text) == .success(line)) }

  @Test(arguments: [
    ("> 1ms|SOP", CH32X035LineError.noHeader),
    ("> [H]0x21A", .column("[H]0x21A")), ("> [H]0x21AG", .column("[H]0x21AG")),
    ("> [H]0x+1A1", .column("[H]0x+1A1")), ("> [H]21A1", .column("[H]21A1")),
    ("> [H]0x21A1|[0]0x801912C", .column("[0]0x801912C")),
    ("> [H]0x21A1|[1]0x0002D12C", .objectMissing(0)),
    ("> [H]0x21A1|[0]0x0801912C|[2]0x0002D12C", .objectMissing(1)),
    ("> [H]0x0041|[CRC]0x123", .column("[CRC]0x123")),
    ("Attach:CC1, CC1:mV", .column("CC1:mV")), ("Attach:CC1, CC3:5mV", .column("CC3:5mV")),
    ("Attach:CC1, VBUS:99999999999mV", .column("VBUS:99999999999mV")),
    ("> \u{1B}[2J[H]0x0041", .notText),
  ])
  func wrong(_ text: String, _ error: CH32X035LineError) { #expect(read(text) == .failure(error)) }

  @Test func notText() {
    #expect(readBytes([0x3E, 0xC3, 0x28]) == .failure(.notText))
  }

  /// However the bytes are cut into pieces, the lines are the same.
  @Test(arguments: 1...9) func cutting(_ size: Int) {
    let text = Array("> a\r\n\n> b\n\r\n> c".utf8) + [0xFF, 0x0A] + Array("rest".utf8)
    var lines = SnifferLines()
    var pieces: [SnifferLines.Piece] = []
    for start in stride(from: 0, to: text.count, by: size) {
      let piece = Array(text[start..<min(start + size, text.count)])
      lines.take(piece.span) { pieces.append($0) }
    }
    #expect(
      pieces == [.line(Array("> a".utf8)), .line(Array("> b".utf8)), .line(Array("> c".utf8) + [0xFF])])
    #expect(lines.heldCount == 4)
  }

  /// A line without an end costs one note and a bounded memory; a gap costs the line that it is in.
  @Test func longAndBroken() {
    var lines = SnifferLines()
    var pieces: [SnifferLines.Piece] = []
    var most = 0
    func take(_ text: String) {
      let bytes = Array(text.utf8)
      lines.take(bytes.span) { pieces.append($0) }
      most = max(most, lines.heldCount)
    }
    for _ in 0..<100 { take(String(repeating: "A", count: 1000)) }
    take("end\n> a\n> b")
    lines.interrupt()
    take("half\n> c\n")
    lines.interrupt()
    take("> d\n")
    #expect(
      pieces == [
        .tooLong, .line(Array("> a".utf8)), .line(Array("> c".utf8)), .line(Array("> d".utf8)),
      ])
    #expect(most <= SnifferLines.longest)
  }

  @Test func anyBytes() {
    var bytes = RandomBytes(seed: 35)
    let alphabet = Array("> \u{1F}[]0x12AFHCRms#mVSOP':,Attach\n".utf8)
    for round in 0..<3000 {
      let line = bytes.next(round % 80).map { round % 2 == 0 ? $0 : alphabet[Int($0) % alphabet.count] }
      let head: [UInt8] = round % 3 == 0 ? [0x3E] : []
      if case .success(.message(let message)) = readBytes(head + line) {
        #expect(message.bytes.count % 4 == 2)
      }
    }
  }
}

@Suite struct CH32X035EventTests {
  /// 70 s + 1 µs, count 9, 9.012 V, −0.25 A, CC 1.65 V and 0.01 V, D+ 0.6 V, D− 0.61 V; GoodCRC on SOP, CC2 used.
  static let report: [UInt8] =
    [0x81, 0x1D, 0x2C, 0x04, 0, 0, 0, 0, 9, 0, 0, 0, 0x34, 0x23, 0x06, 0xFF, 0x72, 0x06, 0x0A, 0x00]
    + [0x58, 0x02, 0x62, 0x02, 0x20, 2, 2, 0x41, 0x02] + [UInt8](repeating: 0xEE, count: 35)

  static let framePayload: [UInt8] =
    [
      0x81, 0x1D, 0x2C, 0x04, 1, 0, 0, 0, 9, 0, 0, 0, 0x34, 0x23, 0x70, 0x2F, 0xFC, 0xFF, 0x72, 0x06, 0x0A,
      0x00,
    ]
    + [0x58, 0x02, 0x62, 0x02, 0x20, 2, 0x41, 0x02]

  @Test func report() throws {
    let event = try CH32X035Event(report: Self.report.span)
    #expect(event.time == Microseconds(70_000_001) && event.receiveCount == 9)
    #expect(event.vbus == Millivolts(9012) && event.current == Microamperes(-250_000))
    #expect(event.cc1 == Millivolts(1650) && event.cc2 == Millivolts(10))
    #expect(event.dPlus == Millivolts(600) && event.dMinus == Millivolts(610))
    #expect(event.kind.orderedSet == .sop && event.activeCC == 2 && event.payload == [0x41, 0x02])
  }

  @Test func framePayload() throws {
    let event = try CH32X035Event(framePayload: Self.framePayload.span)
    #expect(event.time == Microseconds(70_000_001 + 1 << 32) && event.receiveCount == 9)
    #expect(event.vbus == Millivolts(9012) && event.current == Microamperes(-250_000))
    #expect(event.cc1 == Millivolts(1650) && event.cc2 == Millivolts(10))
    #expect(event.dPlus == Millivolts(600) && event.dMinus == Millivolts(610))
    #expect(event.kind.orderedSet == .sop && event.activeCC == 2 && event.payload == [0x41, 0x02])
  }

  @Test func kinds() {
    let sets = (0...0x26).map { CH32X035Event.Kind(rawValue: $0).orderedSet }
    #expect(sets.prefix(0x20).allSatisfy { $0 == nil })
    #expect(
      sets.suffix(7) == [
        .sop, .sopPrime, .sopDoublePrime, .sopPrimeDebug, .sopDoublePrimeDebug, .hardReset, .cableReset,
      ])
    #expect(CH32X035Event.Kind(rawValue: 0x43).ufcsWords == "D-, chunk 0")
    #expect(CH32X035Event.Kind(rawValue: 0x46).ufcsWords == nil)
  }

  @Test func wrong() {
    var long = Self.report
    long[26] = 35
    let results = [Array(Self.report.dropLast()), Self.report + [0], [], long].map { bytes in
      Result { () throws(CH32X035EventError) in try CH32X035Event(report: bytes.span) }
    }
    #expect(
      results == [
        .failure(.length(63, expected: 64)), .failure(.length(65, expected: 64)),
        .failure(.length(0, expected: 64)), .failure(.payload(35, limit: 34)),
      ])
    let frames = [27, 28, 93, 94].map { count in
      Result { () throws(CH32X035EventError) in
        try CH32X035Event(framePayload: [UInt8](repeating: 0, count: count).span).payload.count
      }
    }
    #expect(
      frames == [
        .failure(.length(27, expected: 28)), .success(0), .success(65), .failure(.payload(66, limit: 65)),
      ])
  }

  /// However the bytes are cut into pieces, and whatever lies between frames, the frames are the same.
  @Test(arguments: [1, 2, 3, 5, 7, 64, 1000]) func frames(_ size: Int) {
    let frame: [UInt8] = [0x0A, 0x55, 0x50, 0x53, 1, 30, 0] + Self.framePayload
    let short: [UInt8] = [0x0A, 0x55, 0x50, 0x53, 9, 0, 0]
    let stream =
      frame + [1, 2, 3] + frame + [0x0A, 0x55] + frame + [0x0A, 0x55, 0x50, 0x53, 1, 0xFF, 0xFF] + short
      + frame + frame.prefix(20)
    var frames = CH32X035Frames()
    var pieces: [CH32X035Frames.Piece] = []
    for start in stride(from: 0, to: stream.count, by: size) {
      let piece = Array(stream[start..<min(start + size, stream.count)])
      frames.take(piece.span) { pieces.append($0) }
    }
    let whole = CH32X035Frames.Piece.frame(type: CH32X035Frames.event, Self.framePayload)
    #expect(
      pieces == [
        whole, .skipped(3), whole, .skipped(2), whole, .skipped(7), .frame(type: 9, []), whole,
      ])
    #expect(frames.heldCount == 20)
    frames.interrupt()
    frames.take(frame.span) { pieces.append($0) }
    #expect(pieces.last == whole && frames.heldCount == 0)
  }

  @Test func anyBytes() {
    var bytes = RandomBytes(seed: 36)
    var frames = CH32X035Frames()
    var skipped = 0
    let mark: [UInt8] = [0x0A, 0x55, 0x50, 0x53]
    for round in 0..<3000 {
      let random = bytes.next(round % 130).map { round % 2 == 0 ? $0 : mark[Int($0) % 4] }
      frames.take(random.span) { if case .skipped(let count) = $0 { skipped += count } }
      #expect(frames.heldCount <= 100)
      let report = bytes.next(64)
      let event = try? CH32X035Event(report: report.span)
      #expect((event?.payload.count ?? Int(report[26])) == Int(report[26]))
    }
    #expect(skipped > 100_000)
  }
}

/// Bytes that are the same in every run.
struct RandomBytes {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    }
  }
}
