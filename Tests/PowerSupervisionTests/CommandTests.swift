import PowerDelivery
import PowerSupervision
import Quantities
import Testing

@Suite("What commands do") struct CommandTests {
  @Test("On: limit, voltage, output; ready inside vSafe5V")
  func on() {
    var bench = SupplyBench()
    bench.measure(0)
    #expect(bench.stage.isEmpty && bench.reports.isEmpty)
    bench.command(.on(Milliamperes(3_000)))
    #expect(
      bench.stage == [
        .discharge(false), .currentLimit(Milliamperes(3_300)), .voltage(Millivolts(5_000)), .output(true),
      ])
    bench.wait(1)
    bench.measure(4_740)
    #expect(bench.reports.isEmpty && bench.supervisor.state == .turningOn)
    bench.wait(1)
    bench.measure(4_760)
    #expect(bench.reports == [.ready] && bench.supervisor.state == .steady)
  }

  @Test("Off: output off, discharge until vSafe0V")
  func off() {
    var bench = SupplyBench.inContract(.fixed(20_000))
    bench.command(.off)
    #expect(bench.stage == [.output(false), .discharge(true)] && bench.supervisor.contract == nil)
    bench.wait(100)
    bench.measure(801)
    #expect(bench.reports.isEmpty)
    bench.measure(800)
    #expect(bench.reports == [.safe0V] && bench.supervisor.state == .off && !bench.discharge)
  }

  @Test("Off while off is answered at once if VBUS was measured lately, else after a measurement")
  func offAtRest() {
    var bench = SupplyBench()
    bench.measure(100)
    bench.command(.off)
    #expect(bench.takeReports() == [.safe0V])
    bench.wait(101)
    bench.command(.off)
    #expect(bench.takeReports().isEmpty)
    bench.measure(0)
    #expect(bench.takeReports() == [.safe0V])
  }

  @Test("Off right after on believes no old measurement")
  func offAfterOn() {
    var bench = SupplyBench()
    bench.measure(0)
    bench.command(.on(Milliamperes(900)))
    bench.command(.off)
    #expect(bench.reports.isEmpty && bench.supervisor.state == .discharging)
  }

  @Test("On while discharging waits for vSafe0V")
  func onWhileDischarging() {
    var bench = SupplyBench.on()
    bench.command(.off)
    bench.command(.on(Milliamperes(1_500)))
    bench.wait(1)
    bench.measure(3_000)
    #expect(!bench.output)
    bench.measure(700)
    #expect(bench.output && bench.reports.isEmpty)
    bench.measure(5_000)
    #expect(bench.reports == [.ready])
  }

  @Test("On with charge on VBUS discharges first")
  func onWithCharge() {
    var bench = SupplyBench()
    bench.measure(2_000)
    bench.command(.on(Milliamperes(1_500)))
    #expect(!bench.output && bench.discharge)
    bench.wait(1)
    bench.measure(500)
    #expect(bench.output && !bench.discharge)
  }

  @Test("Up: the final voltage at once for a stage with its own slew; ready inside vSrcNew")
  func up() {
    var bench = SupplyBench.on()
    bench.command(.transition(.fixed(9_000, 2_000)))
    #expect(
      bench.stage == [.discharge(false), .currentLimit(Milliamperes(3_300)), .voltage(Millivolts(9_000))])
    bench.wait(1)
    bench.measure(8_549)
    #expect(bench.reports.isEmpty)
    bench.wait(1)
    bench.measure(8_550)
    #expect(bench.reports == [.ready])
  }

  @Test("Down: discharge until inside the window")
  func down() {
    var bench = SupplyBench.inContract(.fixed(20_000))
    bench.command(.transition(.fixed(9_000)))
    #expect(bench.discharge && bench.output)
    bench.wait(1)
    bench.measure(9_500)
    #expect(bench.discharge && bench.reports.isEmpty)
    bench.wait(1)
    bench.measure(9_450)
    #expect(!bench.discharge && bench.reports == [.ready])
  }

  @Test("Variable supplies are aimed at their middle")
  func variable() {
    var bench = SupplyBench.on()
    bench.command(.transition(.variable(8_000, 12_000)))
    #expect(bench.voltage == Millivolts(10_000))
  }

  @Test("A PPS supply in current limit is ready below its voltage")
  func currentLimitIsReady() {
    var bench = SupplyBench.inContract(.pps(9_000))
    bench.isCurrentLimited = true
    bench.measure(7_000)
    bench.command(.transition(.pps(9_400)))
    bench.wait(1)
    bench.measure(7_000)
    #expect(bench.reports == [.ready])
  }

  @Test("PPS limits at the contract, others above it")
  func currentLimits() {
    #expect(
      SupplyBench.inContract(.pps(9_000, 2_000)).currentLimit == Milliamperes(2_000)
        && SupplyBench.inContract(.fixed(9_000, 2_000)).currentLimit == Milliamperes(2_200)
        && SupplyBench.inContract(.fixed(9_000, 2_000, peak: .overload3)).currentLimit == Milliamperes(3_000))
  }

  @Test("A power-limited PPS contract lowers the limit of the stage")
  func powerLimited() {
    var limits = SupervisorLimits.bench
    limits.maximumPower = Milliwatts(60_000)
    let bench = SupplyBench.inContract(.pps(20_000, 5_000, limited: true), limits)
    #expect(bench.currentLimit == Milliamperes(3_000) && bench.supervisor.state == .steady)
  }

  @Test("Less current within an AVS object comes into force after tSnkNewPower")
  func lessCurrent() {
    var bench = SupplyBench.inContract(.sprAVS(9_000, 3_000))
    bench.command(.transition(.sprAVS(9_000, 1_000)))
    bench.wait(1)
    bench.measure(9_000, 2_900)
    bench.measureFor(13)
    #expect(bench.currentLimit == Milliamperes(3_300) && bench.supervisor.fault == nil)
    bench.measureFor(3)
    #expect(bench.currentLimit == Milliamperes(1_100) && bench.supervisor.fault == nil)
    bench.measureFor(4)
    #expect(bench.supervisor.fault == .overCurrent)
  }

  @Test("A stage that jumps is led in steps that keep the slew limit", arguments: [20_000, 5_000] as [Int32])
  func ramp(to voltage: Int32) {
    var limits = SupervisorLimits.bench
    limits.ramp = VoltageRamp(step: Millivolts(500), interval: Nanoseconds(50_000))
    var bench = SupplyBench.on(limits)
    bench.command(.transition(.fixed(12_000)))
    bench.wait(microseconds: 700)
    bench.measure(12_000)
    #expect(bench.reports == [.ready])
    bench.stage = []
    var last = bench.voltage
    var steps: [Int32] = []
    let start = bench.now
    bench.command(.transition(.fixed(voltage)))
    bench.measure(12_000)
    while bench.voltage != Millivolts(voltage), let deadline = bench.supervisor.nextDeadline {
      steps.append(abs((bench.voltage - last).rawValue))
      last = bench.voltage
      bench.now = deadline
      bench.handle(.timeout)
    }
    let least = Int64(steps.count - 1) * 50_000
    #expect(steps.max() == 500 && (bench.now - start).rawValue >= least && bench.supervisor.fault == nil)
  }

  @Test("A ramp inside the window is ended before ready")
  func rampInsideWindow() {
    var limits = SupervisorLimits.bench
    limits.ramp = VoltageRamp(step: Millivolts(100), interval: Nanoseconds(50_000))
    var bench = SupplyBench.inContract(.pps(9_000), limits)
    bench.command(.transition(.pps(9_200)))
    bench.measure(9_100)
    #expect(bench.reports.isEmpty)
    bench.wait(microseconds: 100)
    bench.measure(9_100)
    #expect(bench.reports == [.ready] && bench.voltage == Millivolts(9_200))
  }

  @Test("A late caller and an early second command gain no steeper ramp")
  func rampCatchesNothingUp() {
    var limits = SupervisorLimits.bench
    limits.ramp = VoltageRamp(step: Millivolts(500), interval: Nanoseconds(50_000))
    var bench = SupplyBench.on(limits)
    bench.command(.transition(.fixed(20_000)))
    #expect(bench.voltage == Millivolts(5_500))
    bench.now = bench.now + Nanoseconds(5_000_000)
    bench.handle(.timeout)
    #expect(bench.voltage == Millivolts(6_000))
    bench.command(.transition(.fixed(15_000)))
    #expect(bench.voltage == Millivolts(6_000))
  }

  @Test("Back to vSafe5V by on")
  func backToDefault() {
    var bench = SupplyBench.inContract(.fixed(20_000))
    bench.command(.on(Milliamperes(1_500)))
    #expect(bench.voltage == Millivolts(5_000) && bench.supervisor.state == .changing)
    bench.wait(1)
    bench.measure(5_400)
    #expect(bench.reports == [.ready] && bench.supervisor.contract?.supply == .typeC)
  }
}

