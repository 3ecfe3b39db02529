import PortEngine
import PowerSupervision
import Quantities

// VBUS: where it bends, when thresholds are crossed, what is measured.

extension Link {
  /// How often is measured while VBUS is on its way, while it is steady, and while the output is off.
  static var quickMeasurement: Nanoseconds { Nanoseconds(1_000_000) }
  static var steadyMeasurement: Nanoseconds { Nanoseconds(50_000_000) }
  static var idleMeasurement: Nanoseconds { Nanoseconds(1_000_000_000) }

  /// The voltage at a side's connector; behind a torn wire there is none where nobody supplies.
  @inline(__always) func voltage(_ side: Side) -> Millivolts { bus.voltage(at: now, on: side) }

  /// Works out where VBUS goes after a change.
  mutating func replanPower() {
    bus.replan(at: now)
    updateSense()
    refereeVBUS()
    if watcher.isOn { watcher.note(voltage(.charger), at: now) }
    rescheduleVBUS(.charger)
    rescheduleVBUS(.phone)
  }

  /// A bend, a crossing or a measurement is due.
  mutating func stepPower(_ side: Side) {
    let isBend = bus.bend(on: side) <= now
    if isBend {
      bus.replan(at: now)
      refereeVBUS()
      if watcher.isOn { watcher.note(voltage(.charger), at: now) }
    }
    updateSense()
    for other in Side.both {
      let isDue = ports[other.index].nextMeasurement <= now
      let isConcerned = isBend && bus.node(of: other) == bus.node(of: side)
      if isDue || isConcerned { measure(other) }
    }
    rescheduleVBUS(.charger)
    rescheduleVBUS(.phone)
  }

  private mutating func measure(_ side: Side) {
    guard ports[side.index].hasSupply, !bus.stages[side.index].isBroken else {
      ports[side.index].nextMeasurement = .distantFuture
      return
    }
    let measurement = bus.measure(side, at: now, random: &random)
    if recorder.isOn, side == .charger { record(measurement) }
    supervise(.measured(measurement), side)
    let span =
      switch ports[side.index].supervisor.state {
      case .turningOn, .changing, .discharging, .faultDischarging: Link.quickMeasurement
      case .steady: bus.slope(on: side) == 0 ? Link.steadyMeasurement : Link.quickMeasurement
      case .faultHeld: Link.steadyMeasurement
      case .off, .faultLatched: Link.idleMeasurement
      }
    ports[side.index].nextMeasurement = now + span
  }

  /// Tells the engines which levels VBUS has reached.
  private mutating func updateSense() {
    for side in Side.both {
      let microvolts = bus.microvolts(at: now, on: side)
      guard ports[side.index].sense.take(microvolts) else { continue }
      feed(.vbus(ports[side.index].sense.level), side)
      if !ports[side.index].setup.speaksPowerDelivery { drawWithoutPD(side) }
    }
  }

  /// A device without USB-PD draws what every USB device may, as long as VBUS is there.
  private mutating func drawWithoutPD(_ side: Side) {
    let current = ports[side.index].sense.level == .present ? RpCurrent.usbDefault.current : .zero
    ports[side.index].allowance = SinkAllowance(
      current > .zero ? .typeC : .nothing, voltage: Millivolts(5_000), current: current)
    updateLoad(side)
  }

  mutating func rescheduleVBUS(_ side: Side) {
    var time = ports[side.index].nextMeasurement
    if bus.slope(on: side) != 0 {
      time = min(time, bus.bend(on: side))
      time = min(time, ports[side.index].sense.nextCrossing(bus, side))
    }
    slots[.chargerVBUS, side.index] = max(time, now)
  }

  /// A stage that is off what it is told, from the list of misbehaviours.
  mutating func applyStageMisbehaviour(_ side: Side) {
    let list = ports[side.index].mischief.list
    for index in 0..<list.count {
      if case .wrongVoltage(let error) = list[index] { bus.stages[side.index].profile.error = error }
    }
  }
}
