import PowerDelivery
import PowerSupervision
import Quantities

/// What the referee knows of VBUS: where it is, where it may be, and since when it is not there. Levels in microvolts.
struct VBUSView: Sendable {
  // A straight line: level and slope from a moment on.
  var start = Instant.zero
  var startLevel: Int64 = 0
  /// In µV/µs, which is mV/ms.
  var slope: Int64 = 0

  var supplier: Side?
  /// The last one that there was.
  var lastSupplier = Side.charger
  /// Whether the supply is on its way from vSafe0V to vSafe5V.
  var isTurningOn = false
  var turnOnAt = Instant.zero
  var turnOnLimit = Instant.distantFuture
  var isFirstTurnOn = true
  /// When the supply went on for the first time after the attach, until the first contract.
  var firstOnAt = Instant.distantFuture
  /// When VBUS came to vSafe5V, until Source_Capabilities are sent.
  var safe5VAt: Instant?

  /// Where VBUS may be, and where it must be while nothing changes.
  var valid = VoltageWindow(.zero, .zero)
  var settled = VoltageWindow(.zero, .zero)
  /// Whether a transition is under way, and from when on VBUS may follow it.
  var isChanging = false
  var mayChangeFrom = Instant.distantFuture

  var isReported = false
  var isOverloaded = false
  var belowSince: Instant?
  var unsettledSince: Instant?
  var detachLimit = Instant.distantFuture

  /// What rounding may hide: 2 mV.
  static var tolerance: Int64 { 2_000 }

  func level(at now: Instant) -> Int64 {
    slope == 0 ? startLevel : startLevel &+ slope &* (now - start).rawValue / 1_000
  }

  /// When the present line passes a level; `start` for a line that does not move.
  func crossing(_ level: Int64) -> Instant {
    guard slope != 0 else { return start }
    return start + Nanoseconds(max(0, (level &- startLevel) &* 1_000 / slope))
  }

  mutating func forgetLimits() {
    supplier = nil
    isTurningOn = false
    turnOnLimit = .distantFuture
    safe5VAt = nil
    firstOnAt = .distantFuture
    isChanging = false
    mayChangeFrom = .distantFuture
    forgetExcesses()
  }

  mutating func forgetExcesses() {
    belowSince = nil
    unsettledSince = nil
    isReported = false
  }

  /// A transition was agreed: VBUS may go from the one window to the other, soon.
  mutating func willChange(to next: PowerContract?) {
    guard let next, supplier != nil else { return }
    valid = valid.spanning(next.lowestWhileLimiting(next.validWindow))
    isChanging = true
    mayChangeFrom = .distantFuture
    forgetExcesses()
  }

  mutating func settle(on contract: PowerContract, at now: Instant) {
    valid = contract.lowestWhileLimiting(contract.validWindow)
    settled = contract.lowestWhileLimiting(contract.settledWindow)
    isChanging = false
    mayChangeFrom = .distantFuture
    forgetExcesses()
  }
}

/// Where a Hard Reset is (USB-PD R3.2 §7.1.5).
struct HardResetView: Sendable {
  enum Phase: UInt8, Sendable {
    case none
    /// Signalled; the source keeps VBUS for tPSHardReset.
    case signalled
    /// The supply is off, VBUS falls.
    case falling
    /// VBUS is at vSafe0V.
    case off
    /// The supply is on again.
    case rising
  }

  var phase = Phase.none
  /// Signalled by the sink; the source has not been seen to react.
  var heardFromSinkAt: Instant?
  /// Whether the source's signal left late.
  var isLate = false
  var firstAt = Instant.zero
  var lastAt = Instant.zero
  var fellAt = Instant.zero
  var zeroAt = Instant.zero
  var wasEPR = false
  /// Whether an EPR_Mode Exit crossed the signalling: either recovery time is right then.
  var exitsCross = false
  var limit5V = Instant.distantFuture
  var limit0V = Instant.distantFuture

  /// The signalling itself, which is told from its first bit on: 64 bits of preamble and four symbols at the slowest
  /// rate.
  static var length: Nanoseconds { Nanoseconds(320_000) }
  /// When VBUS must have begun to fall.
  var fallLimit: Instant {
    phase == .signalled
      ? lastAt + HardResetView.length + (Timing.psHardReset.maximum ?? .zero) : .distantFuture
  }
}

extension PowerContract {
  /// A PPS supply in current limit may go down to vPpsShutdown; the referee does not see the current, so it allows that
  /// always.
  fileprivate func lowestWhileLimiting(_ window: VoltageWindow) -> VoltageWindow {
    guard limitsCurrent else { return window }
    let lowest = SourcePDO(rawValue: object).voltages?.minimum ?? .zero
    let share = Int64(ElectricalLimits.vPpsShutdown.minimum?.rawValue ?? 0)
    return VoltageWindow(
      Millivolts(Int32(clamping: Int64(lowest.rawValue) * share / 100)), window.highest)
  }
}
