import PortControllers
import PortEngine
import PowerDelivery
import Quantities
import RegisterBus
import Simulator
import Testing

/// A call of the bus that goes wrong, in one way.
struct CallFault: Sendable, CustomTestStringConvertible {
  var side: Side
  var kind: BusFault.Kind
  var testDescription: String { "\(side) \(kind)" }

  static let all: [CallFault] = [
    CallFault(side: .charger, kind: .refused), CallFault(side: .charger, kind: .cutAfter(1)),
    CallFault(side: .charger, kind: .answerLost), CallFault(side: .phone, kind: .refused),
    CallFault(side: .phone, kind: .answerLost),
  ]
}

@Suite("FUSB302: what breaks is reported, VBUS goes off, and the port comes back")
struct FaultTests {
  private func runningLink() -> ChipLink {
    let link = ChipLink(ChipLink.fixed(9_000))
    link.start()
    _ = link.runToContract()
    return link
  }

  /// Runs until VBUS is gone, then until there is a contract again.
  private func recovers(_ link: ChipLink) -> Bool {
    let fell = link.run(milliseconds: 400) { $0.bench.stage.voltage < Millivolts(800) }
    return fell && link.runToContract(milliseconds: 4_000)
  }

  @Test("Every single call of the bus, in every way", arguments: CallFault.all)
  func everyCall(_ fault: CallFault) {
    let reference = runningLink()
    let calls = reference.bench.calls[fault.side.index]
    var failed: [Int] = []
    var reported = 0
    for call in 0..<calls {
      let link = ChipLink(ChipLink.fixed(9_000))
      link.bench.busFaults[fault.side.index] = [BusFault(call: call, fault.kind)]
      link.start()
      _ = link.run(milliseconds: 1_000) { $0.bench.calls[fault.side.index] > call }
      let port = fault.side == .charger ? link.charger : link.phone
      if port.controller.statistics.busErrors == 1 {
        reported += 1
        // The port is closed, and a source has taken VBUS off before it tries again.
        let isClosed = !port.engine.connection.isAttached
        let isOff = fault.side == .phone || !link.bench.stage.isEnabled
        if !isClosed || !isOff { failed.append(call) }
      }
      if !link.runToContract(milliseconds: 4_000) { failed.append(call) }
    }
    print("➜ \(fault.side) \(fault.kind): \(calls) calls, each failed once, \(reported) of the controller")
    #expect(calls > 60 && reported > 50)
    #expect(failed == [])
  }

  @Test("A chip that loses its registers", arguments: [Side.charger, .phone])
  func chipReset(_ side: Side) {
    let link = runningLink()
    link.bench.chips[side.index].loseSupply(at: link.bench.now)
    let back = recovers(link)
    let port = side == .charger ? link.charger : link.phone
    #expect(back && port.controller.statistics.chipResets == 1)
  }

