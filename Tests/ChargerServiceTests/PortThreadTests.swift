import Foundation
import Quantities
import Synchronization
import Testing

@testable import ChargerService

/// A port's thread from outside: what it is seen to do, and that it is seen to hang. Time is moved by hand.
@Suite struct PortThreadTests {
  private final class HandClock: PaceClock {
    private let time = Mutex(Instant(nanoseconds: 1_000_000_000))
    var now: Instant { time.withLock { $0 } }
    func advance(_ span: Nanoseconds) { time.withLock { $0 = $0 + span } }
  }

  /// What a driver was told, for the test to look at.
  private final class CommandList: Sendable {
    private let list = Mutex<[PortCommand]>([])
    func append(_ command: PortCommand) { list.withLock { $0.append(command) } }
    var count: Int { list.withLock { $0.count } }
  }

  /// A driver that does nothing, or stands still until it is let go.
  private struct StandingDriver: PortDriver {
    let gate: DispatchSemaphore
    let commands: CommandList
    var nextEventTime: Instant? { nil }
    var setPoint: StageSetPoint { StageSetPoint() }
    var status: PortStatus { PortStatus(name: "A", offered: Milliwatts(Int32(commands.count))) }

    mutating func advance(to now: Instant) {}
    mutating func perform(_ command: PortCommand, at now: Instant) {
      commands.append(command)
      if command == .close { gate.wait() }
    }
    mutating func drain() -> [PortReport] { [] }
  }

  @Test(.timeLimit(.minutes(1))) func aThreadThatHangsIsNotAlive() {
    let clock = HandClock()
    let gate = DispatchSemaphore(value: 0)
    let driver = StandingDriver(gate: gate, commands: CommandList())
    let thread = PortThread(
      driver, pacer: Pacer(start: clock.now), clock: clock,
      outlets: PortThread.Outlets(reports: { _ in }, setPoint: { _ in }))
    let patience = Nanoseconds(200_000_000)
    thread.send(.offer(Milliwatts(1)))
    while thread.status.offered < Milliwatts(1) {}
    #expect(thread.isAlive(at: clock.now, within: patience))
    thread.send(.close)
    while driver.commands.count < 2 {}
    // It stands in `perform`; time goes on.
    clock.advance(Nanoseconds(1_000_000_000))
    #expect(!thread.isAlive(at: clock.now, within: patience))
    gate.signal()
    while !thread.isAlive(at: clock.now, within: patience) {}
    thread.finish()
  }
}
