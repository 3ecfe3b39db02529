import PowerSupervision
import Quantities
import Testing

@Suite("Voltage windows of contracts (§7.4.1)") struct WindowTests {
  @Test(
    "Settled and valid",
    arguments: [
      (PowerContract.typeC(Milliamperes(3_000)), 4_750, 5_500, 4_250, 6_000),
      (.fixed(5_000), 4_750, 5_500, 4_250, 6_000),
      (.fixed(20_000), 19_000, 21_000, 18_500, 21_500),
      (.fixed(48_000, epr: true), 45_600, 50_400, 45_100, 50_900),
      (.variable(8_000, 12_000), 8_000, 12_000, 7_500, 12_500),
      (.battery(9_000, 21_000, power: 45_000), 9_000, 21_000, 8_500, 21_500),
      (.pps(5_000), 4_750, 5_250, 4_650, 5_350),
      (.sprAVS(15_000), 14_250, 15_750, 13_750, 16_250),
      (.eprAVS(28_000), 26_600, 29_400, 26_100, 29_900),
    ] as [(PowerContract, Int32, Int32, Int32, Int32)])
  func windows(contract: PowerContract, low: Int32, high: Int32, validLow: Int32, validHigh: Int32) {
    #expect(
      [contract.settledWindow, contract.validWindow] == [
        VoltageWindow(Millivolts(low), Millivolts(high)),
        VoltageWindow(Millivolts(validLow), Millivolts(validHigh)),
      ])
  }

  @Test(
    "Time to settle",
    arguments: [
      (PowerContract.fixed(5_000), PowerContract.fixed(20_000), 275),
      (.fixed(20_000, epr: true), .fixed(28_000, epr: true), 700),
      (.fixed(20_000, epr: true), .fixed(20_000), 700),
      (.fixed(5_000), .pps(9_000), 275),
      (.pps(9_000), .pps(9_500), 25),
      (.pps(9_000), .pps(9_520), 275),
      (.sprAVS(10_000), .sprAVS(9_000), 50),
      (.sprAVS(9_000), .sprAVS(10_100), 700),
      (.eprAVS(28_000), .eprAVS(29_000), 50),
    ] as [(PowerContract, PowerContract, Int64)])
  func settleTime(from: PowerContract, to: PowerContract, milliseconds: Int64) {
    #expect(from.settleTime(to: to).maximum == Nanoseconds(milliseconds * 1_000_000))
  }

  @Test("A ramp keeps the slew limit and small steps")
  func ramp() {
    let fast = VoltageRamp(step: Millivolts(300), interval: Nanoseconds(1))
    let wide = VoltageRamp(step: Millivolts(30_000), interval: .zero)
    let reversed = VoltageRamp(step: Millivolts(-5), interval: Nanoseconds(-5))
    #expect(
      [fast.interval.rawValue, Int64(wide.step.rawValue), Int64(reversed.step.rawValue)] == [10_200, 500, 1])
  }
}
