import Foundation
import Glibc
import Quantities
import TestSupport
import Testing
import XiaomiCharge

@testable import XiaomiKeys

/// Real agents: programs and sockets.
@Suite("Agents") struct AgentTests {
  private func service(
    _ source: KeySource, _ settings: AgentSettings = .patient, _ log: LogLines = LogLines()
  ) throws -> any XiaomiDigestService {
    try #require(try source.open(agents: settings, log: log.add))
  }

  /// A program of a few lines of shell.
  private func shell(_ folder: Folder, _ body: String, _ arguments: [String] = []) throws -> KeySource {
    .program(["/bin/sh", try folder.file(body, name: "agent")] + arguments)
  }

  /// A shell agent that knows the vectors.
  private static let knowing =
    "while read -r word id seed challenge adapter; do case $challenge in\n"
    + DigestVector.all.map { "\($0.challenge)) echo \"digest $id \($0.digest)\";;\n" }.joined()
    + "*) echo \"none $id\";; esac; "

  @Test("Vectors through a program; no shell looks at its arguments") func program() throws {
    let folder = try Folder()
    let argument = "a b; $(exit 3) 'c"
    let service = try service(
      shell(
        folder, "[ \"$1\" = \"$(cat \"$2\")\" ] || exit\n" + AgentTests.knowing + "done",
        [argument, folder.file(argument, name: "expected")]))
    for vector in DigestVector.all { #expect(service.answer(vector.question()) == .some(vector.expected)) }
    #expect(service.answer(.number(1)) == .some(nil))
    service.finish()
    #expect(service.answer(DigestVector.all[0].question()) == .some(nil))
  }

  @Test("Vectors through a socket", arguments: DigestVector.all) func socket(_ vector: DigestVector) throws {
    let folder = try Folder()
    let agent = SocketAgent(folder.path + "/s") { (SocketAgent.answer($0), false) }
    let service = try service(.socket(folder.path + "/s"))
    #expect(service.answer(vector.question(seed: Digits.seedOctets)) == .some(vector.expected))
    service.finish()
    agent.finish()
  }

  @Test("Vectors through the example agent", .enabled(if: AgentTests.hasPython, "python3 is not there"))
  func example() throws {
    let agent = ProjectFiles.url("hardware/serve/example-agent.py").path
    let service = try service(.program([agent]))
    for vector in DigestVector.all { #expect(service.answer(vector.question()) == .some(vector.expected)) }
    service.finish()
  }

  private static var hasPython: Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: $0 + "/python3")
    }
  }

  @Test("Thousands of questions, answered out of order and twice") func thousands() throws {
    let folder = try Folder()
    let batch = Batch(size: 50)
    let agent = SocketAgent(folder.path + "/s") { line in (batch.take(SocketAgent.answer(line)), false) }
    var settings = AgentSettings.patient
    settings.capacity = 5_000
    let service = try service(.socket(folder.path + "/s"), settings)
    // The first answers come when the link stands; before that, nothing may be lost either.
    let answers = Answers()
    for number in 0..<5_000 { answers.ask(service, .number(number), number: number) }
    let taken = answers.take(5_000)
    #expect(Set(taken.map(\.number)).count == 5_000)
    #expect(
      taken.allSatisfy { $0.digest != nil && $0.digest == SyntheticKeys.right.digest(.number($0.number)) })
    #expect(taken.map(\.number) != taken.map(\.number).sorted())
    service.finish()
    agent.finish()
    #expect(answers.rest.isEmpty)
  }

  @Test("Garbage around an answer is told once, without what it said") func garbage() throws {
    let folder = try Folder()
    let log = LogLines()
    let agent = SocketAgent(folder.path + "/s") { line in
      let noise = "hello\n\u{0}\u{1}\n\(line)\n\(String(repeating: "x", count: 700))\nnone 999\n\n"
      return (noise + SocketAgent.answer(line) + noise, false)
    }
    let service = try service(.socket(folder.path + "/s"), .patient, log)
    for number in 0..<50 {
      #expect(service.answer(.number(number)) == .some(SyntheticKeys.right.digest(.number(number))))
    }
    service.finish()
    agent.finish()
    #expect(log.all == ["key agent \(folder.path)/s says what is not in the protocol; this is told once"])
  }

  @Test("An agent that writes without end is ended, and started again") func flood() throws {
    let folder = try Folder()
    let log = LogLines()
    let service = try service(
      shell(
        folder, "mkdir \"$1\" 2>/dev/null && while :; do echo yes; done\n" + AgentTests.knowing + "done",
        [folder.path + "/mark"]), .patient, log)
    #expect(log.wait(for: "says too much that nobody asked for; next try in ").count == 2)
    #expect(service.digest(DigestVector.all[0].question()) == DigestVector.all[0].expected)
    service.finish()
  }

  @Test("An agent that neither reads nor answers costs nobody more than their patience") func silence() throws
  {
    let log = LogLines()
    let service = try service(.program(["/bin/sleep", "1000"]), .hasty, log)
    let answers = Answers()
    for number in 0..<5_000 { answers.ask(service, .number(number), number: number) }
    let taken = answers.take(5_000)
    #expect(Set(taken.map(\.number)).count == 5_000)
    #expect(taken.allSatisfy { $0.digest == nil })
    #expect(log.wait(for: "in time") == ["key agent /bin/sleep does not answer in time"])
    service.finish()
    #expect(answers.rest.isEmpty)
  }

  @Test("More than the capacity is refused at once; what waits at the end gets its answer") func overload()
    throws
  {
    var settings = AgentSettings.patient
    settings.capacity = 4
    settings.grace = .zero
    let service = try service(.program(["/bin/sleep", "1000"]), settings)
    let answers = Answers()
    for number in 0..<6 { answers.ask(service, .number(number), number: number) }
    #expect(answers.rest.map(\.number) == [4, 5])
    service.finish()
    #expect(answers.rest.map(\.number) == [0, 1, 2, 3])
    answers.ask(service, .number(6), number: 6)
    #expect(answers.rest.map(\.number) == [6])
  }

  @Test("What an agent has heard and not answered is refused at the end") func unanswered() throws {
    let folder = try Folder()
    let heard = LogLines()
    let agent = SocketAgent(folder.path + "/s") { line in
      heard.add(line)
      return ("", false)
    }
    let service = try service(.socket(folder.path + "/s"))
    let answers = Answers()
    answers.ask(service, .number(1), number: 1)
    #expect(heard.wait(for: "digest 1 ").count == 1)
    service.finish()
    agent.finish()
    #expect(answers.rest.map(\.number) == [1])
  }

  @Test("Capacity is given back by answers and by silence") func capacity() throws {
    let folder = try Folder()
    let agent = SocketAgent(folder.path + "/s") { line in
      (line.hasSuffix("00 0000a819") ? "" : SocketAgent.answer(line), false)
    }
    var settings = AgentSettings.hasty
    settings.capacity = 1
    let service = try service(.socket(folder.path + "/s"), settings)
    for _ in 0..<20 { #expect(service.answer(.number(0)) == .some(nil)) }
    for _ in 0..<20 { #expect(service.digest(.number(1)) != nil) }
    service.finish()
    agent.finish()
  }

  @Test("A program that dies after each answer is started again, and says how it ended") func death() throws {
    let folder = try Folder()
    let log = LogLines()
    let vector = DigestVector.all[0]
    let service = try service(shell(folder, AgentTests.knowing + "exit 3; done"), .patient, log)
    for _ in 0..<4 { #expect(service.digest(vector.question()) == vector.expected) }
    let lines = log.wait(for: "is there again")
    #expect(lines.first == "key agent /bin/sh has ended with exit status 3; next try in 0.1 s")
    service.finish()
  }

  @Test("A program that cannot stay is left alone after some starts") func hopeless() throws {
    var settings = AgentSettings.patient
    settings.mostStarts = 3
    settings.startWindow = Nanoseconds(3_600_000_000_000)
    let log = LogLines()
    let service = try service(.program(["/bin/false"]), settings, log)
    let lines = log.wait(for: "next try in 3600.0 s")
    #expect(lines.filter { $0.contains("has ended with exit status 1") }.count == 3)
    #expect(service.answer(.number(1)) == .some(nil))
    service.finish()
  }

  @Test("A program that is gone while a process of its own holds the stream is noticed") func orphan() throws
  {
    let folder = try Folder()
    let log = LogLines()
    let service = try service(shell(folder, "sleep 1000 &\nexit 4"), .hasty, log)
    while !log.all.contains(where: { $0.contains("has ended with exit status 4") }) {
      guard service.answer(.number(1)) == .some(nil) else { break }
    }
    #expect(log.all.contains { $0.contains("has ended with exit status 4") })
    service.finish()
  }

  @Test("A socket that is not there yet, goes, and comes back") func reconnect() throws {
    let folder = try Folder()
    let log = LogLines()
    let path = folder.path + "/s"
    let service = try service(.socket(path), .patient, log)
    #expect(log.wait(for: "cannot be reached: No such file or directory; next try in ").count == 1)
    #expect(service.answer(.number(1)) == .some(nil))
    let agent = SocketAgent(path) { (SocketAgent.answer($0), true) }
    for number in 0..<3 {
      #expect(service.digest(.number(number)) == SyntheticKeys.right.digest(.number(number)))
    }
    #expect(log.wait(for: "has closed the connection").contains("key agent \(path) is there again"))
    service.finish()
    agent.finish()
  }

  @Test("A program starts with no signal blocked or ignored") func signals() throws {
    let before = signal(SIGUSR2, SIG_IGN)
    defer { _ = signal(SIGUSR2, before) }
    let folder = try Folder()
    // Glibc ignores two signals of its own, 32 and 33.
    let zero = ".*0000000$"
    let service = try service(
      shell(
        folder,
        "[ \"$(grep -c -e '^SigBlk:\(zero)' -e '^SigIgn:\(zero)' /proc/$$/status)\" = 2 ] || exit\n"
          + AgentTests.knowing + "done"))
    #expect(service.answer(DigestVector.all[0].question()) == .some(DigestVector.all[0].expected))
    service.finish()
  }

  /// Collects answers and gives them back in reverse, each twice.
  private final class Batch: @unchecked Sendable {
    private let size: Int
    private var answers: [String] = []
    init(size: Int) { self.size = size }

    func take(_ answer: String) -> String {
      answers.append(answer)
      guard answers.count == size else { return "" }
      defer { answers = [] }
      return answers.reversed().map { $0 + $0 }.joined()
    }
  }
}
