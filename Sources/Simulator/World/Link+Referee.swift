import PowerDelivery
import PowerSupervision
import Quantities

// What the referee is told. It looks at what is on the wire and on VBUS, not at what anybody believes.

extension Link {
  mutating func refereeStart(_ station: Station) {
    guard isRefereed, let side = station.side else { return }
    guard wire.kind(of: station) == .packet else {
      if wire.kind(of: station) == .hardReset { referee.hardResetSignalled(by: side, at: now) }
      referee.disturbed(until: slots[.chargerTransmitter, station.index])
      return
    }
    referee.packetStarted(
      wire.message(of: station), by: side, state: ports[side.index].engine.state, at: now)
  }

  mutating func refereeEnd(_ ended: EndedSignal) {
    guard isRefereed else { return }
    guard let side = ended.sender.side else {
      referee.disturbed(until: now)
      return
    }
    if wire.noiseEnd > now { referee.disturbed(until: wire.noiseEnd) }
    guard ended.kind == .packet else { return }
    let isDelivered = ended.isSound && isPlugged && ended.delay == .zero
    referee.packetEnded(ended.message, by: side, delivered: isDelivered, at: now)
  }

  /// A packet arrives late, or a second time.
  mutating func refereeArrival(_ delivery: DeliveryQueue.Delivery) {
    guard isRefereed, isPlugged, delivery.kind == .packet, let side = delivery.sender.side else { return }
    referee.packetArrived(delivery.message, by: side, at: now)
  }

  mutating func refereeVBUS() {
    guard isRefereed else { return }
    // At the connector of the port that supplies, or did last: apart, the other one's VBUS is nobody's affair.
    let side = referee.vbus.lastSupplier
    var isOverloaded = false
    if let contract = ports[side.index].suppliedContract, isPlugged {
      isOverloaded = ports[side.other.index].allowance.current > contract.current
    }
    referee.vbus(
      voltage(side), slope: MicrovoltsPerMicrosecond(Int32(clamping: bus.slope(on: side))),
      isOverloaded: isOverloaded, at: now)
  }

  mutating func refereeSupply(_ side: Side) {
    guard isRefereed else { return }
    let contract = ports[side.index].suppliedContract
    referee.supplied(by: contract == nil ? nil : side, contract: contract, at: now)
  }

  mutating func refereeContract(_ contract: PowerContract?, _ side: Side) {
    if isRefereed { referee.contract(contract, on: side, at: now) }
  }
}
