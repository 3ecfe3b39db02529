// The least that a firmware does with the core: packets in, messages out, and back. `tools/embedded` links it to see
// how much code that takes, and that none of it asks for the heap.

import LineCode
import PortControllers
import PortEngine
import PowerDelivery
import PowerStages
import PowerSupervision
import Quantities
import RegisterBus
import XiaomiCharge

nonisolated(unsafe) var context = ReadingContext()
nonisolated(unsafe) var receiver = BMCReceiver(rate: TickRate(rawValue: 24_000_000))

/// Reads one packet; returns how much is wrong with it, or -1 where it is no message.
@_cdecl("probe_read")
public func probeRead(_ bytes: UnsafePointer<UInt8>, _ count: Int32) -> Int32 {
  let packet = Span(_unsafeStart: bytes, count: Int(count))
  guard let message = try? MessageView(packet: packet) else { return -1 }
  let decoded = context.read(message)
  return Int32(truncatingIfNeeded: decoded.diagnostics.count)
}

/// Takes an edge of the CC line; returns how many bytes of a packet are complete, or 0.
@_cdecl("probe_edge")
public func probeEdge(_ ticks: UInt32) -> Int32 {
  guard let event = receiver.edge(after: Ticks(UInt64(ticks))) else { return 0 }
  return Int32(truncatingIfNeeded: event.bytes.count)
}

/// Makes a message and returns a byte of it.
@_cdecl("probe_write")
public func probeWrite(_ object: UInt32, _ index: Int32) -> Int32 {
  let message = Message(.request, object: object, header: MessageHeader(rawValue: 0x0080))
  return Int32(message.bytes[Int(index) % message.byteCount])
}

nonisolated(unsafe) var port = PortEngine(PortConfiguration(roles: .dualRole))

/// Hands a packet, or for `count` 0 the time alone, to a port; returns how many actions it asks for.
@_cdecl("probe_port")
public func probePort(_ bytes: UnsafePointer<UInt8>, _ count: Int32, _ microseconds: Int64) -> Int32 {
  let now = Instant(nanoseconds: microseconds &* 1_000)
  if let message = try? MessageView(wireBytes: Span(_unsafeStart: bytes, count: Int(count))) {
    port.handle(.received(ShortMessage(message)), at: now)
  } else {
    port.handle(.timeout, at: now)
  }
  var actions: Int32 = 0
  while port.nextAction() != nil { actions &+= 1 }
  return actions
}

nonisolated(unsafe) var charger = XiaomiCharger(
  XiaomiChargerSettings(adapterID: XiaomiAdapterID(rawValue: 0xA819)))
nonisolated(unsafe) var phone = XiaomiPhone(.qualcomm, battery: Millivolts(3_800))

/// Hands a packet to both sides of the private protocol; returns how many actions they ask for, and the power that the
/// charger then offers.
@_cdecl("probe_vendor")
public func probeVendor(_ bytes: UnsafePointer<UInt8>, _ count: Int32, _ microseconds: Int64) -> Int32 {
  let now = Instant(nanoseconds: microseconds &* 1_000)
  guard let message = try? MessageView(wireBytes: Span(_unsafeStart: bytes, count: Int(count))) else {
    return 0
  }
  charger.handle(.received(ShortMessage(message)), at: now)
  phone.handle(.received(ShortMessage(message)), at: now)
  var actions: Int32 = 0
  while charger.nextAction() != nil { actions &+= 1 }
  while let action = phone.nextAction() {
    if case .computeDigest(let question) = action {
      phone.handle(
        .digest(question, XiaomiDigest(chargerProof: question.seed, phoneProof: question.challenge)), at: now)
    }
    actions &+= 1
  }
  let plan = XiaomiCapabilityPlan(.watts120, cable: .captive(Milliamperes(6_200)))
  return actions &+ plan.offer(at: charger.stage).power.rawValue
}

/// A bus as a firmware has one: here it answers every read with what it was told.
struct ProbeBus: RegisterBus {
  var answer: UInt8 = 0

  mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
    guard !batch.isOverfull else { throw RegisterBusError(.overfullBatch) }
    for index in 0..<batch.count {
      guard let operation = batch.operation(index), operation.direction == .read else { continue }
      for position in 0..<operation.count { batch.store(answer, at: position, of: index) }
    }
  }
}

nonisolated(unsafe) var controller = FUSB302(bus: ProbeBus())
nonisolated(unsafe) var stage = TPS55288(bus: ProbeBus())

/// Drives the port over a FUSB302 whose registers read as `answer`; returns how many round trips that took so far.
@_cdecl("probe_controller")
public func probeController(_ answer: UInt8, _ microseconds: Int64) -> Int32 {
  let now = Instant(nanoseconds: microseconds &* 1_000)
  controller.bus.answer = answer
  controller.start(at: now)
  controller.interrupt(at: now)
  controller.poll(at: now)
  while let event = controller.nextEvent() {
    port.handle(event, at: now)
    while let action = port.nextAction() { controller.perform(action, at: now) }
  }
  controller.commit(at: now)
  return Int32(truncatingIfNeeded: controller.statistics.roundTrips)
}

/// Sets a converter to a voltage, switches it on and asks for faults; returns what is on VBUS, -1 where it failed.
@_cdecl("probe_stage")
public func probeStage(_ answer: UInt8, _ millivolts: Int32, _ microseconds: Int64) -> Int32 {
  let now = Instant(nanoseconds: microseconds &* 1_000)
  stage.bus.answer = answer
  do {
    try stage.start(at: now)
    try stage.perform(.voltage(Millivolts(millivolts)), at: now)
    try stage.perform(.output(true), at: now)
    return try stage.measure(at: now)?.vbus.rawValue ?? -1
  } catch {
    return -1
  }
}
