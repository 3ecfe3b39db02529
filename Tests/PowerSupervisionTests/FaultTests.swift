import PowerDelivery
import PowerSupervision
import Quantities
import Testing

@Suite("What takes VBUS down") struct FaultTests {
  /// The fault, and whether the stage was told to take VBUS down for it.
  private func downFault(_ bench: SupplyBench) -> SupplyFault? {
    bench.output || !bench.discharge || bench.reports.last != bench.supervisor.fault.map(SupplyReport.fault)
      ? nil : bench.supervisor.fault
  }

  @Test(
    "Over-voltage at once outside the valid window",
    arguments: [
      (PowerContract.fixed(9_000), 9_950), (.fixed(5_000), 6_000), (.pps(9_000), 9_550),
      (.sprAVS(9_000), 9_950), (.variable(8_000, 12_000), 12_500),
    ] as [(PowerContract, Int32)])
  func overVoltage(contract: PowerContract, highest: Int32) {
    var bench = SupplyBench.inContract(contract)
    bench.measure(highest)
    #expect(bench.supervisor.fault == nil)
    bench.measure(highest + 1)
    #expect(downFault(bench) == .overVoltage)
  }

  @Test(
    "Outside the settled window only for as long as a transient",
    arguments: [(9_451, .overVoltage), (8_549, .underVoltage), (5_000, .underVoltage)]
      as [(
        Int32, SupplyFault
      )])
  func transient(voltage: Int32, fault: SupplyFault) {
    var bench = SupplyBench.inContract(.fixed(9_000))
    bench.measure(voltage, 100)
    bench.wait(microseconds: 4_999)
    bench.measure()
    #expect(bench.supervisor.fault == nil)
    bench.wait(microseconds: 1)
    bench.measure()
    #expect(downFault(bench) == fault)
  }

  @Test("A transient that ends in time is none, and light loads have longer")
  func transientEnds() {
    var bench = SupplyBench.inContract(.fixed(9_000))
    bench.measure(8_540, 100)
    bench.wait(4)
    bench.measure(8_560)
    bench.wait(4)
    bench.measure(8_540)
    bench.wait(4)
    bench.measure(8_560, 59)
    bench.measure(8_540)
    bench.wait(75)
    bench.measure()
    bench.wait(74)
    bench.measure()
    #expect(bench.supervisor.fault == nil)
    bench.wait(1)
    bench.measure()
    #expect(downFault(bench) == .underVoltage)
  }

