import PortControllers
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import RegisterBus
import Testing

private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

@Suite("TCPCI: start-up, pins, VBUS, faults")
struct TCPCIStatusTests {
  private typealias Controller = TCPCI<TCPCIScript>

  // MARK: Starting

  @Test("Start-up: ready, identity, masks; faults are cleared before alerts", arguments: [UInt8(0x10), 0x20])
  func startUp(_ interface: UInt8) {
    var controller = Controller(bus: TCPCIScript(interface))
    controller.bus.answers[0x1E] = [[0x40], [0x40]]
    controller.start(at: .zero)
    controller.poll(at: .zero)
    controller.poll(at: at(5))
    #expect(controller.condition == .starting && controller.bus.writes.isEmpty)
    controller.poll(at: at(6))
    #expect(controller.bus.calls.count == 2)
    controller.poll(at: at(10))
    #expect(controller.condition == .running && controller.drain() == [.enable])
    #expect(controller.identity?.vendor.value == 0x1FC9 && controller.identity?.product.value == 0x5110)
    #expect(controller.identity?.revision == (interface == 0x10 ? .revision1 : .revision2))
    let bus = controller.bus
    #expect(bus.memory[0x12] == (interface == 0x10 ? [0x7F, 0x0E] : [0x7F, 0x2E]))
    #expect(bus.memory[0x19] == (interface == 0x10 ? [0x00] : [0x40]))
    #expect(bus.memory[0x16] == (interface == 0x10 ? nil : [0x01]))
    #expect(
      [bus.memory[0x1A], bus.memory[0x2F], bus.memory[0x14], bus.memory[0x15]] == [
        [0x0F], [0x00], [0x44], [0xFF],
      ])
    #expect(bus.written(to: 0x23) == [[0x33]])
    #expect(bus.writes.suffix(2).map(\.register) == [0x1F, 0x10])
    #expect(bus.writes.suffix(2).map(\.bytes) == [[0xFF], [0xFF, 0xFF]])
  }

  @Test("A chip that never gets ready is reported, and tried again")
  func neverReady() {
    var controller = Controller(bus: TCPCIScript(0x20))
    controller.bus.memory[0x1E] = [0x40]
    controller.start(at: .zero)
    for time in stride(from: Int64(0), through: 1_000, by: 5) { controller.poll(at: at(time)) }
    let error = RegisterBusError(.timedOut, address: BusAddress(rawValue: 0x50))
    #expect(controller.condition == .failed(.bus(error)) && controller.bus.writes.isEmpty)
    controller.bus.memory[0x1E] = [0x00]
    controller.poll(at: at(1_010))
    #expect(controller.condition == .running)
  }

  @Test(
    "What is no TCPC is not driven",
    arguments: [
      ([0xC9, 0x1F], [0x10, 0x51], [0x00, 0x30], 0x1FC9_5110), ([0, 0], [0, 0], [0x11, 0x20], 0),
      ([0xFF, 0xFF], [0xFF, 0xFF], [0x11, 0x20], 0xFFFF_FFFF),
      ([0xC9, 0x1F], [0x10, 0x51], [0, 0], 0x1FC9_5110),
    ] as [([UInt8], [UInt8], [UInt8], UInt32)])
  func wrongDevice(_ vendor: [UInt8], _ product: [UInt8], _ interface: [UInt8], _ id: UInt32) {
    var controller = Controller(bus: TCPCIScript(0x20))
    controller.bus.memory[0x00] = vendor
    controller.bus.memory[0x02] = product
    controller.bus.memory[0x0A] = interface
    controller.start(at: .zero)
    controller.poll(at: .zero)
    #expect(controller.condition == .failed(.wrongDevice(id)) && controller.bus.writes.isEmpty)
  }

  // MARK: Roles

  @Test(
    "ROLE_CONTROL before and after a partner is found, on either pin",
    arguments: [
      (Termination.rd, UInt8(0x0A), [CCPin.cc1: UInt8(0x0E), .cc2: 0x0B]),
      (.rp(.usbDefault), 0x05, [.cc1: 0x0D, .cc2: 0x07]),
      (.rp(.current1500), 0x15, [.cc1: 0x1D, .cc2: 0x17]),
      (.rp(.current3000), 0x25, [.cc1: 0x2D, .cc2: 0x27]),
    ])
  func roles(_ termination: Termination, _ open: UInt8, _ attached: [CCPin: UInt8]) {
    for pin in [CCPin.cc1, .cc2] {
      let bus = Controller.attached(termination, pin).bus
      #expect(bus.written(to: 0x1A) == [[0x0F], [open], [attached[pin] ?? 0]])
      #expect(bus.memory[0x19] == [pin == .cc1 ? 0x40 : 0x41])
      #expect(bus.memory[0x2E] == [termination == .rd ? 0x04 : 0x0D] && bus.memory[0x2F] == [0x21])
    }
    #expect(Controller.attached(filter: .sopAndPrime).bus.memory[0x2F] == [0x23])
    #expect(Controller.attached(filter: .all).bus.memory[0x2F] == [0x27])
    #expect(Controller.attached(revision: .revision2).bus.memory[0x2E] == [0x02])
  }

  @Test("After a detach header and receiver are written anew, also where they are the same")
  func reattach() {
    var controller = Controller.attached()
    controller.perform(.setOrientation(nil), at: at(50))
    controller.commit(at: at(50))
    #expect(controller.bus.memory[0x2F] == [0x00] && controller.bus.memory[0x1A] == [0x0A])
    let before = controller.bus.writes.count
    controller.perform(.setOrientation(.cc1), at: at(60))
    controller.perform(.listen(.sop), at: at(60))
    controller.commit(at: at(60))
    let registers = controller.bus.writes.dropFirst(before).map(\.register)
    #expect(registers.contains(0x2E) && registers.last == 0x2F)
  }

  @Test("VCONN goes on after the pins, and off before them")
  func vconn() {
    var controller = Controller.attached(.rp(.current3000))
    let before = controller.bus.writes.count
    controller.perform(.setVCONN(true), at: at(20))
    controller.commit(at: at(20))
    controller.perform(.setVCONN(false), at: at(30))
    controller.perform(.setOrientation(nil), at: at(30))
    controller.commit(at: at(30))
    let writes = controller.bus.writes.dropFirst(before)
    #expect(writes.map(\.register) == [0x1C, 0x1C, 0x1A, 0x2E, 0x2F])
    #expect(writes.prefix(2).map(\.bytes) == [[0x21], [0x20]])
    // A chip without it says so at once.
    var other = Controller(bus: TCPCIScript(0x20))
    other.bus.memory[0x24] = [0x07, 0x06]
    other.start(at: .zero)
    other.poll(at: .zero)
    other.perform(.setVCONN(true), at: at(1))
    #expect(other.drain() == [.enable, .vconnFault])
  }

  // MARK: Pins

  private func levels(_ controller: inout Controller) -> [CCLevels] {
    controller.drain().compactMap { if case .cc(let levels) = $0 { levels } else { nil } }
  }

  @Test(
    "CC_STATUS by the own termination",
    arguments: [
      (Termination.rd, UInt8(0x11), CCLevels(.rpDefault, .open)), (.rd, 0x18, CCLevels(.open, .rp1500)),
      (.rd, 0x13, CCLevels(.rp3000, .open)), (.rp(.current3000), 0x06, CCLevels(.rd, .ra)),
      (.rp(.usbDefault), 0x08, CCLevels(.open, .rd)), (.rp(.usbDefault), 0x0C, CCLevels(.open, .open)),
    ])
  func pins(_ termination: Termination, _ status: UInt8, _ expected: CCLevels) {
    var controller = Controller(bus: TCPCIScript(0x20))
    controller.start(at: .zero)
    controller.poll(at: .zero)
    controller.perform(.terminate(termination), at: at(10))
    controller.commit(at: at(10))
    _ = controller.drain()
    controller.bus.memory[0x1D] = [status]
    // What is seen before the pins have settled may be from before.
    controller.bus.answers[0x10] = [[0x01, 0x00]]
    controller.interrupt(at: at(11))
    #expect(levels(&controller) == [])
    controller.poll(at: at(13))
    #expect(levels(&controller) == [expected])
    controller.poll(at: at(40))
    #expect(levels(&controller) == [])
  }

  @Test("While the chip looks for somebody its pins say nothing; with a partner only its own pin counts")
  func otherPin() {
    var controller = Controller.attached(.rp(.current3000))
    for (step, (status, expected)) in [
      (UInt8(0x22), [CCLevels]()), (0x02, [CCLevels(.rd, .open)]), (0x0A, []),
      (0x00, [CCLevels(.open, .open)]),
    ].enumerated() {
      controller.bus.memory[0x1D] = [status]
      controller.poll(at: at(20 + 10 * Int64(step)))
      #expect(levels(&controller) == expected)
    }
  }

  // MARK: VBUS

  private func vbus(_ controller: inout Controller) -> [VBUSLevel] {
    controller.drain().compactMap { if case .vbus(let level) = $0 { level } else { nil } }
  }

  @Test(
    "Where VBUS is, by what the chip has",
    arguments: [
      // VBUS_VOLTAGE, POWER_STATUS, EXTENDED_STATUS
      (UInt8(0x20), true, UInt16(200), UInt8(0x0C), UInt8(0), VBUSLevel.present),
      (0x20, true, 32, 0x08, 0, .safe0V),
      (0x20, true, 33, 0x08, 1, .absent), (0x20, false, 0, 0x08, 1, .safe0V),
      (0x20, false, 0, 0x08, 0, .absent),
      (0x10, false, 0, 0x08, 0, .safe0V), (0x10, true, 100, 0x08, 0, .absent),
      // A scale that is none: as if it did not measure.
      (0x20, true, 0x0C00, 0x08, 0, .absent), (0x20, true, 0x0411, 0x08, 0, .absent),
      (0x20, true, 0x0808, 0x08, 1, .safe0V),
    ])
  func vbusLevels(
    _ interface: UInt8, _ measures: Bool, _ voltage: UInt16, _ power: UInt8, _ extended: UInt8,
    _ level: VBUSLevel
  ) {
    var controller = Controller(bus: TCPCIScript(interface))
    controller.bus.memory[0x24] = [0x1F, measures ? 0x06 : 0x02]
    controller.start(at: .zero)
    controller.poll(at: .zero)
    controller.bus.memory[0x1E] = [power]
    controller.bus.memory[0x20] = [extended]
    controller.bus.memory[0x70] = [UInt8(truncatingIfNeeded: voltage), UInt8(voltage >> 8)]
    controller.poll(at: at(1))
    #expect(vbus(&controller) == [level])
  }

  @Test("In a low contract the threshold follows, and the chip's own word for VBUS does not count")
  func lowContract() {
    var controller = Controller.attached()
    controller.bus.memory[0x1E] = [0x0C]
    controller.bus.memory[0x70] = [200, 0]
    controller.poll(at: at(20))
    #expect(vbus(&controller) == [.present])
    let current = Milliamperes(1_000)
    controller.perform(
      .draw(SinkAllowance(.contract, voltage: Millivolts(3_300), current: current)), at: at(21))
    controller.commit(at: at(21))
    #expect(
      controller.bus.memory[0x72] == [105, 0] && controller.bus.written(to: 0x10).last == [0x00, 0x08])
    controller.bus.memory[0x1E] = [0x08]
    var found: [[VBUSLevel]] = []
    for (step, voltage) in [UInt8(132), 105, 32].enumerated() {
      controller.bus.memory[0x70] = [voltage, 0]
      controller.poll(at: at(30 + 10 * Int64(step)))
      found.append(vbus(&controller))
    }
    #expect(found == [[], [.absent], [.safe0V]])
    // On the way up VBUS is still where it was.
    controller.bus.memory[0x70] = [132, 0]
    controller.perform(
      .draw(SinkAllowance(.contract, voltage: Millivolts(9_000), current: current)), at: at(61))
    controller.poll(at: at(70))
    #expect(vbus(&controller) == [.present])
    controller.perform(
      .draw(SinkAllowance(.contract, voltage: Millivolts(9_000), current: current)), at: at(71))
    controller.commit(at: at(71))
    #expect(controller.bus.memory[0x72] == [0x8C, 0x00])
  }

  @Test(
    "Without a measurement the threshold's alert tells",
    arguments: [(true, false), (false, false), (true, true)])
  func disconnectAlert(_ isLow: Bool, _ measures: Bool) {
    var controller = Controller(bus: TCPCIScript(0x20))
    controller.bus.memory[0x24] = [0x1F, measures ? 0x06 : 0x02]
    controller.bus.memory[0x70] = [132, 0]
    controller.start(at: .zero)
    controller.poll(at: .zero)
    controller.perform(.terminate(.rd), at: at(1))
    controller.perform(.setOrientation(.cc1), at: at(1))
    let allowance = SinkAllowance(
      .contract, voltage: Millivolts(isLow ? 3_300 : 9_000), current: Milliamperes(1_000))
    controller.perform(.draw(allowance), at: at(1))
    controller.commit(at: at(1))
    controller.bus.memory[0x1E] = [0x0C]
    controller.poll(at: at(20))
    _ = controller.drain()
    controller.bus.answers[0x10] = [[0x00, 0x08]]
    controller.interrupt(at: at(21))
    #expect(vbus(&controller) == (isLow && !measures ? [.absent] : []))
  }

  // MARK: Faults

  @Test(
    "A chip that has lost its registers is started anew",
    arguments: [(0x12, [0xFF, 0x0F]), (0x12, [0, 0]), (0x1F, [0x80]), (0x1E, [0x48])] as [(UInt8, [UInt8])])
  func lostRegisters(_ register: UInt8, _ bytes: [UInt8]) {
    var controller = Controller.attached()
    controller.bus.answers[register] = [bytes]
    controller.poll(at: at(20))
    #expect(controller.condition == .failed(.chipWasReset) && controller.statistics.chipResets == 1)
    #expect(controller.drain() == [.disable])
    controller.poll(at: at(30))
    // Its partner sees open pins for tErrorRecovery.
    #expect(controller.condition == .starting && controller.bus.memory[0x1A] == [0x0F])
    controller.poll(at: at(200))
    #expect(controller.condition == .starting)
    controller.poll(at: at(300))
    #expect(controller.condition == .running && controller.drain() == [.enable])
  }

  @Test("VCONN over-current is reported and cleared, the fault before its alert")
  func vconnFault() {
    var controller = Controller.attached(.rp(.current3000))
    controller.perform(.setVCONN(true), at: at(20))
    controller.commit(at: at(20))
    controller.bus.answers[0x10] = [[0x00, 0x02]]
    controller.bus.answers[0x1F] = [[0x02]]
    controller.interrupt(at: at(21))
    #expect(controller.drain().contains(.vconnFault))
    let before = controller.bus.writes.count
    controller.commit(at: at(21))
    let writes = controller.bus.writes.dropFirst(before)
    #expect(writes.map(\.register) == [0x1F, 0x10, 0x1C])
    #expect(writes.map(\.bytes) == [[0x02], [0x00, 0x02], [0x20]])
  }

  @Test("After an error on its bus the chip gets all registers again, and the port goes on")
  func busFault() {
    var controller = Controller.attached()
    controller.bus.answers[0x1F] = [[0x01]]
    controller.poll(at: at(20))
    let before = controller.bus.writes.count
    controller.commit(at: at(20))
    let registers = Set(controller.bus.writes.dropFirst(before).map(\.register))
    #expect(registers == [0x1F, 0x10, 0x2F, 0x1C, 0x1A, 0x19, 0x72, 0x2E, 0x12])
    #expect(controller.condition == .running && controller.statistics.busErrors == 1)
    #expect(!controller.drain().contains(.disable))
  }

  // MARK: Paths

  @Test("A board whose paths hang on the chip gets its commands, others none")
  func paths() {
    let current = Milliamperes(3_000)
    let high = PowerContract(request: 0x2303_70DC, of: SourcePDO(rawValue: 0x0002_D12C), isEPR: false)
    let actions: [PortAction] = [
      .supply(.on(current)), high.map { .supply(.transition($0)) }, .supply(.off),
      .draw(SinkAllowance(.typeC, voltage: Millivolts(5_000), current: current)),
      .draw(SinkAllowance(.nothing, voltage: .zero, current: .zero)),
    ].compactMap { $0 }
    for (paths, expected) in [
      (TCPCIPaths.none, [UInt8]()), (.source, [0x66, 0x77, 0x66]), (.sink, [0x44, 0x55, 0x44]),
      ([.source, .highVoltageSource], [0x66, 0x77, 0x88, 0x66]),
    ] {
      var options = TCPCIOptions()
      options.paths = paths
      var controller = Controller.attached(.rp(.current3000), options: options)
      for action in actions {
        controller.perform(action, at: at(20))
        controller.commit(at: at(20))
      }
      #expect(controller.bus.written(to: 0x23).map { $0[0] }.filter { $0 != 0x33 } == expected)
    }
  }

  @Test(
    "A path that the chip has opened by itself is a fault of the supply, where it is one",
    arguments: [(UInt8(0x04), SupplyFault.overVoltage), (0x08, .overCurrent), (0x40, .stageFailure)])
  func pathFault(_ bits: UInt8, _ fault: SupplyFault) {
    for paths in [TCPCIPaths.none, .source] {
      var options = TCPCIOptions()
      options.paths = paths
      var controller = Controller.attached(.rp(.current3000), options: options)
      controller.perform(.supply(.on(Milliamperes(3_000))), at: at(20))
      controller.commit(at: at(20))
      controller.bus.answers[0x1F] = [[bits]]
      controller.poll(at: at(40))
      #expect(controller.drain().contains(.supply(.fault(fault))) == (paths == .source))
      controller.commit(at: at(40))
      #expect(controller.bus.written(to: 0x1F).last == [bits])
    }
  }
}
