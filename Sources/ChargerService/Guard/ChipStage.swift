import Bridges
import ChargerSettings
import HardwareAccess
import PowerDelivery
import PowerStages
import Quantities
import RegisterBus

/// A power stage of chips in the hands of the guard: when the daemon is gone, the guard opens the bridge itself,
/// switches the converter off and lets go of its enable line.
///
/// A converter does not say what is on VBUS. Once it is off, VBUS is taken to fall as its discharge makes it fall.
struct ChipStage: GuardedStage {
  private let hardware: HardwareSettings
  private let open: HardwareBay.Opening
  private var measured = Millivolts.zero
  private var offSince: Instant?
  private var nextTry = Instant.zero

  /// Between two tries to get at the bridge, which the system takes from the daemon as it ends.
  private static var pause: Nanoseconds { Nanoseconds(10_000_000) }

  init(_ hardware: HardwareSettings, open: @escaping HardwareBay.Opening) {
    self.hardware = hardware
    self.open = open
  }

  mutating func follow(_ setPoint: StageSetPoint, at now: Instant) {
    // A stage that is told a voltage is on its way there.
    measured = setPoint.isOn ? max(setPoint.measured, setPoint.voltage) : setPoint.measured
    offSince = nil
  }

  mutating func shutDown(at now: Instant) {
    guard offSince == nil, now >= nextTry else { return }
    nextTry = now + Self.pause
    do {
      var options = TPS55288Options()
      options.address = hardware.stageAddress
      var stage = TPS55288(bus: try open(hardware.bridge), options: options)
      // Setting it up begins with switching it off.
      try stage.start(at: now)
      try stage.bus.letGo()
      offSince = now
    } catch {
      // It is tried again until VBUS is off, or has been on for too long, which is reported.
    }
  }

  func voltage(at now: Instant) -> Millivolts {
    guard let offSince else { return measured }
    let rate = Int64(TPS55288Options().dischargeRate.rawValue)
    let fallen = Int32(clamping: max(0, (now - offSince).rawValue) / 1_000 * rate / 1_000)
    return max(.zero, Millivolts(measured.rawValue - min(measured.rawValue, fallen)))
  }
}

/// The stage of any port.
enum AnyGuardedStage: GuardedStage {
  case modelled(ModelledStage)
  case chips(ChipStage)

  mutating func follow(_ setPoint: StageSetPoint, at now: Instant) {
    switch self {
    case .modelled(var stage):
      stage.follow(setPoint, at: now)
      self = .modelled(stage)
    case .chips(var stage):
      stage.follow(setPoint, at: now)
      self = .chips(stage)
    }
  }

  mutating func shutDown(at now: Instant) {
    switch self {
    case .modelled(var stage):
      stage.shutDown(at: now)
      self = .modelled(stage)
    case .chips(var stage):
      stage.shutDown(at: now)
      self = .chips(stage)
    }
  }

  func voltage(at now: Instant) -> Millivolts {
    switch self {
    case .modelled(let stage): stage.voltage(at: now)
    case .chips(let stage): stage.voltage(at: now)
    }
  }
}
