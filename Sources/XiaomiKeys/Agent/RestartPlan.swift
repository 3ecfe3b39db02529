import Quantities

/// When an agent is started, or connected to, the next time: a value without a clock.
struct RestartPlan {
  private let settings: AgentSettings
  private let isLimited: Bool
  private var starts: [Instant] = []
  private var pause: Nanoseconds
  /// Not before this.
  private(set) var nextStart = Instant.zero

  /// - Parameter isLimited: whether starts are counted.
  init(_ settings: AgentSettings, isLimited: Bool) {
    self.settings = settings
    self.isLimited = isLimited
    pause = settings.shortestPause
  }

  mutating func started(at now: Instant) {
    guard isLimited else { return }
    starts.append(now)
    starts.removeFirst(max(0, starts.count - max(1, settings.mostStarts)))
  }

  /// The agent has answered: it is worth a quick restart.
  mutating func answered() { pause = settings.shortestPause }

  /// The agent is gone, or did not come.
  mutating func ended(at now: Instant) {
    nextStart = now + pause
    if isLimited, starts.count >= max(1, settings.mostStarts), let first = starts.first {
      nextStart = max(nextStart, first + settings.startWindow)
    }
    pause = min(pause + pause, settings.longestPause)
  }
}
