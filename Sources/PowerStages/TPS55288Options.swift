public import Quantities
public import RegisterBus

/// How a TPS55288 is driven.
public struct TPS55288Options: Equatable, Sendable {
  /// 0x74, or 0x75 by the resistor at the MODE pin.
  public var address = BusAddress(rawValue: 0x74)
  /// How fast the output follows; USB-PD allows 30 mV/µs.
  public var slew = TPS55288Slew.slew2500
  public var overCurrentDelay = TPS55288OverCurrentDelay.delay128us
  /// How fast VBUS falls, in millivolts a millisecond, while the chip discharges it with 100 mA: 2,000 with 50 µF.
  /// Only for boards that do not measure VBUS.
  public var dischargeRate = Millivolts(2_000)

  public init() {}
}

/// Why the output was switched off.
public enum TPS55288Fault: Equatable, Sendable {
  case shortCircuit, overVoltage
  /// The chip has lost its registers.
  case chipWasReset
  /// The bus, or the chip on it, does not answer; whether the output is off is not known.
  case bus(RegisterBusError)
}

/// Where the stage is.
public enum TPS55288Condition: Equatable, Sendable {
  case stopped, running
  /// `start` makes it work again.
  case failed(TPS55288Fault)
}

/// Where VBUS is by what the converter was told: a line from one voltage to the next.
struct VoltageEstimate: Equatable {
  private var start = Millivolts.zero
  private var goal = Millivolts.zero
  private var begin = Instant.zero
  /// In µV/µs.
  private var rate: Int64 = 0
  private let slew: Int64
  private let dischargeRate: Int64

  init(_ options: TPS55288Options) {
    slew =
      switch options.slew {
      case .slew1250: 1_250
      case .slew5000: 5_000
      case .slew10000: 10_000
      default: 2_500
      }
    // Millivolts a millisecond are microvolts a microsecond.
    dischargeRate = Int64(max(1, options.dischargeRate.rawValue))
  }

  func voltage(at now: Instant) -> Millivolts {
    let span = max(0, (now - begin).rawValue) / 1_000
    let distance = Int64(goal.rawValue) &- Int64(start.rawValue)
    let (way, overflow) = rate.multipliedReportingOverflow(by: span)
    let passed = overflow ? Int64.max : way / 1_000
    guard passed < abs(distance) else { return goal }
    return Millivolts(start.rawValue &+ Int32(truncatingIfNeeded: distance < 0 ? 0 &- passed : passed))
  }

  mutating func head(for voltage: Millivolts, at now: Instant) { go(to: voltage, slew, at: now) }

  /// Off, with the discharge that follows.
  mutating func switchOff(at now: Instant) { go(to: .zero, dischargeRate, at: now) }

  /// Without discharge VBUS stays, for all that is known.
  mutating func fall(_ isDischarging: Bool, at now: Instant) {
    if isDischarging { go(to: .zero, dischargeRate, at: now) } else { go(to: voltage(at: now), 1, at: now) }
  }

  private mutating func go(to voltage: Millivolts, _ rate: Int64, at now: Instant) {
    start = self.voltage(at: now)
    goal = voltage
    begin = now
    self.rate = rate
  }
}
