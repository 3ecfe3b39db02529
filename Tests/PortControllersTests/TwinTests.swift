import PortControllers
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import RegisterBus
import Simulator
import Testing

/// The chip for somebody else's driver; here the driver is the project's own, over bare transfers.
@Suite("Twin") struct TwinTests {
  /// A bus whose calls are transfers of the twin.
  private struct TwinBus: RegisterBus {
    let twin: ChipTwin

    mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
      for index in 0..<batch.count {
        guard let operation = batch.operation(index) else { continue }
        let isWrite = operation.direction == .write
        var bytes = [operation.register]
        if isWrite { for position in 0..<operation.count { bytes.append(batch.byte(position, of: index)) } }
        guard
          let answer = twin.transfer(
            operation.address.rawValue, write: bytes, read: isWrite ? 0 : operation.count)
        else { throw RegisterBusError(.addressNotAcknowledged, operation: index, address: operation.address) }
        for (position, byte) in answer.enumerated() { batch.store(byte, at: position, of: index) }
      }
    }
  }

  /// A host on the twin: engine and driver.
  private struct Host {
    let twin: ChipTwin
    var engine: PortEngine
    var controller: FUSB302<TwinBus>
    var notices: [PortNotice] = []

    init(_ twin: ChipTwin, _ engine: PortEngine) {
      self.twin = twin
      self.engine = engine
      controller = FUSB302(bus: TwinBus(twin: twin))
      twin.start()
      controller.start(at: twin.bench.now)
    }

    mutating func run(milliseconds: Int64, until condition: (Host) -> Bool) -> Bool {
      let end = twin.bench.now + Nanoseconds(milliseconds * 1_000_000)
      while twin.bench.now < end {
        let now = twin.bench.now
        if twin.interruptIsLow, controller.takesInterrupts { controller.interrupt(at: now) }
        if let deadline = controller.nextDeadline, deadline <= now { controller.poll(at: now) }
        if let deadline = engine.nextDeadline, deadline <= now { feed(.timeout) }
        while let event = controller.nextEvent() { feed(event) }
        controller.commit(at: now)
        if condition(self) { return true }
        twin.advance(to: now + Nanoseconds(50_000))
      }
      return condition(self)
    }

    mutating func feed(_ event: PortEvent) {
      engine.handle(event, at: twin.bench.now)
      while let action = engine.nextAction() {
        switch action {
        // The twin supplies VBUS by itself.
        case .supply(.off): engine.handle(.supply(.safe0V), at: twin.bench.now)
        case .supply: engine.handle(.supply(.ready), at: twin.bench.now)
        case .notify(let notice): notices.append(notice)
        default: break
        }
        controller.perform(action, at: twin.bench.now)
      }
    }
  }

  private static var charger: ChipTwin {
    let power = Milliwatts(45_000)
    return ChipTwin(
      .charger(
        ChargerModel(.pps, power: power).policy(power: power),
        SupervisorLimits(voltage: Millivolts(21_200), current: Milliamperes(5_000), power: power)))
  }

  @Test("Registers answer, other addresses do not")
  func registers() {
    let twin = Self.charger
    #expect(twin.transfer(0x22, write: [0x01], read: 1) == [0x91])
    #expect(twin.transfer(0x22, write: [0x01], read: 3) == [0x91, 0x03, 0x20])
    #expect(twin.transfer(0x23, write: [0x01], read: 1) == nil)
    #expect(twin.transfer(0x22, write: [0x02, 0x07], read: 0) == [])
    #expect(twin.transfer(0x22, write: [0x02], read: 1) == [0x07])
    // A read without a register goes on where the last transfer began.
    #expect(twin.transfer(0x22, write: [], read: 1) == [0x07])
  }

  @Test("A host that is a phone gets 9 V from the charger at the far end")
  func sink() {
    var configuration = PortConfiguration(roles: .sinkOnly)
    configuration.goodCRC = .siliconWithRetries
    var host = Host(Self.charger, PortEngine(configuration, sink: ChipLink.fixed(9_000)))
    let isReached = host.run(milliseconds: 2_500) { $0.engine.contract?.voltage == Millivolts(9_000) }
    #expect(isReached && host.twin.bench.stage.voltage > Millivolts(8_500))
    #expect(host.twin.partner.engine.contract?.voltage == Millivolts(9_000))
  }

  @Test("A host that is a charger has VBUS by what it says, and none after the phone has gone")
  func source() {
    var configuration = PortConfiguration(roles: .sourceOnly)
    configuration.goodCRC = .siliconWithRetries
    let power = Milliwatts(45_000)
    var host = Host(
      ChipTwin(.phone(ChipLink.fixed(9_000))),
      PortEngine(configuration, source: ChargerModel(.fixed, power: power).policy(power: power)))
    let isReached = host.run(milliseconds: 2_500) { $0.engine.contract?.voltage == Millivolts(9_000) }
    #expect(isReached)
    _ = host.run(milliseconds: 50) { _ in false }
    #expect(host.twin.bench.stage.voltage == Millivolts(9_000))
    host.twin.bench.unplug()
    _ = host.run(milliseconds: 1_500) { _ in false }
    #expect(host.twin.bench.stage.voltage < Millivolts(800))
  }

  @Test("Power roles change when either side asks; VBUS comes from whoever is the source")
  func powerRoleSwap() {
    let power = Milliwatts(27_000)
    let source = ChargerModel(.fixed, power: power).policy(power: power)
    let sink = ChipLink.fixed(9_000)
    let twin = ChipTwin(
      .dual(
        source, sink,
        SupervisorLimits(voltage: Millivolts(9_500), current: Milliamperes(3_500), power: power)))
    twin.powerSwapDelay = Nanoseconds(3_000_000_000)
    var configuration = PortConfiguration(roles: .dualRoleTrySink)
    configuration.goodCRC = .siliconWithRetries
    configuration.powerRoleSwap = .accept
    configuration.timing.drpToggle = Nanoseconds(45_000_000)
    var host = Host(twin, PortEngine(configuration, source: source, sink: sink))
    let has9V = { (role: PortPowerRole) in
      { (host: Host) in
        host.engine.powerRole == role && host.twin.partner.engine.powerRole != role
          && host.engine.contract?.voltage == Millivolts(9_000)
          && host.twin.partner.engine.contract?.voltage == Millivolts(9_000)
          && host.twin.bench.stage.voltage > Millivolts(8_500)
          && host.engine.state == (role == .source ? .srcReady : .snkReady)
          && host.twin.partner.engine.state == (role == .source ? .snkReady : .srcReady)
      }
    }
    let isCharged = host.run(milliseconds: 2_500, until: has9V(.sink))
    #expect(isCharged && twin.bench.stage.isOn && twin.bench.stage.overVoltage == .zero)
    host.feed(.request(.powerRoleSwap))
    let isSource = host.run(milliseconds: 1_000, until: has9V(.source))
    #expect(isSource && !twin.bench.stage.isOn)
    let isChargedAgain = host.run(milliseconds: 4_000, until: has9V(.sink))
    #expect(isChargedAgain && twin.bench.stage.isOn)
    #expect(twin.partner.notices.contains(.requestEnded(.powerRoleSwap, .done)))
    #expect(!twin.partner.notices.contains { if case .hardReset = $0 { true } else { false } })
  }

  // MARK: The search for partners

  private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

  @Test(
    "A chip that searches finds a partner on either pin and says which",
    arguments: [
      (0x05, 1_683, 0, 5), (0x05, 0, 421, 6), (0x07, 918, 3_300, 1), (0x07, 3_300, 918, 2),
      (0x07, 918, 918, 1), (0x03, 1_683, 0, 5), (0x07, 80, 80, 7), (0x27, 80, 80, 0), (0x27, 918, 80, 1),
      (0x05, 150, 0, 0), (0x07, 3_300, 3_300, 0),
    ] as [(UInt8, Int32, Int32, UInt8)])
  func toggle(_ control: UInt8, _ cc1: Int32, _ cc2: Int32, _ code: UInt8) {
    var chip = FUSB302Model()
    chip.write([0x07], to: 0x0B, at: .zero)
    chip.write([control], to: 0x08, at: .zero)
    #expect(chip.read(1, from: 0x3D, at: .zero)[0] >> 3 & 7 == 0)
    #expect(chip.termination(of: .cc1) == (control & 0x06 == 0x06 ? .rp(.usbDefault) : .rd))
    chip.setPins(Millivolts(cc1), Millivolts(cc2), at: at(1))
    #expect(chip.read(1, from: 0x3D, at: at(1))[0] >> 3 & 7 == code)
    #expect((chip.read(1, from: 0x3E, at: at(1))[0] & 0x40 != 0) == (code != 0))
  }

  @Test("Looking for both kinds, it presents Rd and Rp in turn, until the host takes over")
  func phases() {
    var chip = FUSB302Model()
    chip.write([0x03], to: 0x08, at: .zero)
    var seen: Set<String> = []
    for time in stride(from: Int64(0), to: 200, by: 5) {
      _ = chip.advance(to: at(time))
      seen.insert("\(chip.termination(of: .cc2))")
    }
    #expect(seen.count == 2)
    chip.write([0x02], to: 0x08, at: at(200))
    #expect(chip.termination(of: .cc1) == .rd && chip.nextDeadline == nil)
  }
}
