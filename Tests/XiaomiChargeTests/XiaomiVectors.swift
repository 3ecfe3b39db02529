import Foundation
import PowerDelivery
import TestSupport
import XiaomiCharge

/// `spec/vectors/xiaomi.json`.
struct XiaomiVectorFile: Decodable {
  let vectors: [XiaomiVector]
  let dialogues: [Dialogue]
  let digests: [DigestVector]

  struct Dialogue: Decodable {
    let id: String
    let messages: [String]
  }

  static let shared: XiaomiVectorFile = {
    let url = ProjectFiles.url("spec/vectors/xiaomi.json")
    let file = try? JSONDecoder().decode(XiaomiVectorFile.self, from: Data(contentsOf: url))
    return file ?? XiaomiVectorFile(vectors: [], dialogues: [], digests: [])
  }()
}

/// A message.
struct XiaomiVector: Decodable, Sendable, CustomStringConvertible {
  let id: String
  let bytes: String
  let crc: String
  let message: String
  /// `nil` for messages of the standard that surround the dialogue.
  let command: String?
  let direction: String?
  let objects: [String]?

  var description: String { id }
  var wire: [UInt8] { TestSupport.bytes(bytes) }
  var words: [UInt32] { (objects ?? []).compactMap { UInt32($0, radix: 16) } }

  /// The message, with its CRC checked.
  func short() throws -> ShortMessage {
    ShortMessage(try MessageView(packet: (wire + TestSupport.bytes(crc)).span))
  }
}

/// A digest with an invented key.
struct DigestVector: Decodable, Sendable, CustomStringConvertible {
  let id: String
  let key: String
  let challenge: String
  let adapterID: String
  let message: String
  let digest: String
  let chargerProof: [String]
  let phoneProof: [String]

  var description: String { id }

  var question: XiaomiDigestQuestion? {
    guard let challenge = XiaomiOctets(bytes(challenge).span), let adapter = UInt32(adapterID, radix: 16)
    else { return nil }
    return XiaomiDigestQuestion(
      seed: .zero, challenge: challenge, adapterID: XiaomiAdapterID(rawValue: adapter))
  }
}

extension XiaomiOctets {
  init?(hexadecimal words: [String]) {
    let numbers = words.compactMap { UInt32($0, radix: 16) }
    guard numbers.count == 4 else { return nil }
    self.init(numbers[0], numbers[1], numbers[2], numbers[3])
  }
}
