public import PowerDelivery
public import PowerSupervision
public import Quantities

/// One USB-C port that speaks USB Power Delivery: connection, protocol layer and policy engine as one value.
///
/// It has no clock, does no I/O and calls nobody. Whoever drives it hands in what happened with the time at which it
/// happened (`handle`), does what `nextAction` says until it says nothing, and comes back at `nextDeadline` at the
/// latest:
///
///     engine.handle(.received(message), at: now)
///     while let action = engine.nextAction() { perform(action) }
///     sleep(until: engine.nextDeadline)
///
/// States and timers carry the names of the standard. The value can be copied and compared, so a port can be recorded,
/// replayed and explored.
public struct PortEngine: Sendable {
  // MARK: What the user gives

  public let configuration: PortConfiguration
  /// What is offered; after a change ask `.offerCapabilities`.
  public var sourcePolicy: SourcePolicy
  /// What is wanted; after a change ask `.choosePower`.
  public var sinkPolicy: SinkPolicy

  // MARK: What can be read

  /// The state of the Type-C connection.
  public internal(set) var connection: ConnectionState = .disabled
  /// The state of the policy engine; `.detached` while nothing is attached.
  public internal(set) var state: PolicyState = .detached
  public internal(set) var powerRole: PortPowerRole
  public internal(set) var dataRole: PortDataRole
  public internal(set) var isVCONNSource = false
  /// The revision in which the ports speak (USB-PD R3.2 §6.2.1.1.5).
  public internal(set) var revision: SpecificationRevision
  /// The contract that holds, explicit or by Type-C; `nil` while nothing is attached.
  public internal(set) var contract: PowerContract?
  /// Whether the contract is an explicit one.
  public internal(set) var hasExplicitContract = false
  /// Whether the ports are in EPR mode (§6.4.10).
  public internal(set) var isInEPRMode = false
  /// The pin on which the partner is; `nil` while nothing is attached.
  public internal(set) var orientation: CCPin?
  /// What the partner offered, or was offered, last; in EPR mode the EPR capabilities.
  public internal(set) var partnerSourceCapabilities = PowerDataObjectList()
  public internal(set) var partnerSinkCapabilities = PowerDataObjectList()
  /// What this port sent last as its capabilities: what a Request refers to.
  public internal(set) var offeredCapabilities = PowerDataObjectList()
  /// The data of the last extended message or object that was asked for.
  public internal(set) var partnerData = DataBlock()
  /// The last steps of the policy engine.
  public internal(set) var journal = Journal()

  var timers = TimerSet()
  var actions = ActionQueue()

  public init(
    _ configuration: PortConfiguration, source: SourcePolicy = .none, sink: SinkPolicy = .none
  ) {
    self.configuration = configuration
    sourcePolicy = source
    sinkPolicy = sink
    powerRole = configuration.roles.canBeSource ? .source : .sink
    dataRole = configuration.roles.canBeSource ? .downstreamFacing : .upstreamFacing
    revision = configuration.revision
  }

  /// The next thing for the driver to do; `nil` when there is nothing.
  public mutating func nextAction() -> PortAction? { actions.take() }

  /// When `handle(.timeout, at:)` is due at the latest; `nil` where only an event can move the port.
  public var nextDeadline: Instant? { timers.nextDeadline }

  /// Takes what happened at `now`, then serves every timer that is due.
  ///
  /// Total: any event is taken in any state. Events must come in the order of time; `now` may repeat.
  public mutating func handle(_ event: PortEvent, at now: Instant) {
  }
}
