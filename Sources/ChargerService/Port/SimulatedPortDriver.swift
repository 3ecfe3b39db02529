public import ChargerSettings
import PortEngine
import PowerDelivery
import PowerSupervision
public import Quantities
public import Scenario
import Simulator
import Trace
import XiaomiCharge

/// A port whose engine is real and whose silicon, cable and phones are simulated.
///
/// Each phone gets a link of its own, made when it arrives, so that every phone meets the port as it is configured then.
public struct SimulatedPortDriver: PortDriver {
  private var settings: PortSettings
  private var power: Milliwatts
  private var link: Link
  /// When the link's own time began.
  private var epoch: Instant
  private var now: Instant
  /// Arrivals and departures that are still to come.
  private var agenda: [(time: Instant, event: VisitEvent)] = []
  private var phase = Phase.open
  private var reports: [PortReport] = []
  private var wasAttached = false
  /// The phone that came last.
  private var visitor: PhoneSettings?
  private var contract: PowerContract?
  private var trust: XiaomiStage?
  private let seed: UInt64
  private let digests: DigestExchange
  private let phoneKeys: KeyRing
  private var linkCount: UInt64 = 0

  private enum VisitEvent: Sendable {
    case arrival(PhoneSettings)
    case departure
  }

  private enum Phase: Equatable {
    case open
    /// On the way to 0 V; then it opens again like this, or stays closed.
    case closing(then: PortSettings?)
    case closed
  }

  /// - Parameters:
  ///   - power: what the port may offer at first.
  ///   - seed: of the simulated world.
  ///   - digests: who is asked for the port's own digests.
  ///   - phoneKeys: of the phones that come.
  public init(
    _ settings: PortSettings, power: Milliwatts, at now: Instant, seed: UInt64,
    digests: DigestExchange = DigestExchange(nil), phoneKeys: KeyRing = KeyRing()
  ) {
    self.settings = settings
    self.power = power
    self.now = now
    self.seed = seed
    self.digests = digests
    self.phoneKeys = phoneKeys
    epoch = now
    link = SimulatedPortDriver.makeLink(
      settings, power: power, phone: PhoneSettings(.pd3), keys: phoneKeys, seed: seed)
    plan(settings.visits, from: now)
  }

  private static func makeLink(
    _ settings: PortSettings, power: Milliwatts, phone: PhoneSettings, keys: KeyRing, seed: UInt64
  ) -> Link {
    var cable = Cable(phone.model == .epr ? .epr : .passive5A)
    if case .captive = settings.cable { cable.kind = .captive }
    var link = Link(
      LinkConfiguration(
        settings, power: power, phone: phone, cable: cable, keys: keys, chargerKeys: .driver), seed: seed)
    link.recorder.isOn = true
    link.watcher.isOn = true
    return link
  }

  /// Puts what is still to come of the visits into the agenda; times count from the start of the daemon.
  private mutating func plan(_ visits: [PhoneVisit], from now: Instant) {
    agenda = []
    for visit in visits {
      if .zero + visit.arrival >= now { agenda.append((.zero + visit.arrival, .arrival(visit.phone))) }
      if let departure = visit.departure, .zero + departure >= now {
        agenda.append((.zero + departure, .departure))
      }
    }
  }

  // MARK: Time

  public var nextEventTime: Instant? {
    let ofLink = link.nextEventTime.map { epoch + ($0 - .zero) }
    guard let ofAgenda = agenda.first?.time, phase == .open else { return ofLink }
    return ofLink.map { min($0, ofAgenda) } ?? ofAgenda
  }

  public mutating func advance(to end: Instant) {
    while let time = nextEventTime, time <= end {
      now = max(now, time)
      if phase == .open, let visit = agenda.first, visit.time <= now {
        agenda.removeFirst()
        serve(visit.event)
      } else {
        link.step()
      }
      exchangeDigests()
      observe()
    }
    now = max(now, end)
    link.run(until: .zero + (now - epoch))
    observe()
  }

