import PortEngine
import PowerDelivery
import Quantities

// What port controllers do without the engine: acknowledge, await GoodCRC, and repeat where they can.

extension SimulatedPort {
  /// A new packet may be repeated so many times.
  mutating func armRetries() {
    silicon.isAwaiting = false
    silicon.retriesLeft =
      setup.configuration.goodCRC == .siliconWithRetries ? Counters.retryCount(engine.revision) : 0
  }
}

extension SimulatedPort.Silicon {
  /// After a reset: nothing is held or awaited.
  var cleared: SimulatedPort.Silicon {
    var silicon = self
    silicon.held = nil
    silicon.isAwaiting = false
    return silicon
  }
}

extension Link {
  mutating func siliconHeard(_ message: ShortMessage, _ side: Side) {
    if message.isGoodCRC {
      let sent = ports[side.index].lastSent
      guard ports[side.index].silicon.isAwaiting, sent.orderedSet == message.orderedSet,
        sent.header.messageID == message.header.messageID
      else { return }
      ports[side.index].silicon.isAwaiting = false
      slots[.chargerSilicon, side.index] = .distantFuture
      feed(.transmitted(.acknowledged), side)
      return
    }
    ports[side.index].silicon.held = message
    var header = ports[side.index].silicon.goodCRCHeader
    header.messageID = message.header.messageID
    let phy = ports[side.index].setup.phy
    slots[.chargerTransmitter, side.index] = wire.submit(
      .packet, ShortMessage(.goodCRC, header: header, orderedSet: message.orderedSet), from: side.station,
      at: now + phy.goodCRCLatency, phy: phy)
  }

  /// A packet has left. After a GoodCRC the engine hears of what was received; if that could not leave, it does not,
  /// and the packet comes again.
  mutating func siliconSent(_ message: ShortMessage, _ side: Side) {
    if message.isGoodCRC {
      if let held = ports[side.index].silicon.held {
        ports[side.index].silicon.held = nil
        feed(.received(held), side)
        settleDiscard(side)
      }
      return
    }
    ports[side.index].silicon.isAwaiting = true
    slots[.chargerSilicon, side.index] = now + (Timing.receive.nominal ?? .zero)
  }

  mutating func siliconTimeout(_ side: Side) {
    slots[.chargerSilicon, side.index] = .distantFuture
    guard ports[side.index].silicon.isAwaiting else { return }
    ports[side.index].silicon.isAwaiting = false
    guard ports[side.index].silicon.retriesLeft > 0 else {
      feed(.transmitted(.notAcknowledged), side)
      return
    }
    ports[side.index].silicon.retriesLeft &-= 1
    let phy = ports[side.index].setup.phy
    slots[.chargerTransmitter, side.index] = wire.submit(
      .packet, ports[side.index].lastSent, from: side.station, at: now + phy.goodCRCLatency, phy: phy)
  }
}
