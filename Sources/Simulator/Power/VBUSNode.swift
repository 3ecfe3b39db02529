import Quantities

/// VBUS as a piecewise linear function of time: where it is, where it goes, and when it bends.
///
/// Voltages are in microvolts: a slope of 1 µV/µs over a nanosecond is the finest step, and nothing is lost.
struct VBUSNode: Equatable {
  /// At `time`, in µV.
  private(set) var voltage: Int64 = 0
  private(set) var time = Instant.zero
  /// In µV/µs.
  private(set) var slope: Int64 = 0
  /// Where the slope ends, and when; `.distantFuture` where it does not.
  private(set) var goal: Int64 = 0
  private(set) var bend = Instant.distantFuture

  /// In µV.
  @inline(__always) func voltage(at now: Instant) -> Int64 {
    if now >= bend { return goal }
    return voltage &+ slope &* (now - time).rawValue / 1000
  }

  mutating func advance(to now: Instant) {
    voltage = voltage(at: now)
    time = now
    if now >= bend {
      slope = 0
      bend = .distantFuture
    }
  }

  /// Goes towards `goal` (µV) at so many µV/µs, upwards or downwards as needed; at least one.
  mutating func head(for goal: Int64, rate: Int64) {
    self.goal = goal
    guard goal != voltage else {
      slope = 0
      bend = .distantFuture
      return
    }
    let rate = max(1, rate)
    slope = goal > voltage ? rate : 0 &- rate
    let distance = goal > voltage ? goal &- voltage : voltage &- goal
    bend = time + Nanoseconds((distance &* 1000 &+ rate &- 1) / rate)
  }

  mutating func set(_ microvolts: Int64) {
    voltage = microvolts
    slope = 0
    bend = .distantFuture
  }

  /// When the voltage reaches `level` (µV) on its present way; `.distantFuture` where it does not.
  @inline(__always) func crossing(of level: Int64) -> Instant {
    guard slope != 0 else { return .distantFuture }
    let rises = slope > 0
    guard rises ? level > voltage && level <= goal : level < voltage && level >= goal else {
      return .distantFuture
    }
    let distance = rises ? level &- voltage : voltage &- level
    let rate = rises ? slope : 0 &- slope
    return min(bend, time + Nanoseconds((distance &* 1000 &+ rate &- 1) / rate))
  }
}
