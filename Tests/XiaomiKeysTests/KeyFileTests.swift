import Foundation
import Glibc
import TestSupport
import Testing
import XiaomiCharge

@testable import XiaomiKeys

/// What a key file may be and what it may hold.
@Suite("Key files") struct KeyFileTests {
  private func error(_ file: String) -> KeyError? {
    do throws(KeyError) {
      _ = try KeyFile.read(file)
      return nil
    } catch {
      return error
    }
  }

  @Test("Seeds have keys of their own; * has that of all others") func seeds() throws {
    let folder = try Folder()
    let table = try KeyFile.read(
      folder.file("# keys\r\n\n  \(Digits.seed)\t\(Digits.wrong.uppercased()) # one\r\n* \(Digits.right)"))
    let seed = Digits.seedOctets
    let own = XiaomiDigestQuestion.with(seed: seed, challenge: .zero)
    let other = XiaomiDigestQuestion.with(seed: .zero, challenge: .zero)
    #expect(table.count == 2)
    #expect(table.digest(own) == SyntheticKeys.wrong.digest(own))
    #expect(table.digest(other) == SyntheticKeys.right.digest(other))
  }

  @Test("Without * a strange seed has no key, not even that of zeros") func strangeSeed() throws {
    let folder = try Folder()
    let table = try KeyFile.read(folder.file("\(Digits.seed) \(Digits.right)\n"))
    #expect(table.digest(XiaomiDigestQuestion.with(seed: .zero, challenge: .zero)) == nil)
    let any = try KeyFile.read(
      folder.file("* \(Digits.right)\n\(String(repeating: "0", count: 32)) \(Digits.wrong)\n"))
    let question = XiaomiDigestQuestion.with(seed: .zero, challenge: .zero)
    #expect(any.digest(question) == SyntheticKeys.wrong.digest(question))
  }

  @Test("Modes that keep others out", arguments: [0o600, 0o400, 0o700])
  func goodMode(_ mode: Int) throws {
    let folder = try Folder()
    #expect(try KeyFile.read(folder.file("* \(Digits.right)", mode: mode)).count == 1)
  }