  @Test("In a transition VBUS keeps between the outer edges of both contracts")
  func envelope() {
    var bench = SupplyBench.on()
    bench.command(.transition(.fixed(20_000)))
    #expect(
      bench.supervisor.allowedWindow(at: bench.now) == VoltageWindow(Millivolts(4_250), Millivolts(21_500)))
    var high = bench
    high.measure(21_501)
    #expect(downFault(high) == .overVoltage)
    bench.measure(4_249)
    bench.wait(4)
    bench.measure()
    #expect(bench.supervisor.fault == nil)
    bench.wait(1)
    bench.measure()
    #expect(downFault(bench) == .underVoltage)
  }

  @Test("Downwards the envelope is the same, and narrows once VBUS has arrived")
  func envelopeDown() {
    var bench = SupplyBench.inContract(.fixed(20_000))
    bench.command(.transition(.fixed(9_000)))
    #expect(
      bench.supervisor.allowedWindow(at: bench.now) == VoltageWindow(Millivolts(8_050), Millivolts(21_500)))
    bench.measure(9_000)
    #expect(
      bench.supervisor.allowedWindow(at: bench.now) == VoltageWindow(Millivolts(8_050), Millivolts(9_950)))
    bench.measure(20_000)
    #expect(downFault(bench) == .overVoltage)
  }

  @Test("PPS in current limit may go down to vPpsShutdown")
  func currentLimit() {
    var bench = SupplyBench.inContract(.pps(9_000))
    bench.isCurrentLimited = true
    bench.measure(3_000, 3_000)
    bench.measureFor(100)
    bench.isCurrentLimited = false
    bench.measure(8_000)
    bench.measureFor(270)
    #expect(bench.supervisor.fault == nil)
    bench.measureFor(11)
    #expect(downFault(bench) == .underVoltage)
  }

  @Test("PPS in current limit below vPpsShutdown goes off")
  func ppsShutdown() {
    var bench = SupplyBench.inContract(.pps(9_000))
    bench.isCurrentLimited = true
    bench.measure(2_969, 3_000)
    bench.measureFor(6)
    #expect(downFault(bench) == .underVoltage)
  }

  @Test("Over-current: 10 % above, for 3 ms")
  func overCurrent() {
    var bench = SupplyBench.inContract(.fixed(9_000, 2_000))
    bench.measure(9_000, 2_200)
    bench.measureFor(10)
    #expect(bench.supervisor.fault == nil)
    bench.measure(9_000, 2_201)
    bench.measureFor(2)
    #expect(bench.supervisor.fault == nil)
    bench.measureFor(1)
    #expect(downFault(bench) == .overCurrent)
  }

  @Test("Peak Current of the object allows its overload for 10 ms")
  func peakCurrent() {
    var bench = SupplyBench.inContract(.fixed(9_000, 2_000, peak: .overload3))
    bench.measure(9_000, 3_000)
    bench.measureFor(50)
    bench.measure(9_000, 3_001)
    bench.measureFor(9)
    #expect(bench.supervisor.fault == nil)
    bench.measureFor(1)
    #expect(downFault(bench) == .overCurrent)
  }

  @Test("A short circuit needs no debounce; a stage that limits a fixed supply says over-current")
  func shortCircuit() {
    var bench = SupplyBench.inContract(.fixed(9_000, 2_000))
    var limiting = bench
    bench.measure(9_000, 10_001)
    #expect(downFault(bench) == .overCurrent)
    limiting.isCurrentLimited = true
    limiting.measure(9_000, 2_100)
    limiting.measureFor(3)
    #expect(downFault(limiting) == .overCurrent)
  }

  @Test("PPS: the stage limits; if it does not, over-current after tPpsCVCLTransient")
  func ppsOverCurrent() {
    var bench = SupplyBench.inContract(.pps(9_000, 2_000))
    bench.measure(9_000, 2_500)
    bench.measureFor(300)
    bench.measure(9_000, 2_501)
    bench.measureFor(249)
    #expect(bench.supervisor.fault == nil)
    bench.measureFor(1)
    #expect(downFault(bench) == .overCurrent)
  }

  @Test(
    "Settling takes too long",
    arguments: [
      (PowerContract.fixed(9_000), PowerContract.fixed(20_000), 275),
      (.fixed(20_000, epr: true), .fixed(28_000, epr: true), 700),
      (.pps(9_000), .pps(9_500), 25), (.pps(9_000), .pps(12_000), 275),
      (.sprAVS(9_000), .sprAVS(10_000), 50), (.sprAVS(9_000), .sprAVS(12_000), 700),
    ] as [(PowerContract, PowerContract, Int)])
  func settle(from: PowerContract, to: PowerContract, milliseconds: Int) {
    var bench = SupplyBench.inContract(from)
    bench.command(.transition(to))
    bench.vbus = to.settledWindow.lowest - Millivolts(1)
    bench.measureFor(milliseconds - 1)
    #expect(bench.supervisor.fault == nil)
    bench.wait(1)
    #expect(downFault(bench) == .settleTimeout)
  }

  @Test("vSafe5V does not come")
  func turnOnTimeout() {
    var bench = SupplyBench()
    bench.command(.on(Milliamperes(500)))
    bench.measureFor(274)
    #expect(bench.supervisor.fault == nil)
    bench.wait(1)
    #expect(downFault(bench) == .settleTimeout)
  }

  @Test("VBUS does not go; the discharge is not left on")
  func dischargeTimeout() {
    var bench = SupplyBench.on()
    bench.command(.off)
    bench.measureFor(649)
    #expect(bench.supervisor.fault == nil)
    bench.wait(1)
    #expect(bench.reports == [.fault(.dischargeTimeout)] && !bench.output && !bench.discharge)
  }

  @Test("The stage is silent")
  func silence() {
    var bench = SupplyBench.inContract(.fixed(9_000))
    bench.wait(99)
    bench.measure()
    bench.wait(99)
    #expect(bench.supervisor.fault == nil)
    bench.wait(1)
    #expect(downFault(bench) == .stageSilent)
  }

  @Test("A measurement that comes too late does not undo the silence")
  func lateMeasurement() {
    var bench = SupplyBench.inContract(.fixed(9_000))
    bench.now = bench.now + Nanoseconds(200_000_000)
    bench.measure()
    #expect(downFault(bench) == .stageSilent)
  }

  @Test("The stage fails") func stageFailure() {
    var bench = SupplyBench.inContract(.fixed(9_000))
    bench.handle(.stageFailed)
    #expect(downFault(bench) == .stageFailure)
  }

  @Test("Temperature: warning, normal, shutdown")
  func temperature() {
    var bench = SupplyBench.inContract(.fixed(9_000))
    for degrees in [84, 85, 104, 76, 75, 85, 105] as [Int32] {
      bench.temperature = DegreesCelsius(degrees)
      bench.wait(1)
      bench.measure()
    }
    #expect(
      bench.reports == [
        .temperatureWarning, .temperatureNormal, .temperatureWarning, .fault(.overTemperature),
      ])
    #expect(!bench.output && bench.discharge)
  }
}

