import Bridges
import Quantities
import RegisterBus
import Simulator
import Testing
import USBSupport
import USBTransport

/// A clock that stands still until it is told otherwise.
private final class HandClock {
  var moment = Instant.zero
  func advance(_ span: Milliseconds) { moment = moment + Nanoseconds(span) }
}

/// A place into which a device is plugged, and out of which it is pulled.
private final class Socket {
  var plugged: PluggedDevice<FTDIDeviceModel>?
  var tries = 0

  func plugIn() { plugged = PluggedDevice(FTDIDeviceModel(I2CBusModel(RegisterFileModel.patterned()))) }

  func open() throws(BridgeError) -> OpenBridge {
    tries += 1
    guard let plugged else { throw BridgeError(.notPlugged(.ft232h, unit: nil, instead: [])) }
    let device: USBDevice
    do throws(USBError) {
      device = try plugged.open(USBContext())
    } catch {
      throw BridgeError(.usb(error))
    }
    return try BridgeSelection("ft232h").attach(device)
  }
}

@Suite struct ReopeningTests {
  @Test func comesBack() throws {
    let clock = HandClock(), socket = Socket()
    socket.plugIn()
    var bus = ReopeningBus(try socket.open(), now: { clock.moment }, open: socket.open)
    #expect(bus.trial() == .well)
    socket.plugged?.unplug()
    #expect(bus.trial() == .failed(.deviceGone))
    #expect(bus.bus == nil)
    socket.plugged = nil
    // It is looked for at once, then every 200 ms and not more often, however often it is asked.
    #expect(bus.trial() == .failed(.deviceGone))
    #expect(socket.tries == 2 && bus.lastProblem == BridgeError(.notPlugged(.ft232h, unit: nil, instead: [])))
    clock.advance(Milliseconds(199))
    for _ in 0..<10 { #expect(bus.trial() == .failed(.deviceGone)) }
    #expect(socket.tries == 2)
    clock.advance(Milliseconds(1))
    #expect(bus.trial() == .failed(.deviceGone))
    #expect(socket.tries == 3)
    socket.plugIn()
    clock.advance(Milliseconds(200))
    #expect(bus.trial() == .well)
    #expect(bus.reopenings == 1 && socket.tries == 4 && bus.lastProblem == nil)
    #expect(bus.trial() == .well)
    #expect(socket.tries == 4)
  }

  /// Whatever else goes wrong is no reason to open it anew.
  @Test func stays() throws {
    let socket = Socket()
    socket.plugIn()
    var bus = ReopeningBus(try socket.open(), open: socket.open)
    socket.plugged?.change { $0.engine.bus.pulsesToFree = 1_000_000 }
    #expect(bus.trial() == .failed(.lineStuckLow))
    #expect(socket.tries == 1 && bus.bus != nil)
  }

  /// Again and again: nothing of the old device stays behind.
  @Test func manyTimes() throws {
    let clock = HandClock(), socket = Socket()
    var bus = ReopeningBus<OpenBridge>(nil, now: { clock.moment }, open: socket.open)
    for round in 1...20 {
      socket.plugIn()
      clock.advance(Milliseconds(200))
      #expect(bus.trial() == .well)
      #expect(bus.reopenings == round)
      socket.plugged?.unplug()
      #expect(bus.trial() == .failed(.deviceGone))
    }
  }
}

@Suite struct SharedBusTests {
  /// Two drivers hold one bus.
  @Test func shared() throws {
    let bench = try FTDIBench()
    let clock = HandClock()
    let bus = SharedBus(bench.bridge) {
      defer { clock.advance(Milliseconds(1)) }
      return clock.moment
    }
    var controller = bus, stage = bus
    #expect(controller.trial() == .well)
    #expect(stage.trial() == .well)
    #expect(bus.calls == 2 && bus.bus.transfers == 4)
    bench.plugged.unplug()
    #expect(controller.trial() == .failed(.deviceGone))
    #expect(stage.trial() == .failed(.deviceGone))
    #expect(bus.calls == 4 && bus.durations.longest == Nanoseconds(1_000_000))
    // 1,000 µs lie below 1,024.
    #expect(bus.durations[10] == 4 && bus.durations.limit(below: Percent(99)) == Microseconds(1_024))
  }

  @Test(arguments: [
    (Int64(0), 0), (999, 0), (1_000, 1), (1_999, 1), (2_000, 2), (3_999, 2), (4_000, 3), (-5, 0),
    (.max, CallDurations.classes - 1),
  ])
  func classes(_ nanoseconds: Int64, _ place: Int) {
    let clock = HandClock()
    let bus = SharedBus(EmptyBus()) {
      defer { clock.moment = Instant(nanoseconds: nanoseconds) }
      return clock.moment
    }
    var batch = RegisterBatch()
    #expect(throws: Never.self) { try bus.run(&batch) }
    #expect((0..<CallDurations.classes).map { bus.durations[$0] }.firstIndex(of: 1) == place)
  }

  @Test func shares() {
    var durations = CallDurations()
    #expect(durations.limit(below: Percent(50)) == nil)
    let clock = HandClock()
    let bus = SharedBus(EmptyBus()) {
      defer { clock.moment = clock.moment + Nanoseconds(1_000) }
      return clock.moment
    }
    var batch = RegisterBatch()
    for _ in 0..<10 { try? bus.run(&batch) }
    durations = bus.durations
    #expect(durations[1] == 10 && durations.count == 10)
    #expect(durations.limit(below: Percent(100)) == Microseconds(2))
  }
}

/// A bus on which everything goes well.
private struct EmptyBus: RegisterBus {
  mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {}
}
