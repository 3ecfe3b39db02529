public import Quantities

/// A battery on charge: full power up to a state of charge, then less and less, and less when it gets hot.
public struct Battery: Equatable, Sendable {
  public var capacity: MilliwattHours
  /// What its charger takes from VBUS while the battery is far from full.
  public var fullPower: Milliwatts
  /// Where the constant voltage phase begins.
  public var taper: Percent
  public var temperature: DegreesCelsius
  /// From here on half the power is taken.
  public var hot: DegreesCelsius
  /// In millijoules.
  private var energy: Int64

  /// - Parameter charge: the state of charge to begin with.
  public init(capacity: MilliwattHours, fullPower: Milliwatts, charge: Percent) {
    self.capacity = capacity
    self.fullPower = fullPower
    taper = Percent(75)
    temperature = DegreesCelsius(25)
    hot = DegreesCelsius(42)
    energy = Int64(capacity.rawValue) &* 3_600 &* Int64(charge.rawValue) / 100
  }

  private var fullEnergy: Int64 { max(1, Int64(capacity.rawValue) &* 3_600) }

  public var charge: Percent { Percent(Int32(energy &* 100 / fullEnergy)) }

  /// The voltage of one cell: 3.4 V empty, 4.4 V full.
  public var cellVoltage: Millivolts { Millivolts(3_400 &+ Int32(energy &* 1_000 / fullEnergy)) }

  /// What the charger chip wants to take from VBUS now.
  public var wantedPower: Milliwatts {
    guard energy < fullEnergy else { return .zero }
    var power = Int64(fullPower.rawValue)
    let bend = fullEnergy &* Int64(taper.rawValue) / 100
    if energy > bend { power = power &* (fullEnergy &- energy) / max(1, fullEnergy &- bend) }
    if temperature >= hot { power /= 2 }
    return Milliwatts(Int32(max(power, Int64(fullPower.rawValue) / 20)))
  }

  /// Takes so much power for so long; a tenth is lost as heat.
  mutating func charge(_ power: Milliwatts, for span: Nanoseconds) {
    let joules = Int64(power.rawValue) &* (span.rawValue / 1_000_000) / 1_000
    energy = min(fullEnergy, energy &+ joules &* 9 / 10)
  }
}

/// How a phone follows its battery with a programmable supply: so many cells in series behind a charge pump, nearer by
/// at most one step each time.
public struct VoltageStepping: Equatable, Sendable {
  public var cells: Int32
  /// What is lost between VBUS and the cells.
  public var drop: Millivolts
  public var minimum: Millivolts
  public var maximum: Millivolts
  public var step: Millivolts
  public var interval: Nanoseconds

  public init(
    cells: Int32 = 2, drop: Millivolts = Millivolts(2_500), minimum: Millivolts = Millivolts(3_300),
    maximum: Millivolts = Millivolts(11_000), step: Millivolts = Millivolts(100),
    interval: Nanoseconds = Nanoseconds(3_000_000_000)
  ) {
    self.cells = cells
    self.drop = drop
    self.minimum = minimum
    self.maximum = maximum
    self.step = step
    self.interval = interval
  }

  /// The voltage to ask for after `before`, in steps of 20 mV.
  func voltage(for battery: Battery, after before: Millivolts) -> Millivolts {
    let ideal = Millivolts(battery.cellVoltage.rawValue &* cells) + drop
    let bounded = max(minimum, min(maximum, max(before - step, min(before + step, ideal))))
    return Millivolts(bounded.rawValue / 20 &* 20)
  }
}
