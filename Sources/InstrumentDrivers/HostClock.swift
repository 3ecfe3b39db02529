import Glibc

/// CLOCK_MONOTONIC.
enum HostClock {
  /// Nanoseconds since the machine was started.
  static func now() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
