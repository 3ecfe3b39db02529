public import PowerDelivery
public import Quantities

/// How fast, and until when, a phone follows its battery (Xiaomi 6.2).
public struct XiaomiLoop: Equatable, Sendable {
  /// From one step to the next while the current is far from what is wanted, and when it is near.
  public var quickPeriod: Nanoseconds
  public var steadyPeriod: Nanoseconds
  /// The voltage at which the battery is held, per cell; not known of any phone, so what a full cell has.
  public var cellVoltage: Millivolts
  /// Below this current at VBUS, so many steps in a row, the pump is of no use any more.
  public var endCurrent: Milliamperes
  public var endSteps: UInt8

  public init() {
    quickPeriod = Nanoseconds(200_000_000)
    steadyPeriod = Nanoseconds(500_000_000)
    cellVoltage = Millivolts(4_400)
    endCurrent = Milliamperes(500)
    endSteps = 3
  }
}

/// The loop by which a phone with a charge pump follows its battery through a programmable supply: nearer by 20 mV
/// times 1, 2 or 5, never beyond what object and phone allow (Xiaomi 6.2).
public struct XiaomiRegulator: Equatable, Sendable {
  /// What the phone measures.
  public struct Reading: Equatable, Sendable {
    /// At the terminals of the battery, all cells together.
    public var battery: Millivolts
    /// From VBUS.
    public var current: Milliamperes

    public init(battery: Millivolts, current: Milliamperes) {
      self.battery = battery
      self.current = current
    }
  }

  public enum Step: Equatable, Sendable {
    /// Nothing to ask for.
    case hold
    /// Ask for this instead.
    case ask(XiaomiPowerChoice)
    /// The battery takes so little that the pump is of no use: leave for a fixed voltage.
    case leave
  }

  public let loop: XiaomiLoop
  /// What was asked for last.
  public private(set) var choice: XiaomiPowerChoice
  /// The object that the supply is of.
  public let object: SPRPPSSourceAPDO
  private let limits: XiaomiPowerLimits
  private let target: Millivolts
  private var endCount: UInt8 = 0
  private var isSteady = false

  /// - Parameters:
  ///   - choice: the request that holds, of `object`.
  ///   - cells: how many cells of the battery are in series.
  public init(
    _ loop: XiaomiLoop, _ choice: XiaomiPowerChoice, of object: SPRPPSSourceAPDO, limits: XiaomiPowerLimits,
    cells: Int32
  ) {
    self.loop = loop
    self.choice = choice
    self.object = object
    self.limits = limits
    target = Millivolts(loop.cellVoltage.rawValue &* cells)
  }

  /// From this step to the next.
  public var period: Nanoseconds { isSteady ? loop.steadyPeriod : loop.quickPeriod }

  /// One step: where the current and the battery are, and what to ask for.
  public mutating func step(_ reading: Reading) -> Step {
    endCount =
      reading.battery >= target - Millivolts(50) && reading.current < loop.endCurrent ? endCount &+ 1 : 0
    if endCount >= loop.endSteps { return .leave }
    let steps = stepCount(reading)
    isSteady = steps >= -1 && steps <= 1
    let voltage = limits.voltage(Millivolts(choice.voltage.rawValue &+ 20 &* steps), of: object)
    var next = choice
    next.voltage = voltage
    next.current = limits.current(of: object, at: voltage)
    guard next != choice else { return .hold }
    choice = next
    return .ask(next)
  }

  /// How many steps of 20 mV up or down: by how far the battery is above its limit, otherwise by the current.
  private func stepCount(_ reading: Reading) -> Int32 {
    let excess = (reading.battery - target).rawValue
    if excess > 0 { return excess > 100 ? -5 : excess > 40 ? -2 : -1 }
    let missing = (choice.current - reading.current).rawValue
    let count: Int32 = abs(missing) > 1_000 ? 5 : abs(missing) > 300 ? 2 : abs(missing) > 75 ? 1 : 0
    // Near its limit the battery takes less whatever is asked for.
    let bounded = missing > 0 && excess > -40 ? min(count, excess > -15 ? 0 : 1) : count
    return missing < 0 ? -bounded : bounded
  }
}
