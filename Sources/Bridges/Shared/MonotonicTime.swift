import Glibc
public import Quantities

/// CLOCK_MONOTONIC.
public enum MonotonicTime {
  /// Since the machine was started.
  public static func now() -> Instant {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
