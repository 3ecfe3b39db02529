import ChargerService
import ChargerSettings
import Quantities
import TestSupport
import Testing

/// Time of a clock and time of a driver; the clock is moved by hand.
@Suite struct PacingTests {
  private static let start = Instant(nanoseconds: 5_000_000_000)

  @Test(arguments: [100, 333, 1_000, 4_000, 100_000] as [Int64])
  func clockAndDriver(_ speed: Int64) {
    let pacer = Pacer(start: Self.start, pace: Pace(thousandths: speed))
    #expect(pacer.driverTime(at: Self.start) == .zero && pacer.driverTime(at: .zero) == .zero)
    let second = Self.start + Nanoseconds(1_000_000_000)
    #expect(pacer.driverTime(at: second).nanoseconds == 1_000_000 * speed)
    // Woken when the clock says so, the driver's time has come, and not a moment later than needed.
    var generator = SeededGenerator(seed: 2)
    var kept = 0
    for _ in 0..<2_000 {
      let time = Instant(nanoseconds: Int64.random(in: 0...(1 << 50), using: &generator))
      let wake = pacer.clockTime(of: time)
      let isEarly = pacer.driverTime(at: wake) < time
      let isLate = wake > Self.start && pacer.driverTime(at: wake - Nanoseconds(2)) >= time && speed <= 1_000
      kept += isEarly || isLate ? 0 : 1
    }
    #expect(kept == 2_000)
  }

  @Test func farAway() {
    let pacer = Pacer(start: Self.start, pace: Pace(thousandths: 100))
    #expect(pacer.clockTime(of: .distantFuture) == .distantFuture)
    #expect(
      Pacer(start: .zero, pace: Pace(thousandths: 100_000)).driverTime(at: .distantFuture) == .distantFuture)
  }

  /// A turn wakes for what is due next, and at the latest after 20 ms.
  @Test func wakes() {
    var loop = PortLoop(ScriptedDriver(next: Instant(nanoseconds: 3_000_000)), Pacer(start: Self.start))
    #expect(loop.turn([], at: Self.start).wake == Self.start + Nanoseconds(3_000_000))
    loop = PortLoop(ScriptedDriver(next: nil), Pacer(start: Self.start))
    #expect(loop.turn([], at: Self.start).wake == Self.start + Nanoseconds(20_000_000))
    loop = PortLoop(ScriptedDriver(next: .zero), Pacer(start: Self.start))
    let late = Self.start + Nanoseconds(7)
    #expect(loop.turn([], at: late).wake == late)
  }

  /// The guard hears of every command, and of a measurement once it has moved.
  @Test func setPoints() {
    var loop = PortLoop(ScriptedDriver(next: nil), Pacer(start: Self.start))
    func told(_ isOn: Bool, _ millivolts: Int32) -> Bool {
      // The driver of this test takes a power as the voltage that it measures.
      let power = Milliwatts(isOn ? millivolts : -millivolts)
      return loop.turn([.offer(power)], at: Self.start).setPoint != nil
    }
    #expect(told(true, 5_000) && !told(true, 5_000) && !told(true, 5_040) && told(true, 5_060))
    #expect(told(false, 5_060) && told(false, 5_059) && told(false, 800) && !told(false, 800))
  }

  private struct ScriptedDriver: PortDriver {
    var nextEventTime: Instant?
    var setPoint = StageSetPoint()

    init(next: Instant?) { nextEventTime = next }

    mutating func advance(to now: Instant) {}
    mutating func perform(_ command: PortCommand, at now: Instant) {
      guard case .offer(let power) = command else { return }
      setPoint.isOn = power > .zero
      setPoint.measured = Millivolts(abs(power.rawValue))
    }
    mutating func drain() -> [PortReport] { [] }
    var status: PortStatus { PortStatus(name: "A") }
  }
}
