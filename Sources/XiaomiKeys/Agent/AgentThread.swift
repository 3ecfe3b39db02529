import Glibc
import Quantities
import XiaomiCharge

/// The thread of an agent: it waits in one place for the agent, the askers and the time.
final class AgentThread {
  /// What an agent may say that nobody asked for before it is taken for broken.
  private static let mostUselessBytes = 65_536
  /// More than a question takes. What is not sent to an agent that does not read is bounded by it.
  private static let questionSize = 128
  private static let readSize = 4_096

  private let place: AgentService.Place
  private let settings: AgentSettings
  private let inbox: AgentInbox
  private let log: @Sendable (String) -> Void

  private var desk = AgentDesk()
  private var plan: RestartPlan
  private var link: AgentLink?
  private var lines = LineAssembler()
  private var unsent: [UInt8] = []
  private var uselessBytes = 0
  private var told = Told()

  /// What is in the log already.
  private struct Told {
    var isGone = false
    var isStrange = false
    var isSlow = false
  }

  init(
    _ place: AgentService.Place, _ settings: AgentSettings, _ inbox: AgentInbox,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.place = place
    self.settings = settings
    self.inbox = inbox
    self.log = log
    if case .program = place {
      plan = RestartPlan(settings, isLimited: true)
    } else {
      plan = RestartPlan(settings, isLimited: false)
    }
  }

  /// Runs until the inbox is finished.
  func run() {
    while true {
      inbox.clearWake()
      let (asked, isFinished) = inbox.take()
      if isFinished {
        refuse(asked.map(\.reply))
        break
      }
      if link == nil, plan.nextStart <= MonotonicTime.now { start() }
      asked.forEach(pose)
      send()
      expire()
      if wait() { receive() }
    }
    refuse(desk.abandon())
    _ = link?.end(grace: settings.grace)
  }

  private func start() {
    plan.started(at: MonotonicTime.now)
    do {
      switch place {
      case .program(let words): link = try AgentLink.start(words)
      case .socket(let path): link = try AgentLink.connect(path)
      }
    } catch {
      plan.ended(at: MonotonicTime.now)
      inbox.setReachable(false)
      if !told.isGone { say("cannot be reached: \(systemText(error.number)); \(retryText)") }
      told.isGone = true
      return
    }
    lines = LineAssembler()
    unsent = []
    uselessBytes = 0
    told.isSlow = false
    inbox.setReachable(true)
    if told.isGone { say("is there again") }
    told.isGone = false
  }

  /// The link is of no use any more.
  private func drop(_ reason: String? = nil) {
    guard let ended = link else { return }
    link = nil
    inbox.setReachable(false)
    refuse(desk.abandon())
    let end = ended.end(grace: reason == nil ? settings.grace : .zero)
    plan.ended(at: MonotonicTime.now)
    say("\(reason ?? end); \(retryText)")
    told.isGone = true
  }

  private func pose(_ asked: AgentInbox.Asked) {
    guard link != nil, unsent.count < AgentThread.questionSize * max(1, settings.capacity) else {
      return refuse([asked.reply])
    }
    unsent += desk.pose(asked.question, until: asked.deadline, asked.reply)
    // One answer is due for it, be it in time or not.
    uselessBytes = max(0, uselessBytes - LineAssembler.longest)
  }

  private func send() {
    guard let link, !unsent.isEmpty else { return }
    guard let count = link.send(unsent) else { return drop() }
    unsent.removeFirst(count)
  }

  private func expire() {
    let over = desk.expire(at: MonotonicTime.now)
    guard !over.isEmpty else { return }
    refuse(over)
    if let link, link.hasEnded { return drop() }
    if !told.isSlow { say("does not answer in time") }
    told.isSlow = true
  }

  /// Waits for something to do.
  /// - Returns: whether the agent has said something, or is gone.
  private func wait() -> Bool {
    var deadline = desk.nextDeadline ?? .distantFuture
    if link == nil { deadline = min(deadline, plan.nextStart) }
    let span = min(max(0, (deadline - MonotonicTime.now).rawValue), 3_600_000_000_000)
    let events = Int16(POLLIN) | (unsent.isEmpty ? 0 : Int16(POLLOUT))
    // A descriptor below 0 is not looked at.
    var waiting = [
      pollfd(fd: inbox.wakeDescriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: link?.descriptor ?? -1, events: events, revents: 0),
    ]
    // Rounded up: woken too early, the thread would only turn round once more.
    let count = unsafe poll(&waiting, nfds_t(waiting.count), Int32((span + 999_999) / 1_000_000))
    return count > 0 && Int32(waiting[1].revents) & ~POLLOUT != 0
  }

  private func receive() {
    guard let link else { return }
    guard let bytes = link.receive(AgentThread.readSize) else { return drop() }
    // What has come later than it may is late, even where the thread itself was.
    expire()
    uselessBytes += bytes.count
    for line in lines.take(bytes) {
      if case .whole(let text) = line, take(text) { continue }
      if !told.isStrange { say("says what is not in the protocol; this is told once") }
      told.isStrange = true
    }
    if uselessBytes > AgentThread.mostUselessBytes { drop("says too much that nobody asked for") }
  }

  /// - Returns: whether the line makes sense.
  private func take(_ line: [UInt8]) -> Bool {
    switch desk.receive(line) {
    case .settled(let reply, let digest):
      uselessBytes = 0
      plan.answered()
      settle([reply], digest)
    case .late: break
    case .unknown: return false
    }
    return true
  }

  private func refuse(_ replies: [AgentDesk.Reply]) { settle(replies, nil) }

  private func settle(_ replies: [AgentDesk.Reply], _ digest: XiaomiDigest?) {
    inbox.settle(replies.count)
    for reply in replies { reply(digest) }
  }

  private func say(_ text: String) { log("key agent \(place.name) \(text)") }

  private var retryText: String {
    let tenths = max(0, (plan.nextStart - MonotonicTime.now).rawValue + 99_999_999) / 100_000_000
    return "next try in \(tenths / 10).\(tenths % 10) s"
  }
}
