import LineCode
public import PortEngine
import PowerDelivery
public import Quantities
public import RegisterBus

/// A port on a chip that keeps to USB-IF's Type-C Port Controller Interface, r1 or r2 (PTN5110 and others): what a
/// `PortEngine` asks for becomes register accesses, and alerts become its events. Source, sink and dual-role.
///
/// The chip acknowledges and repeats by itself: the engine's configuration says `.siliconWithRetries`. `PortController`
/// says how it is driven. The engine looks for partners of both kinds itself; the chip's own search is not used.
///
/// A message is read in one call of the bus, or in two without reading ahead; its answer takes one more, which also
/// releases the buffer.
public struct TCPCI<Bus: RegisterBus>: PortController {
  public var bus: Bus
  public let options: TCPCIOptions
  public internal(set) var condition = PortControllerCondition.stopped
  public internal(set) var statistics = PortControllerStatistics()
  /// What the chip said it is; `nil` until it has.
  public internal(set) var identity: TCPCIIdentity?

  var events = PortEventQueue()
  var startUp = StartUp.none
  /// Whether the engine was told to open the port.
  var isOpen = false
  /// Whether the port was open when the chip failed: its partner has to see it go.
  var wasInterrupted = false
  /// When the next step of starting up, or of starting again, is due.
  var due = Instant.distantFuture
  /// Until when a chip may say that it is not ready.
  var initialisationEnd = Instant.distantFuture
  var retryDelay = TCPCITiming.shortestRetry

  // MARK: What the engine wants

  var termination = Termination.open
  var orientation: CCPin?
  var filter = ReceiverFilter.off
  var goodCRCHeader = MessageHeader()
  var suppliesVCONN = false
  var isInTestMode = false
  /// What the sink was allowed: where VBUS is in its contract, and the lowest voltage that it may have by that.
  var allowance = SinkAllowance(.nothing, voltage: .zero, current: .zero)
  var lowestVBUS = Millivolts.zero

  // MARK: What the chip has, and what has still to be written

  var registers = TCPCIRegisterSet()
  /// `nil` where nothing is known of the chip.
  var written: TCPCIRegisterSet?
  /// The chip may have switched its receiver off.
  var renewsReceiver = false
  var paths = Paths()
  var writtenPaths: Paths?
  /// What was seen in ALERT and FAULT_STATUS and is to be cleared.
  var pendingAlerts = TCPCIAlert()
  var pendingFaults = TCPCIFaultStatus()
  var unsent: ShortMessage?
  var signal: TCPCIPacketKind?
  /// The transmitter is to be stopped: it says nothing, or sends a carrier.
  var stopsTransmitter = false

  // MARK: What is under way

  /// Until when the result of the packet that the chip is sending may come.
  var outgoing: Instant?
  /// Whether the result of something else may still come.
  var hasAbandoned = false
  var awaitsHardResetSent = false
  var reportedLevels: CCLevels?
  var reportedVBUS: VBUSLevel?
  /// When the chip is asked for alerts without an interrupt, and when pins, VBUS and faults are looked at.
  var nextService = Instant.distantFuture
  var nextLook = Instant.distantFuture
  /// From when CC_STATUS is about the present terminations.
  var levelsAreValid = Instant.zero
  /// The interrupts without an event since `stormWindow` began, and until when the pin is masked.
  var stormWindow = Instant.zero
  var interruptCount = 0
  var quietUntil: Instant?

  enum StartUp: UInt8 {
    case none, initialising
    /// The chip is set up, and shows open pins until the partner has noticed.
    case open
  }

  /// The switches of VBUS.
  struct Paths: Equatable {
    enum Source: UInt8 { case off, fiveVolts, high }
    var source = Source.off
    var sink = false
  }

  public init(bus: Bus, options: TCPCIOptions = TCPCIOptions()) {
    self.bus = bus
    self.options = options
  }

  /// The next thing for the engine; `nil` when there is nothing.
  public mutating func nextEvent() -> PortEvent? { events.take() }

  /// When `poll(at:)` is due at the latest; `nil` while the controller is stopped.
  public var nextDeadline: Instant? {
    switch condition {
    case .stopped: return nil
    case .starting, .failed: return due == .distantFuture ? nil : due
    case .running:
      var earliest = nextLook
      if asksForAlerts { earliest = min(earliest, nextService) }
      if let outgoing { earliest = min(earliest, outgoing) }
      if let quietUntil { earliest = min(earliest, quietUntil) }
      return earliest == .distantFuture ? nil : earliest
    }
  }

  /// Whether `interrupt(at:)` does anything: not while the chip is being set up, nor while its pin is masked.
  public var takesInterrupts: Bool { condition == .running && quietUntil == nil }

  /// The interrupt pin is low: asks the chip why. Does nothing while the pin is masked because of a storm.
  public mutating func interrupt(at now: Instant) {
    guard takesInterrupts else { return }
    let before = events.count
    service(at: now, readsAhead: options.readsAhead)
    if events.count == before, condition == .running { countIdleInterrupt(at: now) }
  }

  /// Time has passed. Total: it may be called at any time and as often as wanted.
  public mutating func poll(at now: Instant) {
    switch condition {
    case .stopped: break
    case .starting, .failed: if due <= now { continueStartUp(at: now) }
    case .running: pollRunning(at: now)
    }
  }

  private mutating func pollRunning(at now: Instant) {
    if let quietUntil, quietUntil <= now { endStorm() }
    let isOverdue = outgoing.map { $0 <= now } ?? false
    let messages = statistics.messagesReceived
    if isOverdue || asksForAlerts && nextService <= now {
      // In a storm the bus is spared.
      let isCalm = orientation != nil && quietUntil == nil
      nextService = now + (isCalm ? options.attachedPoll : options.idlePoll)
      service(at: now, readsAhead: false)
    }
    // A message is answered first.
    let isFree = messages == statistics.messagesReceived
    if condition == .running, nextLook <= now, isFree { look(at: now) }
    if let outgoing, outgoing <= now { giveUp() }
  }

  /// Whether nobody else tells that there are alerts.
  private var asksForAlerts: Bool { !options.hasInterruptPin || quietUntil != nil }

  /// Whether packets come in.
  var isReceiving: Bool { orientation != nil && filter != .off }
}

/// What a TCPC says it is.
public struct TCPCIIdentity: Equatable, Sendable {
  /// VENDOR_ID, PRODUCT_ID and bcdDEVICE; a PTN5110 is 0x1FC9, 0x5110.
  public let vendor: TCPCIVendorID
  public let product: TCPCIProductID
  public let device: TCPCIDeviceVersion
  /// TYPEC_REV and PD_REV.
  public let typeC: TCPCITypeCRevision
  public let powerDelivery: TCPCIPDRevision
  /// PD_INTERFACE_REV, and what it comes to: the layout of the buffers.
  public let interface: TCPCIInterfaceRevision
  public let revision: TCPCIRevision
  public let capabilities: TCPCICapabilities1
  public let moreCapabilities: TCPCICapabilities2
}
