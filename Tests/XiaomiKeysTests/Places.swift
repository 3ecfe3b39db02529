import Foundation
import TestSupport
import XiaomiCharge

@testable import XiaomiKeys

/// The digests of `spec/vectors/xiaomi.json`, made with the invented key.
struct DigestVector: Decodable, Sendable, CustomStringConvertible {
  let id: String
  let key: String
  let challenge: String
  let adapterID: String
  let digest: String

  var description: String { id }
  var expected: XiaomiDigest? { XiaomiDigest(bytes(digest).span) }

  /// The question, for a seed that the vectors leave open.
  func question(seed: XiaomiOctets = .zero) -> XiaomiDigestQuestion {
    XiaomiDigestQuestion.with(
      seed: seed, challenge: XiaomiOctets(bytes(challenge).span) ?? .zero,
      adapter: UInt32(adapterID, radix: 16) ?? 0)
  }

  static let all: [DigestVector] = {
    struct File: Decodable { let digests: [DigestVector] }
    let data = try? Data(contentsOf: ProjectFiles.url("spec/vectors/xiaomi.json"))
    return data.flatMap { try? JSONDecoder().decode(File.self, from: $0).digests } ?? []
  }()
}

extension XiaomiDigestQuestion {
  static func with(seed: XiaomiOctets, challenge: XiaomiOctets, adapter: UInt32 = 0xA819)
    -> XiaomiDigestQuestion
  {
    XiaomiDigestQuestion(seed: seed, challenge: challenge, adapterID: XiaomiAdapterID(rawValue: adapter))
  }

  /// A question that no other number gives.
  static func number(_ number: Int) -> XiaomiDigestQuestion {
    with(seed: XiaomiOctets(1, 2, 3, 4), challenge: XiaomiOctets(0, 0, 0, UInt32(truncatingIfNeeded: number)))
  }
}

/// The two invented keys, and text made of them.
enum Digits {
  static let right = hexadecimal(0..<32)
  static let wrong = hexadecimal(1..<33)
  static let seed = String(repeating: "a5", count: 16)
  static var seedOctets: XiaomiOctets {
    XiaomiOctets(0xA5A5_A5A5, 0xA5A5_A5A5, 0xA5A5_A5A5, 0xA5A5_A5A5)
  }
  static let otherSeed = String(repeating: "5a", count: 16)

  private static func hexadecimal(_ range: Range<Int>) -> String {
    range.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// A folder that is gone after the test.
final class Folder {
  let path: String

  init() throws {
    path = "/tmp/ofc-keys-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file.
  /// - Returns: its path.
  func file(_ text: String, mode: Int = 0o600, name: String = "keys") throws -> String {
    let file = path + "/" + name
    try Data(text.utf8).write(to: URL(filePath: file))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    return file
  }
}
