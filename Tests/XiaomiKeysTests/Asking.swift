import Foundation
import Glibc
import Quantities
import Threading
import XiaomiCharge

@testable import XiaomiKeys

/// How long a test waits for what must come; it says nothing about how long it takes.
let testLimit: Int64 = 60_000_000_000

/// Lines of a log, from any thread.
final class LogLines: Sendable {
  private let mailbox = Mailbox<String>()
  private let seen = ThreadLock()
  nonisolated(unsafe) private var lines: [String] = []

  func add(_ line: String) { mailbox.put([line]) }

  /// Waits until there are `count` lines, or one of them contains `text`.
  func wait(for text: String) -> [String] {
    let end = MonotonicTime.now.nanoseconds + testLimit
    while !all.contains(where: { $0.contains(text) }), MonotonicTime.now.nanoseconds < end {
      take(until: end)
    }
    return all
  }

  var all: [String] {
    take(until: 0)
    return seen.with { unsafe lines }
  }

  private func take(until end: Int64) {
    let new = mailbox.take(until: end).items
    seen.with { unsafe lines += new }
  }
}

/// Answers to numbered questions.
final class Answers: Sendable {
  struct Answer: Sendable {
    let number: Int
    let digest: XiaomiDigest?
  }
  private let mailbox = Mailbox<Answer>()

  func ask(_ service: any XiaomiDigestService, _ question: XiaomiDigestQuestion, number: Int = 0) {
    service.ask(question) { [mailbox] digest in mailbox.put([Answer(number: number, digest: digest)]) }
  }

  /// Waits for as many answers; fewer come when time is over.
  func take(_ count: Int) -> [Answer] {
    let end = MonotonicTime.now.nanoseconds + testLimit
    var all: [Answer] = []
    while all.count < count, MonotonicTime.now.nanoseconds < end { all += mailbox.take(until: end).items }
    return all
  }

  /// What else has come.
  var rest: [Answer] { mailbox.takeNow() }
}

extension XiaomiDigestService {
  /// Asks, and waits for the answer; the outer `nil` means that there was none.
  func answer(_ question: XiaomiDigestQuestion) -> XiaomiDigest?? {
    let answers = Answers()
    answers.ask(self, question)
    return answers.take(1).first.map(\.digest)
  }

  /// Asks until there is a digest, for an agent that comes back at some time.
  func digest(_ question: XiaomiDigestQuestion) -> XiaomiDigest? {
    let end = MonotonicTime.now.nanoseconds + testLimit
    while MonotonicTime.now.nanoseconds < end {
      if let digest = answer(question) ?? nil { return digest }
      sched_yield()
    }
    return nil
  }
}

extension AgentSettings {
  /// For tests of agents that answer: with a patience that no busy machine exhausts, and quick restarts.
  static var patient: AgentSettings {
    var settings = AgentSettings()
    settings.patience = Nanoseconds(testLimit)
    settings.shortestPause = Nanoseconds(100_000)
    settings.longestPause = Nanoseconds(1_000_000)
    settings.mostStarts = 1_000
    return settings
  }

  /// For tests of agents that do not.
  static var hasty: AgentSettings {
    var settings = AgentSettings.patient
    settings.patience = Nanoseconds(1_000_000)
    settings.grace = Nanoseconds(1_000_000)
    return settings
  }
}

/// An agent behind a Unix socket, in this process.
final class SocketAgent {
  /// What to send for a line, and whether to close the connection then.
  typealias Behaviour = @Sendable (_ line: String) -> (text: String, closes: Bool)

  private let descriptor: Int32
  private let thread: WorkThread

  init(_ path: String, _ behaviour: @escaping Behaviour) {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    _ = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe bind(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    listen(descriptor, 8)
    self.descriptor = descriptor
    thread = WorkThread(name: "agent") {
      while true {
        let connection = accept(descriptor, nil, nil)
        if connection < 0 { break }
        SocketAgent.serve(connection, behaviour)
        close(connection)
      }
    }
  }

  /// Ends when nobody is connected any more.
  func finish() {
    shutdown(descriptor, Int32(SHUT_RDWR))
    thread.join()
    close(descriptor)
  }

  private static func serve(_ connection: Int32, _ behaviour: Behaviour) {
    var lines = LineAssembler()
    var bytes = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = unsafe recv(connection, &bytes, bytes.count, 0)
      guard count > 0 else { return }
      for line in lines.take(bytes.prefix(count)) {
        guard case .whole(let line) = line else { return }
        let (text, closes) = behaviour(String(decoding: line, as: UTF8.self))
        let answer = Array(text.utf8)
        _ = unsafe send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
        if closes { return }
      }
    }
  }

  /// What an honest agent with an invented key says.
  static func answer(_ line: String) -> String {
    let words = line.split(separator: " ")
    guard words.count == 5, words[0] == "digest" else { return "" }
    let octets = [words[2], words[3]].map { word in
      (0..<4).compactMap { UInt32(word.dropFirst(8 * $0).prefix(8), radix: 16) }
    }
    guard octets.allSatisfy({ $0.count == 4 }), let adapter = UInt32(words[4], radix: 16) else { return "" }
    let question = XiaomiDigestQuestion.with(
      seed: XiaomiOctets(octets[0][0], octets[0][1], octets[0][2], octets[0][3]),
      challenge: XiaomiOctets(octets[1][0], octets[1][1], octets[1][2], octets[1][3]), adapter: adapter)
    return SyntheticKeys.right.digest(question).map { "digest \(words[1]) \($0.hexadecimal)\n" } ?? ""
  }
}

extension XiaomiDigest {
  /// All 32 bytes.
  var hexadecimal: String {
    [chargerProof.words, phoneProof.words].map { words in
      (0..<4).map { index in
        let text = String(words[index], radix: 16)
        return String(repeating: "0", count: 8 - text.count) + text
      }.joined()
    }.joined()
  }
}
