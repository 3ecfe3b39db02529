import PowerDelivery
import PowerSupervision
import Quantities

/// A supervisor with virtual time, and what it has told the stage and reported so far.
struct SupplyBench {
  var supervisor: PowerSupervisor
  var now = Instant.zero
  var stage: [StageCommand] = []
  var reports: [SupplyReport] = []
  /// What the stage was told last.
  var output = false
  var discharge = false
  var voltage = Millivolts.zero
  var currentLimit = Milliamperes.zero
  /// What the stage measures when it is asked.
  var vbus = Millivolts.zero
  var current = Milliamperes.zero
  var temperature = DegreesCelsius(25)
  var isCurrentLimited = false

  init(_ limits: SupervisorLimits = .bench) { supervisor = PowerSupervisor(limits) }

  mutating func handle(_ event: SupervisorEvent) {
    supervisor.handle(event, at: now)
    while let action = supervisor.nextAction() {
      switch action {
      case .report(let report): reports.append(report)
      case .stage(let command):
        stage.append(command)
        switch command {
        case .output(let isOn): output = isOn
        case .discharge(let isOn): discharge = isOn
        case .voltage(let value): voltage = value
        case .currentLimit(let value): currentLimit = value
        }
      }
    }
  }

  mutating func command(_ command: SupplyCommand) { handle(.command(command)) }

  mutating func measure(_ vbus: Int32? = nil, _ current: Int32? = nil) {
    if let vbus { self.vbus = Millivolts(vbus) }
    if let current { self.current = Milliamperes(current) }
    handle(
      .measured(
        StageMeasurement(
          vbus: self.vbus, current: self.current, temperature: temperature,
          isCurrentLimited: isCurrentLimited)))
  }

  /// Lets time pass without a measurement; deadlines are served when they come.
  mutating func wait(microseconds: Int64) {
    let end = now + Nanoseconds(microseconds * 1_000)
    while let deadline = supervisor.nextDeadline, deadline <= end {
      now = max(now, deadline)
      handle(.timeout)
    }
    now = end
  }

  mutating func wait(_ milliseconds: Int64) { wait(microseconds: milliseconds * 1_000) }

  /// Lets time pass with a measurement every millisecond.
  mutating func measureFor(_ milliseconds: Int) {
    for _ in 0..<milliseconds {
      wait(1)
      measure()
    }
  }

  mutating func takeReports() -> [SupplyReport] {
    defer { reports = [] }
    return reports
  }

  /// On at vSafe5V, settled.
  static func on(_ limits: SupervisorLimits = .bench) -> SupplyBench {
    var bench = SupplyBench(limits)
    bench.command(.on(Milliamperes(3_000)))
    bench.wait(10)
    bench.measure(5_000, 500)
    bench.reports = []
    bench.stage = []
    return bench
  }

  /// In this contract, settled.
  static func inContract(_ contract: PowerContract, _ limits: SupervisorLimits = .bench) -> SupplyBench {
    var bench = SupplyBench.on(limits)
    bench.command(.transition(contract))
    bench.wait(10)
    bench.measure(contract.settledWindow.lowest.rawValue + 1)
    bench.wait(10)
    bench.measure(contract.voltage.rawValue)
    bench.wait(10)
    bench.measure()
    bench.reports = []
    bench.stage = []
    return bench
  }
}

extension SupervisorLimits {
  static var bench: SupervisorLimits {
    SupervisorLimits(
      voltage: Millivolts(48_000), current: Milliamperes(5_000), power: Milliwatts(240_000))
  }
}

extension PowerContract {
  static func fixed(
    _ voltage: Int32, _ current: Int32 = 3_000, epr: Bool = false, peak: PeakCurrent = .notStated
  ) -> PowerContract {
    var object = FixedSupplySourcePDO()
    object.voltage = Millivolts(voltage)
    object.maximumCurrent = Milliamperes(5_000)
    object.peakCurrent = peak
    return PowerContract(
      supply: .fixed, voltage: Millivolts(voltage), current: Milliamperes(current), position: 2,
      object: object.rawValue, isEPR: epr)
  }

  static func variable(_ lowest: Int32, _ highest: Int32) -> PowerContract {
    var object = VariableSupplySourcePDO()
    object.minimumVoltage = Millivolts(lowest)
    object.maximumVoltage = Millivolts(highest)
    object.maximumCurrent = Milliamperes(3_000)
    return PowerContract(
      supply: .variable, voltage: Millivolts(lowest), highestVoltage: Millivolts(highest),
      current: Milliamperes(2_000), position: 3, object: object.rawValue)
  }

  static func battery(_ lowest: Int32, _ highest: Int32, power: Int32) -> PowerContract {
    var object = BatterySupplySourcePDO()
    object.minimumVoltage = Millivolts(lowest)
    object.maximumVoltage = Millivolts(highest)
    object.maximumPower = Milliwatts(power)
    return PowerContract(
      supply: .battery, voltage: Millivolts(lowest), highestVoltage: Millivolts(highest),
      current: Milliamperes(power * 1_000 / lowest), position: 3, object: object.rawValue)
  }

  static func pps(_ voltage: Int32, _ current: Int32 = 3_000, limited: Bool = false) -> PowerContract {
    var object = SPRPPSSourceAPDO()
    object.minimumVoltage = Millivolts(3_300)
    object.maximumVoltage = Millivolts(21_000)
    object.maximumCurrent = Milliamperes(5_000)
    object.ppsPowerLimited = limited
    return PowerContract(
      supply: .sprPPS, voltage: Millivolts(voltage), current: Milliamperes(current), position: 4,
      object: object.rawValue)
  }

  static func sprAVS(_ voltage: Int32, _ current: Int32 = 3_000) -> PowerContract {
    var object = SPRAVSSourceAPDO()
    object.maximumCurrent15V = Milliamperes(3_000)
    object.maximumCurrent20V = Milliamperes(2_250)
    return PowerContract(
      supply: .sprAVS, voltage: Millivolts(voltage), current: Milliamperes(current), position: 5,
      object: object.rawValue)
  }

  static func eprAVS(_ voltage: Int32, _ current: Int32 = 3_000, epr: Bool = true) -> PowerContract {
    var object = EPRAVSSourceAPDO()
    object.minimumVoltage = Millivolts(15_000)
    object.maximumVoltage = Millivolts(48_000)
    object.pdp = Milliwatts(140_000)
    return PowerContract(
      supply: .eprAVS, voltage: Millivolts(voltage), current: Milliamperes(current), position: 8,
      object: object.rawValue, isEPR: epr)
  }
}
