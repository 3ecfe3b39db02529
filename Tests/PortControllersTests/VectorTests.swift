import LineCode
import PortControllers
import PortEngine
import PowerDelivery
import Quantities
import RegisterBus
import Simulator
import Testing

/// A bus that answers from a script and keeps what was written: register by register, in order.
struct ScriptedBus: RegisterBus {
  /// What reads of a register bring, one after the other; then what `memory` holds.
  var answers: [UInt8: [[UInt8]]] = [:]
  var memory: [UInt8: UInt8] = [0x01: 0x91]
  var writes: [(register: UInt8, bytes: [UInt8])] = []

  mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
    for index in 0..<batch.count {
      guard let operation = batch.operation(index) else { continue }
      if operation.direction == .write {
        let bytes = (0..<operation.count).map { batch.byte($0, of: index) }
        writes.append((operation.register, bytes))
        memory[operation.register] = bytes.last
        continue
      }
      var bytes = [UInt8](repeating: 0, count: operation.count)
      if operation.register != 0x43 { bytes[0] = memory[operation.register] ?? 0 }
      if let next = answers[operation.register]?.first {
        answers[operation.register]?.removeFirst()
        for place in bytes.indices where place < next.count { bytes[place] = next[place] }
      }
      for (position, byte) in bytes.enumerated() { batch.store(byte, at: position, of: index) }
    }
  }

  func written(to register: UInt8) -> [[UInt8]] { writes.filter { $0.register == register }.map(\.bytes) }
}

/// A packet and the tokens that send it.
struct TokenVector: Sendable {
  var message: ShortMessage
  var tokens: [UInt8]
}

func bytes(_ text: String) -> [UInt8] { text.split(separator: " ").compactMap { UInt8($0, radix: 16) } }

private func message(_ header: UInt16, _ words: [UInt32] = [], _ orderedSet: OrderedSet = .sop)
  -> ShortMessage
{
  var message = ShortMessage(header: MessageHeader(rawValue: header & 0x8FFF), orderedSet: orderedSet)
  for word in words { message.append(word) }
  return message
}

@Suite("FUSB302: bytes on the bus")
struct VectorTests {
  /// A controller that was started and has a partner on CC1.
  private func attached(
    _ termination: Termination = .rd, _ options: FUSB302Options = FUSB302Options()
  ) -> FUSB302<ScriptedBus> {
    var controller = FUSB302(bus: ScriptedBus(), options: options)
    controller.start(at: .zero)
    controller.poll(at: Instant(nanoseconds: 10_000_000))
    controller.perform(.terminate(termination), at: Instant(nanoseconds: 11_000_000))
    controller.perform(.setOrientation(.cc1), at: Instant(nanoseconds: 12_000_000))
    controller.perform(.listen(.sopAndPrime), at: Instant(nanoseconds: 12_000_000))
    var header = MessageHeader()
    header.specificationRevision = .revision3
    header.portPowerRole = termination == .rd ? .sink : .source
    header.portDataRole = termination == .rd ? .upstreamFacing : .downstreamFacing
    controller.perform(.setGoodCRCHeader(header), at: Instant(nanoseconds: 12_000_000))
    controller.commit(at: Instant(nanoseconds: 12_000_000))
    while controller.nextEvent() != nil {}
    return controller
  }

  private static let request: UInt32 = 0x2303_70DC

  @Test(
    "Tokens of a packet",
    arguments: [
      TokenVector(
        message: message(0x1082, [request]), tokens: bytes("12 12 12 13 86 82 10 DC 70 03 23 FF 14 FE A1")),
      TokenVector(message: message(0x0163), tokens: bytes("12 12 12 13 82 63 01 FF 14 FE A1")),
      TokenVector(
        message: message(0x000F, [0xFF00_8001], .sopPrime),
        tokens: bytes("12 12 1B 1B 86 0F 10 01 80 00 FF FF 14 FE A1")),
      TokenVector(
        message: message(0x000F, [0xFF00_8001], .sopDoublePrime),
        tokens: bytes("12 1B 12 1B 86 0F 10 01 80 00 FF FF 14 FE A1")),
    ])
  func tokens(_ vector: TokenVector) {
    var controller = attached()
    controller.perform(.transmit(vector.message), at: Instant(nanoseconds: 13_000_000))
    controller.commit(at: Instant(nanoseconds: 13_000_000))
    #expect(controller.bus.written(to: 0x43) == [vector.tokens])
    // The FIFO is flushed in the same call, before.
    #expect(controller.bus.writes.suffix(2).first?.register == 0x06)
    #expect((controller.bus.writes.suffix(2).first?.bytes.first ?? 0) & 0x40 == 0x40)
  }

