import ChargerService
import Quantities
import TestSupport
import Testing

/// The guard as a machine: what it does when the daemon is gone, hangs or ends well. Time is moved by hand.
@Suite struct StageGuardTests {
  private static let patience = Nanoseconds(250_000_000)

  private static func milliseconds(_ count: Int64) -> Instant { .zero + Nanoseconds(Milliseconds(count)) }

  /// A guard that was told of two ports: `on` at 20 V, `off` at 0 V.
  private static func watching() -> StageGuard<ModelledStage> {
    var stageGuard = StageGuard<ModelledStage>(patience: patience, at: .zero) { _ in ModelledStage() }
    stageGuard.receive(.port(0, name: "on"), at: .zero)
    stageGuard.receive(.port(1, name: "off"), at: .zero)
    let point = StageSetPoint(
      isOn: true, voltage: Millivolts(20_000), currentLimit: Milliamperes(3_000), measured: Millivolts(20_000)
    )
    stageGuard.receive(.setPoint(0, point), at: .zero)
    return stageGuard
  }

  /// Serves every deadline until the guard has ended.
  private static func finish(_ stageGuard: inout StageGuard<ModelledStage>) -> Instant {
    var now = Instant.zero
    while stageGuard.phase != .ended, stageGuard.nextDeadline < .distantFuture {
      now = stageGuard.nextDeadline
      stageGuard.tick(at: now)
    }
    return now
  }

  @Test func aDaemonThatIsKilled() throws {
    var stageGuard = Self.watching()
    stageGuard.connectionClosed(at: Self.milliseconds(10))
    #expect(stageGuard.phase == .shuttingDown(.connectionLost, since: Self.milliseconds(10)))
    _ = Self.finish(&stageGuard)
    let report = try #require(stageGuard.reports.first)
    #expect(
      report.port == "on" && report.voltageBefore == Millivolts(20_000) && report.cause == .connectionLost)
    let safe0V = try #require(report.safe0V)
    #expect(safe0V < Nanoseconds(Milliseconds(30)))
    let voltages = report.ramp.map(\.1)
    #expect(
      voltages.first == Millivolts(20_000) && zip(voltages, voltages.dropFirst()).allSatisfy { $0 > $1 })
    #expect(voltages.last.map { $0 <= Millivolts(800) } == true)
    #expect(stageGuard.reports.last?.safe0V == .zero)
  }

  @Test func aDaemonThatHangs() {
    var stageGuard = Self.watching()
    stageGuard.receive(.heartbeat, at: Self.milliseconds(100))
    stageGuard.tick(at: Self.milliseconds(349))
    #expect(stageGuard.phase == .watching)
    stageGuard.tick(at: Self.milliseconds(350))
    #expect(stageGuard.phase == .shuttingDown(.silence, since: Self.milliseconds(350)))
    let end = Self.finish(&stageGuard)
    #expect(end < Self.milliseconds(380) && stageGuard.reports.count == 2)
  }

  @Test func aDaemonThatEndsWell() {
    var stageGuard = Self.watching()
    stageGuard.receive(.setPoint(0, StageSetPoint(measured: Millivolts(700))), at: Self.milliseconds(5))
    stageGuard.receive(.goodbye, at: Self.milliseconds(6))
    #expect(stageGuard.phase == .ended && stageGuard.reports.isEmpty)
  }

  /// A goodbye is not believed while a port is on.
  @Test func aDaemonThatLeavesAPortOn() {
    var stageGuard = Self.watching()
    stageGuard.receive(.goodbye, at: Self.milliseconds(5))
    _ = Self.finish(&stageGuard)
    #expect(stageGuard.reports.first?.cause == .leftOn)
    #expect(stageGuard.reports.allSatisfy { $0.safe0V != nil })
  }

  /// A stage that does not obey is given up after tSafe0V, and the report says so.
  @Test func aStageThatDoesNotObey() {
    var stageGuard = StageGuard<StuckStage>(patience: Self.patience, at: .zero) { _ in StuckStage() }
    stageGuard.receive(.port(0, name: "stuck"), at: .zero)
    stageGuard.connectionClosed(at: .zero)
    var now = Instant.zero
    while stageGuard.phase != .ended {
      now = stageGuard.nextDeadline
      stageGuard.tick(at: now)
    }
    #expect(now == Self.milliseconds(650) && stageGuard.reports.map(\.safe0V) == [nil])
  }

  private struct StuckStage: GuardedStage {
    mutating func follow(_ setPoint: StageSetPoint, at now: Instant) {}
    mutating func shutDown(at now: Instant) {}
    func voltage(at now: Instant) -> Millivolts { Millivolts(5_000) }
  }

  @Test(
    arguments: [
      .heartbeat, .goodbye, .port(3, name: "driver"), .port(255, name: "passenger-12"),
      .setPoint(
        1,
        StageSetPoint(
          isOn: true, isDischarging: true, voltage: Millivolts(48_000), currentLimit: Milliamperes(-5),
          measured: Millivolts(.max))),
    ] as [GuardMessage])
  func messages(_ message: GuardMessage) {
    #expect(GuardMessage(message.bytes) == message && message.bytes.count == GuardMessage.byteCount)
  }

  /// Any bytes are a message or none; nothing that they say makes the guard trap.
  @Test func hostileMessages() {
    var generator = SeededGenerator(seed: 11)
    var stageGuard = Self.watching()
    var taken = 0
    for step in 0..<20_000 {
      let count = step % 5 == 0 ? Int.random(in: 0...20, using: &generator) : 16
      var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      if count > 0 { bytes[0] &= 3 }
      guard let message = GuardMessage(bytes) else { continue }
      taken += 1
      stageGuard.receive(message, at: Self.milliseconds(1))
    }
    stageGuard.connectionClosed(at: Self.milliseconds(2))
    _ = Self.finish(&stageGuard)
    #expect(taken > 5_000 && stageGuard.phase == .ended)
  }
}
