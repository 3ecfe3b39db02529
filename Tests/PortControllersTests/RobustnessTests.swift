import PortControllers
import PortEngine
import PowerDelivery
import Quantities
import RegisterBus
import Simulator
import TestSupport
import Testing

/// A bus that answers with whatever comes, and sometimes not at all.
struct BabblingBus: RegisterBus {
  var random: SeededGenerator

  mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
    guard !batch.isOverfull else { throw RegisterBusError(.overfullBatch) }
    for index in 0..<batch.count {
      guard let operation = batch.operation(index), operation.direction == .read else { continue }
      for position in 0..<operation.count {
        // Often enough what lets the driver go on: its power register, and the identity.
        let byte: UInt8 =
          switch operation.register {
          case 0x0B where random.next() % 50 != 0: 0x0F
          case 0x01: 0x91
          default: UInt8(truncatingIfNeeded: random.next())
          }
        batch.store(byte, at: position, of: index)
      }
    }
    if random.next() % 200 == 0 { throw RegisterBusError(.shortAnswer) }
  }
}

@Suite("FUSB302: nothing that a bus answers breaks the driver")
struct RobustnessTests {
  @Test("Random answers, random actions", arguments: 0..<20)
  func random(_ seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var controller = FUSB302(bus: BabblingBus(random: SeededGenerator(seed: UInt64(seed) &+ 1_000)))
    var now = Instant.zero
    controller.start(at: now)
    let actions: [PortAction] = [
      .terminate(.rd), .terminate(.rp(.usbDefault)), .terminate(.open), .setOrientation(.cc1),
      .setOrientation(.cc2), .setOrientation(nil), .listen(.all), .listen(.off), .setVCONN(true),
      .transmit(ShortMessage(header: MessageHeader(rawValue: 0x0163))), .sendHardReset, .sendCableReset,
      .startBISTCarrier, .stopBISTCarrier, .setGoodCRCHeader(MessageHeader(rawValue: 0x01A1)),
      .draw(SinkAllowance(.contract, voltage: Millivolts(3_300), current: Milliamperes(1_000))),
    ]
    var events = 0
    var overdue = 0
    for _ in 0..<3_000 {
      now = now + Nanoseconds(Int64(random.next() % 3_000_000))
      let before = controller.statistics.roundTrips
      if random.next() % 2 == 0 { controller.interrupt(at: now) } else { controller.poll(at: now) }
      while controller.nextEvent() != nil { events += 1 }
      controller.perform(actions[Int(random.next() % UInt64(actions.count))], at: now)
      controller.commit(at: now)
      // Whatever the chip says, one look costs a bounded number of calls.
      if controller.statistics.roundTrips - before > 30 { overdue += 1 }
    }
    #expect(events > 100 && overdue == 0)
    #expect(controller.condition != .stopped && controller.nextDeadline != nil)
  }
}
