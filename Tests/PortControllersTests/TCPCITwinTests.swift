import PortControllers
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import RegisterBus
import Simulator
import Testing

/// A TCPC for somebody else's driver; here the driver is the project's own, over bare transfers.
@Suite("Twin with a TCPC") struct TCPCITwinTests {
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

  @Test("A host that is a phone gets 9 V", arguments: [TCPCIModel.Interface.r1, .r2])
  func sink(_ interface: TCPCIModel.Interface) {
    let power = Milliwatts(45_000)
    let limits = SupervisorLimits(voltage: Millivolts(21_200), current: Milliamperes(5_000), power: power)
    let twin = ChipTwin(.charger(ChargerModel(.pps, power: power).policy(power: power), limits))
    twin.bench.chips[twin.hostSide.index] = TCPCIModel(interface)
    #expect(twin.transfer(0x22, write: [0x01], read: 1) == nil)
    var configuration = PortConfiguration(roles: .sinkOnly)
    configuration.goodCRC = .siliconWithRetries
    var engine = PortEngine(configuration, sink: ChipLink.fixed(9_000))
    var controller = TCPCI(bus: TwinBus(twin: twin))
    twin.start()
    controller.start(at: twin.bench.now)
    for _ in 0..<40_000 where engine.contract?.voltage != Millivolts(9_000) {
      let now = twin.bench.now
      if twin.interruptIsLow, controller.takesInterrupts { controller.interrupt(at: now) }
      if let deadline = controller.nextDeadline, deadline <= now { controller.poll(at: now) }
      let isDue = engine.nextDeadline.map { $0 <= now } ?? false
      var next = isDue ? PortEvent.timeout : controller.nextEvent()
      while let event = next {
        engine.handle(event, at: now)
        while let action = engine.nextAction() { controller.perform(action, at: now) }
        next = controller.nextEvent()
      }
      controller.commit(at: now)
      twin.advance(to: now + Nanoseconds(50_000))
    }
    #expect(engine.contract?.voltage == Millivolts(9_000))
    #expect(twin.partner.engine.contract?.voltage == Millivolts(9_000))
  }
}
