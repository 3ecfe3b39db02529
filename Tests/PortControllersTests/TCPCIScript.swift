import LineCode
import PortControllers
import PortEngine
import PowerDelivery
import Quantities
import RegisterBus

/// A TCPC that answers from a script and keeps what was written: register by register, in order.
struct TCPCIScript: RegisterBus {
  /// What reads of a register bring, one after the other; then what `memory` holds.
  var answers: [UInt8: [[UInt8]]] = [:]
  var memory: [UInt8: [UInt8]]
  var writes: [(register: UInt8, bytes: [UInt8])] = []
  /// The registers that were read and how many bytes of each, call by call.
  var calls: [[(register: UInt8, count: Int)]] = []

  init(_ interface: UInt8) {
    // A PTN5110 that is ready, has all roles, measures VBUS.
    memory = [
      0x00: [0xC9, 0x1F], 0x02: [0x10, 0x51], 0x0A: [0x11, interface], 0x24: [0x1F, 0x06], 0x1E: [0x08],
    ]
  }

  mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
    guard !batch.isOverfull else { throw RegisterBusError(.overfullBatch) }
    var reads: [(register: UInt8, count: Int)] = []
    for index in 0..<batch.count {
      guard let operation = batch.operation(index) else { continue }
      let register = operation.register
      if operation.direction == .write {
        let bytes = (0..<operation.count).map { batch.byte($0, of: index) }
        writes.append((register, bytes))
        // What writing a 1 clears does not stay.
        if register != 0x10, register != 0x1F { memory[register] = bytes }
        continue
      }
      reads.append((register, operation.count))
      var bytes = memory[register] ?? []
      if let next = answers[register]?.first {
        answers[register]?.removeFirst()
        bytes = next
      }
      for (position, byte) in bytes.enumerated() { batch.store(byte, at: position, of: index) }
    }
    calls.append(reads)
  }

  func written(to register: UInt8) -> [[UInt8]] { writes.filter { $0.register == register }.map(\.bytes) }

  /// Scripts one message in the buffer.
  mutating func receive(_ frame: [UInt8], alert: UInt16 = 0x0004) {
    answers[0x10] = [[UInt8(truncatingIfNeeded: alert), UInt8(truncatingIfNeeded: alert >> 8)]]
    guard memory[0x0A]?[1] == 0x10 else { return memory[0x30] = frame }
    memory[0x30] = [frame[0]]
    memory[0x31] = Array(frame.dropFirst().prefix(1))
    memory[0x32] = Array(frame.dropFirst(2).prefix(2))
    memory[0x34] = Array(frame.dropFirst(4))
  }
}

extension TCPCI where Bus == TCPCIScript {
  /// A controller that was started and has a partner on a pin.
  static func attached(
    _ termination: Termination = .rd, _ pin: CCPin = .cc1, interface: UInt8 = 0x20,
    filter: ReceiverFilter = .sop, revision: SpecificationRevision = .revision3,
    options: TCPCIOptions = TCPCIOptions()
  ) -> TCPCI {
    var controller = TCPCI(bus: TCPCIScript(interface), options: options)
    controller.start(at: .zero)
    controller.poll(at: .zero)
    let now = Instant(nanoseconds: 10_000_000)
    controller.perform(.terminate(termination), at: now)
    controller.commit(at: now)
    controller.perform(.setOrientation(pin), at: now)
    controller.perform(.listen(filter), at: now)
    var header = MessageHeader()
    header.specificationRevision = revision
    header.portPowerRole = termination == .rd ? .sink : .source
    header.portDataRole = termination == .rd ? .upstreamFacing : .downstreamFacing
    controller.perform(.setGoodCRCHeader(header), at: now)
    controller.commit(at: now)
    while controller.nextEvent() != nil {}
    return controller
  }

  /// What the controller has for the engine.
  mutating func drain() -> [PortEvent] {
    var events: [PortEvent] = []
    while let event = nextEvent() { events.append(event) }
    return events
  }
}