@Suite("Commands that no contract allows") struct IllegalCommandTests {
  /// A contract that differs in one thing from a good one.
  static func changed(_ contract: PowerContract, _ change: (inout PowerContract) -> Void) -> PowerContract {
    var contract = contract
    change(&contract)
    return contract
  }

  static var illegal: [PowerContract] {
    [
      changed(.fixed(9_000)) { $0.voltage = Millivolts(9_050) },
      changed(.fixed(9_000)) { $0.highestVoltage = Millivolts(12_000) },
      changed(.fixed(9_000)) { $0.voltage = Millivolts(-9_000) },
      changed(.fixed(9_000)) { $0.current = Milliamperes(-1) },
      changed(.fixed(9_000)) { $0.current = Milliamperes(5_010) },
      changed(.fixed(9_000)) { $0.supply = .sprPPS },
      changed(.fixed(9_000)) { $0.object = 0 },
      .fixed(28_000, epr: false),
      .eprAVS(28_000, epr: false),
      .eprAVS(14_900), .eprAVS(48_100), .eprAVS(28_000, 5_050),
      .sprAVS(8_900), .sprAVS(20_100), .sprAVS(15_100, 2_300),
      .pps(3_280), .pps(21_020), .pps(9_000, 5_050),
      changed(.pps(9_000)) { contract in
        var request = PPSRDO(rawValue: 0x4000_0000)
        request.outputVoltage = Millivolts(5_000)
        contract.request = request.rawValue
      },
      changed(.variable(8_000, 12_000)) { $0.highestVoltage = Millivolts(13_000) },
      changed(.variable(8_000, 12_000)) { $0.current = Milliamperes(3_010) },
      changed(.battery(9_000, 21_000, power: 40_000)) { $0.current = Milliamperes(4_500) },
      changed(.battery(9_000, 21_000, power: 40_000)) { $0.highestVoltage = Millivolts(20_000) },
      .fixed(50_000, epr: true),
      PowerContract(supply: .typeC, voltage: Millivolts(9_000), current: .zero),
      PowerContract(supply: .proprietary, voltage: Millivolts(48_020), current: .zero),
      PowerContract(supply: .proprietary, voltage: Millivolts(10_000), current: Milliamperes(5_001)),
      PowerContract(supply: .fixed, voltage: Millivolts(.max), current: Milliamperes(.max)),
    ]
  }

