import TestSupport
import Testing
import XiaomiCharge

@testable import XiaomiKeys

/// Keys do not stay, and do not show.
@Suite("Secrets") struct SecretTests {
  private static func zeros(_ bytes: Span<UInt8>) -> Bool { bytes.indices.allSatisfy { bytes[$0] == 0 } }

  @Test("Memory is wiped on demand, whole") func wipe() throws {
    let memory = try #require(SecretMemory(byteCount: 5_000))
    memory.write { bytes in for index in bytes.indices { bytes[index] = 0xAA } }
    #expect(memory.read { bytes in bytes.indices.allSatisfy { bytes[$0] == 0xAA } })
    memory.wipe()
    #expect(memory.read(SecretTests.zeros))
  }

  @Test("Memory is wiped before it is given back") func wipeAtEnd() throws {
    var seen: [Bool] = []
    do {
      let memory = try #require(SecretMemory(byteCount: 100) { seen.append(SecretTests.zeros($0)) })
      memory.write { bytes in for index in bytes.indices { bytes[index] = 1 } }
      #expect(memory.count == 100)
    }
    #expect(seen == [true])
  }

  @Test("Neither description, nor dump, nor a mirror show a key") func printing() throws {
    let folder = try Folder()
    let table = try KeyFile.read(folder.file("* \(Digits.right)"))
    let memory = try #require(SecretMemory(byteCount: 8))
    var dumped = ""
    dump(table, to: &dumped)
    #expect(dumped == "- <key> #0\n")
    #expect("\(table)" == "<key>")
    #expect(String(reflecting: table) == "<key>")
    #expect(String(describing: [table]) == "[<key>]")
    #expect(Mirror(reflecting: table).children.isEmpty)
    #expect("\(memory)" == "<secret>")
    #expect(Mirror(reflecting: memory).children.isEmpty)
    let service = ImmediateDigestService(table)
    var deep = ""
    dump(service, to: &deep)
    #expect(deep.contains("<key>") && !deep.contains("memory"))
  }

  @Test("The invented keys are what the vectors say", arguments: DigestVector.all)
  func synthetic(_ vector: DigestVector) {
    #expect(SyntheticKeys.right.digest(vector.question()) == vector.expected)
    #expect(SyntheticKeys.wrong.digest(vector.question()) != vector.expected)
  }

  @Test("Vectors through a key file", arguments: DigestVector.all) func file(_ vector: DigestVector) throws {
    let folder = try Folder()
    let table = try KeyFile.read(folder.file("\(Digits.seed) \(vector.key)"))
    let seed = Digits.seedOctets
    #expect(table.digest(vector.question(seed: seed)) == vector.expected)
  }

  @Test("The vectors are there") func count() { #expect(DigestVector.all.count == 2) }
}
