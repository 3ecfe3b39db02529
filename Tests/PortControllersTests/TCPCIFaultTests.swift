import PortControllers
import PortEngine
import PowerDelivery
import Quantities
import RegisterBus
import Simulator
import Testing

@Suite("TCPCI: what breaks is reported, VBUS goes off, and the port comes back")
struct TCPCIFaultTests {
  private func newLink(_ interface: TCPCIModel.Interface = .r2, _ options: TCPCIOptions = TCPCIOptions())
    -> ChipLink
  {
    TCPCIPlugging(charger: .tcpci(interface, options), phone: .tcpci(interface, options)).link
  }

  private func runningLink(_ interface: TCPCIModel.Interface = .r2) -> ChipLink {
    let link = newLink(interface)
    link.start()
    _ = link.runToContract()
    return link
  }

  /// Runs until VBUS is gone, then until there is a contract again.
  private func recovers(_ link: ChipLink) -> Bool {
    let fell = link.run(milliseconds: 400) { $0.bench.stage.voltage < Millivolts(800) }
    return fell && link.runToContract(milliseconds: 4_000)
  }

  private func port(_ link: ChipLink, _ side: Side) -> ChipPort {
    side == .charger ? link.charger : link.phone
  }

  @Test("Every single call of the bus, in every way", arguments: CallFault.all, [true, false])
  func everyCall(_ fault: CallFault, _ readsAhead: Bool) {
    let options = readsAhead ? TCPCIOptions() : TCPCIPlugging.exact
    let interface = readsAhead ? TCPCIModel.Interface.r2 : .r1
    let reference = newLink(interface, options)
    reference.start()
    _ = reference.runToContract()
    let calls = reference.bench.calls[fault.side.index]
    var failed: [Int] = []
    var reported = 0
    for call in 0..<calls {
      let link = newLink(interface, options)
      link.bench.busFaults[fault.side.index] = [BusFault(call: call, fault.kind)]
      link.start()
      _ = link.run(milliseconds: 1_000) { $0.bench.calls[fault.side.index] > call }
      let port = port(link, fault.side)
      if port.controller.statistics.busErrors == 1 {
        reported += 1
        // The port is closed, and a source has taken VBUS off before it tries again.
        let isClosed = !port.engine.connection.isAttached
        let isOff = fault.side == .phone || !link.bench.stage.isEnabled
        if !isClosed || !isOff { failed.append(call) }
      }
      if !link.runToContract(milliseconds: 4_000) { failed.append(call) }
    }
    print(
      "➜ TCPCI \(fault.side) \(fault.kind): \(calls) calls, each failed once, \(reported) of the controller")
    #expect(calls > 40 && reported > 30)
    #expect(failed == [])
  }

  @Test(
    "A chip that loses its registers, whatever its masks are then", arguments: [Side.charger, .phone],
    [UInt16(0x0FFF), 0x0000, 0x7FFF])
  func chipReset(_ side: Side, _ mask: UInt16) {
    let link = runningLink()
    link.bench[side, as: TCPCIModel.self]?.alertMaskAtReset = mask
    link.bench.chips[side.index].loseSupply(at: link.bench.now)
    let back = recovers(link)
    #expect(back && port(link, side).controller.statistics.chipResets == 1)
  }

  @Test(
    "A chip that loses its registers at any moment of a negotiation", arguments: [Side.charger, .phone],
    [TCPCIModel.Interface.r1, .r2])
  func chipResetAnywhere(_ side: Side, _ interface: TCPCIModel.Interface) {
    var failed: [Int64] = []
    for milliseconds in stride(from: Int64(2), to: 280, by: 7) {
      let link = newLink(interface)
      link.start()
      link.run(milliseconds: milliseconds)
      link.bench.chips[side.index].loseSupply(at: link.bench.now)
      link.run(milliseconds: 60)
      if !link.runToContract(milliseconds: 4_000) { failed.append(milliseconds) }
    }
    #expect(failed == [])
  }

