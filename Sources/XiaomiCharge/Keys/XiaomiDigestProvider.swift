/// Whoever has keys and a hash function. The core has neither: a driver asks the provider between `computeDigest` and
/// `digest`.
public protocol XiaomiDigestProvider: Sendable {
  /// The digest that the question calls for; `nil` where there is no key for its seed.
  func digest(_ question: XiaomiDigestQuestion) -> XiaomiDigest?
}
