import LineCode
import PortControllers
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import RegisterBus
import Testing

private func message(_ header: UInt16, _ words: [UInt32] = [], _ orderedSet: OrderedSet = .sop)
  -> ShortMessage
{
  var message = ShortMessage(header: MessageHeader(rawValue: header & 0x8FFF), orderedSet: orderedSet)
  for word in words { message.append(word) }
  return message
}

private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

/// The Request of the vectors: object 2, 2.2 A.
private let request = message(0x1082, [0x2303_70DC])
private let capabilities =
  "1B 00 A1 63 2C 91 01 08 2C D1 02 00 2C C1 03 00 2C B1 04 00 45 41 06 00 3C 21 DC C0"

@Suite("TCPCI: bytes on the bus")
struct TCPCIVectorTests {
  private typealias Controller = TCPCI<TCPCIScript>

  // MARK: Sending

  @Test("A Request on r2 is one burst to 0x51, then TRANSMIT with two retries")
  func sendR2() {
    var controller = Controller.attached()
    let before = controller.bus.writes.count
    controller.perform(.transmit(request), at: at(20))
    controller.commit(at: at(20))
    let writes = controller.bus.writes.dropFirst(before)
    #expect(writes.map(\.register) == [0x51, 0x50])
    #expect(writes.map(\.bytes) == [bytes("06 82 10 DC 70 03 23"), [0x20]])
  }

  @Test("On r1 count, header and objects are registers of their own")
  func sendR1() {
    var controller = Controller.attached(interface: 0x10)
    let before = controller.bus.writes.count
    controller.perform(.transmit(request), at: at(20))
    controller.commit(at: at(20))
    controller.perform(.transmit(message(0x0163)), at: at(21))
    controller.commit(at: at(21))
    let writes = controller.bus.writes.dropFirst(before).filter { $0.register != 0x10 && $0.register != 0x23 }
    #expect(writes.map(\.register) == [0x51, 0x52, 0x54, 0x50, 0x51, 0x52, 0x50])
    let expected = ["06", "82 10", "DC 70 03 23", "20", "02", "63 01", "20"].map { bytes($0) }
    #expect(writes.map(\.bytes) == expected)
  }

  @Test(
    "Kind and retries of a packet",
    arguments: [
      (OrderedSet.sop, SpecificationRevision.revision2, UInt8(0x30)), (.sop, .revision3, 0x20),
      (.sopPrime, .revision3, 0x21), (.sopDoublePrime, .revision3, 0x22),
    ])
  func kinds(_ orderedSet: OrderedSet, _ revision: SpecificationRevision, _ byte: UInt8) {
    var controller = Controller.attached(.rp(.current3000), filter: .all, revision: revision)
    controller.perform(.transmit(message(0x000F, [0xFF00_8001], orderedSet)), at: at(20))
    controller.commit(at: at(20))
    #expect(controller.bus.written(to: 0x50) == [[byte]])
  }

  @Test("Hard Reset, Cable Reset and the carrier go without retries")
  func signals() {
    var controller = Controller.attached()
    for action in [PortAction.sendHardReset, .sendCableReset, .startBISTCarrier] {
      controller.perform(action, at: at(20))
      controller.commit(at: at(20))
      controller.commit(at: at(20))
    }
    #expect(controller.bus.written(to: 0x50) == [[0x05], [0x06], [0x07]])
    controller.perform(.stopBISTCarrier, at: at(60))
    controller.commit(at: at(60))
    #expect(controller.bus.writes.last?.register == 0x23 && controller.bus.memory[0x23] == [0xDD])
  }

  @Test("A Hard Reset has left when both results are there; then the receiver is switched on again")
  func hardResetSent() {
    var controller = Controller.attached()
    controller.perform(.sendHardReset, at: at(20))
    controller.commit(at: at(20))
    controller.bus.answers[0x10] = [[0x40, 0x00], [0x50, 0x00]]
    controller.interrupt(at: at(21))
    #expect(controller.drain() == [])
    controller.interrupt(at: at(22))
    #expect(controller.drain() == [.hardResetSent])
    let before = controller.bus.writes.count
    controller.commit(at: at(22))
    let writes = controller.bus.writes.dropFirst(before)
    #expect(writes.map(\.register) == [0x10, 0x2E, 0x2F])
    #expect(writes.map(\.bytes) == [[0x50, 0x00], [0x04], [0x21]])
  }

