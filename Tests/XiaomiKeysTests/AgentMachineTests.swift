import Quantities
import Testing
import Threading
import XiaomiCharge

@testable import XiaomiKeys

/// The parts of an agent's side that know neither clock nor stream.
@Suite("The machines behind an agent") struct AgentMachineTests {
  private static let digest = String(repeating: "0f", count: 32)

  @Test("Lines that are answers") func answers() throws {
    let half = XiaomiOctets(0x0F0F_0F0F, 0x0F0F_0F0F, 0x0F0F_0F0F, 0x0F0F_0F0F)
    let digest = XiaomiDigest(chargerProof: half, phoneProof: half)
    let text = AgentMachineTests.digest
    #expect(AgentAnswer(Array("digest 7 \(text)".utf8)) == .digest(7, digest))
    #expect(AgentAnswer(Array("digest 7 \(text.uppercased())".utf8)) == .digest(7, digest))
    #expect(AgentAnswer(Array("none 18446744073709551615".utf8)) == AgentAnswer.none(.max))
  }

  @Test(
    "Lines that are none",
    arguments: [
      "", " ", "digest", "digest 1", "digest 1 ", "none", "none ", "none +1", "none -1", "none x", "none 1 ",
      "none  1", " none 1", "none 1\r", "None 1", "none 18446744073709551616", "none 1 \(digest)",
      "digest 1 \(digest)0", "digest 1 \(digest.dropLast())", "digest 1 \(digest.dropLast())g",
      "digest \(digest)", "digest 1  \(digest)", "digest 1 \(digest) 2", "\u{e9}", "\0",
    ])
  func strange(_ line: String) { #expect(AgentAnswer(Array(line.utf8)) == nil) }

  @Test("A question is a line") func question() {
    let question = XiaomiDigestQuestion.with(
      seed: XiaomiOctets(0x0011_2233, 0x4455_6677, 0x8899_AABB, 0xCCDD_EEFF),
      challenge: XiaomiOctets(0, 1, 2, 0xF000_0003))
    #expect(
      String(decoding: question.line(id: 12), as: UTF8.self)
        == "digest 12 00112233445566778899aabbccddeeff 000000000000000100000002f0000003 0000a819\n")
  }

  @Test("Pieces make the same lines, however they are cut", arguments: [1, 2, 3, 7, 255, 256, 257, 2_000])
  func assembler(_ size: Int) {
    let longest = String(repeating: "a", count: 256)
    let text = Array("one\n\n\(longest)\n\(longest)b\n\(longest)\(longest)\(longest)\ntwo\nrest".utf8)
    var assembler = LineAssembler()
    var lines: [LineAssembler.Line] = []
    for start in stride(from: 0, to: text.count, by: size) {
      lines += assembler.take(text[start..<min(start + size, text.count)])
    }
    let expected: [LineAssembler.Line] = [
      .whole(Array("one".utf8)), .whole([]), .whole(Array(longest.utf8)), .tooLong, .tooLong,
      .whole(Array("two".utf8)),
    ]
    #expect(lines == expected)
  }

  @Test("Answers find their questions: once, in any order, in time") func desk() {
    var desk = AgentDesk()
    let mailbox = Mailbox<Int>()
    for number in 1...4 {
      _ = desk.pose(.number(number), until: Instant(nanoseconds: Int64(number * 10))) { _ in
        mailbox.put([number])
      }
    }
    func verdict(_ line: String) -> String {
      switch desk.receive(Array(line.utf8)) {
      case .settled(let reply, let digest):
        reply(digest)
        return digest == nil ? "nil" : "digest"
      case .late: return "late"
      case .unknown: return "unknown"
      }
    }
    #expect(verdict("digest 3 \(AgentMachineTests.digest)") == "digest")
    #expect(verdict("digest 3 \(AgentMachineTests.digest)") == "late")
    #expect(verdict("none 4") == "nil")
    #expect(verdict("none 5") == "unknown")
    #expect(verdict("none 0") == "unknown")
    #expect(desk.nextDeadline == Instant(nanoseconds: 10))
    #expect(desk.expire(at: Instant(nanoseconds: 9)).isEmpty)
    desk.expire(at: Instant(nanoseconds: 10)).forEach { $0(nil) }
    #expect(verdict("digest 1 \(AgentMachineTests.digest)") == "late")
    desk.abandon().forEach { $0(nil) }
    #expect(verdict("none 2") == "late")
    #expect(desk.nextDeadline == nil)
    #expect(mailbox.takeNow() == [3, 4, 1, 2])
    let next = desk.pose(.number(5), until: .zero) { _ in }
    #expect(next.starts(with: Array("digest 5 ".utf8)))
  }

  @Test("Pauses double to their limit, are short again after an answer, and starts are counted")
  func restarts() {
    var settings = AgentSettings()
    settings.shortestPause = Nanoseconds(10)
    settings.longestPause = Nanoseconds(35)
    settings.mostStarts = 6
    settings.startWindow = Nanoseconds(1_000)
    func pauses(isLimited: Bool) -> [Int64] {
      var plan = RestartPlan(settings, isLimited: isLimited)
      var now = Instant.zero
      return (1...8).map { number in
        plan.started(at: now)
        if number == 5 { plan.answered() }
        plan.ended(at: now)
        defer { now = plan.nextStart }
        return (plan.nextStart - now).rawValue
      }
    }
    #expect(pauses(isLimited: false) == [10, 20, 35, 35, 10, 20, 35, 35])
    // The sixth start is at 110: the first, at 0, has to leave the window. Then the second, at 10, at once.
    #expect(pauses(isLimited: true) == [10, 20, 35, 35, 10, 890, 35, 35])
  }
}
