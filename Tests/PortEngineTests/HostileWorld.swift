import LineCode
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import TestSupport

/// A driver, a supply and a partner that say anything at any time, by seed; now and then what is due, so that the
/// engine gets everywhere.
struct HostileWorld {
  private(set) var engine: PortEngine
  /// Is fed the same.
  private(set) var twin: PortEngine
  private(set) var now = Instant.zero
  private(set) var mostActions = 0
  private(set) var visited: Set<PolicyState> = []
  /// What went wrong first; `nil` while nothing has.
  private(set) var complaint: String?

  var random: SeededGenerator
  /// What the driver has not reported on yet, and what was sent last.
  private var unreported = 0
  private var lastSent: ShortMessage?
  private var lastCommand: SupplyCommand?
  private var termination = Termination.open
  /// While it is calm, driver, supply and partner do what is due.
  private var isCalm = true
  private var isAcknowledged = true
  private var hasSupplyReported = true
  private var isDecisionDue = false
  /// What was reported under this termination, and since it is calm.
  private var reportedLevels: CCLevels?
  private var reportedVBUS: VBUSLevel?
  private var id: UInt8 = 0

  init(_ configuration: PortConfiguration, seed: UInt64) {
    random = SeededGenerator(seed: seed)
    var configuration = configuration
    configuration.goodCRC = [.engine, .engine, .silicon, .siliconWithRetries][Int(seed % 4)]
    configuration.dataRoleSwap = seed % 3 == 0 ? .ask : .accept
    configuration.powerRoleSwap = seed % 5 == 0 ? .ask : .accept
    configuration.hasCaptiveCable = seed % 7 == 0
    configuration.captiveCableIsEPR = true
    configuration.captiveCableCurrent = Milliamperes(5_000)
    var source = Sample.charger
    if seed % 2 == 0 { source.eprCapabilities = Sample.list([Sample.fixed(28, 5_000)]) }
    if seed % 11 == 0 { source.acceptance = .ask }
    var sink = Sample.phone(
      seed % 3 == 0
        ? .pps(voltage: Millivolts(6_000), current: Milliamperes(2_000))
        : .fixed(maximumVoltage: Millivolts(9_000)))
    sink.entersEPR = seed % 2 == 1
    sink.eprCapabilities = source.eprCapabilities
    engine = PortEngine(configuration, source: source, sink: sink)
    twin = engine
  }

  // MARK: Running

  /// The most actions that one event may make: the engine's queue has 32 places.
  static var actionLimit: Int { 30 }

  mutating func run(events: Int) {
    handle(.enable)
    for _ in 0..<events where complaint == nil {
      if chance(isCalm ? 2 : 8) {
        isCalm.toggle()
        reportedLevels = nil
        reportedVBUS = nil
      }
      if isCalm {
        handle(dueEvent())
      } else {
        pass()
        handle(nextEvent())
      }
    }
  }

  /// From now on all is calm: whether the port comes to a contract again.
  mutating func recovers() -> Bool {
    isCalm = true
    unreported = 0
    reportedLevels = nil
    reportedVBUS = nil
    handle(.enable)
    for _ in 0..<3_000 where complaint == nil {
      handle(dueEvent(isQuiet: true))
      if engine.hasExplicitContract { return true }
    }
    return false
  }

  private mutating func pass() {
    guard chance(70) else { return }
    let span =
      chance(60)
      ? Int64.random(in: 0...2_000_000, using: &random) : Int64.random(in: 0...60_000_000, using: &random)
    var next = now + Nanoseconds(span)
    // A driver comes back at the deadline at the latest; a bad one comes late.
    if let deadline = engine.nextDeadline, deadline < next, chance(90) { next = max(now, deadline) }
    now = next
  }

  private mutating func handle(_ event: PortEvent) {
    engine.handle(event, at: now)
    twin.handle(event, at: now)
    visited.insert(engine.state)
    var count = 0
    while let action = engine.nextAction() {
      count += 1
      if action != twin.nextAction() { return complain("the twin acts otherwise", event) }
      note(action)
    }
    mostActions = max(mostActions, count)
    if count > HostileWorld.actionLimit { complain("\(count) actions", event) }
    if twin.nextAction() != nil || twin.nextDeadline != engine.nextDeadline {
      complain("the twin differs", event)
    }
    if let deadline = engine.nextDeadline {
      if deadline <= now { complain("a deadline that has passed", event) }
    } else if !isAtRest {
      complain("nothing will ever happen", event)
    }
  }

