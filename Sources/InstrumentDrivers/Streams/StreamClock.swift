import Quantities

/// Ties the clock of a device that sends by itself to the host's: what it sends comes a little after the moment that it
/// stamps, so the least delay of some seconds counts.
struct StreamClock {
  private var clock = ComparedClock()
  private var best: (device: Microseconds, host: Nanoseconds)?
  private var windowEnd: Nanoseconds?

  private static let window = Nanoseconds(Milliseconds(15_000))

  /// Takes a time of the device and when it came.
  /// - Returns: whether the times in front of it and behind it do not belong together.
  mutating func take(_ device: Microseconds, at host: Nanoseconds) -> Bool {
    guard let predicted = clock.hostTime(of: device), let end = windowEnd else {
      windowEnd = host + Self.window
      return clock.tie(device: device, host: host)
    }
    // A delay is no jump; a device that is ahead of its time, or seconds behind it, is.
    if predicted - host > ComparedClock.jump || host - predicted > Nanoseconds(Milliseconds(2000)) {
      self = StreamClock()
      windowEnd = host + Self.window
      _ = clock.tie(device: device, host: host)
      return true
    }
    if isLess(host - predicted) { best = (device, host) }
    guard host >= end, let comparison = best else { return false }
    best = nil
    windowEnd = host + Self.window
    return clock.tie(device: comparison.device, host: comparison.host)
  }

  func hostTime(of device: Nanoseconds) -> Nanoseconds? {
    let whole = Microseconds(device.rawValue / 1000)
    return clock.hostTime(of: whole).map { $0 + Nanoseconds(device.rawValue % 1000) }
  }

  private func isLess(_ delay: Nanoseconds) -> Bool {
    guard let best, let predicted = clock.hostTime(of: best.device) else { return true }
    return delay < best.host - predicted
  }
}
