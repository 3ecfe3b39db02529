import PortEngine
public import Quantities
import RegisterBus

// Starting, stopping, and starting again.

extension TCPCI {
  /// Waits until the chip is ready and sets it up; `.enable` tells the engine when that is done.
  public mutating func start(at now: Instant) {
    guard condition == .stopped else { return }
    retryDelay = TCPCITiming.shortestRetry
    wasInterrupted = false
    begin(at: now)
  }

  /// Takes terminations and VCONN off and stops the chip from acknowledging what nobody reads, then lets it be. The
  /// engine is told to close the port.
  public mutating func stop(at now: Instant) {
    guard condition != .stopped else { return }
    close()
    var off = TCPCIRegisterSet()
    off.power.noVoltageAlarms = true
    if options.keepsRdWhenStopped { off.role = .sink }
    var batch = RegisterBatch()
    off.writeAll(into: &batch, of: options.address)
    addPaths(to: &batch, over: nil)
    _ = run(&batch, at: now)
    written = nil
    writtenPaths = nil
    condition = .stopped
    due = .distantFuture
  }

  /// Nothing is written before the chip has said that it is a TCPC and ready.
  private mutating func begin(at now: Instant) {
    condition = .starting
    startUp = .initialising
    initialisationEnd = now + TCPCITiming.initialisation
    due = now
  }

  mutating func continueStartUp(at now: Instant) {
    switch startUp {
    case .none: begin(at: now)
    case .open: return open(at: now)
    case .initialising: break
    }
    var batch = RegisterBatch()
    let status = batch.read(from: TCPCIPowerStatus.address, of: options.address)
    let first = batch.read(2, from: TCPCIVendorID.address, of: options.address)
    batch.read(2, from: TCPCIProductID.address, of: options.address)
    batch.read(2, from: TCPCIDeviceVersion.address, of: options.address)
    batch.read(2, from: TCPCITypeCRevision.address, of: options.address)
    batch.read(2, from: TCPCIPDRevision.address, of: options.address)
    batch.read(2, from: TCPCIInterfaceRevision.address, of: options.address)
    batch.read(2, from: TCPCICapabilities1.address, of: options.address)
    batch.read(2, from: TCPCICapabilities2.address, of: options.address)
    guard run(&batch, at: now) else { return }
    guard !TCPCIPowerStatus(rawValue: batch.byte(of: status)).uninitialised else {
      return waitForChip(at: now)
    }
    guard let identity = TCPCIIdentity(batch, first) else {
      let vendor = UInt32(batch.word(of: first)), product = UInt32(batch.word(of: first &+ 1))
      return fail(.wrongDevice(vendor &<< 16 | product), at: now)
    }
    self.identity = identity
    setUp(identity.revision, at: now)
  }

  /// The chip is not ready; one that never gets ready does not do what it was asked to.
  private mutating func waitForChip(at now: Instant) {
    guard now < initialisationEnd else {
      return fail(.bus(RegisterBusError(.timedOut, address: options.address)), at: now)
    }
    due = now + TCPCITiming.initialisationPoll
  }

  private mutating func setUp(_ revision: TCPCIRevision, at now: Instant) {
    registers = TCPCIRegisterSet()
    registers.alertMask = mask(revision)
    registers.control.alertsLooking = revision == .revision2
    updateRegisters()
    paths = Paths()
    var batch = RegisterBatch()
    registers.writeAll(into: &batch, of: options.address)
    batch.write(TCPCI.powerMask, of: options.address)
    batch.write(TCPCIFaultStatusMask(rawValue: 0xFF), of: options.address)
    if revision == .revision2 {
      var extended = TCPCIExtendedStatusMask()
      extended.safe0V = true
      batch.write(extended, of: options.address)
    }
    batch.write(.enableVBUSDetect, of: options.address)
    addPaths(to: &batch, over: nil)
    // What happened before is nobody's business; faults first, or they raise their alert again.
    batch.write(TCPCIFaultStatus(rawValue: 0xFF), of: options.address)
    batch.write(TCPCIAlert(rawValue: 0xFFFF), of: options.address)
    guard run(&batch, at: now) else { return }
    written = registers
    writtenPaths = paths
    guard wasInterrupted else { return open(at: now) }
    startUp = .open
    due = now + TCPCITiming.openPins
  }