  @Test(
    "What becomes of a packet",
    arguments: [
      (0x0040, [.transmitted(.acknowledged)]), (0x0010, [.transmitted(.notAcknowledged)]),
      (0x0020, [.transmitted(.discarded)]), (0x0001, []), (0x0000, []),
      (0x0024, [.transmitted(.discarded), .received(request)]),
      (0x0014, [.received(request), .transmitted(.notAcknowledged)]),
      (0x0044, [.transmitted(.acknowledged), .received(request)]),
    ] as [(UInt16, [PortEvent])])
  func results(_ alert: UInt16, _ expected: [PortEvent]) {
    var controller = Controller.attached()
    controller.perform(.transmit(message(0x0163)), at: at(20))
    controller.commit(at: at(20))
    controller.bus.receive(bytes("07 00 82 10 DC 70 03 23"), alert: alert)
    controller.bus.memory[0x12] = [0x7F, 0x2E]
    controller.interrupt(at: at(22))
    let events = controller.drain().filter {
      if case .cc = $0 { false } else if case .vbus = $0 { false } else { true }
    }
    #expect(events == expected)
    // Nothing is reported twice.
    controller.bus.answers[0x10] = [[0x70, 0x00]]
    controller.interrupt(at: at(23))
    let isDone = expected.contains { if case .transmitted = $0 { true } else { false } }
    #expect(controller.drain().count { if case .transmitted = $0 { true } else { false } } == 0 || !isDone)
  }

  @Test("What is asked for without a partner fails at once, and a packet that gives way is reported")
  func noPartner() {
    var idle = Controller(bus: TCPCIScript(0x20))
    idle.perform(.transmit(request), at: .zero)
    #expect(idle.drain() == [.transmitted(.notAcknowledged)])
    var controller = Controller.attached()
    controller.perform(.transmit(request), at: at(20))
    controller.commit(at: at(20))
    controller.perform(.transmit(message(0x0364)), at: at(21))
    controller.commit(at: at(21))
    #expect(controller.drain() == [.transmitted(.discarded)])
    // A result of the old one that is already there is not taken for the new one's.
    let last = controller.bus.writes.suffix(4)
    #expect(last.map(\.register) == [0x10, 0x23, 0x51, 0x50] && last.first?.bytes == [0x70, 0x00])
    #expect(controller.bus.memory[0x23] == [0xDD])
  }

  @Test("A chip that says nothing of a packet does not hold the port; a result that nobody fetched counts")
  func silence() {
    for (alert, event) in [(UInt8(0), TransmissionResult.notAcknowledged), (0x40, .acknowledged)] {
      var controller = Controller.attached()
      controller.perform(.transmit(request), at: at(20))
      controller.commit(at: at(20))
      controller.poll(at: at(39))
      let early = controller.drain().contains { if case .transmitted = $0 { true } else { false } }
      controller.bus.memory[0x10] = [alert, 0]
      controller.poll(at: at(40))
      let events = controller.drain()
      #expect(!early && events.contains(.transmitted(event)))
    }
  }

  // MARK: Receiving

  @Test(
    "The vectors of the receive buffer, on both revisions, read ahead and by count",
    arguments: [UInt8(0x10), 0x20], [true, false])
  func receive(_ interface: UInt8, _ readsAhead: Bool) {
    var options = TCPCIOptions()
    options.readsAhead = readsAhead
    let vectors: [(String, UInt16?, UInt32)] = [
      (capabilities, 0x63A1, 0xC0DC_213C), ("07 00 82 10 DC 70 03 23", 0x1082, 0x2303_70DC),
      ("03 00 A6 03", 0x03A6, 0),
    ]
    for (text, header, last) in vectors {
      var controller = Controller.attached(interface: interface, options: options)
      controller.bus.receive(bytes(text))
      let trips = controller.statistics.roundTrips
      controller.interrupt(at: at(20))
      let received = controller.drain().compactMap {
        if case .received(let message) = $0 { message } else { nil }
      }
      #expect(received.first?.header.rawValue == header && received.count == 1)
      #expect(received.first.map { $0.object(Int($0.wordCount) - 1) } == last)
      #expect(controller.statistics.roundTrips - trips == (readsAhead ? 1 : 2))
      // The buffer is released by the next call, and not before it was read.
      let before = controller.bus.written(to: 0x10).count
      controller.commit(at: at(20))
      #expect(controller.bus.written(to: 0x10).dropFirst(before) == [[0x04, 0x00]])
    }
  }

