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

/// A TCPC that answers with whatever comes, and sometimes not at all.
struct BabblingTCPC: RegisterBus {
  var random: SeededGenerator
  /// Written last, so that a mask is sometimes read back as it was written.
  var mask: [UInt8] = [0, 0]

  mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
    guard !batch.isOverfull else { throw RegisterBusError(.overfullBatch) }
    for index in 0..<batch.count {
      guard let operation = batch.operation(index) else { continue }
      let isWrite = operation.direction == .write
      for position in 0..<operation.count {
        if isWrite {
          if operation.register == 0x12, position < 2 { mask[position] = batch.byte(position, of: index) }
          continue
        }
        let isGood = random.next() % 40 != 0
        // Often enough what lets the driver go on: identity, ready, its mask, no reset.
        let byte: UInt8 =
          switch (operation.register, position) {
          case (0x00, _) where isGood: 0x1F
          case (0x0A, 1) where isGood: random.next() % 2 == 0 ? 0x10 : 0x20
          case (0x12, 0...1) where isGood: mask[position]
          case (0x1E, _), (0x1F, _): UInt8(truncatingIfNeeded: random.next()) & (isGood ? 0x3F : 0xFF)
          default: UInt8(truncatingIfNeeded: random.next())
          }
        batch.store(byte, at: position, of: index)
      }
    }
    if random.next() % 200 == 0 { throw RegisterBusError(.shortAnswer) }
  }
}

@Suite("TCPCI: nothing that a bus answers breaks the driver")
struct TCPCIRobustnessTests {
  private static let actions: [PortAction] = [
    .terminate(.rd), .terminate(.rp(.usbDefault)), .terminate(.open), .setOrientation(.cc1),
    .setOrientation(.cc2), .setOrientation(nil), .listen(.all), .listen(.off), .setVCONN(true),
    .transmit(ShortMessage(header: MessageHeader(rawValue: 0x0163))), .sendHardReset, .sendCableReset,
    .startBISTCarrier, .stopBISTCarrier, .setGoodCRCHeader(MessageHeader(rawValue: 0x01A1)),
    .draw(SinkAllowance(.contract, voltage: Millivolts(3_300), current: Milliamperes(1_000))),
    .supply(.on(Milliamperes(3_000))), .supply(.off), .notify(.bistStarted),
  ]

  @Test("Random answers, random actions", arguments: 0..<20)
  func random(_ seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var options = TCPCIOptions()
    options.readsAhead = seed % 2 == 0
    options.hasInterruptPin = seed % 3 != 0
    options.paths = [.source, .sink]
    var controller = TCPCI(
      bus: BabblingTCPC(random: SeededGenerator(seed: UInt64(seed) &+ 1_000)), options: options)
    var now = Instant.zero
    controller.start(at: now)
    var events = 0
    var overdue = 0
    for _ in 0..<3_000 {
      now = now + Nanoseconds(Int64(random.next() % 3_000_000))
      let before = controller.statistics.roundTrips
      if random.next() % 2 == 0 { controller.interrupt(at: now) } else { controller.poll(at: now) }
      while controller.nextEvent() != nil { events += 1 }
      controller.perform(Self.actions[Int(random.next() % UInt64(Self.actions.count))], at: now)
      controller.commit(at: now)
      // Whatever the chip says, one look costs a bounded number of calls.
      if controller.statistics.roundTrips - before > 5 { overdue += 1 }
    }
    #expect(events > 100 && overdue == 0)
    #expect(controller.condition != .stopped && controller.nextDeadline != nil)
  }
}
