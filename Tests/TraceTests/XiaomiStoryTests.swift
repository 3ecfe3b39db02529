import Foundation
import LineCode
import PowerDelivery
import Quantities
import TestSupport
import Testing
import XiaomiCharge

@testable import Trace

/// How dialogues of Xiaomi's protocol are folded: beginnings, retries, several of them, proofs, and what is none.
@Suite struct XiaomiStoryTests {
  private static func dialogues(
    keys: (any XiaomiDigestProvider)? = SyntheticDigests(), _ write: (inout XiaomiTalk) -> Void
  ) -> [XiaomiDialogue] {
    XiaomiTalk.story(keys: keys, write)?.dialogues ?? []
  }

  @Test func theWholeWay() throws {
    let dialogues = Self.dialogues { $0.everything() }
    let dialogue = try #require(dialogues.first)
    #expect(dialogues.count == 1)
    #expect(dialogue.exchanges.map(\.command.rawValue) == [1, 3, 4, 5, 6, 8, 7])
    #expect(dialogue.exchanges.map(\.isAnswered) == [Bool](repeating: true, count: 7))
    // 2 ms from the end of the GoodCRC, which comes 100 µs after the command and lasts 500 µs; a command with its answer
    // takes 9.2 ms.
    #expect(dialogue.exchanges.map(\.delay) == [Nanoseconds?](repeating: Nanoseconds(2_600_000), count: 7))
    #expect(dialogue.exchanges.map(\.proof) == [nil, nil, nil, .right, nil, .right, nil])
    #expect(dialogue.session.vendorID == 0x2717 && dialogue.session.svids == [0x2717])
    #expect(dialogue.session.adapterIDs == [XiaomiAdapterID(rawValue: 0xA819)])
    #expect(dialogue.session.phoneIsDFP == true && dialogue.session.swap?.answer == .accepted)
    #expect(dialogue.isVerified && dialogue.timeToVerified == Nanoseconds(36_800_000))
    #expect(dialogue.newObjects.map(\.position) == [4, 5])
    #expect(dialogue.newObjects.map { $0.before != nil } == [true, false])
    #expect(dialogue.verdict == "verified in 36.80 ms, then PPS 20.00 V 6.00 A = 120 W")
  }

  // MARK: - None

