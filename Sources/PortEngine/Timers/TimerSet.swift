import Quantities

/// The running timers of a port.
///
/// A bit for each running timer and its deadline: starting, stopping and asking for the next deadline cost a few
/// nanoseconds, since few of them ever run together.
struct TimerSet: Sendable {
  fileprivate(set) var running: UInt64 = 0
  private var deadlines = InlineArray<64, Int64>(repeating: 0)

  /// The earliest deadline of all running timers; `nil` where none runs.
  var nextDeadline: Instant? {
    guard running != 0 else { return nil }
    var bits = running
    var earliest = Int64.max
    while bits != 0 {
      earliest = min(earliest, deadlines[bits.trailingZeroBitCount])
      bits &= bits &- 1
    }
    return Instant(nanoseconds: earliest)
  }

  /// Stops and returns the timer that is due at `now`, the one with the earliest deadline first; `nil` where none is.
  mutating func takeDue(at now: Instant) -> PortTimer? {
    var bits = running
    var earliest = Int64.max
    var place = 0
    while bits != 0 {
      let index = bits.trailingZeroBitCount
      if deadlines[index] < earliest {
        earliest = deadlines[index]
        place = index
      }
      bits &= bits &- 1
    }
    guard earliest <= now.nanoseconds, running != 0 else { return nil }
    running &= ~(1 &<< UInt64(place))
    return PortTimer(rawValue: UInt8(truncatingIfNeeded: place))
  }

  /// Starts a timer, or starts it again.
  mutating func start(_ timer: PortTimer, _ span: Nanoseconds, at now: Instant) {
    running |= 1 &<< UInt64(timer.rawValue)
    deadlines[Int(timer.rawValue)] = (now + span).nanoseconds
  }

  mutating func stop(_ timer: PortTimer) { running &= ~(1 &<< UInt64(timer.rawValue)) }

  func isRunning(_ timer: PortTimer) -> Bool { running & 1 &<< UInt64(timer.rawValue) != 0 }

  /// Stops all timers but those in `kept`.
  mutating func stopAll(except kept: UInt64 = 0) { running &= kept }
}

extension TimerSet: Equatable {
  static func == (left: TimerSet, right: TimerSet) -> Bool {
    guard left.running == right.running else { return false }
    var bits = left.running
    while bits != 0 {
      let index = bits.trailingZeroBitCount
      if left.deadlines[index] != right.deadlines[index] { return false }
      bits &= bits &- 1
    }
    return true
  }
}

extension TimerSet {
  /// The timers that a policy state starts and that stop when it is left.
  static var ofStates: UInt64 {
    bit(.senderResponse) | bit(.vdmResponse) | bit(.sourceCapability) | bit(.sinkWaitCap)
      | bit(.psTransition) | bit(.psSourceOff) | bit(.psSourceOn) | bit(.sinkRequest) | bit(.sourcePPSComm)
      | bit(.sinkPPSPeriodic) | bit(.sourceEPRKeepAlive) | bit(.sinkEPRKeepAlive) | bit(.vconnOn)
      | bit(.vconnSourceOn) | bit(.discoverIdentity) | bit(.bistContMode) | bit(.srcTransition)
      | bit(.srcRecover) | bit(.supplyAnswer) | bit(.decision) | bit(.psHardReset) | bit(.swapSourceStart)
  }

  @inline(__always) static func bit(_ timer: PortTimer) -> UInt64 { 1 &<< UInt64(timer.rawValue) }

  mutating func stop(_ mask: UInt64) { running &= ~mask }
}
