import Quantities
import XiaomiCharge

/// Which questions wait for which answers: a value without clock, thread or stream.
struct AgentDesk {
  typealias Reply = @Sendable (XiaomiDigest?) -> Void

  /// What a line of the agent came to.
  enum Verdict {
    case settled(Reply, XiaomiDigest?)
    /// An answer to a question that is settled already, or given up.
    case late
    case unknown
  }

  private struct Pending {
    let deadline: Instant
    let reply: Reply
  }

  private var nextID: UInt64 = 1
  private var pending: [UInt64: Pending] = [:]

  /// When the first question is given up.
  var nextDeadline: Instant? { pending.values.lazy.map(\.deadline).min() }

  /// Notes a question.
  /// - Returns: its line for the agent.
  mutating func pose(
    _ question: XiaomiDigestQuestion, until deadline: Instant, _ reply: @escaping Reply
  ) -> [UInt8] {
    let id = nextID
    nextID &+= 1
    pending[id] = Pending(deadline: deadline, reply: reply)
    return question.line(id: id)
  }

  mutating func receive(_ line: [UInt8]) -> Verdict {
    guard let answer = AgentAnswer(line), answer.id > 0, answer.id < nextID else { return .unknown }
    guard let question = pending.removeValue(forKey: answer.id) else { return .late }
    if case .digest(_, let digest) = answer { return .settled(question.reply, digest) }
    return .settled(question.reply, nil)
  }

  /// Gives up what has waited until `now`.
  mutating func expire(at now: Instant) -> [Reply] {
    let over = pending.filter { $0.value.deadline <= now }.sorted { $0.key < $1.key }
    for (id, _) in over { pending[id] = nil }
    return over.map(\.value.reply)
  }

  /// Gives up everything. Numbers are not used again: a late answer never meets a new question.
  mutating func abandon() -> [Reply] {
    let all = pending.sorted { $0.key < $1.key }.map(\.value.reply)
    pending = [:]
    return all
  }
}