  /// Compares all that the two engines hold; slow.
  mutating func compareTwins() { if engine != twin { complain("the twin differs within", .timeout) } }

  private mutating func complain(_ what: String, _ event: PortEvent) {
    guard complaint == nil else { return }
    complaint = "\(what) after \(event) in \(engine.connection), \(engine.state), \(engine.transmitState)"
  }

  /// Whether it is right that only an event from outside can move the port.
  private var isAtRest: Bool {
    // SinkTxOK is awaited.
    if engine.transmitState == .snkPending { return true }
    switch engine.state {
    case .detached:
      switch engine.connection {
      case .disabled, .audioAccessory, .unorientedDebugAccessorySRC, .debugAccessorySNK: return true
      case .unattachedSRC, .unattachedSNK: return !engine.configuration.roles.isDualRole
      // VBUS is awaited, or its end.
      case .attachWaitSRC, .attachWaitSNK, .trySNK, .tryWaitSNK: return true
      default: return false
      }
    // Ready; a partner without USB-PD, or without a wish.
    case .srcReady, .snkReady, .srcDisabled, .srcWaitNewCapabilities, .snkWaitForCapabilities: return true
    // VBUS is awaited.
    case .snkDiscovery: return true
    case .bistTestMode: return true
    default: return false
    }
  }

  private mutating func note(_ action: PortAction) {
    switch action {
    case .transmit(let message):
      unreported += 1
      if !message.isGoodCRC {
        lastSent = message
        isAcknowledged = false
      }
    case .supply(let command):
      lastCommand = command
      hasSupplyReported = false
    case .notify(.decisionNeeded): isDecisionDue = true
    case .terminate(let termination):
      self.termination = termination
      reportedLevels = nil
    default: break
    }
  }

  // MARK: What happens

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  mutating func byte() -> UInt8 { UInt8.random(in: 0...255, using: &random) }

  /// What a good driver, supply or partner would say next.
  private mutating func dueEvent(isQuiet: Bool = false) -> PortEvent {
    let isEngine = engine.configuration.goodCRC == .engine
    now = now + .microseconds(600)
    if unreported > 0 {
      unreported -= 1
      isAcknowledged = isAcknowledged || !isEngine
      return .transmitted(isEngine ? .sent : .acknowledged)
    }
    if !isAcknowledged, let lastSent {
      isAcknowledged = true
      return .received(goodCRC(lastSent))
    }
    if !hasSupplyReported {
      hasSupplyReported = true
      return .supply(lastCommand == .off ? .safe0V : .ready)
    }
    if isDecisionDue {
      isDecisionDue = false
      return .decision(chance(80) ? .accept : .reject)
    }
    let pins = partnerLevels()
    let vbus: VBUSLevel = termination == .rd && pins.cc1.isRp ? .present : .safe0V
    if reportedLevels != pins {
      reportedLevels = pins
      return .cc(pins)
    }
    if reportedVBUS != vbus {
      reportedVBUS = vbus
      return .vbus(vbus)
    }
    switch engine.state {
    case .srcReady, .snkReady:
      if isQuiet { return wait() }
      if chance(50) { return .request(request()) }
      return chance(50) ? .received(message()) : wait()
    case .detached, .srcStartup: return wait()
    default: return chance(60) ? .received(answer()) : wait()
    }
  }

  private mutating func wait() -> PortEvent {
    if let deadline = engine.nextDeadline, engine.connection.isAttached || chance(80) {
      now = max(now, deadline)
    }
    return .timeout
  }

  private func goodCRC(_ message: ShortMessage) -> ShortMessage {
    var header = MessageHeader()
    header.specificationRevision = .revision3
    header.messageID = message.header.messageID
    header.portPowerRole = message.orderedSet != .sop || engine.powerRole == .sink ? .source : .sink
    header.portDataRole = engine.dataRole == .downstreamFacing ? .upstreamFacing : .downstreamFacing
    return ShortMessage(.goodCRC, header: header, orderedSet: message.orderedSet)
  }

