public import XiaomiCharge

/// Digests for a driver, wherever they come from.
public protocol XiaomiDigestService: Sendable {
  /// Asks for a digest, from any thread, without ever waiting.
  ///
  /// - Parameter answer: called exactly once, with `nil` where there is no key for the seed, where the agent is gone or
  ///   overloaded, or where it took too long. Keys in this process are asked at once: `answer` has been called, on the
  ///   same thread, when `ask` returns. An agent's answer comes later on a thread of its own, which must not be held up;
  ///   a refusal may come either way.
  func ask(_ question: XiaomiDigestQuestion, _ answer: @escaping @Sendable (XiaomiDigest?) -> Void)

  /// Ends threads and programs; what is still asked is answered with `nil`. Not to be called from an answer.
  func finish()
}

/// Digests from keys in this process.
public struct ImmediateDigestService: XiaomiDigestService {
  private let provider: any XiaomiDigestProvider

  public init(_ provider: any XiaomiDigestProvider) { self.provider = provider }

  public func ask(_ question: XiaomiDigestQuestion, _ answer: @escaping @Sendable (XiaomiDigest?) -> Void) {
    answer(provider.digest(question))
  }

  /// There is nothing to end; the keys are wiped with the last reference to them.
  public func finish() {}
}
