public import PowerSupervision
public import Quantities

/// What a power stage is made of.
public struct StageProfile: Equatable, Sendable {
  /// How fast the output follows a new voltage, upwards and downwards. vSrcSlew allows 30 mV/µs.
  public var slew: MicrovoltsPerMicrosecond
  /// What stands between the regulated point and the connector.
  public var resistance: Milliohms
  /// The capacitors of the port (cSrcBulk, at least 10 µF; USB-PD R3.2 §7.1).
  public var capacitance: Microfarads
  /// What the bleeder draws while `.discharge(true)` holds, and what leaks in any case.
  public var dischargeCurrent: Milliamperes
  public var leakage: Milliamperes
  /// Whether the converter can pull its output down while it is on; otherwise only load and bleeder do.
  public var pullsDown: Bool
  /// How far the output is off from what it was told; 0 for a stage that was calibrated.
  public var error: Millivolts
  /// The measurement of VBUS is off by at most this, drawn for each.
  public var noise: Millivolts
  /// Heating: the temperature rises so much above ambient for each watt that flows, and settles with this time constant.
  public var heating: DegreesCelsius
  public var thermalTime: Nanoseconds

  public init() {
    slew = MicrovoltsPerMicrosecond(1_000)
    resistance = Milliohms(30)
    capacitance = Microfarads(22)
    dischargeCurrent = Milliamperes(120)
    leakage = Milliamperes(1)
    pullsDown = true
    error = .zero
    noise = Millivolts(4)
    heating = DegreesCelsius(0)
    thermalTime = Nanoseconds(60_000_000_000)
  }
}

/// A power stage that does what it is told, and nothing else.
public struct PowerStage: Equatable, Sendable {
  public var profile: StageProfile
  public private(set) var isOn = false
  public private(set) var voltage = Millivolts(5_000)
  public private(set) var currentLimit = Milliamperes(3_000)
  public private(set) var isDischarging = false
  /// Once it is broken, the stage ignores what it is told and its output is off.
  public private(set) var isBroken = false
  /// The temperature of the air around.
  public var ambient = DegreesCelsius(25)
  /// In thousandths of a degree.
  private var temperature: Int64 = 25_000
  private var heatedAt = Instant.zero

  public init(_ profile: StageProfile) { self.profile = profile }

  public mutating func take(_ command: StageCommand) {
    guard !isBroken else { return }
    switch command {
    case .output(let on): isOn = on
    case .voltage(let value): voltage = value
    case .currentLimit(let value): currentLimit = value
    case .discharge(let on): isDischarging = on
    }
  }

  mutating func fail() {
    isBroken = true
    isOn = false
    isDischarging = false
  }

  mutating func repair() { isBroken = false }

  /// Off, cold and whole again.
  mutating func reset() {
    self = PowerStage(profile)
  }

  /// The temperature at `now`, with the power that flowed since the last call.
  mutating func temperature(at now: Instant, power: Milliwatts) -> DegreesCelsius {
    let goal =
      Int64(ambient.rawValue) &* 1000 &+ Int64(power.rawValue) &* Int64(profile.heating.rawValue)
    let span = max(0, (now - heatedAt).rawValue)
    let share = min(1_000_000, span / max(1, profile.thermalTime.rawValue / 1_000_000))
    temperature = temperature &+ (goal &- temperature) &* share / 1_000_000
    heatedAt = now
    return DegreesCelsius(Int32(truncatingIfNeeded: temperature / 1000))
  }
}
