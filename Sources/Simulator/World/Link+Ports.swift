import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Trace

// What engines ask their drivers to do.

extension Link {
  mutating func perform(_ action: PortAction, _ side: Side) {
    switch action {
    case .transmit(let message): transmit(message, side)
    case .sendHardReset: transmitReset(.hardReset, side)
    case .sendCableReset: transmitReset(.cableReset, side)
    case .terminate(let termination):
      terminations.values[side.index] = termination
      ports[side.index].levels = nil
      dirty.insert(.terminations)
    case .setOrientation(let pin):
      ports[side.index].pin = pin
      if pin == nil { forgetPackets(side) }
      dirty.insert(.vconn)
    case .listen(let filter): ports[side.index].filter = filter
    case .setGoodCRCHeader(let header): ports[side.index].silicon.goodCRCHeader = header
    case .setVCONN(let on):
      ports[side.index].isSourcingVCONN = on
      dirty.insert(.vconn)
    case .supply(let command): carryOutSupply(command, side)
    case .draw(let allowance): allow(allowance, side)
    case .startBISTCarrier:
      slots[.chargerTransmitter, side.index] = wire.submit(
        .carrier, ShortMessage(header: MessageHeader()), from: side.station, at: now,
        phy: ports[side.index].setup.phy)
    case .stopBISTCarrier: slots[.chargerTransmitter, side.index] = wire.cutShort(side.station, at: now)
    case .notify(let notice): note(notice, side)
    }
  }

  // MARK: CC levels and VCONN

  /// Tells the engines what their pins see, where that has changed.
  mutating func updateLevels() {
    for side in Side.both {
      let levels = terminations.levels(side, cable: cable, isPlugged: (isPluggedIn(side), isPlugged))
      guard levels != ports[side.index].levels else { continue }
      ports[side.index].levels = levels
      feed(.cc(levels), side)
    }
  }

  /// The cable stays in the charger when the phone is pulled; a fixed one always is.
  private func isPluggedIn(_ side: Side) -> Bool { side == .charger || isPlugged }

  /// The plugs have power while a port that is connected supplies VCONN.
  mutating func updateVCONN() {
    var isPowered = false
    for side in Side.both where ports[side.index].isSourcingVCONN {
      if side == .charger || isPlugged { isPowered = cable.kind.hasMarker }
    }
    plugs[0].setPower(isPowered, at: now)
    plugs[1].setPower(isPowered && cable.kind == .active, at: now)
  }

  // MARK: Supply and load

  private mutating func carryOutSupply(_ command: SupplyCommand, _ side: Side) {
    guard ports[side.index].hasSupply else {
      if command == .off { feed(.supply(.safe0V), side) }
      return
    }
    switch command {
    case .off: ports[side.index].suppliedContract = nil
    case .on(let current): ports[side.index].suppliedContract = .typeC(current)
    case .transition(let contract): ports[side.index].suppliedContract = contract
    }
    refereeSupply(side)
    supervise(.command(command), side)
    ports[side.index].nextMeasurement = min(ports[side.index].nextMeasurement, now + Link.quickMeasurement)
    dirty.insert(.power)
  }

  mutating func noteSupply(_ report: SupplyReport, _ side: Side) {
    guard case .fault = report else { return }
    ports[side.index].suppliedContract = nil
    refereeSupply(side)
  }

  private mutating func allow(_ allowance: SinkAllowance, _ side: Side) {
    ports[side.index].allowance = allowance
    bus.loads[side.index].floor = Link.floor(under: allowance)
    updateLoad(side)
  }

  /// Where the charging chip gives way to a current limit: a little below the voltage that it was promised.
  private static func floor(under allowance: SinkAllowance) -> Millivolts {
    Millivolts(max(3_100, allowance.voltage.rawValue / 100 &* 93))
  }

  /// Draws what the port may and wants at the present voltage.
  mutating func updateLoad(_ side: Side) {
    let vbus = ports[side.index].setup.battery == nil ? Millivolts.zero : voltage(side)
    let wanted = ports[side.index].current(at: max(vbus, ports[side.index].allowance.voltage))
    let before = bus.loads[side.index].demand
    guard wanted != before, !(wanted < before && ports[side.index].ignoresReductions) else { return }
    bus.loads[side.index].draw(wanted, at: now)
    dirty.insert(.power)
  }

  // MARK: Notices

  private mutating func note(_ notice: PortNotice, _ side: Side) {
    if watcher.isOn { watcher.add(.notice(side, notice), at: now) }
    switch notice {
    case .contract(let contract):
      if ports[side.index].engine.powerRole == .source {
        contractCount &+= 1
        wantsRebalancing = true
      }
      refereeContract(contract, side)
      startTicks(side)
    case .attached, .detached:
      wantsRebalancing = true
      if notice == .detached {
        refereeContract(nil, side)
        ports[side.index].mischief.reset()
      }
    case .hardReset:
      refereeContract(nil, side)
      ports[side.index].mischief.reset()
    default: break
    }
    if xiaomi != nil { hearXiaomi(notice, side) }
  }

  /// The phone begins to look at its battery.
  private mutating func startTicks(_ side: Side) {
    guard side == .phone, let battery = ports[1].battery, battery.wantedPower > .zero else { return }
    if agenda.batteryTick == .distantFuture { agenda.batteryTick = now + Link.batteryInterval }
    if let stepping = ports[1].setup.stepping, agenda.steppingTick == .distantFuture {
      agenda.steppingTick = now + stepping.interval
    }
    slots[.agenda] = agenda.nextTime
  }

  static var batteryInterval: Nanoseconds { Nanoseconds(1_000_000_000) }
}
