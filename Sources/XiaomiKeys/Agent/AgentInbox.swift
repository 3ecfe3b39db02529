import Glibc
import Quantities
import Threading
import XiaomiCharge

/// What askers and the agent's thread share: questions, and a socket that wakes the thread.
final class AgentInbox: @unchecked Sendable {
  struct Asked: Sendable {
    let question: XiaomiDigestQuestion
    let deadline: Instant
    let reply: AgentDesk.Reply
  }

  private let lock = ThreadLock()
  private let patience: Nanoseconds
  private let capacity: Int
  private var asked: [Asked] = []
  /// Those that are asked and not yet settled, here or on the thread's desk.
  private var unsettled = 0
  private var isReachable = true
  private var isFinished = false
  /// Readable where something has changed.
  let wakeDescriptor: Int32
  private let wakingDescriptor: Int32

  /// - Returns: `nil` where there are no descriptors.
  init?(_ settings: AgentSettings) {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
    (wakeDescriptor, wakingDescriptor) = (ends[0], ends[1])
    patience = settings.patience
    capacity = max(1, settings.capacity)
  }

  deinit {
    close(wakeDescriptor)
    close(wakingDescriptor)
  }

  /// Puts a question down, or refuses it at once.
  func ask(_ question: XiaomiDigestQuestion, _ reply: @escaping AgentDesk.Reply) {
    let isTaken = lock.with {
      guard isReachable, !isFinished, unsettled < capacity else { return false }
      unsettled += 1
      asked.append(Asked(question: question, deadline: MonotonicTime.now + patience, reply: reply))
      if asked.count == 1 { wake() }
      return true
    }
    if !isTaken { reply(nil) }
  }

  /// Takes what was asked, in its order.
  func take() -> (asked: [Asked], isFinished: Bool) {
    lock.with {
      defer { asked = [] }
      return (asked, isFinished)
    }
  }

  func settle(_ count: Int) {
    lock.with { unsettled -= count }
  }

  func setReachable(_ isReachable: Bool) {
    lock.with { self.isReachable = isReachable }
  }

  /// No question is taken from now on.
  func finish() {
    lock.with {
      isFinished = true
      wake()
    }
  }

  /// Takes the marks away that woke the thread.
  func clearWake() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while unsafe recv(wakeDescriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT)) > 0 {}
  }

  private func wake() {
    let byte: [UInt8] = [1]
    // A socket that is full wakes as well as one with another byte in it.
    let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
    while unsafe send(wakingDescriptor, byte, 1, flags) < 0, errno == EINTR {}
  }
}