  @Test("A chip that loses its registers at any moment of a negotiation", arguments: [Side.charger, .phone])
  func chipResetAnywhere(_ side: Side) {
    var failed: [Int64] = []
    for milliseconds in stride(from: Int64(2), to: 240, by: 7) {
      let link = ChipLink(ChipLink.fixed(9_000))
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
    link.run(milliseconds: 300)
    let condition = link.charger.controller.condition
    #expect(condition == .failed(.bus(RegisterBusError(.deviceGone))))
    #expect(!link.charger.engine.connection.isAttached)
    link.bench.isBusGone[0] = false
    let back = recovers(link)
    #expect(back)
  }

  @Test("A converter that loses its registers, is shorted, or runs away", arguments: 0..<3)
  func stage(_ kind: Int) {
    let link = runningLink()
    switch kind {
    case 0: link.bench.stage.loseSupply()
    case 1: link.bench.stage.isShorted = true
    default: link.bench.stage.overVoltage = Millivolts(12_000)
    }
    link.run(milliseconds: 60)
    link.bench.stage.isShorted = false
    link.bench.stage.overVoltage = .zero
    #expect(!link.bench.stage.isEnabled || link.bench.stage.voltage < Millivolts(5_600))
    #expect(link.charger.supervisor?.fault != nil)
    let back = recovers(link)
    #expect(back)
  }

  @Test("A receive FIFO out of step is emptied, and the talk goes on")
  func lostByte() {
    let link = runningLink()
    link.phone.request(.getSourceCapabilities)
    let came = link.run(milliseconds: 50) {
      ($0.bench[.phone, as: FUSB302Model.self]?.receiveFIFO.count ?? 0) > 20
    }
    link.bench[.phone, as: FUSB302Model.self]?.dropReceivedByte()
    link.run(milliseconds: 200)
    let statistics = link.phone.controller.statistics
    #expect(came && statistics.badFrames + statistics.overruns >= 1)
    let back = link.runToContract(milliseconds: 4_000)
    #expect(back)
  }

  @Test("A receive FIFO that overran", arguments: [UInt8(0x00), 0xE0, 0xFF])
  func overrun(_ empty: UInt8) {
    let link = runningLink()
    link.bench[.phone, as: FUSB302Model.self]?.emptyFIFOByte = empty
    let message = Message(.sourceCapabilities, object: 0x0001_912C, header: MessageHeader(rawValue: 0x01A1))
    var bytes: [UInt8] = []
    for index in 0..<message.byteCount { bytes.append(message.bytes[index]) }
    var long = bytes + [UInt8](repeating: 0x11, count: 24)
    long[1] = long[1] & 0x8F | 0x70
    for _ in 0..<4 {
      link.bench.chips[1].hear(.packet(.sop, FUSB302Model.packet(long)), isSound: true, at: link.bench.now)
    }
    let lost = link.bench[.phone, as: FUSB302Model.self]?.lostBytes ?? 0
    link.run(milliseconds: 300)
    #expect(lost > 0 && link.phone.controller.statistics.overruns >= 1)
    let back = link.runToContract(milliseconds: 4_000)
    #expect(back && link.bench[.phone, as: FUSB302Model.self]?.receiveFIFO.isEmpty == true)
  }

  @Test("An interrupt that never goes away costs a bounded number of calls")
  func storm() {
    let link = runningLink()
    let before = link.bench.calls[1]
    link.bench[.phone, as: FUSB302Model.self]?.isBabbling = true
    link.run(milliseconds: 500)
    let calls = link.bench.calls[1] - before
    print("➜ \(calls) calls of the bus in 500 ms of babbling interrupts")
    #expect(link.phone.controller.statistics.interruptStorms > 0)
    // Unbounded it would be one or two a millisecond: every call takes half of one and more.
    #expect(calls < 500)
    #expect(link.hasContract)
  }

  @Test("VCONN that draws too much is switched off")
  func vconnOverload() {
    let link = ChipLink(ChipLink.fixed(9_000), bench: ChipBench(hasMarker: true))
    link.start()
    _ = link.runToContract()
    let before = link.bench.chips[0].termination(of: .cc2)
    link.bench[.charger, as: FUSB302Model.self]?.overloadVCONN()
    link.run(milliseconds: 20)
    #expect(before == .vconn && link.bench.chips[0].termination(of: .cc2) != .vconn)
  }

  @Test("Another chip at the address is not driven")
  func wrongDevice() {
    let link = ChipLink(ChipLink.fixed(9_000))
    link.bench[.charger, as: FUSB302Model.self]?.deviceID = 0xFF
    link.start()
    link.run(milliseconds: 200)
    #expect(link.charger.controller.condition == .failed(.wrongDevice(0xFF)))
    #expect(link.charger.engine.connection == .disabled)
  }

  @Test("A stopped controller acknowledges nothing and presents nothing", arguments: [false, true])
  func stop(_ keepsRd: Bool) {
    var options = FUSB302Options()
    options.keepsRdWhenStopped = keepsRd
    let link = ChipLink(ChipLink.fixed(9_000), options: options)
    link.start()
    _ = link.runToContract()
    link.phone.controller.stop(at: link.bench.now)
    link.phone.drain()
    let wanted: PinTermination = keepsRd ? .rd : .open
    #expect(link.bench.chips[1].termination(of: .cc1) == wanted)
    #expect(link.phone.engine.connection == .disabled && link.phone.controller.nextDeadline == nil)
    let count = link.bench.log.count
    link.bench.chips[1].hear(
      .packet(.sop, FUSB302Model.packet([0xA1, 0x01])), isSound: true, at: link.bench.now)
    let last = link.bench.now + Nanoseconds(2_000_000)
    link.bench.advance(to: last)
    #expect(link.bench.log.dropFirst(count).allSatisfy { $0.sender == .charger })
  }
}