  /// The engine opens the port.
  private mutating func open(at now: Instant) {
    startUp = .none
    wasInterrupted = false
    condition = .running
    retryDelay = TCPCITiming.shortestRetry
    isOpen = true
    due = .distantFuture
    nextService = now
    nextLook = now
    events.append(.enable)
  }

  /// What a port has to know at once. It is neither all of ALERT nor nothing, so that a chip that was reset shows it.
  private func mask(_ revision: TCPCIRevision) -> TCPCIAlertMask {
    var mask = TCPCIAlertMask()
    mask.ccStatus = true
    mask.powerStatus = true
    mask.received = true
    mask.hardReset = true
    mask.failed = true
    mask.discarded = true
    mask.sent = true
    mask.fault = true
    mask.overflow = true
    mask.sinkDisconnect = true
    mask.extendedStatus = revision == .revision2
    return mask
  }

  private static var powerMask: TCPCIPowerStatusMask {
    var mask = TCPCIPowerStatusMask()
    mask.vbusPresent = true
    mask.uninitialised = true
    return mask
  }

  // MARK: Failing

  /// One call of the bus.
  /// - Returns: whether it went well; otherwise the port was closed.
  mutating func run(_ batch: inout RegisterBatch, at now: Instant) -> Bool {
    statistics.roundTrips &+= 1
    do {
      try bus.run(&batch)
      return true
    } catch {
      statistics.busErrors &+= 1
      fail(.bus(error), at: now)
      return false
    }
  }

  /// Closes the port and comes back later, each time a little later.
  mutating func fail(_ fault: PortControllerFault, at now: Instant) {
    guard condition != .stopped else { return }
    if fault == .chipWasReset { statistics.chipResets &+= 1 }
    wasInterrupted = wasInterrupted || isOpen
    close()
    condition = .failed(fault)
    due = now + retryDelay
    retryDelay = min(retryDelay + retryDelay, TCPCITiming.longestRetry)
  }

  /// Forgets what was under way. The engine takes VBUS off and forgets its partner.
  private mutating func close() {
    startUp = .none
    forgetPackets()
    hasAbandoned = false
    stopsTransmitter = false
    pendingAlerts = TCPCIAlert()
    pendingFaults = TCPCIFaultStatus()
    renewsReceiver = false
    written = nil
    writtenPaths = nil
    paths = Paths()
    reportedLevels = nil
    reportedVBUS = nil
    quietUntil = nil
    interruptCount = 0
    orientation = nil
    filter = .off
    termination = .open
    suppliesVCONN = false
    isInTestMode = false
    if isOpen { events.append(.disable) }
    isOpen = false
  }

  // MARK: Storms

  /// Counts an interrupt that brought nothing; too many in a short time mask the pin for a while.
  mutating func countIdleInterrupt(at now: Instant) {
    if now - stormWindow > TCPCITiming.stormWindow {
      stormWindow = now
      interruptCount = 0
    }
    interruptCount &+= 1
    guard interruptCount > options.interruptLimit else { return }
    statistics.interruptStorms &+= 1
    quietUntil = now + TCPCITiming.stormQuiet
    nextService = now
    registers.alertMask = TCPCIAlertMask()
  }

  mutating func endStorm() {
    quietUntil = nil
    interruptCount = 0
    if let identity { registers.alertMask = mask(identity.revision) }
  }
}

extension TCPCIIdentity {
  /// From eight reads of two bytes each, beginning at `first`; `nil` where no TCPC answers so.
  init?(_ batch: borrowing RegisterBatch, _ first: Int) {
    vendor = TCPCIVendorID(rawValue: batch.word(of: first))
    product = TCPCIProductID(rawValue: batch.word(of: first &+ 1))
    device = TCPCIDeviceVersion(rawValue: batch.word(of: first &+ 2))
    typeC = TCPCITypeCRevision(rawValue: batch.word(of: first &+ 3))
    powerDelivery = TCPCIPDRevision(rawValue: batch.word(of: first &+ 4))
    interface = TCPCIInterfaceRevision(rawValue: batch.word(of: first &+ 5))
    capabilities = TCPCICapabilities1(rawValue: batch.word(of: first &+ 6))
    moreCapabilities = TCPCICapabilities2(rawValue: batch.word(of: first &+ 7))
    guard vendor.value != 0, vendor.value != 0xFFFF, let revision = TCPCIRevision(interface) else {
      return nil
    }
    self.revision = revision
  }
}
