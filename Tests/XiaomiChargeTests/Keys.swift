import Crypto
import Foundation
import XiaomiCharge

/// Whoever computes digests. All keys here are invented.
enum Keys: Equatable, Sendable {
  case none
  case key([UInt8])

  /// Bytes 00 01 02 … 1f.
  static let right = Keys.key(Array(0..<32))
  static let wrong = Keys.key(Array(1..<33))

  func digest(_ question: XiaomiDigestQuestion) -> XiaomiDigest? {
    guard case .key(let key) = self else { return nil }
    let message = (0..<XiaomiDigestQuestion.messageLength).map(question.messageByte)
    let code = HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key))
    return XiaomiDigest([UInt8](code).span)
  }
}