  /// What the state waits for, as far as that is simple.
  private mutating func answer() -> ShortMessage {
    let header = partnerHeader()
    switch engine.state {
    case .srcSendSoftReset, .snkSendSoftReset, .drsDFPUFPSendSwap, .drsUFPDFPSendSwap, .prsSRCSNKSendSwap,
      .prsSNKSRCSendSwap, .vcsSendSwap:
      return ShortMessage(chance(80) ? .accept : .wait, header: header)
    case .prsSRCSNKWaitSourceOn, .prsSNKSRCTransitionToOff, .vcsWaitForVCONN:
      return ShortMessage(.psRDY, header: header)
    case .srcGetSinkCap, .drSNKGetSinkCap:
      var message = ShortMessage(.sinkCapabilities, header: header)
      message.append(Sample.fixed(5, 1_000))
      return message
    case .getInformation: return chance(50) ? chunk(header) : ShortMessage(.notSupported, header: header)
    case .srcVDMIdentityRequest:
      var cable = header
      cable.portPowerRole = .source
      var message = ShortMessage(.vendorDefined, header: cable, orderedSet: .sopPrime)
      for word in [0xFF00_A041, 0x1C00_0000, 0, 0, UInt32(0x0003_1640)] { message.append(word) }
      return message
    default: return fitting(header)
    }
  }

  private mutating func nextEvent() -> PortEvent {
    switch Int.random(in: 0..<1_000, using: &random) {
    case 0..<250 where unreported > 0:
      unreported -= 1
      return .transmitted(
        chance(90)
          ? (engine.configuration.goodCRC == .engine ? .sent : .acknowledged)
          : TransmissionResult(rawValue: byte() & 3) ?? .sent)
    case 0..<260: return .transmitted(TransmissionResult(rawValue: byte() & 3) ?? .sent)
    case 260..<450:
      guard let lastSent, chance(95) else { return .received(message()) }
      return .received(goodCRC(lastSent))
    case 450..<720: return .received(message())
    case 720..<740: return .received(garbage())
    case 740..<800: return .supply(report())
    case 800..<850: return .cc(levels())
    case 850..<880:
      return .vbus(
        chance(80) ? (engine.isSourcing ? .safe0V : .present) : VBUSLevel(rawValue: byte() % 3) ?? .safe0V)
    case 880..<940: return .request(request())
    case 940..<955: return .decision(PortDecision(rawValue: byte() % 3) ?? .accept)
    case 955..<957: return .hardResetReceived
    case 957..<965: return .hardResetSent
    case 965..<967: return .vconnFault
    case 967..<968: return .cableResetReceived
    case 968..<969: return .disable
    case 969..<980: return .enable
    default: return .timeout
    }
  }

  mutating func partnerHeader() -> MessageHeader {
    id = chance(95) ? (id + 1) & 7 : byte() & 7
    var header = MessageHeader()
    header.messageID = id
    header.specificationRevision = chance(90) ? .revision3 : SpecificationRevision(rawValue: byte() & 3)
    header.portPowerRole = engine.powerRole == .source ? .sink : .source
    header.portDataRole = engine.dataRole == .downstreamFacing ? .upstreamFacing : .downstreamFacing
    if chance(1) { header.portDataRole = engine.dataRole }
    return header
  }

  private mutating func report() -> SupplyReport {
    if chance(85) {
      guard let lastCommand else { return .ready }
      return lastCommand == .off ? .safe0V : .ready
    }
    switch byte() % 6 {
    case 0: return .ready
    case 1: return .safe0V
    case 2: return .fault(SupplyFault(rawValue: byte() % 9) ?? .overCurrent)
    case 3: return .recovered
    case 4: return .temperatureWarning
    default: return .temperatureNormal
    }
  }

  private mutating func levels() -> CCLevels {
    if chance(80) { return partnerLevels() }
    if chance(50), termination == .rd { return CCLevels(.rp1500, .open) }
    return CCLevels(CCLevel(rawValue: byte() % 6) ?? .open, CCLevel(rawValue: byte() % 6) ?? .open)
  }

  /// A partner that is whatever fits.
  private func partnerLevels() -> CCLevels {
    switch termination {
    case .rp: CCLevels(.rd, .ra)
    case .rd: CCLevels(.rp3000, .open)
    case .open: CCLevels(.open, .open)
    }
  }
}

extension PortEngine {
  var isSourcing: Bool { powerRole == .source }
}
