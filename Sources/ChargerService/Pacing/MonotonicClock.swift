import Glibc
public import Quantities

/// What time it is, for whoever paces a world by it. Tests bring their own.
public protocol PaceClock: Sendable {
  var now: Instant { get }
}

/// CLOCK_MONOTONIC, counted from the start of the machine.
public struct MonotonicClock: PaceClock {
  public init() {}

  public var now: Instant {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