@Suite("After a fault") struct RecoveryTests {
  private static func fail(_ bench: inout SupplyBench) {
    bench.command(.on(Milliamperes(500)))
    bench.wait(1)
    bench.measure(5_000, 100)
    bench.wait(1)
    bench.measure(7_000)
    bench.reports = []
  }

  @Test("Recovery needs vSafe0V and the retry delay")
  func recovery() {
    var bench = SupplyBench()
    RecoveryTests.fail(&bench)
    bench.measureFor(600)
    #expect(bench.reports.isEmpty && bench.discharge)
    bench.measure(0)
    #expect(!bench.discharge && bench.supervisor.state == .faultHeld)
    bench.measureFor(499)
    #expect(bench.reports.isEmpty)
    bench.wait(1)
    #expect(bench.reports == [.recovered] && bench.supervisor.state == .off && bench.supervisor.fault == nil)
  }

  @Test("Commands during a fault: on is refused, off is answered at vSafe0V")
  func commands() {
    var bench = SupplyBench()
    RecoveryTests.fail(&bench)
    bench.command(.on(Milliamperes(500)))
    bench.command(.transition(.fixed(9_000)))
    #expect(bench.takeReports() == [.fault(.overVoltage), .fault(.overVoltage)] && !bench.output)
    bench.command(.off)
    #expect(bench.takeReports().isEmpty)
    bench.measure(300)
    #expect(bench.takeReports() == [.safe0V])
    bench.command(.off)
    #expect(bench.takeReports() == [.safe0V])
  }

  @Test("Three faults in a row latch; clearing unlatches")
  func latch() {
    var bench = SupplyBench()
    for _ in 0..<3 {
      RecoveryTests.fail(&bench)
      bench.measure(0)
      bench.wait(500)
    }
    #expect(bench.supervisor.state == .faultLatched && bench.supervisor.nextDeadline == nil)
    bench.wait(3_600_000)
    bench.command(.on(Milliamperes(500)))
    #expect(bench.takeReports() == [.fault(.overVoltage)] && !bench.output)
    bench.handle(.clearFault)
    #expect(bench.takeReports() == [.recovered])
    bench.command(.on(Milliamperes(500)))
    #expect(bench.output)
  }

  @Test("A calm time between faults starts the count anew")
  func calm() {
    var bench = SupplyBench()
    for _ in 0..<5 {
      bench.command(.on(Milliamperes(500)))
      bench.measure(5_000, 100)
      bench.measureFor(10_000)
      bench.measure(7_000)
      bench.measure(0)
      bench.wait(501)
    }
    #expect(bench.supervisor.state == .off && bench.supervisor.faultCount == 1)
  }

  @Test("Heat keeps it off until it has fallen by the hysteresis")
  func heat() {
    var bench = SupplyBench.on()
    bench.temperature = DegreesCelsius(110)
    bench.measure()
    bench.temperature = DegreesCelsius(95)
    bench.measure(0)
    bench.measureFor(2_000)
    #expect(bench.supervisor.state == .faultHeld)
    bench.temperature = DegreesCelsius(94)
    bench.measureFor(500)
    #expect(bench.supervisor.state == .off)
  }

  @Test("A stage that stays silent is never believed to be at vSafe0V")
  func silentForever() {
    var bench = SupplyBench()
    bench.command(.on(Milliamperes(500)))
    bench.measure(0)
    bench.wait(60_000)
    #expect(bench.supervisor.state == .faultHeld && bench.supervisor.nextDeadline != nil)
  }

  @Test("A fault while off touches no VBUS of the partner")
  func faultWhileOff() {
    var bench = SupplyBench()
    bench.measure(5_000)
    bench.handle(.stageFailed)
    #expect(bench.stage == [.output(false), .discharge(false)] && bench.reports == [.fault(.stageFailure)])
    bench.wait(500)
    #expect(bench.reports.last == .recovered)
  }

  @Test("Actions that nobody fetches do not survive a fault")
  func notFetched() {
    var supervisor = PowerSupervisor(.bench)
    supervisor.handle(.command(.on(Milliamperes(500))), at: .zero)
    supervisor.handle(.stageFailed, at: .zero)
    var actions: [SupervisorAction] = []
    while let action = supervisor.nextAction() { actions.append(action) }
    #expect(
      actions == [.stage(.output(false)), .stage(.discharge(true)), .report(.fault(.stageFailure))])
  }
}
