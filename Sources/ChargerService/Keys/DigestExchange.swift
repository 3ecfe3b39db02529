import Threading
public import XiaomiCharge
public import XiaomiKeys

/// Between a port's driver and whoever has its keys: questions go out, answers come in on any thread and wait until the
/// driver takes them.
///
/// Keys in this process answer before `ask` returns, so the driver goes on in the same turn; an agent's answer wakes the
/// port's thread.
public final class DigestExchange: @unchecked Sendable {
  /// An answer with its question; without a digest there is no key.
  public struct Answer: Equatable, Sendable {
    public var question: XiaomiDigestQuestion
    public var digest: XiaomiDigest?
  }

  private let lock = ThreadLock()
  private var service: (any XiaomiDigestService)?
  private var answers: [Answer] = []
  private var wake: @Sendable () -> Void = {}

  /// More answers than this nobody has asked for.
  private static let capacity = 16

  /// - Parameter service: `nil` answers that there is no key.
  public init(_ service: (any XiaomiDigestService)?) { self.service = service }

  /// From now on these keys are asked.
  public func use(_ service: (any XiaomiDigestService)?) { lock.with { self.service = service } }

  /// What is called when an answer has come.
  public func onAnswer(_ wake: @escaping @Sendable () -> Void) { lock.with { self.wake = wake } }

  public func ask(_ question: XiaomiDigestQuestion) {
    guard let service = lock.with({ self.service }) else {
      return put(Answer(question: question, digest: nil))
    }
    service.ask(question) { [weak self] digest in self?.put(Answer(question: question, digest: digest)) }
  }

  private func put(_ answer: Answer) {
    let wake = lock.with { () -> @Sendable () -> Void in
      if answers.count < DigestExchange.capacity { answers.append(answer) }
      return self.wake
    }
    wake()
  }

  /// Hands out what has come since the last call.
  public func take() -> [Answer] {
    lock.with {
      guard !answers.isEmpty else { return [] }
      defer { answers = [] }
      return answers
    }
  }
}
