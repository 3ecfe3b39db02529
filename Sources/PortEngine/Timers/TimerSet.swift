import Quantities

/// The running timers of a port.
///
/// A bit for each running timer and its deadline: starting, stopping and asking for the next deadline cost a few
/// nanoseconds, since few of them ever run together.
struct TimerSet: Sendable {
  private(set) var running: UInt64 = 0
  private var deadlines = InlineArray<64, Int64>(repeating: 0)
  /// The earliest deadline; while `isStale`, only a bound below it.
  private var earliest = Int64.max
  private var isStale = false

  /// The earliest deadline of all running timers; `nil` where none runs.
  mutating func settle() -> Instant? {
    if isStale { _ = findEarliest() }
    return running == 0 ? nil : Instant(nanoseconds: earliest)
  }

  /// The place of the timer with the earliest deadline; 64 where none runs.
  private mutating func findEarliest() -> Int {
    var bits = running
    var place = 64
    earliest = .max
    while bits != 0 {
      let index = bits.trailingZeroBitCount
      if deadlines[index] < earliest || place == 64 {
        earliest = deadlines[index]
        place = index
      }
      bits &= bits &- 1
    }
    isStale = false
    return place
  }

  /// Stops and returns the timer that is due at `now`, the one with the earliest deadline first; `nil` where none is.
  mutating func takeDue(at now: Instant) -> PortTimer? {
    guard earliest <= now.nanoseconds, running != 0 else { return nil }
    let place = findEarliest()
    guard earliest <= now.nanoseconds, place < 64 else { return nil }
    running &= ~(1 &<< UInt64(place))
    isStale = true
    return PortTimer(rawValue: UInt8(truncatingIfNeeded: place))
  }

  /// Starts a timer, or starts it again.
  mutating func start(_ timer: PortTimer, _ span: Nanoseconds, at now: Instant) {
    let bit = TimerSet.bit(timer)
    let deadline = (now + span).nanoseconds
    if running & bit != 0 { isStale = true }
    running |= bit
    deadlines[Int(timer.rawValue)] = deadline
    earliest = min(earliest, deadline)
  }

  mutating func stop(_ timer: PortTimer) { stop(TimerSet.bit(timer)) }

  /// Stops the timers of a mask.
  mutating func stop(_ mask: UInt64) {
    guard running & mask != 0 else { return }
    running &= ~mask
    isStale = true
  }

  func isRunning(_ timer: PortTimer) -> Bool { running & TimerSet.bit(timer) != 0 }

  mutating func stopAll() {
    running = 0
    earliest = .max
    isStale = false
  }

  @inline(__always) static func bit(_ timer: PortTimer) -> UInt64 { 1 &<< UInt64(timer.rawValue) }
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
      | bit(.vendorAnswer)
  }
}
