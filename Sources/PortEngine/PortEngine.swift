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
public struct PortEngine: Equatable, Sendable {
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

  /// What is known of the cable.
  public internal(set) var cable: CableKnowledge
  /// What a PPS source measures at its output; told in PPS_Status and Status. `nil` where it does not measure.
  public var measuredOutput: OutputMeasurement?

  // MARK: What the machines keep

  var now = Instant.zero
  var timers = TimerSet()
  @usableFromInline var actions = ActionQueue()
  var protocolLayer = ProtocolLayer()
  var chunking = Chunking()
  var requests = RequestQueue()

  var ccLevels = CCLevels(.open, .open)
  var vbus = VBUSLevel.safe0V
  /// What the own Rp advertises.
  var rpCurrent = RpCurrent.usbDefault
  var vconnIsOn = false
  /// Whether VBUS has reached vSafe5V after it was asked for.
  var supplyIsReady = false
  /// From the acceptance of a PR_Swap until both have swapped: VBUS and the pins mean nothing.
  var isSwappingPower = false
  /// As a sink after a Hard Reset: VBUS falls and comes back, which is no detach.
  var awaitsVBUSDrop = false

  /// What moved the policy engine last.
  var stimulus = PolicyStimulus.detached
  /// Roles and revision as they go into headers, on SOP and on SOP′.
  var headerTemplate = MessageHeader()
  var cableHeaderTemplate = MessageHeader()
  /// Where a state is within its work; each state counts from 0.
  var phase: UInt8 = 0
  /// The contract that is being negotiated, and the RDO behind it.
  var nextContract = PowerContract.typeC(.zero)
  /// Whether the partner has ever acknowledged or sent a message since it was attached.
  var isPDConnected = false
  var hardResetCounter: UInt8 = 0
  var capsCounter = 0
  /// Whether the last Hard Reset began in EPR mode, whose recovery takes longer.
  var resetsFromEPR = false
  /// The sink's last RDO.
  var lastRequest: UInt32 = 0
  /// Set in the last Alert that was sent; told in Status.
  var lastAlert: UInt32 = 0
  var isTemperatureWarning = false
  /// What the partner is to be told by an Alert as soon as there is a contract again.
  var alertAfterFault = AlertDataObject()
  var eprEntry = EPREntry()
  /// What a decision of the user is awaited for.
  var awaitedDecision: DecisionKind?

  public init(
    _ configuration: PortConfiguration, source: SourcePolicy = .none, sink: SinkPolicy = .none
  ) {
    self.configuration = configuration
    sourcePolicy = source
    sinkPolicy = sink
    powerRole = configuration.roles.canBeSource ? .source : .sink
    dataRole = configuration.roles.canBeSource ? .downstreamFacing : .upstreamFacing
    revision = configuration.revision
    cable = CableKnowledge(configuration)
  }

  /// The next thing for the driver to do; `nil` when there is nothing.
  @inlinable public mutating func nextAction() -> PortAction? { actions.take() }

  /// When `handle(.timeout, at:)` is due at the latest; `nil` where only an event can move the port.
  public private(set) var nextDeadline: Instant?

  /// Takes what happened at `now`, then serves every timer that is due.
  ///
  /// Total: any event is taken in any state. Events must come in the order of time; `now` may repeat.
  public mutating func handle(_ event: PortEvent, at now: Instant) {
    self.now = now
    switch event {
    case .timeout: break
    case .enable: enableConnection()
    case .disable: disableConnection()
    case .cc(let levels): ccChanged(to: levels)
    case .vbus(let level): vbusChanged(to: level)
    case .received(let message): receive(message)
    case .transmitted(let result): transmissionEnded(result)
    case .hardResetReceived: hardResetReceived()
    case .cableResetReceived: break
    case .hardResetSent: hardResetSent()
    case .supply(let report): supplyReported(report)
    case .vconnFault: vconnFailed()
    case .request(let request): take(request)
    case .decision(let decision): decide(decision)
    }
    while let timer = timers.takeDue(at: now) { expired(timer) }
    serveRequests()
    nextDeadline = timers.settle()
  }

  /// Hands an expired timer to the machine that started it.
  private mutating func expired(_ timer: PortTimer) {
    switch timer {
    case .crcReceive: crcReceiveExpired()
    case .sinkTx: sendPending()
    case .chunkSenderRequest: chunkSenderRequestExpired()
    case .chunkSenderResponse: chunkSenderResponseExpired()
    case .ccDebounce, .pdDebounce, .tryCCDebounce, .srcDisconnect, .drpToggle, .drpTry, .drpTryWait,
      .errorRecovery, .vconnDischarge:
      connectionTimerExpired(timer)
    default: policyTimerExpired(timer)
    }
  }

  /// Starts a timer with the standard's nominal time, or one that is inside its window.
  mutating func startTimer(_ timer: PortTimer, _ limits: TimerLimits) {
    timers.start(timer, limits.choice, at: now)
  }
}

extension TimerLimits {
  /// The nominal time, else the middle of the window, else its only end.
  @inline(__always) var choice: Nanoseconds {
    if let nominal { return nominal }
    switch (minimum, maximum) {
    case (let minimum?, let maximum?): return Nanoseconds((minimum.rawValue &+ maximum.rawValue) / 2)
    case (let minimum?, nil): return minimum
    case (nil, let maximum?): return maximum
    case (nil, nil): return .zero
    }
  }
}

/// What a source measures at its output.
public struct OutputMeasurement: Equatable, Sendable {
  public var voltage: Millivolts
  public var current: Milliamperes
  /// Whether it holds the current instead of the voltage.
  public var isCurrentLimited: Bool

  public init(voltage: Millivolts, current: Milliamperes, isCurrentLimited: Bool = false) {
    self.voltage = voltage
    self.current = current
    self.isCurrentLimited = isCurrentLimited
  }
}
