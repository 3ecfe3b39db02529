import Foundation
import LineCode
import Quantities
import Testing

/// Pulse lists of a Dr. PD analyser: widths of 10 ns, from the preamble to the last edge of EOP.
///
/// The recordings are not part of this package; they are looked for in `Tests/Captures/drpd` and, beside
/// the package, in `shared/captures/drpd`.
@Suite struct DrPDTests {
  static var folder: URL? {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return ["Tests/Captures/drpd", "../shared/captures/drpd", "../../shared/captures/drpd"]
      .map { root.appending(path: $0) }.first { FileManager.default.fileExists(atPath: $0.path) }
  }

  @Test(.enabled(if: folder != nil, "no Dr. PD recordings at Tests/Captures/drpd"))
  func aSession() throws {
    let bytes = [UInt8](
      try Data(contentsOf: try #require(Self.folder).appending(path: "epr-sink-session.blocks.bin")))
    var index = 0
    var blocks = 0
    while index + 2 < bytes.count {
      let digits = Int(bytes[index + 1]) - 48
      let length = try #require(
        Int(String(decoding: bytes[(index + 2)..<(index + 2 + digits)], as: UTF8.self)))
      let start = index + 2 + digits
      #expect(check(Array(bytes[start..<(start + length)])) == "")
      index = start + length + 1
      blocks += 1
    }
    #expect(blocks == 25)
  }

  @Test(.enabled(if: folder != nil, "no Dr. PD recordings at Tests/Captures/drpd"))
  func aBlockWhoseFirstPulseIsCut() throws {
    let text = try String(
      contentsOf: try #require(Self.folder).appending(path: "ps-rdy-block.hex"), encoding: .utf8)
    let digits = text.filter(\.isHexDigit).map { UInt8($0.hexDigitValue ?? 0) }
    let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    #expect(check(bytes) == "")
  }

  /// What is wrong with the decoding of a block's pulses: its data, its length in time, the number of events.
  private func check(_ block: [UInt8]) -> String {
    func little(_ offset: Int, _ count: Int) -> Int {
      block[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let count = little(24, 4)
    let pulses = (0..<count).map { Ticks(UInt64(little(28 + 2 * $0, 2))) }
    let data = Array(block[(32 + 2 * count)...])
    let events = receive(pulses, rate: TickRate(hertz: 100_000_000))
    guard events.count == 1 else { return "\(events.count) events for \(data)" }
    let total = pulses.map(\.rawValue).reduce(0, +)
    guard events[0].outcome == .intact, array(events[0].bytes.span) == data, events[0].start == .zero,
      events[0].end == Ticks(total)
    else { return "\(events[0].outcome) \(events[0].start)–\(events[0].end) of \(total)" }
    return ""
  }
}
