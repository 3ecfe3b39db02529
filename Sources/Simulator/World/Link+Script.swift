import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities

// What scripts, batteries and misbehaviours do.

extension Link {
  mutating func serveAgenda() {
    if agenda.batteryTick <= now { tickBattery() }
    if agenda.steppingTick <= now { stepVoltage() }
    if agenda.xiaomiTick <= now { tickXiaomi() }
    if agenda.unplugTick <= now {
      agenda.unplugTick = .distantFuture
      plug(false)
    }
    if let action = agenda.take(at: now) { carryOut(action) }
    slots[.agenda] = agenda.nextTime
  }

  mutating func carryOut(_ action: LinkAction) {
    switch action {
    case .plugIn: plug(true)
    case .unplug: plug(false)
    case .flip:
      plug(false)
      cable.phonePin = cable.phonePin.other
      schedule(.plugIn, at: now + Nanoseconds(500_000_000))
    case .setCCWire(let isWhole):
      cable.ccIsWhole = isWhole
      wire.isCut = !isWhole
      dirty.insert(.terminations)
    case .setVBUSWire(let isWhole):
      cable.vbusIsWhole = isWhole
      joinPower()
    case .request(let side, let request): feed(.request(request), side)
    case .decide(let side, let decision): feed(.decision(decision), side)
    case .offer(let choice):
      ports[0].engine.sourcePolicy = choice.model.policy(power: choice.power)
      feed(.request(.offerCapabilities), .charger)
    case .setSource(let policy):
      ports[0].engine.sourcePolicy = policy
      feed(.request(.offerCapabilities), .charger)
    case .setSink(let policy):
      ports[1].engine.sinkPolicy = policy
      feed(.request(.choosePower), .phone)
    case .enable(let side): feed(.enable, side)
    case .disable(let side): feed(.disable, side)
    case .want(let strategy, let power):
      ports[1].engine.sinkPolicy.strategy = strategy
      ports[1].engine.sinkPolicy.operatingPower = power
      feed(.request(.choosePower), .phone)
    case .digest(let side, let question, let digest): takeDigest(digest, for: question, side)
    case .setAmbient(let side, let temperature): bus.stages[side.index].ambient = temperature
    case .setBatteryTemperature(let temperature):
      ports[1].battery?.temperature = temperature
      updateLoad(.phone)
    case .breakStage(let side):
      bus.stages[side.index].fail()
      supervise(.stageFailed, side)
      dirty.insert(.power)
    case .repairStage(let side):
      bus.stages[side.index].repair()
      supervise(.clearFault, side)
      ports[side.index].nextMeasurement = now
      dirty.insert(.power)
    case .setFaults(let faults): wire.faults = faults
    case .scriptFault(let fault): wire.add(fault)
    case .noise(let span):
      wire.makeNoise(until: now + span)
      if isRefereed { referee.disturbed(until: wire.noiseEnd) }
    }
  }

  // MARK: The plug

  private mutating func plug(_ plugged: Bool) {
    guard plugged != isPlugged else { return }
    isPlugged = plugged
    joinPower()
    dirty.insert(.terminations)
    dirty.insert(.vconn)
    if plugged {
      noteAttached()
    } else {
      noteDetached()
      for side in Side.both where ports[side.index].hasSupply { supervise(.clearFault, side) }
    }
  }

  private mutating func noteAttached() {
    if isRefereed { referee.attached(at: now) }
    if watcher.isOn { watcher.add(.plugged, at: now) }
    if recorder.isOn { recorder.add(.attach, at: now) }
  }

  private mutating func noteDetached() {
    if isRefereed { referee.detached(at: now) }
    if watcher.isOn { watcher.add(.unplugged, at: now) }
    if recorder.isOn { recorder.add(.detach, at: now) }
    agenda.batteryTick = .distantFuture
    agenda.steppingTick = .distantFuture
    agenda.unplugTick = .distantFuture
    slots[.agenda] = agenda.nextTime
  }

  private mutating func joinPower() {
    bus.join(isPlugged && cable.vbusIsWhole, at: now)
    dirty.insert(.power)
  }

  /// A port that pulls the plug in the middle of a transition has heard Accept.
  mutating func planUnplug(_ side: Side) {
    let list = ports[side.index].mischief.list
    for index in 0..<list.count {
      if case .detachesMidTransition(let span) = list[index] {
        agenda.unplugTick = now + span
        slots[.agenda] = agenda.nextTime
      }
    }
  }

  // MARK: The battery

  private mutating func tickBattery() {
    let power = Int64(voltage(.phone).rawValue) &* Int64(bus.loads[1].current(at: now).rawValue) / 1000
    ports[1].battery?.charge(Milliwatts(Int32(truncatingIfNeeded: power)), for: Link.batteryInterval)
    updateLoad(.phone)
    agenda.batteryTick = now + Link.batteryInterval
  }

  private mutating func stepVoltage() {
    agenda.steppingTick = .distantFuture
    guard let stepping = ports[1].setup.stepping, let battery = ports[1].battery else { return }
    agenda.steppingTick = now + stepping.interval
    let before = ports[1].engine.sinkPolicy.strategy
    switch before {
    case .pps(let voltage, let current):
      ports[1].engine.sinkPolicy.strategy = .pps(
        voltage: stepping.voltage(for: battery, after: voltage), current: current)
    case .avs(let voltage, let current):
      ports[1].engine.sinkPolicy.strategy = .avs(
        voltage: stepping.voltage(for: battery, after: voltage), current: current)
    case .fixed, .object, .raw: return
    }
    guard ports[1].engine.sinkPolicy.strategy != before else { return }
    feed(.request(.choosePower), .phone)
  }

  // MARK: Mischief

  /// Sets the time of the next message that a port sends of its own accord.
  mutating func scheduleMischief(_ side: Side) {
    let slot = slots[.chargerMischief, side.index]
    guard let own = ports[side.index].mischief.ownTraffic else { return }
    if ports[side.index].engine.connection.isAttached {
      if slot == .distantFuture { slots[.chargerMischief, side.index] = now + own.interval }
    } else {
      slots[.chargerMischief, side.index] = .distantFuture
    }
  }

  mutating func doMischief(_ side: Side) {
    guard let own = ports[side.index].mischief.ownTraffic, isPlugged else {
      slots[.chargerMischief, side.index] = .distantFuture
      return
    }
    guard !wire.isBusy(side.station) else {
      slots[.chargerMischief, side.index] = now + Nanoseconds(1_000_000)
      return
    }
    slots[.chargerMischief, side.index] = now + own.interval
    if case .hardResetStorm = own.misbehaviour {
      feed(.request(.hardReset), side)
      return
    }
    var header = MessageHeader()
    header.portPowerRole = ports[side.index].engine.powerRole
    header.portDataRole = ports[side.index].engine.dataRole
    header.specificationRevision = ports[side.index].engine.revision
    guard
      let message = ports[side.index].mischief.ownMessage(own.misbehaviour, header: header, random: &random)
    else { return }
    slots[.chargerTransmitter, side.index] = wire.submit(
      .packet, message, from: side.station, at: now, phy: ports[side.index].setup.phy)
    ports[side.index].isSendingOwn = true
  }
}