  /// Traffic without the protocol tells nothing, whatever went wrong in it.
  @Test func othersHaveNoStory() {
    #expect(XiaomiTalk.story { $0.contract() } == nil)
    #expect(
      XiaomiTalk.story {
        $0.contract()
        $0.swap(.reject)
        $0.identity([0xFF00_A041, 0x05C0_05AC, 0, 0x1234_0001])
        $0.svids([0xFF00_A042, 0xFF01_0000])
      } == nil)
    var script = Script()
    script.signal(.hardReset)
    #expect(Recording(script.records).stories.isEmpty)
  }

  /// With one attachment that has to do with the protocol, those that failed before are told too.
  @Test func failedAttachmentsAreToldWithOthers() {
    let dialogues = Self.dialogues {
      $0.contract()
      $0.swap(.reject)
      $0.script.signal(.hardReset)
      $0.everything()
    }
    #expect(dialogues.map(\.number) == [1, 2])
    #expect(dialogues.map { $0.findings.map(\.code) } == [[.swapRejected], []])
  }

  @Test func theProtocolOfZMIIsTheSame() throws {
    let dialogue = try #require(
      Self.dialogues {
        $0.svid = 0x2B01
        $0.contract()
        $0.swap()
        $0.identity([0xFF00_A041, 0x05C0_2B01, 0, 0x1234_A819])
        $0.svids([0xFF00_A042, 0x2B01_0000])
        $0.authenticate()
        $0.confirm()
        $0.charge()
      }.first)
    #expect(dialogue.isVerified && dialogue.session.listsXiaomi && dialogue.findings == [])
    #expect(dialogue.session.vendorID == 0x2B01)
  }

  // MARK: - Beginnings and ends

  /// A recording that begins within the dialogue has no seed, or no adapter id, and says so.
  @Test func lateRecordings() throws {
    let seedless = try #require(
      Self.dialogues {
        $0.phoneIsDFP = true
        $0.exchange(5, XiaomiTalk.challenge, XiaomiTalk.chargerProof)
        $0.confirm()
        $0.charge()
      }.first)
    #expect(seedless.exchanges.map(\.proof) == [.noSeed, nil, .noSeed, nil])
    #expect(seedless.session.beganLate && seedless.isVerified && seedless.findings == [])
    let nameless = try #require(
      Self.dialogues {
        $0.phoneIsDFP = true
        $0.authenticate()
        $0.confirm()
      }.first)
    #expect(nameless.exchanges.compactMap(\.proof) == [.noAdapterID, .noAdapterID])
    let answersOnly = try #require(
      Self.dialogues {
        $0.phoneIsDFP = true
        $0.answer(5, XiaomiTalk.chargerProof)
        $0.exchange(6, [1], [1])
      }.first)
    #expect(answersOnly.exchanges[0].request == nil && answersOnly.exchanges[0].proof == .noSeed)
    #expect(answersOnly.voices == .both)
  }

  @Test func whatEndsADialogue() {
    let ends = Self.dialogues {
      $0.everything()
      // Another seed within the same attachment: the phone begins anew.
      $0.exchange(4, XiaomiTalk.seed, XiaomiTalk.seed)
      $0.exchange(5, XiaomiTalk.challenge, XiaomiTalk.chargerProof)
      $0.script.signal(.hardReset)
      $0.phoneIsDFP = false
      $0.everything()
      $0.script.event(.detach)
      $0.phoneIsDFP = false
      $0.everything()
    }
    let names = ends.map { dialogue in
      switch dialogue.end {
      case .recording: "recording"
      case .hardReset: "hard reset"
      case .detach: "detach"
      case .nextDialogue: "next"
      }
    }
    #expect(names == ["next", "hard reset", "detach", "recording"])
    #expect(ends.map(\.exchanges.count) == [7, 2, 7, 7])
    // The second one stands on the same attachment; the third one on a new one.
    #expect(ends.prefix(2).map { $0.session.swap?.place.entry } == [5, 5])
    #expect(ends.map { $0.findings.map(\.code) } == [[], [.brokeOff, .hardReset], [], []])
  }

  @Test func manyDialoguesAreKeptSmall() throws {
    let story = try #require(
      XiaomiTalk.story {
        $0.prepare()
        for round in 0..<40 { $0.exchange(1, [], [UInt32(round)]); $0.exchange(4, XiaomiTalk.seed, []) }
      })
    #expect(story.count == 40 && story.first.count == 8 && story.last.count == 8 && story.droppedCount == 24)
    #expect(
      story.dialogues.map { $0.exchanges.first?.answerWord } == (0..<8).map { $0 } + (32..<40).map { $0 })
    let long = try #require(
      Self.dialogues {
        $0.prepare()
        for round in 0..<50 { $0.exchange(2, [], [UInt32(round)]) }
      }.first)
    #expect(long.exchanges.count == 32 && long.furtherCount == 18)
  }

  // MARK: - Answers

  @Test func repetitions() throws {
    let dialogue = try #require(
      Self.dialogues {
        $0.prepare()
        $0.ask(1)
        $0.script.wait(500)
        $0.exchange(1, [], [0x0003_0001])
        // The same command again after its answer is another one.
        $0.exchange(2, [], [0x33])
        $0.exchange(2, [], [0x33])
        // Another challenge is another command, too.
        $0.exchange(4, XiaomiTalk.seed, [])
        $0.ask(5, XiaomiTalk.seed)
        $0.script.wait(500)
        $0.exchange(5, XiaomiTalk.challenge, XiaomiTalk.chargerProof)
      }.first)
    #expect(dialogue.exchanges.map(\.command.rawValue) == [1, 2, 2, 4, 5, 5])
    #expect(dialogue.exchanges.map(\.tries) == [2, 1, 1, 1, 1, 1])
    #expect(dialogue.exchanges.map(\.isAnswered) == [true, true, true, true, false, true])
    // The answer counts from the last try.
    #expect(dialogue.exchanges[0].delay == Nanoseconds(2_600_000))
    #expect(dialogue.exchanges[5].proof == .right)
  }

  /// A retry of the protocol layer is the same command; its answer counts from the copy that arrived.
  @Test func retriesOfTheProtocolLayer() throws {
    var talk = XiaomiTalk()
    talk.prepare()
    let ask = "af1801011727"
    talk.script.say(ask)
    talk.script.exchange(ask, after: 1_000)
    talk.answer(1, [0x0003_0001])
    let dialogue = try #require(talk.story()?.dialogues.first)
    #expect(dialogue.exchanges.count == 1 && dialogue.exchanges[0].tries == 1)
    #expect(dialogue.exchanges[0].delay == Nanoseconds(2_600_000))
  }

  /// Who speaks is told by the power role; the direction bits are only reported.
  @Test func wrongDirections() throws {
    var talk = XiaomiTalk()
    talk.prepare()
    talk.ask(1, direction: 2)
    talk.answer(1, [0x0003_0001], direction: 1)
    talk.ask(3, direction: 0)
    talk.answer(3, [25], direction: 7)
    let recording = Recording(talk.script.records)
    let dialogue = try #require(recording.stories.first?.dialogues.first)
    #expect(dialogue.exchanges.map(\.command.rawValue) == [1, 3])
    #expect(dialogue.exchanges.map(\.answerWord) == [0x0003_0001, 25])
    #expect(recording.statistics.findings[.xiaomiDirection]?.count == 4)
  }

  /// Findings of single messages: direction, number of words, unknown commands, each with its place.
  @Test(
    arguments: [
      ("af1801011727", nil), ("af1801021727", .xiaomiDirection), ("8f270103172701000300", .xiaomiDirection),
      ("8f270102172701000300", nil), ("8f170102172701000300", .xiaomiWordCount),
      ("af280101172701000000", .xiaomiWordCount),
      ("af200601172701000000", nil), ("af1006011727", .xiaomiWordCount), ("8f1306021727", nil),
      ("8f1d04021727", nil), ("af1c04011727", .xiaomiWordCount), ("8f110902012b", .xiaomiCommand),
      ("af2aff01172701000000", nil), ("af1aff011727", .xiaomiWordCount),
      ("af5aff01172701000000000000000000000000000000", nil),
    ] as [(String, DiagnosticCode?)])
  func findingsOfMessages(wire: String, code: DiagnosticCode?) throws {
    var context = ReadingContext()
    let message = try Message(wireBytes: bytes(wire).span)
    var decoded = context.read(message)
    decoded.checkXiaomi(message)
    let codes: [DiagnosticCode] = [.xiaomiDirection, .xiaomiWordCount, .xiaomiCommand]
    #expect(codes.filter { decoded.diagnostics.contains($0) } == (code.map { [$0] } ?? []))
    for index in 0..<decoded.diagnostics.count {
      guard let diagnostic = decoded.diagnostics[index], codes.contains(diagnostic.code) else { continue }
      let raw = bytes(wire).prefix(6).enumerated().reduce(UInt64(0)) {
        $0 | UInt64($1.element) << UInt64(8 * $1.offset)
      }
      let field = raw >> UInt64(diagnostic.firstBit) & (1 << UInt64(diagnostic.bitCount) - 1)
      #expect(field == UInt64(diagnostic.value))
    }
  }

  // MARK: - Proofs

  @Test func proofs() {
    func checks(_ keys: (any XiaomiDigestProvider)?, _ identity: [UInt32]) -> [XiaomiProofCheck] {
      Self.dialogues(keys: keys) {
        $0.contract()
        $0.swap()
        $0.identity(identity)
        $0.authenticate()
        $0.confirm()
      }.first?.exchanges.compactMap(\.proof) ?? []
    }
    let good: [UInt32] = [0xFF00_A041, 0x05C0_2717, 0, 0x1234_A819]
    #expect(checks(SyntheticDigests(), good) == [.right, .right])
    #expect(checks(SyntheticDigests(first: 1), good) == [.wrong, .wrong])
    #expect(checks(nil, good) == [.noKeys, .noKeys])
    let seed = XiaomiOctets(
      XiaomiTalk.seed[0], XiaomiTalk.seed[1], XiaomiTalk.seed[2], XiaomiTalk.seed[3])
    #expect(checks(SyntheticDigests(unknownSeed: seed), good) == [.noKeyForSeed, .noKeyForSeed])
    // Another adapter id; and one that Qualcomm phones take from the last of four objects.
    #expect(checks(SyntheticDigests(), [0xFF00_A041, 0x05C0_2717, 0, 0x1234_A818]) == [.wrong, .wrong])
    #expect(
      checks(SyntheticDigests(), [0xFF00_A041, 0x05C0_2717, 0, 0x1234_0001, 0x0000_A819]) == [.right, .right])
  }

  /// The PID of Source_Capabilities_Extended stands in where Discover Identity gave nothing.
  @Test func adapterIDOfTheExtendedCapabilities() throws {
    let dialogue = try #require(
      Self.dialogues {
        $0.contract()
        $0.swap()
        $0.identity([0xFF00_A081])
        $0.vendorOfCharger()
        $0.svids()
        $0.authenticate()
        $0.confirm()
        $0.charge()
      }.first)
    #expect(dialogue.exchanges.compactMap(\.proof) == [.right, .right] && dialogue.findings == [])
  }

  // MARK: - Recordings and output

  /// Two wires have a story each.
  @Test func wires() {
    var first = XiaomiTalk()
    first.everything()
    var second = XiaomiTalk()
    second.script.line = "CC2"
    second.prepare()
    second.authenticate()
    second.confirm(0)
    let records = (first.script.records + second.script.records).sorted { $0.time < $1.time }
    let stories = Recording(records).stories
    #expect(stories.map(\.line) == ["CC1", "CC2"])
    #expect(stories.map { $0.dialogues.map(\.isVerified) } == [[true], [false]])
    #expect(XiaomiStoryText(stories[0], namesLine: true).lines.first == "Xiaomi private protocol, line CC1")
  }

  /// A recording without times shows neither spans nor late answers.
  @Test func withoutTimes() throws {
    var talk = XiaomiTalk()
    talk.everything()
    let records = talk.script.records.map { TraceRecord(time: .zero, line: $0.line, content: $0.content) }
    let dialogue = try #require(Recording(records, keys: SyntheticDigests()).stories.first?.dialogues.first)
    #expect(dialogue.exchanges.allSatisfy { $0.delay == nil && $0.isAnswered } && dialogue.findings == [])
    #expect(dialogue.verdict == "verified, then PPS 20.00 V 6.00 A = 120 W")
  }

  /// No line is wider than a terminal, whatever the story says, and JSON says the same.
  @Test func output() throws {
    let story = try #require(
      XiaomiTalk.story {
        $0.contract()
        $0.swap(.wait)
        $0.swap(.reject)
        $0.identity()
        $0.script.signal(.hardReset)
        $0.prepare()
        $0.exchange(1, [], [1], after: 40_000)
        $0.exchange(4, XiaomiTalk.seed, [], after: 20_000)
        $0.exchange(5, XiaomiTalk.challenge, XiaomiTalk.otherProof)
        $0.confirm(0)
        $0.script.signal(.hardReset)
      })
    let text = XiaomiStoryText(story)
    #expect(text.lines.filter { $0.count > 100 || $0.last == " " } == [])
    for part in [
      "xiaomi-swap-rejected at ", "xiaomi-answer-late at ", "is wrong", "ended      by a Hard Reset",
    ] {
      #expect(text.text.contains(part), "\(part)")
    }
    let objects = try XiaomiStoryJSON.lines(story).map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(objects.map { $0["type"] as? String } == ["xiaomi", "xiaomi"])
    #expect(objects.map { $0["verdict"] as? String } == story.dialogues.map(\.verdict))
    let codes = (objects[1]["findings"] as? [[String: Any]])?.compactMap { $0["code"] as? String }
    #expect(codes == story.dialogues[1].findings.map(\.code.rawValue))
  }
}
