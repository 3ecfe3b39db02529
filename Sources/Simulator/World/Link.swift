import LineCode
import PortEngine
import PowerDelivery
import PowerSupervision
public import Quantities

/// A charger's port, a cable and a phone's port, with the wire, VBUS and the referee: one value, moved by events.
///
/// Nothing happens between two events, so time costs nothing: `step` goes from one to the next. The parts are in
/// extensions: `Link+Time`, `Link+Ports` (what engines ask), `Link+Wire`, `Link+Power`, `Link+Script`.
public struct Link: Sendable {
  // MARK: What can be read

  public internal(set) var now = Instant.zero
  public internal(set) var ports: InlineArray<2, SimulatedPort>
  public internal(set) var cable: Cable
  public internal(set) var bus: PowerBus
  public internal(set) var wire: Wire
  public internal(set) var isPlugged = false
  /// How many times a source's engine reported a contract.
  public internal(set) var contractCount = 0
  /// How many events were served.
  public internal(set) var eventCount = 0
  /// Whether events came without end at one moment: a port asks for time that has passed. The link stands still then.
  public internal(set) var isStuck = false

  // MARK: What can be switched on

  /// What was on the wire, for a file; costs nothing while it is off.
  public var recorder = LinkRecorder()
  /// What happened, for those who watch.
  public var watcher = LinkWatcher()
  /// Which steps the policy engines took.
  public var coverage = Coverage()
  public var referee = Referee()
  public var isRefereed = true

  var random: SeededRandom
  var slots = EventSlots()
  var terminations = Terminations()
  var plugs: InlineArray<2, CablePlug>
  var deliveries = DeliveryQueue()
  var agenda = Agenda()
  /// What has to be looked at before time may go on.
  var dirty = DirtyParts()
  /// Xiaomi's private protocol, where an end speaks it.
  var xiaomi: XiaomiEnds?
  /// Whether attachment or contract changed since the world asked.
  var wantsRebalancing = false
  private var momentCount = 0
  private var configuration: LinkConfiguration

  public init(_ configuration: LinkConfiguration, seed: UInt64) {
    self.configuration = configuration
    random = SeededRandom(seed: seed)
    ports = [SimulatedPort(configuration.charger), SimulatedPort(configuration.phone)]
    cable = configuration.cable
    wire = configuration.newWire
    bus = configuration.newBus
    plugs = [CablePlug(.sopPrime), CablePlug(.sopDoublePrime)]
    xiaomi = XiaomiEnds(configuration)
    start()
  }

  /// The link as it was made, with another seed; memory that was taken is kept.
  public mutating func restart(seed: UInt64) {
    random = SeededRandom(seed: seed)
    now = .zero
    ports[0].restart()
    ports[1].restart()
    cable = configuration.cable
    wire = configuration.newWire
    bus = configuration.newBus
    plugs = [CablePlug(.sopPrime), CablePlug(.sopDoublePrime)]
    slots = EventSlots()
    terminations = Terminations()
    deliveries.removeAll()
    agenda.removeAll()
    xiaomi = XiaomiEnds(configuration)
    isPlugged = false
    isStuck = false
    contractCount = 0
    eventCount = 0
    wantsRebalancing = false
    referee.reset()
    recorder.removeAll()
    watcher.removeAll()
    start()
  }

  private mutating func start() {
    judgeWhoBehaves()
    start(.charger)
    start(.phone)
    settle()
  }

  /// Who misbehaves on purpose is not judged, nor who speaks no USB-PD.
  private mutating func judgeWhoBehaves() {
    referee.judged = []
    if !ports[0].mischief.isActive { referee.judged.insert(.charger) }
    if !ports[1].mischief.isActive && ports[1].setup.speaksPowerDelivery { referee.judged.insert(.phone) }
  }

  private mutating func start(_ side: Side) {
    applyStageMisbehaviour(side)
    if ports[side.index].setup.speaksPowerDelivery {
      feed(.enable, side)
    } else {
      terminations.values[side.index] = .rd
    }
  }

  /// Puts another phone in place of the one that is there; ignored while it is plugged in.
  public mutating func replacePhone(_ setup: PortSetup, xiaomi: XiaomiPhoneSetup? = nil) {
    guard !isPlugged else { return }
    configuration.phone = setup
    configuration.xiaomiPhone = xiaomi
    ports[1] = SimulatedPort(setup)
    self.xiaomi = XiaomiEnds(configuration)
    bus.replacePhone(stage: setup.stage, load: setup.load)
    for index in [EventSlot.phoneTransmitter, .phoneSilicon, .phoneSupervisor, .phoneEngine, .phoneMischief] {
      slots[index] = .distantFuture
    }
    wire.withdraw(.phone)
    terminations.values[1] = .open
    dirty.insert(.terminations)
    dirty.insert(.power)
    judgeWhoBehaves()
    start(.phone)
    settle()
  }

  // MARK: Asking

  public func port(_ side: Side) -> SimulatedPort { ports[side.index] }
  /// The voltage at a side's connector.
  @inline(__always) public func vbus(_ side: Side = .charger) -> Millivolts { voltage(side) }
  /// The current that flows from the charger; negative where the phone supplies.
  public var current: Milliamperes {
    let fromCharger = bus.current(at: now, from: .charger)
    return fromCharger > .zero ? fromCharger : .zero - bus.current(at: now, from: .phone)
  }

  /// Whether both ports have an explicit contract.
  public var hasContract: Bool {
    ports[0].engine.hasExplicitContract && ports[1].engine.hasExplicitContract
  }

  /// When the next thing happens; `nil` where nothing will.
  public var nextEventTime: Instant? {
    let time = slots.next.time
    return time == .distantFuture || isStuck ? nil : time
  }

  // MARK: Moving

  /// Serves what is due next.
  /// - Returns: `false` where nothing will ever happen.
  @discardableResult public mutating func step() -> Bool { step(by: .distantFuture) }

  /// Serves what is due next, if it is due by `limit`.
  private mutating func step(by limit: Instant) -> Bool {
    let (slot, time) = slots.next
    guard time <= limit, time < .distantFuture, !isStuck else { return false }
    if time > now {
      now = time
      momentCount = 0
    } else {
      momentCount &+= 1
      if momentCount > 20_000 { isStuck = true }
    }
    eventCount &+= 1
    serve(slot)
    settle()
    return true
  }

  /// Lets time pass until `end`.
  public mutating func run(until end: Instant) {
    while step(by: end) {}
    now = max(now, end)
  }

  /// Lets time pass until both ports have an explicit contract and are ready.
  /// - Returns: when that was; `nil` where it was not by `limit`.
  public mutating func runUntilContract(limit: Instant) -> Instant? {
    while !isAtRest {
      guard step(by: limit) else { return nil }
    }
    return now
  }

  /// Whether both ports have an explicit contract and are in their ready states.
  public var isAtRest: Bool {
    hasContract && Link.isReady(ports[0].engine.state) && Link.isReady(ports[1].engine.state)
  }

  private static func isReady(_ state: PolicyState) -> Bool { state == .srcReady || state == .snkReady }

  /// Does something at once.
  public mutating func perform(_ action: LinkAction) {
    carryOut(action)
    settle()
  }

  /// Does something when it is due; of two that are due together, the one that was scheduled first.
  public mutating func schedule(_ action: LinkAction, at time: Instant) {
    agenda.add(ScheduledAction(max(time, now), action))
    slots[.agenda] = agenda.nextTime
  }
}
