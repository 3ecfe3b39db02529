import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing

@testable import Simulator

/// VBUS against values that were computed by hand.
struct PowerTests {
  private static func bus(phoneStage: StageProfile = StageProfile()) -> PowerBus {
    var profile = StageProfile()
    profile.noise = .zero
    var empty = Load()
    empty.capacitance = .zero
    return PowerBus(charger: profile, phone: phoneStage, chargerLoad: empty, phoneLoad: Load())
  }

  private func at(_ microseconds: Int64) -> Instant { Instant(nanoseconds: microseconds * 1000) }

  private func on(_ bus: inout PowerBus, _ millivolts: Int32, limit: Int32 = 3_000, at time: Instant) {
    bus.stages[0].take(.voltage(Millivolts(millivolts)))
    bus.stages[0].take(.currentLimit(Milliamperes(limit)))
    bus.stages[0].take(.output(true))
    bus.replan(at: time)
  }

  /// 1 V/ms: 5 V after 5 ms, 2 V after 2 ms.
  @Test func risesWithItsSlew() {
    var bus = PowerTests.bus()
    on(&bus, 5_000, at: at(0))
    #expect(bus.bend(on: .charger) == at(5_000))
    #expect(bus.voltage(at: at(2_000), on: .charger) == Millivolts(2_000))
    #expect(bus.voltage(at: at(9_000), on: .charger) == Millivolts(5_000))
  }

  @Test func thresholdsAreCrossedWhereTheLineCrossesThem() {
    var bus = PowerTests.bus()
    on(&bus, 5_000, at: at(0))
    #expect(bus.crossing(of: 800_000, on: .charger) == at(800))
    #expect(bus.crossing(of: 4_000_000, on: .charger) == at(4_000))
    #expect(bus.crossing(of: 5_000_001, on: .charger) == .distantFuture)
  }

  /// Both sides joined, the charger's stage on at this voltage from the start, the phone's load on from `time` on.
  private func loaded(_ millivolts: Int32, _ current: Milliamperes, at time: Instant) -> PowerBus {
    var bus = PowerTests.bus()
    bus.join(true, at: at(0))
    on(&bus, millivolts, at: at(0))
    bus.replan(at: time)
    bus.loads[1].draw(current, at: time)
    bus.replan(at: time)
    return bus
  }

  /// 2 A through 30 mΩ: 60 mV.
  @Test func droopsUnderLoad() {
    let bus = loaded(9_000, Milliamperes(2_000), at: at(20_000))
    #expect(bus.voltage(at: at(30_000), on: .phone) == Millivolts(8_940))
    #expect(bus.current(at: at(30_000), from: .charger) == Milliamperes(2_000))
  }

  /// 100 mA/µs: half of 2 A after 10 µs.
  @Test func theLoadHasASlew() {
    var load = Load()
    load.draw(Milliamperes(2_000), at: at(0))
    #expect(load.current(at: at(10)) == Milliamperes(1_000))
    #expect(load.current(at: at(20)) == Milliamperes(2_000))
    load.draw(.zero, at: at(100))
    #expect(load.current(at: at(105)) == Milliamperes(1_500))
  }

  /// A limit of 1 A under a demand of 3 A: the current stays and the voltage falls to where the load gives way.
  @Test func aCurrentLimitLetsTheVoltageFall() {
    var bus = PowerTests.bus()
    bus.join(true, at: at(0))
    bus.loads[1].floor = Millivolts(8_000)
    on(&bus, 9_000, limit: 1_000, at: at(0))
    bus.replan(at: at(20_000))
    bus.loads[1].draw(Milliamperes(3_000), at: at(20_000))
    bus.replan(at: at(20_000))
    #expect(bus.isCurrentLimited(.charger))
    #expect(bus.voltage(at: at(50_000), on: .charger) == Millivolts(8_000))
    #expect(bus.current(at: at(50_000), from: .charger) == Milliamperes(1_000))
  }

