import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities

// How a link goes from one event to the next.

extension Link {
  /// Serves a source of events that is due now.
  mutating func serve(_ slot: EventSlot) {
    switch slot {
    case .chargerTransmitter: stepTransmitter(.charger)
    case .phoneTransmitter: stepTransmitter(.phone)
    case .nearPlugTransmitter: stepTransmitter(.nearPlug)
    case .farPlugTransmitter: stepTransmitter(.farPlug)
    case .delivery: deliverDue()
    case .chargerSilicon: siliconTimeout(.charger)
    case .phoneSilicon: siliconTimeout(.phone)
    case .chargerVBUS: stepPower(.charger)
    case .phoneVBUS: stepPower(.phone)
    case .chargerSupervisor: supervise(.timeout, .charger)
    case .phoneSupervisor: supervise(.timeout, .phone)
    case .chargerEngine: feed(.timeout, .charger)
    case .phoneEngine: feed(.timeout, .phone)
    case .chargerMischief: doMischief(.charger)
    case .phoneMischief: doMischief(.phone)
    case .agenda: serveAgenda()
    }
  }

  /// Hands an event to an engine and notes what it did.
  mutating func feed(_ event: PortEvent, _ side: Side) {
    guard ports[side.index].setup.speaksPowerDelivery else { return }
    ports[side.index].engine.handle(event, at: now)
    dirty.insert(.engine(side))
    observeSteps(side)
  }

  /// Hands an event to a supervisor.
  mutating func supervise(_ event: SupervisorEvent, _ side: Side) {
    ports[side.index].supervisor.handle(event, at: now)
    dirty.insert(.supervisor(side))
  }

  /// Carries on what has changed until nothing is left, then asks everybody when they are due.
  mutating func settle() {
    var touched = dirty
    var rounds = 0
    while !dirty.isEmpty {
      rounds &+= 1
      if rounds > 10_000 {
        isStuck = true
        dirty = []
        return
      }
      touched.formUnion(dirty)
      if dirty.remove(.chargerEngine) != nil { drainEngine(.charger) }
      if dirty.remove(.phoneEngine) != nil { drainEngine(.phone) }
      if dirty.remove(.chargerSupervisor) != nil { drainSupervisor(.charger) }
      if dirty.remove(.phoneSupervisor) != nil { drainSupervisor(.phone) }
      if dirty.remove(.terminations) != nil { updateLevels() }
      if dirty.remove(.vconn) != nil { updateVCONN() }
      if dirty.remove(.power) != nil { replanPower() }
      touched.formUnion(dirty)
    }
    if touched.contains(.chargerEngine) { rescheduleEngine(.charger) }
    if touched.contains(.phoneEngine) { rescheduleEngine(.phone) }
    if touched.contains(.chargerSupervisor) { rescheduleSupervisor(.charger) }
    if touched.contains(.phoneSupervisor) { rescheduleSupervisor(.phone) }
  }

  private mutating func rescheduleEngine(_ side: Side) {
    slots[.chargerEngine, side.index] = ports[side.index].engine.nextDeadline ?? .distantFuture
    ports[side.index].adjustSense()
    rescheduleVBUS(side)
    if ports[side.index].mischief.isActive { scheduleMischief(side) }
  }

  private mutating func rescheduleSupervisor(_ side: Side) {
    slots[.chargerSupervisor, side.index] = ports[side.index].supervisor.nextDeadline ?? .distantFuture
  }

  private mutating func drainEngine(_ side: Side) {
    while let action = ports[side.index].engine.nextAction() { perform(action, side) }
  }

  private mutating func drainSupervisor(_ side: Side) {
    while let action = ports[side.index].supervisor.nextAction() {
      switch action {
      case .stage(let command):
        bus.stages[side.index].take(command)
        if watcher.isOn { watcher.add(.stage(side, command), at: now) }
        dirty.insert(.power)
      case .report(let report):
        noteSupply(report, side)
        feed(.supply(report), side)
      }
    }
  }

  // MARK: Observing

  /// Counts and reports the steps that an engine has taken since the last look.
  private mutating func observeSteps(_ side: Side) {
    let total = ports[side.index].engine.journal.total
    if isRefereed {
      // Field by field: the engine is large, and would be copied.
      referee.stepped(
        to: ports[side.index].engine.state, steps: total,
        hasDeadline: ports[side.index].engine.nextDeadline != nil, on: side, at: now)
    }
    guard total != ports[side.index].journalMark else { return }
    if coverage.isOn || watcher.isOn {
      var number = ports[side.index].journalMark
      while number != total {
        if let step = ports[side.index].engine.journal.step(number) {
          if coverage.isOn { coverage.count(step, on: side) }
          if watcher.isOn { watcher.add(.step(side, step), at: now) }
        }
        number &+= 1
      }
    }
    ports[side.index].journalMark = total
  }
}
