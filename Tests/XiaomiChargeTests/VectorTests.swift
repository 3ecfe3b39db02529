import PowerDelivery
import TestSupport
import Testing
import XiaomiCharge

/// Every message and digest of `spec/vectors/xiaomi.json`, read and made.
@Suite("Vectors") struct VectorTests {
  @Test("The file is complete") func complete() {
    let file = XiaomiVectorFile.shared
    #expect([file.vectors.count, file.dialogues.count, file.digests.count] == [41, 2, 2])
  }

  @Test(
    "Words, content and message, both ways",
    arguments: XiaomiVectorFile.shared.vectors.filter { $0.command != nil })
  func bothWays(_ vector: XiaomiVector) throws {
    let short = try vector.short()
    let message = try XiaomiMessage(short)
    let content = try XiaomiContent(message)
    #expect([message.header.rawValue] + (0..<message.words.count).map { message.words[$0] } == vector.words)
    #expect(content.message() == message)
    #expect(message.message(header: short.header) == short)
    #expect(message.header.command.name.map { "\($0)" } == vector.command)
    #expect(message.header.direction.name.map { "\($0)" }?.lowercased() == vector.direction)
  }

  @Test(
    "Messages of the standard are none of the protocol",
    arguments: XiaomiVectorFile.shared.vectors.filter { $0.command == nil })
  func foreign(_ vector: XiaomiVector) throws {
    let short = try vector.short()
    #expect(short.kind.name.map { "\($0)" } == vector.message)
    #expect(throws: XiaomiMessageError.self) { try XiaomiMessage(short) }
  }

  @Test("Digests: what is hashed, and how it is cut", arguments: XiaomiVectorFile.shared.digests)
  func digests(_ vector: DigestVector) throws {
    let question = try #require(vector.question)
    let digest = try #require(Keys.key(bytes(vector.key)).digest(question))
    #expect((0..<20).map(question.messageByte) == bytes(vector.message))
    #expect(digest == XiaomiDigest(bytes(vector.digest).span))
    #expect(XiaomiOctets(hexadecimal: vector.chargerProof) == digest.chargerProof)
    #expect(XiaomiOctets(hexadecimal: vector.phoneProof) == digest.phoneProof)
    #expect(question.messageByte(20) == 0 && question.messageByte(-1) == 0)
  }

  @Test("The voltage that was sampled: 5.1 V in both readings") func voltage() {
    #expect(XiaomiChargerVoltage(rawValue: 0x33).voltage.rawValue == 5_100)
    #expect(XiaomiFineChargerVoltage(rawValue: 0x1FE).voltage.rawValue == 5_100)
    #expect(
      [0x33, 0x120, 0x121, 0x1FE].map { XiaomiChargerVoltage(rawValue: $0).likelyVoltage.rawValue }
        == [5_100, 28_800, 2_890, 5_100])
  }
}