  @Test("Each is refused, and VBUS goes down", arguments: illegal)
  func refused(contract: PowerContract) {
    var bench = SupplyBench.on()
    bench.command(.transition(contract))
    #expect(
      bench.reports == [.fault(.illegalCommand)] && bench.stage == [.output(false), .discharge(true)]
        && bench.voltage == Millivolts(5_000))
  }

  @Test(
    "Their legal neighbours are not",
    arguments: [
      PowerContract.fixed(9_000), .fixed(28_000, epr: true), .eprAVS(28_000, 5_000), .sprAVS(15_000, 3_000),
      .sprAVS(15_100, 2_250), .pps(3_300), .pps(21_000, 5_000), .variable(8_000, 12_000),
      .battery(9_000, 21_000, power: 45_000),
      PowerContract(supply: .proprietary, voltage: Millivolts(20_000), current: Milliamperes(5_000)),
    ])
  func accepted(contract: PowerContract) {
    var bench = SupplyBench.on()
    bench.command(.transition(contract))
    #expect(bench.reports.isEmpty && bench.supervisor.state == .changing)
  }

  @Test("Power above that of the stage")
  func power() {
    var limits = SupervisorLimits.bench
    limits.maximumPower = Milliwatts(26_999)
    var bench = SupplyBench.on(limits)
    bench.command(.transition(.fixed(9_000, 3_000)))
    #expect(bench.reports == [.fault(.illegalCommand)])
  }

  @Test("A transition while the output is off, or not at vSafe5V yet", arguments: [false, true])
  func wrongState(isTurningOn: Bool) {
    var bench = SupplyBench()
    if isTurningOn { bench.command(.on(Milliamperes(500))) }
    bench.command(.transition(.fixed(9_000)))
    #expect(bench.reports == [.fault(.illegalCommand)] && !bench.output)
  }

  @Test("On with a negative current") func negativeOn() {
    var bench = SupplyBench()
    bench.command(.on(Milliamperes(-1)))
    #expect(bench.reports == [.fault(.illegalCommand)] && !bench.output)
  }
}