  @Test("Modes that let others in", arguments: [0o640, 0o644, 0o604, 0o620, 0o601, 0o4644])
  func badMode(_ mode: Int) throws {
    let folder = try Folder()
    let file = try folder.file("* \(Digits.right)", mode: mode, name: "it's mine")
    let digits = String(mode, radix: 8)
    let text = (digits.count == 3 ? "0" : "") + digits
    let quoted = "'\(folder.path)/it'\\''s mine'"
    #expect(
      error(file)?.description
        == "\(file): its mode is \(text), so that others could get at the keys; run `chmod 600 \(quoted)`")
  }

  @Test("What is no file of its own", arguments: ["link", "directory", "missing", "pipe"])
  func kinds(_ kind: String) throws {
    let folder = try Folder()
    let file = folder.path + "/" + kind
    let expected: String
    switch kind {
    case "link":
      try FileManager.default.createSymbolicLink(
        atPath: file, withDestinationPath: folder.file("* \(Digits.right)"))
      expected = "it is a symbolic link, which could be turned to another file; name the file itself"
    case "directory":
      try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
      expected = "it is a directory, not a key file"
    case "pipe":
      _ = unsafe mkfifo(file, 0o600)
      expected = "it is no regular file, not a key file"
    default: expected = "there is no such file"
    }
    #expect(error(file) == KeyError(file, expected))
  }

  @Test("A file of another user is refused, with a bad mode in the same breath", .enabled(if: geteuid() == 0))
  func owner() throws {
    let folder = try Folder()
    let file = try folder.file("* \(Digits.right)", mode: 0o644)
    _ = unsafe chown(file, 65_534, 65_534)
    let mistakes = error(file)?.mistakes.map(\.reason) ?? []
    #expect(mistakes.count == 2)
    #expect(
      mistakes.first == "it belongs to user 65534, who can read and change the keys; run `chown 0 \(file)`")
  }

  @Test("All mistakes at once, each with its line") func mistakes() throws {
    let folder = try Folder()
    let seed = Digits.seed
    let file = try folder.file(
      """
      \(seed) \(Digits.right)
      nonsense
      \(seed) \(Digits.right) more
      \(seed.dropLast(2)) \(Digits.right)
      \(Digits.otherSeed) \(Digits.right)00
      \(Digits.otherSeed) \(Digits.right.dropLast())g
      x\(seed.dropFirst()) \(Digits.right.dropLast(2))
      # fine
      \(seed.uppercased()) \(Digits.wrong)
      * \(Digits.wrong)
      * \(Digits.right)
      """)
    let found = error(file)?.mistakes ?? []
    #expect(
      found == [
        .init(line: 2, "a seed and a key are expected, but there are 1 words"),
        .init(line: 3, "a seed and a key are expected, but there are 3 words"),
        .init(line: 4, "the seed has 30 digits instead of 32"),
        .init(line: 5, "the key has 66 digits instead of 64"),
        .init(line: 6, "character 64 of the key is no hexadecimal digit"),
        .init(line: 7, "character 1 of the seed is no hexadecimal digit"),
        .init(line: 7, "the key has 62 digits instead of 64"),
        .init(line: 9, "the seed is that of line 1; a seed has one key"),
        .init(line: 11, "the seed is that of line 10; a seed has one key"),
      ])
    let lines = error(file)?.description.split(separator: "\n") ?? []
    #expect(lines.first == "\(file):2: a seed and a key are expected, but there are 1 words")
  }

  @Test("No piece of a seed or a key gets into an error") func silence() throws {
    let folder = try Folder()
    let words = ["deadbeefcafe\(Digits.right)", "f00dfacezz", Digits.right + Digits.wrong]
    let lines = words.flatMap { first in words.map { "\(first) \($0)" } }
    let failure = try #require(error(try folder.file(lines.joined(separator: "\n"))))
    let text = (failure.description + "\(failure)" + String(reflecting: failure))
      .replacing(folder.path, with: "")
    for piece in ["dead", "beef", "cafe", "f00d", "face", "zz", "0001", "0102", "1f"] {
      #expect(!text.contains(piece), "\(piece)")
    }
  }

  @Test("Too many keys, too long a file, no key, garbage") func limits() throws {
    let folder = try Folder()
    func seeds(_ count: Int) -> String {
      (0..<count).map { String(repeating: "0", count: 29) + String($0 + 256, radix: 16) + " \(Digits.right)" }
        .joined(separator: "\n")
    }
    #expect(try KeyFile.read(folder.file(seeds(64))).count == 64)
    #expect(try error(folder.file(seeds(66)))?.mistakes.map(\.line) == [65, 66])
    let comments = String(repeating: "#", count: KeyFile.mostBytes - Digits.right.count - 3)
    #expect(try KeyFile.read(folder.file("* \(Digits.right)\n" + comments)).count == 1)
    #expect(
      try error(folder.file("* \(Digits.right)\n" + comments + "#"))?.mistakes.map(\.reason)
        == ["it is longer than 16384 bytes; is this a key file?"])
    #expect(
      try error(folder.file("# nothing\n"))?.mistakes.map(\.reason)
        == ["there is no key in it; write a line with a seed and a key for each"])
    let garbage = try error(folder.file(String(repeating: "\u{1}\n", count: 8_000)))
    #expect(garbage?.mistakes.count == 21)
    #expect(garbage?.mistakes.last?.reason == "and 7980 more; is this a key file?")
  }

  @Test("Random bytes never trap") func random() throws {
    var generator = SeededGenerator(seed: 4)
    let alphabet = Array("0a F#*\n\t\r\u{0}\u{7f}g".utf8)
    for _ in 0..<2_000 {
      let text = (0..<Int.random(in: 0..<300, using: &generator)).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
      }
      #expect(throws: KeyError.self) { try KeyFileText.table(text.span, file: "keys") }
    }
  }
}
