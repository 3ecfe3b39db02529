import Quantities

/// Ties the clock of a device, in µs since its start, to the host's.
///
/// What was tied once stays tied without a jump: the difference that a later comparison shows is taken off over the
/// following minute. Only a device that was started again, or a difference that no crystal explains, is a jump.
struct ComparedClock {
  /// A device time and the host time that belongs to it on the line that is being followed.
  private var anchor: (device: Microseconds, host: Nanoseconds)?
  /// By how much the host's clock is faster, in 10⁻⁹.
  private var rate: Int64 = 0
  /// The last comparison as it was.
  private var compared: (device: Microseconds, host: Nanoseconds)?

  /// A difference beyond this is a jump.
  static let jump = Nanoseconds(Milliseconds(50))
  /// Over which a difference is taken off.
  private static let correctionTime: Int64 = 60
  /// Crystals are good to some tens of 10⁻⁶; this leaves room for the correction.
  private static let rateLimit: Int64 = 1_000_000
  /// Shorter spans say nothing of the rate.
  private static let shortestSpan = Nanoseconds(Milliseconds(10_000))

  /// The host's time at a device time; `nil` before the first comparison.
  func hostTime(of time: Microseconds) -> Nanoseconds? {
    guard let anchor else { return nil }
    let span = Nanoseconds(time - anchor.device)
    return anchor.host + span + Nanoseconds(span.rawValue / 1_000_000 &* rate / 1000)
  }

  /// Takes a comparison of both clocks.
  /// - Returns: whether the times in front of it and behind it do not belong together.
  mutating func tie(device: Microseconds, host: Nanoseconds) -> Bool {
    defer { compared = (device, host) }
    guard let predicted = hostTime(of: device), let last = compared else {
      anchor = (device, host)
      return false
    }
    let error = host - predicted
    guard device >= last.device, error <= Self.jump, error >= .zero - Self.jump else {
      anchor = (device, host)
      rate = 0
      return true
    }
    let span = Nanoseconds(device - last.device)
    guard span >= Self.shortestSpan else { return false }
    let drift = (host - last.host) - span
    let slope = drift.rawValue &* 1_000 / (span.rawValue / 1_000_000)
    anchor = (device, predicted)
    rate = min(max(slope + error.rawValue / Self.correctionTime, -Self.rateLimit), Self.rateLimit)
    return false
  }
}
