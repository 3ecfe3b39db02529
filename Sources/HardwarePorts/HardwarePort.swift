public import PortControllers
public import PortEngine
public import PowerStages
import PowerSupervision
public import Quantities
public import XiaomiCharge

/// A whole port of chips: the engine, the controller that it speaks through, for a source the supply, and for either
/// end of Xiaomi's protocol its machine.
///
/// It has no thread and no clock. Whoever drives it calls `serve` at `nextDeadline` at the latest, and when the
/// interrupt pin of the controller goes low; all that is due is done before it returns: bus, driver, machine, driver,
/// bus, without a hop. A desk computer and a microcontroller run the same lines.
public struct HardwarePort<Controller: PortController, Stage: StageDriver> {
  public var engine: PortEngine
  public var controller: Controller
  /// `nil` for a port that is only a sink.
  public var supply: PortSupply<Stage>?
  /// The charger's side of Xiaomi's protocol; `nil` leaves its messages unanswered.
  public internal(set) var xiaomi: XiaomiCharger?
  /// What is offered at each stage of trust.
  var offers: SourceOffers?
  /// The phone's side of it, for a sink.
  public internal(set) var phone: XiaomiPhone?
  /// What the sink wants of a charger that it knows nothing of.
  var firstStrategy = SinkStrategy.fixed(maximumVoltage: Millivolts(5_000))
  var isDeciding = false
  var question: XiaomiDigestQuestion?
  var wantsSession = false

  /// - Parameters:
  ///   - engine: its configuration says `.siliconWithRetries`, unless the controller leaves repeating to it.
  ///   - supply: of a source.
  public init(engine: PortEngine, controller: Controller, supply: PortSupply<Stage>? = nil) {
    self.engine = engine
    self.controller = controller
    self.supply = supply
  }

  /// When `serve` is due at the latest.
  public var nextDeadline: Instant {
    var earliest = controller.nextDeadline ?? .distantFuture
    earliest = min(earliest, engine.nextDeadline ?? .distantFuture)
    earliest = min(earliest, xiaomi?.nextDeadline ?? .distantFuture)
    earliest = min(earliest, phone?.nextDeadline ?? .distantFuture)
    return min(earliest, supply?.nextDeadline ?? .distantFuture)
  }

  /// Whether VBUS is at 0 V, as far as this port supplies it.
  public var isSafe: Bool { supply?.isSafe ?? true }

  /// Sets the stage and the controller up; the engine opens the port as soon as both are ready.
  public mutating func start(_ clock: borrowing some PortClock, _ observer: inout some PortObserver) {
    supply?.start(at: clock.now)
    controller.start(at: clock.now)
    drain(clock, &observer)
  }

  /// Closes the port: VBUS, VCONN and terminations are taken off. `serve` brings VBUS down to vSafe0V (`isSafe`).
  public mutating func stop(_ clock: borrowing some PortClock, _ observer: inout some PortObserver) {
    controller.stop(at: clock.now)
    drain(clock, &observer)
  }

  /// Does all that is due.
  /// - Parameter interruptIsLow: whether the interrupt pin of the controller is low; false where nobody can see it.
  public mutating func serve(
    _ clock: borrowing some PortClock, interruptIsLow: Bool = false, _ observer: inout some PortObserver
  ) {
    // Messages first: their answers are what others wait for.
    if interruptIsLow, controller.takesInterrupts {
      controller.interrupt(at: clock.now)
      drain(clock, &observer)
    }
    if let deadline = controller.nextDeadline, deadline <= clock.now {
      controller.poll(at: clock.now)
      drain(clock, &observer)
    }
    if let deadline = engine.nextDeadline, deadline <= clock.now {
      engine.handle(.timeout, at: clock.now)
      settle(clock, &observer)
      drain(clock, &observer)
    }
    if let deadline = xiaomi?.nextDeadline, deadline <= clock.now {
      feedXiaomi(.timeout, at: clock.now)
      settle(clock, &observer)
      drain(clock, &observer)
    }
    if let deadline = phone?.nextDeadline, deadline <= clock.now {
      feedPhone(.timeout, at: clock.now)
      settle(clock, &observer)
      drain(clock, &observer)
    }
    if let deadline = supply?.nextDeadline, deadline <= clock.now {
      supply?.serve(clock)
      settle(clock, &observer)
      drain(clock, &observer)
    }
  }

  /// Asks the engine for something.
  public mutating func request(
    _ request: PortRequest, _ clock: borrowing some PortClock, _ observer: inout some PortObserver
  ) {
    feed(.request(request), clock, &observer)
    drain(clock, &observer)
  }

  /// Answers what the engine asked its user.
  public mutating func decide(
    _ decision: PortDecision, _ clock: borrowing some PortClock, _ observer: inout some PortObserver
  ) {
    feed(.decision(decision), clock, &observer)
    drain(clock, &observer)
  }

  // MARK: The loop

  /// Hands the controller's events to the engine until there are none, and lets it carry out what is asked for.
  mutating func drain(_ clock: borrowing some PortClock, _ observer: inout some PortObserver) {
    // What is carried out may fail, which is an event again; a controller that failed does nothing any more.
    for _ in 0..<Self.rounds {
      while let event = controller.nextEvent() { feed(event, clock, &observer) }
      controller.commit(at: clock.now)
      guard let event = controller.nextEvent() else { return }
      feed(event, clock, &observer)
    }
  }

  mutating func feed(
    _ event: PortEvent, _ clock: borrowing some PortClock, _ observer: inout some PortObserver
  ) {
    observer.observe(event, at: clock.now)
    engine.handle(event, at: clock.now)
    settle(clock, &observer)
  }

  /// Does what engine, supervisor and Xiaomi's machine want of each other until they want nothing.
  mutating func settle(_ clock: borrowing some PortClock, _ observer: inout some PortObserver) {
    for _ in 0..<Self.rounds {
      var isIdle = true
      while let action = engine.nextAction() {
        isIdle = false
        observer.observe(action, at: clock.now)
        perform(action, clock, &observer)
      }
      while let report = supply?.nextReport(clock) {
        isIdle = false
        observer.observe(.supply(report), at: clock.now)
        engine.handle(.supply(report), at: clock.now)
      }
      while let action = xiaomi?.nextAction() {
        isIdle = false
        perform(action, clock, &observer)
      }
      while let action = phone?.nextAction() {
        isIdle = false
        perform(action, clock, &observer)
      }
      if isIdle { return }
    }
  }

  /// No event of a partner leads to more; a mistake here must not hold up the thread.
  private static var rounds: Int { 64 }

  private mutating func perform(
    _ action: PortAction, _ clock: borrowing some PortClock, _ observer: inout some PortObserver
  ) {
    let now = clock.now
    switch action {
    case .supply(let command):
      if supply == nil {
        // Nothing of this port is on VBUS.
        if command == .off { engine.handle(.supply(.safe0V), at: now) }
      } else {
        supply?.perform(command, at: now)
      }
    case .notify(let notice):
      if let event = XiaomiChargerEvent(notice, role: engine.powerRole) { feedXiaomi(event, at: now) }
      hearPhone(notice, clock, &observer)
    default: break
    }
    controller.perform(action, at: now)
  }
}
