public import Quantities

/// How agents are treated.
public struct AgentSettings: Equatable, Sendable {
  /// How long an answer may take. A charger gives up after 12 ms (Xiaomi 5.2), so that later ones help nobody.
  public var patience = Nanoseconds(Milliseconds(20))
  /// How many questions may wait for their answers, 1 or more.
  public var capacity = 256
  /// The pause before an agent is started or connected to again. It doubles from time to time, up to `longestPause`, and
  /// is short again once an agent has answered.
  public var shortestPause = Nanoseconds(Milliseconds(100))
  public var longestPause = Nanoseconds(Milliseconds(5_000))
  /// A program is not started more than `mostStarts` times within `startWindow`. There is no such limit for sockets.
  public var mostStarts = 10
  public var startWindow = Nanoseconds(Milliseconds(600_000))
  /// How long a program may take to end when its standard input has ended; then it is killed.
  public var grace = Nanoseconds(Milliseconds(200))

  public init() {}
}
