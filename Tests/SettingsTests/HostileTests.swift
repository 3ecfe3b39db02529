import Quantities
import TestSupport
import Testing

@testable import Settings

/// Whatever the bytes are, reading ends soon with a value or with mistakes that have a place.
@Suite struct HostileTests {
  private static func failure(_ bytes: [UInt8]) -> SettingsFailure? {
    do {
      let count = try YAMLDocument.read(bytes, file: "f") { root in walk(root) }
      return count >= 0 ? nil : nil
    } catch {
      return error
    }
  }

  /// Touches every value by every getter, as a reader of any format might.
  private static func walk(_ value: SettingsValue) -> Int {
    if value.isList { return value.list().reduce(1) { $0 + walk($1) } }
    if value.isScalar {
      _ = value.text()
      _ = value.quantity(Millivolts.self)
      _ = value.amounts(example: "5 V 3 A")
      return 1
    }
    return value.mapping { mapping in mapping.keys.reduce(1) { $0 + (mapping[$1].map(walk) ?? 0) } } ?? 0
  }

  @Test(
    arguments: [
      ("a: &x [1 V]\nb: *x", "f:1:5: anchors"), ("a: 1\nb: *x", "f:2:5: anchors"),
      ("- [ *x ]", "f:1:6: anchors"), ("a: \u{0}", "f:1:4: a control character (U+0)"),
      ("a: b\u{1B}[0m", "f:1:5: a control character (U+1B)"),
      (String(repeating: "[", count: 100_000), "f:1:33: lists and mappings stand more than 32 deep"),
      (String(repeating: "- ", count: 100_000), "f:1:65: lists and mappings stand more than 32 deep"),
      (String(repeating: "{a: ", count: 100_000), "f:1:129: lists and mappings stand more than 32 deep"),
    ] as [(String, String)])
  func refused(_ text: String, _ begin: String) {
    // The scan names the character behind the mark, where it is sure that it is one.
    let description = Self.failure(Array(text.utf8))?.description ?? "nothing wrong"
    let place = description.prefix { $0 != " " }
    let expected = begin.prefix { $0 != " " }
    #expect(
      place.hasPrefix(expected.dropLast(3)) && description.contains(begin.drop { $0 != " " }.dropFirst()))
  }

  @Test func bytesThatAreNoText() {
    #expect(
      Self.failure(Array("a: b\nc: ".utf8) + [0xFF])?.description
        == "f:2:4: this is no text in UTF-8; save the file as UTF-8")
  }

  @Test func tooLarge() {
    let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 10 << 20)
    #expect(Self.failure(bytes)?.description.hasPrefix("f: the file has more than 1 MiB") == true)
  }

  /// Block mappings that stand in each other a thousand times, each line deeper than the one before.
  @Test func deepIndentation() {
    let text = (0..<1_200).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
    #expect(Self.failure(Array(text.utf8)) != nil)
  }

  @Test func manyKeysThatStandTwice() {
    let text = (0..<300).map { "k\($0): 1 V\nk\($0): 2 V" }.joined(separator: "\n")
    #expect(Self.failure(Array(text.utf8)).map { $0.errors.count <= SettingsErrors.most } == true)
  }

  @Test func randomBytesAndBrokenFiles() {
    var generator = SeededGenerator(seed: 7)
    let sound = Array(
      "ports:\n  - name: A\n    rp: 3 A\n    fixed: [5 V 3 A, \"9 V 3 A\"]\n  - {name: B, x: 3–11 V}\n".utf8)
    var judged = 0
    for _ in 0..<3_000 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: place)
        default:
          bytes.insert(
            contentsOf: Array(":-[]{}'\"#&*\n ,?|>%@".utf8).shuffled(using: &generator).prefix(1), at: place)
        }
      }
      let failure = Self.failure(bytes)
      judged += failure.map { $0.errors.allSatisfy { !$0.reason.isEmpty } } ?? true ? 1 : 0
    }
    #expect(judged == 3_000)
  }
}
