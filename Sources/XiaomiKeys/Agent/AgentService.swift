import Glibc
import Threading
import XiaomiCharge

/// Digests from an agent: a program that is started, or one that listens at a socket.
final class AgentService: XiaomiDigestService, @unchecked Sendable {
  /// Where the agent is.
  enum Place: Sendable {
    /// Its path and its arguments.
    case program([String])
    case socket(String)

    /// How log lines call it; arguments are not shown, there may be a secret among them.
    var name: String {
      switch self {
      case .program(let words): words.first ?? ""
      case .socket(let path): path
      }
    }
  }

  private let inbox: AgentInbox
  private let thread: WorkThread
  private let lock = ThreadLock()
  private var isFinished = false

  /// Starts the thread of the agent, which starts the agent.
  init(
    _ place: Place, _ settings: AgentSettings, log: @escaping @Sendable (String) -> Void
  ) throws(KeyError) {
    guard let inbox = AgentInbox(settings) else {
      throw KeyError(place.name, "there are no descriptors left to talk to the agent")
    }
    self.inbox = inbox
    let starter = pthread_self()
    thread = WorkThread(name: "key agent") {
      // Where no thread can be had, this runs on the starter's: then there is no agent, rather than no start.
      if pthread_equal(pthread_self(), starter) != 0 {
        inbox.finish()
        log("key agent \(place.name): no thread can be had; there are no digests")
      } else {
        AgentThread(place, settings, inbox, log: log).run()
      }
    }
  }

  deinit { finish() }

  func ask(_ question: XiaomiDigestQuestion, _ answer: @escaping @Sendable (XiaomiDigest?) -> Void) {
    inbox.ask(question, answer)
  }

  func finish() {
    let isFirst = lock.with {
      defer { isFinished = true }
      return !isFinished
    }
    guard isFirst else { return }
    inbox.finish()
    thread.join()
  }
}
