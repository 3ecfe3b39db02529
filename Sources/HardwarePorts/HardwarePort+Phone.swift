import PortEngine
import PowerDelivery
public import Quantities
public import XiaomiCharge

// A sink that is a phone of Xiaomi's.

extension HardwarePort {
  /// Lets a sink speak Xiaomi's protocol as a phone does; before `start`, with an engine that hands its messages over
  /// and asks when capabilities come (`SinkPolicy.Evaluation.ask`).
  /// - Parameter battery: the voltage of its battery, by which it chooses.
  public mutating func becomePhone(_ profile: XiaomiPhoneProfile, battery: Millivolts) {
    phone = XiaomiPhone(profile, battery: battery)
    firstStrategy = engine.sinkPolicy.strategy
  }

  /// Whether the phone wants a seed and a challenge since the last call: `begin` hands them over.
  public mutating func takeSessionRequest() -> Bool {
    defer { wantsSession = false }
    return wantsSession
  }

  /// The seed and the challenge of the phone's dialogue.
  public mutating func begin(
    _ session: XiaomiSession, _ clock: borrowing some PortClock, _ observer: inout some PortObserver
  ) {
    feedPhone(.session(session), at: clock.now)
    settle(clock, &observer)
    drain(clock, &observer)
  }

  // MARK: The machine

  mutating func feedPhone(_ event: XiaomiPhoneEvent, at now: Instant) {
    phone?.handle(event, at: now)
  }

  mutating func hearPhone(
    _ notice: PortNotice, _ clock: borrowing some PortClock, _ observer: inout some PortObserver
  ) {
    guard phone != nil, let event = XiaomiPhoneEvent(notice, engine) else { return }
    switch event {
    case .hardReset, .detached: engine.sinkPolicy.strategy = firstStrategy
    default: break
    }
    feedPhone(event, at: clock.now)
    guard notice == .decisionNeeded(.capabilities) else { return }
    isDeciding = true
    while let action = phone?.nextAction() { perform(action, clock, &observer) }
    isDeciding = false
    engine.handle(.decision(.accept), at: clock.now)
  }

  mutating func perform(
    _ action: XiaomiPhoneAction, _ clock: borrowing some PortClock, _ observer: inout some PortObserver
  ) {
    if let request = action.request { engine.handle(.request(request), at: clock.now) }
    switch action {
    case .drawSession: wantsSession = true
    case .computeDigest(let question): self.question = question
    case .choose(let choice):
      engine.sinkPolicy.strategy = .raw(choice.request)
      if !isDeciding { engine.handle(.request(.choosePower), at: clock.now) }
    case .notify(let notice): observer.observe(notice, at: clock.now)
    case .swapDataRole, .discoverIdentity, .discoverSVIDs, .getExtendedCapabilities,
      .getCapabilities, .send:
      break
    }
  }
}
