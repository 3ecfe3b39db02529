import PortEngine
import PowerSupervision
import Quantities
public import XiaomiCharge

// What the port offers, and how far its phone is trusted.

extension HardwarePort {
  /// Lets the port speak Xiaomi's protocol; before `start`, with an engine that hands its messages over
  /// (`PortConfiguration.speakXiaomi`).
  public mutating func speakXiaomi(_ settings: XiaomiChargerSettings, _ offers: SourceOffers) {
    xiaomi = XiaomiCharger(settings)
    self.offers = offers
    engine.sourcePolicy = offers[.standard]
  }

  /// Offers this from now on; without Xiaomi's protocol only `standard` matters.
  public mutating func offer(
    _ offers: SourceOffers, _ clock: borrowing some PortClock, _ observer: inout some PortObserver
  ) {
    if xiaomi != nil { self.offers = offers }
    engine.sourcePolicy = offers[xiaomi?.stage ?? .standard]
    // A phone that is about to ask by itself is not disturbed.
    if xiaomi?.isOfferPending != true { offerNow(at: clock.now) }
    settle(clock, &observer)
    drain(clock, &observer)
  }

  /// The question for a digest since the last call: whoever has the keys answers it by `answer`.
  public mutating func takeDigestQuestion() -> XiaomiDigestQuestion? {
    defer { question = nil }
    return question
  }

  /// The answer to a question for a digest; `nil` where there is no key.
  public mutating func answer(
    _ question: XiaomiDigestQuestion, _ digest: XiaomiDigest?, _ clock: borrowing some PortClock,
    _ observer: inout some PortObserver
  ) {
    feedXiaomi(.digest(question, digest), at: clock.now)
    feedPhone(.digest(question, digest), at: clock.now)
    settle(clock, &observer)
    drain(clock, &observer)
  }

  // MARK: Xiaomi's machine

  mutating func feedXiaomi(_ event: XiaomiChargerEvent, at now: Instant) {
    guard xiaomi != nil else { return }
    if let vbus = supply?.measurement?.vbus { xiaomi?.reading.voltage = vbus }
    xiaomi?.handle(event, at: now)
  }

  mutating func perform(
    _ action: XiaomiChargerAction, _ clock: borrowing some PortClock, _ observer: inout some PortObserver
  ) {
    if let request = action.request { engine.handle(.request(request), at: clock.now) }
    switch action {
    case .computeDigest(let question): self.question = question
    case .offer(let stage, let moment):
      guard let policy = offers?[stage] else { return }
      engine.sourcePolicy = policy
      observer.observe(stage, at: clock.now)
      if moment == .now { offerNow(at: clock.now) }
    case .notify(let notice): observer.observe(notice, at: clock.now)
    case .answer, .hardReset: break
    }
  }

  /// Sends Source_Capabilities where the partner has seen others.
  private mutating func offerNow(at now: Instant) {
    switch engine.state {
    case .detached, .srcStartup, .srcDiscovery: return
    // Before the first contract the cable is asked first, then the offer is made.
    case .srcVDMIdentityRequest where !engine.hasExplicitContract: return
    default: engine.handle(.request(.offerCapabilities), at: now)
    }
  }
}