  @Test("A packet of seven objects has 39 tokens")
  func longest() {
    var controller = attached()
    controller.perform(.transmit(message(0x0161, [1, 2, 3, 4, 5, 6, 7])), at: .zero)
    controller.commit(at: .zero)
    let tokens = controller.bus.written(to: 0x43).first ?? []
    #expect(tokens.count == 39 && tokens[4] == 0x9E)
  }

  @Test("The vectors of received frames, with and without reading ahead", arguments: [true, false])
  func frames(_ readsAhead: Bool) {
    var options = FUSB302Options()
    options.readsAhead = readsAhead
    let vectors: [(String, UInt16?)] = [
      ("E0 82 10 DC 70 03 23 32 CF 63 33", 0x1082),
      (
        "E0 A1 63 2C 91 01 08 2C D1 02 00 2C C1 03 00 2C B1 04 00 45 41 06 00 3C 21 DC C0 CD DD D7 89",
        0x63A1
      ),
      ("E0 41 02 97 0D B5 46", nil), ("E0 21 01 8A 37 41 BA", nil),
      ("FF 82 10 DC 70 03 23 32 CF 63 33", 0x1082), ("E0 82 10 DC 70 03 23 32 CF 63 32", nil),
    ]
    var found: [UInt16?] = []
    for (text, _) in vectors {
      var controller = attached(.rd, options)
      let frame = bytes(text)
      controller.bus.answers[0x3C] = [bytes("00 01 00 01 92 08 50")]
      let parts = frame.count > 7 ? [Array(frame[..<7]), Array(frame[7...])] : [frame]
      controller.bus.answers[0x43] = parts
      // STATUS0 and STATUS1 before and after each part.
      let more = bytes("92 08"), empty = bytes("92 28")
      let after = parts.count > 1 ? [more, more, empty] : [empty]
      controller.bus.answers[0x40] = readsAhead ? after : [more] + after
      controller.interrupt(at: Instant(nanoseconds: 20_000_000))
      var header: UInt16?
      while let event = controller.nextEvent() {
        if case .received(let message) = event { header = message.header.rawValue }
      }
      found.append(header)
    }
    #expect(found == vectors.map(\.1))
  }