  @Test("By count nothing is read behind a message")
  func exactReads() {
    var options = TCPCIOptions()
    options.readsAhead = false
    var controller = Controller.attached(options: options)
    controller.bus.receive(bytes(capabilities))
    controller.interrupt(at: at(20))
    let counts = controller.bus.calls.suffix(2).map { $0.filter { $0.register == 0x30 }.map(\.count) }
    #expect(counts == [[1], [28]])
  }

  @Test(
    "Counts that make no sense are rejected, counted, and the buffer released",
    arguments: [
      ("1D 00 A1 63 2C 91 01 08", UInt32(1)), ("1B 00 A1 53 2C 91", 1), ("FF 00 A1 63", 1),
      ("23 00 A1 83", 1),
      ("04 00 A6 03", 1), ("03 05 A6 03", 1), ("03 00 A6 13", 1), ("00 00 00 00", 0), ("02 00 A6 03", 0),
    ], [true, false])
  func badCounts(_ vector: (String, UInt32), _ readsAhead: Bool) {
    var options = TCPCIOptions()
    options.readsAhead = readsAhead
    for interface in [UInt8(0x10), 0x20] {
      var controller = Controller.attached(interface: interface, options: options)
      controller.bus.receive(bytes(vector.0))
      controller.interrupt(at: at(20))
      controller.commit(at: at(20))
      #expect(controller.drain() == [] && controller.statistics.badFrames == vector.1)
      #expect(controller.bus.written(to: 0x10).last == [0x04, 0x00] && controller.condition == .running)
    }
  }

  @Test("An overflow is counted and released together with the message")
  func overflow() {
    var controller = Controller.attached()
    controller.bus.receive(bytes("03 00 A6 03"), alert: 0x0404)
    controller.interrupt(at: at(20))
    controller.commit(at: at(20))
    #expect(controller.statistics.overruns == 1 && controller.statistics.messagesReceived == 1)
    #expect(controller.bus.written(to: 0x10).last == [0x04, 0x04])
  }

  @Test("GoodCRCs are not handed on; kinds of packet are")
  func kindsReceived() {
    for (text, kind) in [
      ("03 00 61 01", OrderedSet?.none), ("03 01 63 01", .sopPrime), ("03 02 63 01", .sopDoublePrime),
    ] {
      var controller = Controller.attached(filter: .all)
      controller.bus.receive(bytes(text))
      controller.interrupt(at: at(20))
      let found = controller.drain().compactMap {
        if case .received(let message) = $0 { message.orderedSet } else { nil }
      }
      #expect(found == [kind].compactMap { $0 })
    }
  }

  @Test("A Hard Reset that is received drops what came before, and the receiver is switched on again")
  func hardResetReceived() {
    var controller = Controller.attached(.rp(.current3000))
    controller.perform(.transmit(message(0x0163)), at: at(20))
    controller.commit(at: at(20))
    controller.bus.receive(bytes("03 00 A6 03"), alert: 0x000C)
    controller.interrupt(at: at(21))
    #expect(controller.drain() == [.hardResetReceived])
    controller.commit(at: at(21))
    let last = controller.bus.writes.suffix(3)
    #expect(
      last.map(\.register) == [0x10, 0x2E, 0x2F] && last.map(\.bytes) == [[0x0C, 0x00], [0x0D], [0x21]])
  }

  @Test("A message is answered before pins and VBUS are looked at")
  func messageFirst() {
    var controller = Controller.attached()
    controller.bus.receive(bytes("03 00 A6 03"), alert: 0x0006)
    let trips = controller.statistics.roundTrips
    controller.interrupt(at: at(20))
    #expect(controller.statistics.roundTrips - trips == 1 && controller.nextDeadline == at(20))
    controller.poll(at: at(20))
    #expect(controller.statistics.roundTrips - trips == 2)
  }

  @Test("The result of a packet that a Hard Reset cut off is not taken for the next one's")
  func cutOff() {
    var controller = Controller.attached()
    controller.perform(.transmit(request), at: at(20))
    controller.commit(at: at(20))
    controller.perform(.sendHardReset, at: at(21))
    let before = controller.bus.writes.count
    controller.commit(at: at(21))
    let writes = controller.bus.writes.dropFirst(before)
    #expect(writes.map(\.register) == [0x10, 0x50] && writes.map(\.bytes) == [[0x70, 0x00], [0x05]])
  }
}
