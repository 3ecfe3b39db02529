import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
public import XiaomiCharge

// Xiaomi's private protocol on a link: the port engines know nothing of it. Their notices are the events of the two
// machines, the machines' actions the requests to the engines.

extension Link {
  // MARK: What a driver needs

  /// How far the ends trust each other; `nil` where the charger does not speak the protocol.
  public var trust: XiaomiStage? { xiaomi?.charger?.stage }
  /// Where the phone is; `nil` for a phone that does not speak the protocol.
  public var xiaomiPhoneState: XiaomiPhoneState? { xiaomi?.phone?.state }

  /// What the charger offers at each stage from now on.
  public mutating func offer(_ offers: SourceOffers) {
    guard let charger = xiaomi?.charger else { return offer(offers.standard) }
    xiaomi?.offers = offers
    if charger.isOfferPending {
      // The phone is about to ask.
      ports[0].engine.sourcePolicy = offers[charger.stage]
    } else {
      offer(offers[charger.stage])
    }
  }

  /// The charger's question for a digest since the last call, where the driver of the link has the keys.
  public mutating func takeDigestQuestion() -> XiaomiDigestQuestion? {
    defer { xiaomi?.question = nil }
    return xiaomi?.question
  }

  // MARK: Events

  mutating func hearXiaomi(_ notice: PortNotice, _ side: Side) {
    if side == .charger {
      if let event = XiaomiChargerEvent(notice, role: ports[0].engine.powerRole) { feedXiaomi(event) }
      return
    }
    followBattery(notice)
    guard xiaomi?.phone != nil, let event = XiaomiPhoneEvent(notice, ports[1].engine) else { return }
    switch event {
    case .hardReset, .detached: ports[1].engine.sinkPolicy.strategy = ports[1].setup.sink.strategy
    default: break
    }
    xiaomi?.isDeciding = notice == .decisionNeeded(.capabilities)
    feedXiaomi(event)
    if xiaomi?.isDeciding == true {
      xiaomi?.isDeciding = false
      feed(.decision(.accept), .phone)
    }
  }

  mutating func feedXiaomi(_ event: XiaomiChargerEvent) {
    guard xiaomi?.charger != nil else { return }
    let vbus = voltage(.charger)
    xiaomi?.charger?.reading.voltage = vbus
    xiaomi?.charger?.handle(event, at: now)
    while let action = xiaomi?.charger?.nextAction() { perform(action) }
    rescheduleXiaomi()
  }

  mutating func feedXiaomi(_ event: XiaomiPhoneEvent) {
    guard xiaomi?.phone != nil else { return }
    measureBattery()
    xiaomi?.phone?.handle(event, at: now)
    while let action = xiaomi?.phone?.nextAction() { perform(action) }
    rescheduleXiaomi()
  }

  mutating func takeDigest(_ digest: XiaomiDigest?, for question: XiaomiDigestQuestion, _ side: Side) {
    switch side {
    case .charger: feedXiaomi(XiaomiChargerEvent.digest(question, digest))
    case .phone: feedXiaomi(XiaomiPhoneEvent.digest(question, digest))
    }
  }

  /// Serves the machines that are due.
  mutating func tickXiaomi() {
    if let deadline = xiaomi?.charger?.nextDeadline, deadline <= now {
      feedXiaomi(XiaomiChargerEvent.timeout)
    }
    if let deadline = xiaomi?.phone?.nextDeadline, deadline <= now { feedXiaomi(XiaomiPhoneEvent.timeout) }
    if let tick = xiaomi?.regulatorTick, tick <= now { regulate() }
    rescheduleXiaomi()
  }

  private mutating func rescheduleXiaomi() {
    agenda.xiaomiTick = xiaomi?.nextTime ?? .distantFuture
    slots[.agenda] = agenda.nextTime
  }

  // MARK: The charger

  private mutating func perform(_ action: XiaomiChargerAction) {
    if let request = action.request { feed(.request(request), .charger) }
    switch action {
    case .computeDigest(let question): computeDigest(question)
    case .offer(let stage, let moment):
      guard let policy = xiaomi?.offers[stage] else { return }
      wantsRebalancing = true
      if moment == .now { offerUnsettled(policy) } else { ports[0].engine.sourcePolicy = policy }
      if watcher.isOn { watcher.add(.trust(stage), at: now) }
    case .notify(let notice): if watcher.isOn { watcher.add(.xiaomiCharger(notice), at: now) }
    case .answer, .hardReset: break
    }
  }

  private mutating func computeDigest(_ question: XiaomiDigestQuestion) {
    guard let setup = xiaomi?.chargerSetup else { return }
    switch setup.keys {
    case .none: feedXiaomi(XiaomiChargerEvent.digest(question, nil))
    case .computed(let compute):
      let digest = compute(question)
      guard setup.digestTime > .zero else { return feedXiaomi(XiaomiChargerEvent.digest(question, digest)) }
      schedule(.digest(.charger, question, digest), at: now + setup.digestTime)
    case .driver: xiaomi?.question = question
    }
  }

