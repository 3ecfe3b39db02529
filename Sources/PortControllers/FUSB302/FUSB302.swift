import LineCode
public import PortEngine
import PowerDelivery
public import Quantities
public import RegisterBus

/// A port on an onsemi FUSB302B: what a `PortEngine` asks for becomes register accesses, and interrupts become its
/// events. Source, sink and dual-role.
///
/// The chip acknowledges and repeats by itself: the engine's configuration says `.siliconWithRetries`. `PortController`
/// says how it is driven.
///
/// A message is read in two calls of the bus, or one where it has no objects; its answer takes one more.
///
/// The chip takes Get_Source_Cap_Extended for a GoodCRC and does not acknowledge it. A Revision 3 sink that asks for it
/// hears nothing and ends in a Hard Reset; a source that announces Revision 2.0 is not asked.
public struct FUSB302<Bus: RegisterBus>: PortController {
  public var bus: Bus
  public let options: FUSB302Options
  public internal(set) var condition = PortControllerCondition.stopped
  public internal(set) var statistics = PortControllerStatistics()
  /// What the chip said it is.
  public internal(set) var deviceID = FUSB302DeviceID()

  var events = PortEventQueue()
  var startUp = StartUp.none
  /// Whether the engine was told to open the port.
  var isOpen = false
  /// Whether the port was open when the chip failed: its partner has to see it go.
  var wasInterrupted = false
  /// When the next step of starting up, of looking at pins, or of starting again is due.
  var due = Instant.distantFuture
  var retryDelay = FUSB302Timing.shortestRetry

  // MARK: What the engine wants

  var termination = Termination.open
  var orientation: CCPin?
  var filter = ReceiverFilter.off
  var goodCRCHeader = MessageHeader()
  var suppliesVCONN = false
  var sendsCarrier = false
  /// What the sink was allowed: where VBUS is in its contract.
  var allowance = SinkAllowance(.nothing, voltage: .zero, current: .zero)

  /// The lowest voltage that VBUS may have by that.
  var lowestVBUS = Millivolts.zero

  // MARK: What the chip has, and what has still to be written

  var registers = FUSB302Registers()
  var written = FUSB302Registers()
  var unsent: ShortMessage?
  var signal = Signal.none
  var wantsReset = false

  // MARK: What is under way

  /// The packet that the chip is sending; its result is still to come.
  var outgoing: Outgoing?
  var awaitsHardResetSent = false
  var frame = FUSB302Frame()
  /// Whether the last frame was a GoodCRC.
  var followsGoodCRC = false
  /// Whether bytes may be missing in the receive FIFO: then a bad CRC means that the framing is lost.
  var overran = false
  var scan = FUSB302Scan()
  /// Whether the last look found a packet that no interrupt has announced.
  var foundUnannounced = false
  /// The newest level on the partner's pin; a second look confirms it.
  var newestLevel: CCLevel?
  var reportedLevels: CCLevels?
  var reportedVBUS: VBUSLevel?
  var nextLowVBUS = Instant.distantFuture
  var measuresLowVBUS = false
  /// The interrupts since `stormWindow` began, and until when the pin is masked.
  var stormWindow = Instant.zero
  var interruptCount = 0
  var quietUntil: Instant?

  enum StartUp: UInt8 {
    case none, resetting
    /// The chip is set up, and shows open pins until the partner has noticed.
    case open
  }
  /// Signalling that is no packet.
  enum Signal: UInt8 { case none, hardReset, cableReset, carrier }
  struct Outgoing {
    var orderedSet: OrderedSet
    var messageID: UInt8
    var deadline: Instant
  }

  public init(bus: Bus, options: FUSB302Options = FUSB302Options()) {
    self.bus = bus
    self.options = options
  }

  /// The next thing for the engine; `nil` when there is nothing.
  public mutating func nextEvent() -> PortEvent? { events.take() }

  /// When `poll(at:)` is due at the latest; `nil` while the controller is stopped.
  public var nextDeadline: Instant? {
    guard condition != .stopped else { return nil }
    var earliest = due
    if let outgoing, condition == .running { earliest = min(earliest, outgoing.deadline) }
    if let quietUntil { earliest = min(earliest, quietUntil) }
    return earliest == .distantFuture ? nil : earliest
  }

  /// Whether `interrupt(at:)` does anything: not while the chip is being set up, nor while its pin is masked.
  public var takesInterrupts: Bool { condition == .running && quietUntil == nil }

  /// The interrupt pin is low: asks the chip why. Does nothing while the pin is masked because of a storm.
  public mutating func interrupt(at now: Instant) {
    guard takesInterrupts else { return }
    guard !isStorm(at: now) else { return }
    service(at: now, readsAhead: options.readsAhead && isReceiving && !awaitsHardResetSent)
  }

  /// Time has passed. Total: it may be called at any time and as often as wanted.
  public mutating func poll(at now: Instant) {
    switch condition {
    case .stopped: break
    case .starting, .failed: if due <= now { continueStartUp(at: now) }
    case .running:
      if let quietUntil, quietUntil <= now { endStorm() }
      if due <= now {
        if orientation == nil { stepScan(at: now) } else { watchPartner(at: now) }
      }
      if let outgoing, outgoing.deadline <= now { giveUp(outgoing) }
    }
  }

  /// Whether packets come in.
  var isReceiving: Bool { orientation != nil && filter != .off }
}