  private mutating func serve(_ event: VisitEvent) {
    switch event {
    case .arrival(let phone):
      visitor = phone
      linkCount &+= 1
      link = SimulatedPortDriver.makeLink(
        settings, power: power, phone: phone, keys: phoneKeys,
        seed: seed &+ linkCount &* 0x9E37_79B9_7F4A_7C15)
      epoch = now
      link.perform(.plugIn)
    case .departure: link.perform(.unplug)
    }
  }

  /// Takes the question of the charger to whoever has the keys, and brings the answers.
  private mutating func exchangeDigests() {
    if let question = link.takeDigestQuestion() { digests.ask(question) }
    for answer in digests.take() { link.perform(.digest(.charger, answer.question, answer.digest)) }
  }

  private mutating func observe() {
    for record in LinkRecords.drain(&link, name: settings.name) {
      var record = record
      record.time = record.time + (epoch - .zero)
      record.end = record.end.map { $0 + (epoch - .zero) }
      report(.record(record))
    }
    let isAttached = link.ports[0].engine.connection.isAttached
    if isAttached != wasAttached {
      wasAttached = isAttached
      if !isAttached { contract = nil }
      report(isAttached ? .attached : .detached)
    }
    if link.trust != trust {
      trust = link.trust
      report(.trust(trust ?? .standard))
    }
    let held = link.ports[0].engine.hasExplicitContract ? link.ports[0].engine.contract : nil
    if let held, held != contract { report(.contract(held)) }
    contract = held
    if case .closing(let next) = phase, isSafe { finishClosing(next) }
  }

  private mutating func report(_ content: PortReport.Content) {
    reports.append(PortReport(port: settings.name, time: now, content: content))
  }

  // MARK: Commands

  public mutating func perform(_ command: PortCommand, at now: Instant) {
    advance(to: now)
    switch command {
    case .offer(let power):
      guard power != self.power else { return }
      self.power = power
      if phase == .open { link.offer(settings.offers(power: power)) }
    case .reconfigure(let settings, let power): reconfigure(settings, power)
    case .close:
      if phase == .open { link.close(.charger) }
      if phase != .closed { phase = .closing(then: nil) }
    case .wake: exchangeDigests()
    }
    observe()
  }

  private mutating func reconfigure(_ next: PortSettings, _ power: Milliwatts) {
    let isNewOffer = settings.offer != next.offer || power != self.power
    self.power = power
    if next.visits != settings.visits { plan(next.visits, from: now) }
    guard phase == .open, settings.needsNewPort(toBecome: next) else {
      settings = next
      if isNewOffer, phase == .open { link.offer(settings.offers(power: power)) }
      return
    }
    link.close(.charger)
    phase = .closing(then: next)
  }

  private var isSafe: Bool {
    !link.bus.stages[0].isOn && link.vbus() <= ElectricalLimits.vSafe0V.maximum ?? Millivolts(800)
  }

  /// VBUS is at 0 V: the port stays closed, or is made anew and opened. A phone that was there stays.
  private mutating func finishClosing(_ next: PortSettings?) {
    guard let next else {
      phase = .closed
      report(.closed(link.vbus()))
      return
    }
    let phone = link.isPlugged ? visitor : nil
    settings = next
    phase = .open
    linkCount &+= 1
    link = SimulatedPortDriver.makeLink(
      next, power: power, phone: phone ?? PhoneSettings(.pd3), keys: phoneKeys,
      seed: seed &+ linkCount &* 0x9E37_79B9_7F4A_7C15)
    if phone != nil { link.perform(.plugIn) }
    epoch = now
  }

  // MARK: Asking

  public mutating func drain() -> [PortReport] {
    let taken = reports
    reports = []
    return taken
  }

  public var status: PortStatus {
    let vbus = link.vbus()
    return PortStatus(
      name: settings.name, connection: link.ports[0].engine.connection, state: link.ports[0].engine.state,
      contract: link.ports[0].engine.contract,
      hasExplicitContract: link.ports[0].engine.hasExplicitContract, vbus: vbus, current: link.current,
      offered: power, isClosed: phase == .closed,
      trust: link.trust)
  }

  public var setPoint: StageSetPoint {
    let stage = link.bus.stages[0]
    return StageSetPoint(
      isOn: stage.isOn, isDischarging: stage.isDischarging, voltage: stage.voltage,
      currentLimit: stage.currentLimit, measured: link.vbus())
  }
}