  // MARK: The phone

  private mutating func perform(_ action: XiaomiPhoneAction) {
    if let request = action.request { feed(.request(request), .phone) }
    switch action {
    case .drawSession: feedXiaomi(XiaomiPhoneEvent.session(drawSession()))
    case .computeDigest(let question):
      guard let setup = xiaomi?.phoneSetup else { return }
      let digest = setup.keys?(question)
      guard setup.digestTime > .zero else { return feedXiaomi(XiaomiPhoneEvent.digest(question, digest)) }
      schedule(.digest(.phone, question, digest), at: now + setup.digestTime)
    case .choose(let choice): choose(choice)
    case .notify(let notice): if watcher.isOn { watcher.add(.xiaomiPhone(notice), at: now) }
    case .swapDataRole, .discoverIdentity, .discoverSVIDs, .getExtendedCapabilities, .getCapabilities, .send:
      break
    }
  }

  private mutating func drawSession() -> XiaomiSession {
    let seeds = xiaomi?.phoneSetup?.seeds ?? []
    let seed = seeds.isEmpty ? XiaomiOctets.zero : seeds[random.below(seeds.count)]
    let high = random.next()
    let low = random.next()
    return XiaomiSession(
      seed: seed,
      challenge: XiaomiOctets(
        UInt32(truncatingIfNeeded: high >> 32), UInt32(truncatingIfNeeded: high),
        UInt32(truncatingIfNeeded: low >> 32), UInt32(truncatingIfNeeded: low)))
  }

  private mutating func choose(_ choice: XiaomiPowerChoice) {
    // The loop goes on where it is when the same object is offered again.
    if let regulator = xiaomi?.regulator, regulator.choice.position == choice.position, choice.isProgrammable,
      ports[1].engine.partnerSourceCapabilities.word(at: Int(choice.position)) == regulator.object.rawValue
    {
      ask(regulator.choice)
    } else {
      ask(choice)
    }
  }

  private mutating func ask(_ choice: XiaomiPowerChoice) {
    xiaomi?.choice = choice
    ports[1].engine.sinkPolicy.strategy = .raw(choice.request)
    if xiaomi?.isDeciding != true { feed(.request(.choosePower), .phone) }
  }

  // MARK: The battery

  private mutating func measureBattery() {
    guard let battery = ports[1].battery, let pump = ports[1].pump else { return }
    xiaomi?.phone?.battery = pump.terminalVoltage(of: battery, at: bus.loads[1].current(at: now))
  }

  /// A contract of a programmable supply starts the loop, every other one ends it.
  private mutating func followBattery(_ notice: PortNotice) {
    switch notice {
    case .contract(let contract) where contract.supply == .sprPPS: startRegulator(contract.object)
    case .contract, .hardReset, .detached, .errorRecovery:
      guard xiaomi?.regulator != nil else { return }
      xiaomi?.regulator = nil
      xiaomi?.regulatorTick = .distantFuture
      ports[1].pump?.ratio = nil
      updateLoad(.phone)
    default: break
    }
  }

  private mutating func startRegulator(_ word: UInt32) {
    guard let phone = xiaomi?.phone, let choice = xiaomi?.choice, choice.isProgrammable,
      let pump = ports[1].pump
    else { return }
    let object = SPRPPSSourceAPDO(rawValue: word)
    if xiaomi?.regulator == nil || xiaomi?.regulator?.object != object {
      let profile = phone.profile
      xiaomi?.regulator = XiaomiRegulator(
        profile.loop, choice, of: object, limits: phone.limits, cells: pump.cells)
      ports[1].pump?.ratio = profile.pump.ratio(for: object, battery: phone.battery)
    }
    if let period = xiaomi?.regulator?.period { xiaomi?.regulatorTick = now + period }
    updateLoad(.phone)
    rescheduleXiaomi()
  }

  private mutating func regulate() {
    xiaomi?.regulatorTick = .distantFuture
    guard let battery = ports[1].battery, let pump = ports[1].pump, var regulator = xiaomi?.regulator else {
      return
    }
    updateLoad(.phone)
    let current = bus.loads[1].current(at: now)
    let reading = XiaomiRegulator.Reading(
      battery: pump.terminalVoltage(of: battery, at: current), current: current)
    let step = regulator.step(reading)
    xiaomi?.regulator = regulator
    switch step {
    case .hold: xiaomi?.regulatorTick = now + regulator.period
    // The contract that follows sets the next tick.
    case .ask(let choice): ask(choice)
    case .leave: feedXiaomi(XiaomiPhoneEvent.batteryNearlyFull)
    }
  }
}
