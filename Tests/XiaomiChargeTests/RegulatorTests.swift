import PowerDelivery
import Quantities
import TestSupport
import Testing
import XiaomiCharge

/// The loop that follows a battery through a programmable supply.
@Suite("Regulator") struct RegulatorTests {
  /// 5 V to 20 V, 6 A.
  static let object = SPRPPSSourceAPDO(rawValue: 0xC190_3278)

  static func regulator(
    _ voltage: Int32, _ object: SPRPPSSourceAPDO = object, limits: XiaomiPowerLimits = .verified
  ) -> XiaomiRegulator {
    XiaomiRegulator(
      XiaomiLoop(),
      XiaomiPowerChoice(
        position: 7, isProgrammable: true, voltage: Millivolts(voltage),
        current: min(object.maximumCurrent, limits.programmableCurrent)), of: object, limits: limits, cells: 2
    )
  }

  static func reading(_ battery: Int32, _ current: Int32) -> XiaomiRegulator.Reading {
    XiaomiRegulator.Reading(battery: Millivolts(battery), current: Milliamperes(current))
  }

  @Test(
    "A step is 20 mV times 1, 2 or 5, by how much current is missing",
    arguments: [
      (4_000, 100), (4_900, 100), (5_500, 40), (5_800, 20), (5_950, 0), (6_000, 0), (6_050, 0), (6_200, -20),
      (6_400, -40), (7_100, -100),
    ] as [(Int32, Int32)])
  func steps(_ current: Int32, _ change: Int32) {
    var regulator = Self.regulator(16_000)
    let step = regulator.step(Self.reading(8_000, current))
    guard case .ask(let choice) = step else {
      #expect(change == 0 && step == .hold)
      return
    }
    #expect(choice.voltage.rawValue - 16_000 == change)
    #expect(choice.position == 7 && choice.current.rawValue == 6_000)
  }

  @Test(
    "A battery at its limit takes less, whatever current is missing",
    arguments: [(8_799, 0), (8_801, -20), (8_850, -40), (8_910, -100)] as [(Int32, Int32)])
  func limit(_ battery: Int32, _ change: Int32) {
    var regulator = Self.regulator(17_000)
    let step = regulator.step(Self.reading(battery, 2_000))
    guard case .ask(let choice) = step else {
      #expect(change == 0 && step == .hold)
      return
    }
    #expect(choice.voltage.rawValue - 17_000 == change)
  }

  @Test("It never asks beyond the object, 500 mV below its end, or beyond the phone's power")
  func bounds() {
    var high = Self.regulator(19_480)
    #expect(high.step(Self.reading(8_000, 0)) == .ask(Self.choice(19_500, 6_000)))
    #expect(high.step(Self.reading(8_000, 0)) == .hold)
    var low = Self.regulator(5_040)
    #expect(low.step(Self.reading(9_100, 7_500)) == .ask(Self.choice(5_000, 6_000)))
    #expect(low.step(Self.reading(9_100, 7_500)) == .hold)
    // 27 W: the current falls as the voltage rises.
    let object = SPRPPSSourceAPDO(rawValue: 0xC0DC_213C)
    var weak = Self.regulator(8_980, object, limits: .fallback27W)
    #expect(weak.step(Self.reading(4_300, 1_000)) == .ask(Self.choice(9_080, 2_950)))
  }

  private static func choice(_ voltage: Int32, _ current: Int32) -> XiaomiPowerChoice {
    XiaomiPowerChoice(
      position: 7, isProgrammable: true, voltage: Millivolts(voltage), current: Milliamperes(current))
  }

  @Test("Three times in a row nearly nothing at the battery's limit: the pump is left")
  func end() {
    var regulator = Self.regulator(17_800)
    #expect(regulator.step(Self.reading(8_790, 400)) == .hold)
    #expect(regulator.step(Self.reading(8_790, 400)) == .hold)
    // Not in a row.
    _ = regulator.step(Self.reading(8_790, 600))
    #expect(regulator.step(Self.reading(8_790, 400)) == .hold)
    #expect(regulator.step(Self.reading(8_790, 400)) == .hold)
    #expect(regulator.step(Self.reading(8_790, 400)) == .leave)
    // Far from full, little current means a supply that gives no more.
    var starved = Self.regulator(17_800)
    for _ in 0..<10 { #expect(starved.step(Self.reading(8_000, 100)) != .leave) }
  }

  @Test("It looks more often while it is far away")
  func period() {
    var regulator = Self.regulator(16_000)
    _ = regulator.step(Self.reading(8_000, 3_000))
    #expect(regulator.period == XiaomiLoop().quickPeriod)
    _ = regulator.step(Self.reading(8_000, 6_000))
    #expect(regulator.period == XiaomiLoop().steadyPeriod)
  }

  @Test("With a pump and a battery it comes to the current, then to the battery's limit, and stays there")
  func converges() {
    var regulator = Self.regulator(15_600)
    var open = 7_600.0
    var voltage = 15_600.0
    var most = 0.0
    var highest = 0.0
    for _ in 0..<4_000 {
      let current = max(0, (voltage / 2 - open) / 0.06 / 2)
      let terminal = open + current * 2 * 0.04
      most = max(most, current)
      highest = max(highest, terminal)
      switch regulator.step(Self.reading(Int32(terminal), Int32(current))) {
      case .hold: break
      case .ask(let choice): voltage = Double(choice.voltage.rawValue)
      case .leave:
        #expect(most > 5_900 && most < 6_150)
        #expect(highest < 8_860 && terminal > 8_740 && open > 8_680)
        return
      }
      open += current / 9_000
    }
    Issue.record("it never leaves; \(open) \(voltage)")
  }

  @Test("Any reading: a request within the object, in its steps")
  func total() {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<2_000 {
      let object = SPRPPSSourceAPDO(rawValue: 0xC000_0000 | .random(in: 0...0x0FFF_FFFF, using: &random))
      var regulator = Self.regulator(.random(in: 0...21_000, using: &random) / 20 * 20, object)
      for _ in 0..<20 {
        let reading = Self.reading(
          .random(in: -30_000...30_000, using: &random), .random(in: -10_000...10_000, using: &random))
        guard case .ask(let choice) = regulator.step(reading) else { continue }
        #expect(choice.voltage.rawValue % 20 == 0 && choice.voltage >= Millivolts(0))
        #expect(
          choice.voltage <= max(object.minimumVoltage, object.maximumVoltage - Millivolts(300))
            && choice.current <= object.maximumCurrent)
      }
    }
  }
}