  /// 120 mA of bleeder and 1 mA of leakage on 22 µF: 5,500 µV/µs, 5 V in 909 µs.
  @Test func theBleederEmptiesTheCapacitors() {
    var bus = PowerTests.bus()
    on(&bus, 5_000, at: at(0))
    bus.replan(at: at(10_000))
    bus.stages[0].take(.output(false))
    bus.stages[0].take(.discharge(true))
    bus.replan(at: at(10_000))
    #expect(bus.slope(on: .charger) == -5_500)
    #expect(bus.voltage(at: at(10_400), on: .charger) == Millivolts(2_800))
    #expect(bus.voltage(at: at(11_000), on: .charger) == .zero)
  }

  /// Without bleeder only the leakage of 1 mA is left: 45 µV/µs.
  @Test func withoutBleederItTakesLong() {
    var bus = PowerTests.bus()
    on(&bus, 5_000, at: at(0))
    bus.replan(at: at(10_000))
    bus.stages[0].take(.output(false))
    bus.replan(at: at(10_000))
    #expect(bus.slope(on: .charger) == -45)
  }

  /// The load is off below its cut-off of 3 V: there the slope bends.
  @Test func theLoadEndsAtItsCutOff() {
    var bus = loaded(5_000, Milliamperes(1_000), at: at(10_000))
    bus.replan(at: at(20_000))
    bus.stages[0].take(.output(false))
    bus.replan(at: at(20_000))
    let bend = bus.bend(on: .charger)
    #expect(bus.voltage(at: bend, on: .charger) == Millivolts(3_000))
    bus.replan(at: bend)
    #expect(bus.current(at: bend, from: .charger) == .zero)
    #expect(bus.slope(on: .charger) > -100)
  }

  @Test func partedSidesGoTheirOwnWay() {
    var bus = loaded(5_000, Milliamperes(1_000), at: at(10_000))
    bus.join(false, at: at(20_000))
    #expect(bus.voltage(at: at(40_000), on: .charger) == Millivolts(5_000))
    #expect(bus.voltage(at: at(40_000), on: .phone) <= Millivolts(3_000))
  }

  private static let thresholds: [(PowerContract, Int64)] = [
    (.typeC(Milliamperes(3_000)), 3_670_000),
    (PowerContract(supply: .fixed, voltage: Millivolts(9_000), current: .zero), 7_200_000),
    (PowerContract(supply: .fixed, voltage: Millivolts(28_000), current: .zero), 22_400_000),
    (
      PowerContract(supply: .sprPPS, voltage: Millivolts(9_000), current: .zero, object: 0xC0DC_213C),
      2_640_000
    ),
  ]

  @Test(arguments: thresholds)
  func theDisconnectThresholdFollowsTheContract(contract: PowerContract, threshold: Int64) {
    #expect(VBUSSense.disconnect(of: contract) == threshold)
  }

  @Test func theLevelHasHysteresis() {
    var sense = VBUSSense()
    var levels: [VBUSLevel] = []
    for microvolts in [Int64(900_000), 3_900_000, 4_000_000, 3_700_000, 3_600_000, 3_900_000, 700_000] {
      _ = sense.take(microvolts)
      levels.append(sense.level)
    }
    #expect(levels == [.absent, .absent, .present, .present, .absent, .absent, .safe0V])
  }

  @Test func aBatteryTakesLessWhenItIsNearlyFull() {
    let empty = Battery(capacity: MilliwattHours(20_000), fullPower: Milliwatts(20_000), charge: Percent(30))
    var nearly = Battery(capacity: MilliwattHours(20_000), fullPower: Milliwatts(20_000), charge: Percent(90))
    #expect(empty.wantedPower == Milliwatts(20_000))
    #expect(nearly.wantedPower == Milliwatts(8_000))
    nearly.temperature = DegreesCelsius(50)
    #expect(nearly.wantedPower == Milliwatts(4_000))
  }

  /// 36 W for 100 s, a tenth lost: 900 mWh of 20 Wh.
  @Test func aBatteryFills() {
    var battery = Battery(
      capacity: MilliwattHours(20_000), fullPower: Milliwatts(36_000), charge: Percent(50))
    battery.charge(Milliwatts(36_000), for: Nanoseconds(100_000_000_000))
    #expect(battery.charge == Percent(54))
  }
}
