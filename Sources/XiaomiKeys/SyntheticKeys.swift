import Crypto
public import XiaomiCharge

/// Invented keys, the same for every seed. They are no secrets, and no real device takes them.
public enum SyntheticKeys: XiaomiDigestProvider {
  /// Bytes 00 to 1F, as in the test vectors.
  case right
  /// Bytes 01 to 20: what a charger or a phone with a wrong key has.
  case wrong

  public func digest(_ question: XiaomiDigestQuestion) -> XiaomiDigest? {
    let message = (0..<XiaomiDigestQuestion.messageLength).map(question.messageByte)
    let first: UInt8 = self == .right ? 0 : 1
    let key = SymmetricKey(data: Array(first..<first + 32))
    return XiaomiDigest(Array(HMAC<SHA256>.authenticationCode(for: message, using: key)).span)
  }
}
