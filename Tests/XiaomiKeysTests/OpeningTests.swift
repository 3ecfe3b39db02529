import Foundation
import Glibc
import Quantities
import Testing
import XiaomiCharge

@testable import XiaomiKeys

/// What becomes of a `KeySource`.
@Suite("Opening a source") struct OpeningTests {
  private static let question = XiaomiDigestQuestion.with(seed: .zero, challenge: .zero)

  @Test("Keys in this process answer on the asker's thread, before ask returns") func immediate() throws {
    let folder = try Folder()
    let file = try folder.file("* \(Digits.right)")
    let sources: [(KeySource, SyntheticKeys)] = [
      (.synthetic, .right), (.syntheticWrong, .wrong), (.file(file), .right),
    ]
    for (source, keys) in sources {
      let service = try #require(try source.open { _ in })
      let thread = pthread_self()
      let answers = Answers()
      service.ask(OpeningTests.question) { _ in #expect(pthread_equal(pthread_self(), thread) != 0) }
      answers.ask(service, OpeningTests.question)
      #expect(answers.rest.map(\.digest) == [keys.digest(OpeningTests.question)])
      service.finish()
    }
  }

  @Test("No source, no service") func none() throws {
    #expect(try KeySource.none.open { _ in } == nil)
  }

  @Test(
    "Sources that cannot be",
    arguments: [
      (KeySource.file("/nowhere/keys"), "/nowhere/keys: there is no such file"),
      (.program([]), "key agent: no program is named; write its path, then its arguments"),
      (.program([""]), "key agent: no program is named; write its path, then its arguments"),
      (
        .program(["agent", "pin"]),
        "agent: the program must be named by its path, such as /usr/local/bin/agent"
      ),
      (
        .program(["/nowhere/agent", "pin"]),
        "/nowhere/agent: the program cannot be found: No such file or directory"
      ),
      (.program(["/tmp"]), "/tmp: this is no program that may be run; see its mode and owner"),
      (.program(["/etc/passwd"]), "/etc/passwd: this is no program that may be run; see its mode and owner"),
      (.program(["/bin/sh", "a\0b"]), "/bin/sh: a NUL character cannot be given to a program"),
      (.socket(""), "key agent: no socket is named; write its path"),
      (
        .socket("/" + String(repeating: "s", count: 107)),
        "/\(String(repeating: "s", count: 107)): the path of a socket has at most 107 bytes, this one has 108"
      ),
    ])
  func errors(_ source: KeySource, _ text: String) {
    let error = #expect(throws: KeyError.self) { try source.open { _ in } }
    #expect(error?.description == text)
  }

  @Test("The defaults are those of the specification") func defaults() {
    let settings = AgentSettings()
    #expect(settings.patience == Nanoseconds(20_000_000))
    #expect(settings.mostStarts == 10)
  }
}