  @Test("A bus that goes away and returns")
  func busGone() {
    let link = runningLink()
    link.bench.isBusGone[0] = true
    let before = link.bench.calls[0]
    link.run(milliseconds: 300)
    #expect(link.charger.controller.condition == .failed(.bus(RegisterBusError(.deviceGone))))
    #expect(!link.charger.engine.connection.isAttached)
    // It is asked less and less often; the stage makes calls of its own.
    let errors = link.charger.controller.statistics.busErrors
    #expect(link.bench.calls[0] > before && errors >= 4 && errors <= 8)
    link.bench.isBusGone[0] = false
    let back = recovers(link)
    #expect(back)
  }

  @Test("A chip that does not get ready again is waited for")
  func slowChip() {
    let link = runningLink()
    link.bench[.phone, as: TCPCIModel.self]?.neverReady = true
    link.bench.chips[1].loseSupply(at: link.bench.now)
    link.run(milliseconds: 1_500)
    let timedOut = RegisterBusError(.timedOut, address: BusAddress(rawValue: 0x50))
    #expect(
      link.phone.controller.condition == .failed(.bus(timedOut))
        || link.phone.controller.condition == .starting)
    #expect(!link.phone.engine.connection.isAttached)
    link.bench[.phone, as: TCPCIModel.self]?.neverReady = false
    let back = link.runToContract(milliseconds: 6_000)
    #expect(back)
  }

  @Test("An interrupt that never goes away costs a bounded number of calls, and the port goes on")
  func storm() {
    let link = runningLink()
    let before = link.bench.calls[1]
    link.bench[.phone, as: TCPCIModel.self]?.isBabbling = true
    link.run(milliseconds: 500)
    let calls = link.bench.calls[1] - before
    print("➜ TCPCI: \(calls) calls of the bus in 500 ms of babbling interrupts")
    #expect(link.phone.controller.statistics.interruptStorms > 0)
    #expect(calls < 300)
    #expect(link.hasContract)
    link.phone.request(.getSourceCapabilities)
    link.run(milliseconds: 100)
    #expect(link.phone.notices.contains(.requestEnded(.getSourceCapabilities, .done)) && link.hasContract)
    link.bench[.phone, as: TCPCIModel.self]?.isBabbling = false
    link.run(milliseconds: 200)
    let quiet = link.bench.calls[1]
    link.run(milliseconds: 200)
    #expect(link.bench.calls[1] - quiet < 30 && link.phone.controller.takesInterrupts)
  }

  @Test("VCONN that draws too much is switched off")
  func vconnOverload() {
    let link = TCPCIPlugging(hasMarker: true).link
    link.start()
    _ = link.runToContract()
    let before = link.bench.chips[0].termination(of: .cc2)
    link.bench[.charger, as: TCPCIModel.self]?.overloadVCONN()
    link.run(milliseconds: 20)
    #expect(before == .vconn && link.bench.chips[0].termination(of: .cc2) != .vconn)
    #expect(link.charger.events.contains(.vconnFault))
    #expect(link.bench.chips[0].read(1, from: 0x1F, at: link.bench.now) == [0])
    #expect(link.bench.chips[0].read(1, from: 0x1C, at: link.bench.now)[0] & 0x01 == 0)
  }

  @Test("An error on the chip's bus writes everything again, and the contract stays")
  func busError() {
    let link = runningLink()
    link.bench.chips[0].write([0x0E], to: 0x1A, at: link.bench.now)
    link.bench[.charger, as: TCPCIModel.self]?.raise(fault: 0x01)
    link.run(milliseconds: 20)
    #expect(link.bench.chips[0].termination(of: .cc1) == .rp(.current3000) && link.hasContract)
    #expect(link.bench.chips[0].read(1, from: 0x1F, at: link.bench.now) == [0])
  }

  @Test("Messages that found no room are counted, and the talk goes on")
  func overflow() {
    let link = runningLink()
    // Answers to nothing: the engine ignores them, or ends in a reset; either way it comes back.
    for id in UInt8(0)..<4 {
      let packet = ChipSignal.packet(.sop, FUSB302Model.packet([0xA3, 0x01 | id << 1]))
      link.bench.chips[1].hear(packet, isSound: true, at: link.bench.now)
      let later = link.bench.now + Nanoseconds(1_000_000)
      link.bench.advance(to: later)
    }
    let lost = link.bench[.phone, as: TCPCIModel.self]?.lostMessages ?? 0
    link.run(milliseconds: 100)
    #expect(lost > 0 && link.phone.controller.statistics.overruns == 1)
    let back = link.runToContract(milliseconds: 6_000)
    #expect(back)
  }

  @Test(
    "Counts of a chip that lies never bring a wrong message, and the port comes back",
    arguments: [UInt8(0), 1, 2, 4, 26, 29, 30, 32, 200, 255])
  func hostileCounts(_ count: UInt8) {
    for options in [TCPCIOptions(), TCPCIPlugging.exact] {
      let link = TCPCIPlugging(phone: .tcpci(.r2, options)).link
      link.start()
      _ = link.runToContract()
      let received = link.phone.controller.statistics.messagesReceived
      link.bench[.phone, as: TCPCIModel.self]?.falseCount = count
      link.phone.request(.getSourceCapabilities)
      link.run(milliseconds: 20)
      let statistics = link.phone.controller.statistics
      #expect(statistics.messagesReceived == received)
      #expect((statistics.badFrames > 0) == (count >= 3))
      // The buffer is free again.
      #expect(link.bench[.phone, as: TCPCIModel.self]?.received.isEmpty == true)
      link.bench[.phone, as: TCPCIModel.self]?.falseCount = nil
      let back = link.runToContract(milliseconds: 6_000)
      #expect(back)
    }
  }

  @Test(
    "A transmitter that is never heard of again does not hold the port", arguments: [Side.charger, .phone])
  func stuckTransmitter(_ side: Side) {
    let link = runningLink()
    link.bench[side, as: TCPCIModel.self]?.isTransmitterStuck = true
    port(link, side).request(side == .charger ? .getSinkCapabilities : .getSourceCapabilities)
    link.run(milliseconds: 300)
    #expect(port(link, side).events.contains(.transmitted(.discarded)))
    link.bench[side, as: TCPCIModel.self]?.isTransmitterStuck = false
    let back = link.runToContract(milliseconds: 6_000)
    #expect(back)
    #expect(link.bench[side, as: TCPCIModel.self]?.commands.contains(0xDD) == true)
  }

  @Test("Another chip at the address is not driven")
  func wrongDevice() {
    let link = newLink()
    link.bench[.charger, as: TCPCIModel.self]?.vendor = 0xFFFF
    link.start()
    link.run(milliseconds: 200)
    #expect(link.charger.controller.condition == .failed(.wrongDevice(0xFFFF_5110)))
    #expect(link.charger.engine.connection == .disabled)
  }

  @Test("A stopped controller acknowledges nothing and presents nothing", arguments: [false, true])
  func stop(_ keepsRd: Bool) {
    var options = TCPCIOptions()
    options.keepsRdWhenStopped = keepsRd
    let link = newLink(.r2, options)
    link.start()
    _ = link.runToContract()
    link.phone.controller.stop(at: link.bench.now)
    link.phone.drain()
    let wanted: PinTermination = keepsRd ? .rd : .open
    #expect([CCPin.cc1, .cc2].allSatisfy { link.bench.chips[1].termination(of: $0) == wanted })
    #expect(link.phone.engine.connection == .disabled && link.phone.controller.nextDeadline == nil)
    #expect(!link.bench.chips[1].acknowledges && !link.bench.interruptIsLow(.phone))
    link.phone.controller.start(at: link.bench.now)
    let back = link.runToContract(milliseconds: 4_000)
    #expect(back)
  }
}
