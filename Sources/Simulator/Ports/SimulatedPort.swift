public import PortEngine
import PowerDelivery
public import PowerSupervision
import Quantities

/// One end of a link: the engine, and around it what a driver keeps. What crosses over to the other end is in `Link`.
public struct SimulatedPort: Sendable {
  public internal(set) var setup: PortSetup
  public internal(set) var engine: PortEngine
  /// Without meaning where `setup.supply` is `nil`.
  public internal(set) var supervisor: PowerSupervisor
  /// What the load may draw by the last `.draw`.
  public internal(set) var allowance = SinkAllowance(.nothing, voltage: .zero, current: .zero)
  public internal(set) var battery: Battery?
  /// Between VBUS and the battery, where there is one.
  var pump: ChargePump?
  /// The level of VBUS that the engine was told last.
  var sense = VBUSSense()
  var isSourcingVCONN = false
  var filter = ReceiverFilter.off
  var pin: CCPin?
  /// What the engine was told of its pins under the present termination; `nil` before it was.
  var levels: CCLevels?
  var silicon = Silicon()
  var mischief: Mischief
  /// Whether a packet of the engine gave way to one that came in, and the engine was not told: it is busy with the
  /// GoodCRC for that one, and the next result is the GoodCRC's.
  var owesDiscard = false
  /// Whether what is on its way was not sent by the engine: it is not told of it.
  var isSendingOwn = false
  /// The last packet that the engine sent: the same again is a retry.
  var lastSent = ShortMessage(header: MessageHeader())
  var hasSent = false
  /// How many steps of the journal have been counted.
  var journalMark: UInt32 = 0
  var nextMeasurement = Instant.distantFuture
  /// The contract that the supervisor was told, `nil` for none.
  var suppliedContract: PowerContract?

  /// What a port controller does without the engine (`GoodCRCHandling.silicon`).
  struct Silicon: Sendable {
    var goodCRCHeader = MessageHeader()
    /// A packet whose GoodCRC is being sent: the engine hears of it afterwards.
    var held: ShortMessage?
    /// Whether a GoodCRC is awaited, and how many more times the packet may be sent.
    var isAwaiting = false
    var retriesLeft = 0
  }

  init(_ setup: PortSetup) {
    self.setup = setup
    engine = PortEngine(setup.configuration, source: setup.source, sink: setup.sink)
    supervisor = PowerSupervisor(setup.supply ?? SimulatedPort.noSupply)
    battery = setup.battery
    pump = setup.pump
    mischief = Mischief(setup.misbehaviours)
  }

  private static var noSupply: SupervisorLimits {
    SupervisorLimits(voltage: Millivolts(5_000), current: .zero, power: .zero)
  }

  var hasSupply: Bool { setup.supply != nil }
  var usesSilicon: Bool { setup.configuration.goodCRC != .engine }

  /// As new. Field by field: the value is large, and would be copied twice.
  mutating func restart() {
    engine = PortEngine(setup.configuration, source: setup.source, sink: setup.sink)
    supervisor = PowerSupervisor(setup.supply ?? SimulatedPort.noSupply)
    allowance = SinkAllowance(.nothing, voltage: .zero, current: .zero)
    battery = setup.battery
    pump = setup.pump
    sense = VBUSSense()
    isSourcingVCONN = false
    filter = .off
    pin = nil
    levels = nil
    silicon = Silicon()
    mischief = Mischief(setup.misbehaviours)
    owesDiscard = false
    isSendingOwn = false
    hasSent = false
    journalMark = 0
    nextMeasurement = .distantFuture
    suppliedContract = nil
  }

  /// Whether the receiver passes packets of this kind.
  @inline(__always) func listens(to message: borrowing ShortMessage) -> Bool {
    switch message.orderedSet {
    case .sop: filter != .off
    case .sopPrime: filter == .sopAndPrime || filter == .all
    case .sopDoublePrime: filter == .all
    default: false
    }
  }

  /// From the request to send to the first bit on the wire. A retry comes from where the packet still lies.
  mutating func latency(of message: ShortMessage, random: inout SeededRandom) -> Nanoseconds {
    if message.isGoodCRC { return setup.phy.goodCRCLatency }
    let isRetry =
      hasSent && lastSent.header == message.header && lastSent.orderedSet == message.orderedSet
    lastSent = message
    hasSent = true
    if isRetry { return setup.phy.goodCRCLatency }
    return setup.phy.messageLatency + random.span(from: .zero, to: setup.phy.jitter)
  }

  // MARK: The load

  /// What it draws now, by what it may, what its battery wants and what it does wrong.
  @inline(__always) func current(at vbus: Millivolts) -> Milliamperes {
    var current = allowance.current
    if let battery, let pumped = pump?.current(at: vbus, battery) {
      current = min(current, pumped)
    } else if let battery, vbus > .zero {
      let wanted = Int64(battery.wantedPower.rawValue) &* 1_000 / Int64(vbus.rawValue)
      current = min(current, Milliamperes(Int32(truncatingIfNeeded: wanted)))
    }
    guard mischief.isActive else { return current }
    for index in 0..<mischief.list.count {
      if case .drawsTooMuch(let much) = mischief.list[index], allowance.reason != .nothing { current = much }
    }
    return current
  }

  /// Whether it goes on drawing when it is told to draw less.
  var ignoresReductions: Bool {
    @inline(__always) get { contains(.neverSinksDown) }
  }

  @inline(__always) private func contains(_ one: Misbehaviour) -> Bool {
    for index in 0..<mischief.list.count where mischief.list[index] == one { return true }
    return false
  }

  // MARK: Thresholds

  /// Sets the threshold below which VBUS is absent, by what the port knows of VBUS.
  mutating func adjustSense() {
    if let suppliedContract {
      sense.disconnect = VBUSSense.disconnect(of: suppliedContract)
      return
    }
    if engine.state == .snkTransitionSink || allowance.reason != .contract {
      sense.disconnect = min(sense.disconnect, VBUSSense.disconnectAt5V)
    } else if let contract = engine.contract {
      sense.disconnect = VBUSSense.disconnect(of: contract)
    }
  }
}