  @Test("The status bursts of the vectors")
  func bursts() {
    let first = bytes("00 01 04 01 92 08 50")
    #expect(FUSB302Status1A(rawValue: first[1]).isSOP && FUSB302InterruptA(rawValue: first[2]).sent)
    #expect(FUSB302InterruptB(rawValue: first[3]).goodCRCSent)
    let status = FUSB302Status0(rawValue: first[4])
    #expect(status.vbusOK && status.crcCheck && status.batteryLevel == .below1230mV && !status.activity)
    let fifos = FUSB302Status1(rawValue: first[5])
    #expect(fifos.transmitIsEmpty && !fifos.receiveIsEmpty)
    let interrupt = FUSB302Interrupt(rawValue: first[6])
    #expect(interrupt.activity && interrupt.crcCheck && !interrupt.collision)
    let second = bytes("10 00 10 00 82 28 00")
    #expect(
      FUSB302Status0A(rawValue: second[0]).retriesFailed
        && FUSB302InterruptA(rawValue: second[2]).retriesFailed)
    #expect(FUSB302Status1(rawValue: second[5]) == .resetValue)
  }

  @Test("A packet that nobody acknowledged is reported as the second burst says")
  func retriesFailed() {
    var controller = attached()
    controller.perform(.transmit(message(0x0163)), at: Instant(nanoseconds: 13_000_000))
    controller.commit(at: Instant(nanoseconds: 13_000_000))
    controller.bus.answers[0x3C] = [bytes("10 00 10 00 82 28 00")]
    controller.bus.answers[0x40] = [bytes("82 28 00")]
    controller.interrupt(at: Instant(nanoseconds: 18_000_000))
    var events: [PortEvent] = []
    while let event = controller.nextEvent() { events.append(event) }
    #expect(events.first == .transmitted(.notAcknowledged))
  }

  @Test("The registers of a sink and of a source on CC1")
  func roles() {
    let sink = attached().bus
    #expect([sink.memory[0x02], sink.memory[0x03], sink.memory[0x07]] == [0x07, 0x25, 0x01])
    #expect([sink.memory[0x09], sink.memory[0x0B], sink.memory[0x0A]] == [0x05, 0x0F, 0x75])
    let source = attached(.rp(.current3000)).bus
    #expect([source.memory[0x02], source.memory[0x03], source.memory[0x06]] == [0x44, 0xB5, 0x0C])
    #expect(source.memory[0x04] == 0x3E)
    var options = FUSB302Options()
    options.acknowledgesInRevision3 = true
    #expect(attached(.rd, options).bus.memory[0x03] == 0x45)
  }

  @Test("Start-up: reset, identity, power, masks, and old interrupts dropped")
  func startUp() {
    var controller = FUSB302(bus: ScriptedBus())
    controller.start(at: .zero)
    let early = controller.bus.writes.map(\.register)
    #expect(early == [0x0C] && controller.condition == .starting)
    controller.poll(at: Instant(nanoseconds: 1_000_000))
    #expect(controller.bus.writes.count == 1)
    controller.poll(at: Instant(nanoseconds: 5_000_000))
    #expect(controller.condition == .running && controller.nextEvent() == .enable)
    #expect(controller.bus.written(to: 0x0C) == [[0x01], [0x02]])
    #expect(controller.bus.written(to: 0x0E) == [[0x62]] && controller.bus.written(to: 0x0F) == [[0x00]])
  }

  @Test("Hard Reset: the bit is set once, and its end resets the logic")
  func hardReset() {
    var controller = attached()
    controller.perform(.sendHardReset, at: .zero)
    controller.commit(at: .zero)
    controller.commit(at: .zero)
    #expect(controller.bus.written(to: 0x09).filter { $0.first.map { $0 & 0x40 != 0 } ?? false } == [[0x45]])
    controller.bus.answers[0x3C] = [bytes("00 00 08 00 82 28 00")]
    controller.interrupt(at: Instant(nanoseconds: 20_000_000))
    #expect(controller.nextEvent() == .hardResetSent)
    let before = controller.bus.written(to: 0x0C).count
    controller.commit(at: Instant(nanoseconds: 20_000_000))
    #expect(controller.bus.written(to: 0x0C).count == before + 1)
  }

  @Test("Cable Reset goes out as RST-1, Sync-1, RST-1, Sync-3")
  func cableReset() {
    var controller = attached()
    controller.perform(.sendCableReset, at: .zero)
    controller.commit(at: .zero)
    #expect(controller.bus.written(to: 0x43) == [bytes("15 12 15 1B FE A1")])
  }

  @Test("What is asked for without a partner fails at once")
  func detached() {
    var controller = FUSB302(bus: ScriptedBus())
    controller.perform(.transmit(message(0x0163)), at: .zero)
    #expect(controller.nextEvent() == .transmitted(.notAcknowledged))
  }

  @Test("A packet that gives way to a newer one is reported")
  func givesWay() {
    var controller = attached()
    controller.perform(.transmit(message(0x0163)), at: .zero)
    controller.commit(at: .zero)
    controller.perform(.transmit(message(0x0364)), at: .zero)
    #expect(controller.nextEvent() == .transmitted(.discarded) && controller.nextEvent() == nil)
  }

  @Test("A chip that says nothing of a packet does not hold the port")
  func silence() {
    var controller = attached()
    controller.perform(.transmit(message(0x0163)), at: Instant(nanoseconds: 13_000_000))
    controller.commit(at: Instant(nanoseconds: 13_000_000))
    controller.bus.answers[0x40] = [bytes("82 28")]
    controller.poll(at: Instant(nanoseconds: 40_000_000))
    var events: [PortEvent] = []
    while let event = controller.nextEvent() { events.append(event) }
    #expect(events.contains(.transmitted(.notAcknowledged)))
  }

  /// What the controller has for the engine.
  private func events(_ controller: inout FUSB302<ScriptedBus>) -> [PortEvent] {
    var events: [PortEvent] = []
    while let event = controller.nextEvent() { events.append(event) }
    return events
  }

  @Test("A packet that was cut, because it came while an empty FIFO was read, empties the FIFO")
  func cutPacket() {
    var controller = attached()
    controller.bus.answers[0x3C] = [bytes("00 01 00 01 92 28 00")]
    controller.bus.answers[0x43] = [bytes("E0 41 02 97 0D B5 00")]
    controller.bus.answers[0x40] = [bytes("92 28 10")]
    controller.interrupt(at: Instant(nanoseconds: 20_000_000))
    #expect(controller.statistics.overruns == 1 && controller.statistics.badFrames == 1)
  }

  @Test(
    "A whole packet that came then is taken; without it the bytes mean nothing", arguments: [true, false])
  func packetBetween(_ came: Bool) {
    var controller = attached()
    controller.bus.answers[0x3C] = [bytes("00 01 00 00 82 28 80")]
    // PS_RDY, or what an empty FIFO gives: here the same bytes, left over.
    controller.bus.answers[0x43] = [[0xE0] + FUSB302Model.packet([0xA6, 0x05])]
    controller.bus.answers[0x40] = [came ? bytes("92 28 10") : bytes("82 28 00")]
    controller.interrupt(at: Instant(nanoseconds: 20_000_000))
    let received = events(&controller).contains { if case .received = $0 { true } else { false } }
    #expect(received == came && controller.statistics.overruns == 0)
  }

  @Test("A GoodCRC acknowledges only the packet whose MessageID it has", arguments: [0, 1])
  func goodCRC(_ id: UInt8) {
    var controller = attached()
    controller.perform(.transmit(message(0x0082, [Self.request])), at: Instant(nanoseconds: 13_000_000))
    controller.commit(at: Instant(nanoseconds: 13_000_000))
    controller.bus.answers[0x3C] = [bytes("00 01 04 00 92 08 10")]
    controller.bus.answers[0x43] = [[0xE0] + FUSB302Model.packet([0x61, 0x01 | id << 1])]
    controller.bus.answers[0x40] = [bytes("92 28 00")]
    controller.interrupt(at: Instant(nanoseconds: 15_000_000))
    #expect(events(&controller).contains(.transmitted(.acknowledged)) == (id == 0))
  }

  @Test("Rp is believed when two looks agree between messages")
  func levels() {
    var controller = attached()
    var found: [[CCLevel]] = []
    for (index, status) in [UInt8](arrayLiteral: 0x83, 0x83, 0x82, 0x83, 0xC2, 0xC2, 0x82, 0x82).enumerated()
    {
      controller.bus.answers[0x40] = [[status, 0x28]]
      controller.poll(at: Instant(nanoseconds: Int64(20 + 10 * index) * 1_000_000))
      found.append(
        events(&controller).compactMap { if case .cc(let levels) = $0 { levels.cc1 } else { nil } })
    }
    #expect(found == [[], [.rp3000], [], [], [], [], [], [.rp1500]])
  }

  @Test("On its way up from a low contract VBUS is not missed")
  func lowVBUS() {
    var controller = attached()
    let current = Milliamperes(1_000)
    for allowance in [
      SinkAllowance(.contract, voltage: Millivolts(3_300), current: current),
      SinkAllowance(.standby, voltage: Millivolts(11_000), current: current),
    ] { controller.perform(.draw(allowance), at: Instant(nanoseconds: 13_000_000)) }
    controller.bus.answers[0x40] = [[0x03, 0x28]]
    controller.poll(at: Instant(nanoseconds: 20_000_000))
    #expect(!events(&controller).contains(.vbus(.absent)))
  }

  @Test("A collision that shows only when INTERRUPT is read the second time is not lost")
  func lateCollision() {
    var controller = attached()
    controller.perform(.transmit(message(0x0163)), at: Instant(nanoseconds: 13_000_000))
    controller.commit(at: Instant(nanoseconds: 13_000_000))
    controller.bus.answers[0x3C] = [bytes("00 00 00 00 82 28 80")]
    controller.bus.answers[0x40] = [bytes("82 28 02")]
    controller.interrupt(at: Instant(nanoseconds: 14_000_000))
    #expect(events(&controller).contains(.transmitted(.discarded)))
  }
}
