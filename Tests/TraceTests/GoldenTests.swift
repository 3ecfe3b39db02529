import Foundation
import LineCode
import PowerDelivery
import TestSupport
import Testing

@testable import Trace

/// What a person and a program read, word by word, beside the files in `Golden`.
///
/// `OFC_UPDATE_GOLDEN=1 swift test --filter GoldenTests` writes the files anew; look at the difference before it is
/// committed.
@Suite struct GoldenTests {
  private static let folder = "Tests/TraceTests/Golden"
  private static let updates = ProcessInfo.processInfo.environment["OFC_UPDATE_GOLDEN"] == "1"

  /// Name of the golden file, and the recording.
  static let recordings = [
    ("apple_power_brick", "Tests/Captures/pd/sigrok-dumps/apple_power_brick.sr"),
    ("PinePower-xperia10iii_3", "Tests/Captures/pd/jimknopf/PinePower-xperia10iii_3_PD-sync.sr"),
    ("epr_entry_refused_cut", "Tests/Captures/pd/briansune/epr_entry_refused_cut.sr"),
    ("zy12pds", "Tests/Captures/pd/sigrok-dumps/zy12pds_sink_module-65w_noname_supply.sr"),
    ("km003c_epr_session", "Tests/Captures/pd/km003c/km003c_epr_session.csv"),
    ("pps_avs", "Tests/TraceTests/Golden/pps_avs.hex"),
    ("xiaomi-set-a", "Tests/Captures/xiaomi/set-a.hex"),
    ("xiaomi-set-b", "Tests/Captures/xiaomi/set-b.hex"),
    ("xiaomi-set-b-with-answers", "Tests/Captures/xiaomi/set-b-with-answers.hex"),
  ]

  @Test(arguments: recordings) func text(_ name: String, _ path: String) throws {
    let recording = try Recording(path, keys: SyntheticDigests())
    let text = EntryText(showsNotes: true)
    let lines = [text.heading] + recording.entries.compactMap { text.text($0) }
    let stories = recording.stories.map { "\n\n" + XiaomiStoryText($0).text }.joined()
    try check(
      lines.joined(separator: "\n") + "\n\n" + SummaryText(recording.statistics).text + stories, "\(name).txt"
    )
  }

  @Test(arguments: recordings) func json(_ name: String, _ path: String) throws {
    let recording = try Recording(path, keys: SyntheticDigests())
    let lines =
      recording.entries.map { EntryJSON.text($0) } + recording.stories.flatMap { XiaomiStoryJSON.lines($0) }
      + [SummaryText.json(recording.statistics)]
    for line in lines {
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }
    try check(lines.joined(separator: "\n"), "\(name).jsonl")
  }

  /// A PPS request, EPR capabilities of two chunks, and the identity of a cable.
  @Test(
    arguments: [
      ("pps_request", OrderedSet.sop, [Hex.capabilities, Hex.requestPPS]),
      (
        "epr_capabilities", .sop,
        [
          "b1fb20802c91812b2cd102002cc103002cb10400f44106006421a4c90000", "9194008c0000",
          "b1ad20880000f4c10800",
        ]
      ),
      ("cable_identity", .sopPrime, ["8f5141a000ff5c31601c9410000010030d0843460a45"]),
    ] as [(String, OrderedSet, [String])])
  func explanation(_ name: String, _ orderedSet: OrderedSet, _ messages: [String]) throws {
    var context = ReadingContext()
    var text = ""
    for hex in messages {
      let message = try Message(wireBytes: bytes(hex).span, orderedSet: orderedSet)
      let decoded = context.read(message)
      text = ExplanationText().text(Explanation(message, decoded.value, data: context.dataBlock))
    }
    try check(text, "explanation_\(name).txt")
  }

  /// Compares with the file, or writes it.
  private func check(_ text: String, _ file: String) throws {
    let url = ProjectFiles.url("\(Self.folder)/\(file)")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if Self.updates {
      try Data((text + "\n").utf8).write(to: url)
      return
    }
    let golden = try String(contentsOf: url, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false
    ).dropLast().map(String.init)
    let different = (0..<max(lines.count, golden.count)).first { line in
      line >= lines.count || line >= golden.count || lines[line] != golden[line]
    }
    let place = different.map { line in
      "\(file):\(line + 1)\n  is     \(line < lines.count ? lines[line] : "missing")"
        + "\n  golden \(line < golden.count ? golden[line] : "missing")"
    }
    #expect(place == nil)
  }
}
