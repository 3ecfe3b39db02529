import PortEngine
public import Quantities
import RegisterBus

// Starting, stopping, and starting again.

extension FUSB302 {
  /// Resets the chip and sets it up; `.enable` tells the engine when that is done.
  public mutating func start(at now: Instant) {
    guard condition == .stopped else { return }
    retryDelay = FUSB302Timing.shortestRetry
    wasInterrupted = false
    resetChip(at: now)
  }

  /// Takes terminations and VCONN off and stops the chip from acknowledging what nobody reads, then lets it be. The
  /// engine is told to close the port.
  public mutating func stop(at now: Instant) {
    guard condition != .stopped else { return }
    close()
    registers = FUSB302Registers()
    if options.keepsRdWhenStopped {
      registers.switches0.pullDown1 = true
      registers.switches0.pullDown2 = true
    }
    registers.control0.masksInterrupts = true
    var batch = RegisterBatch()
    batch.write(registers.switches1, of: options.address)
    batch.write(registers.switches0, of: options.address)
    batch.write(registers.control0, of: options.address)
    _ = run(&batch, at: now)
    condition = .stopped
    due = .distantFuture
  }

  /// SW_RES; the chip needs a moment.
  private mutating func resetChip(at now: Instant) {
    condition = .starting
    var batch = RegisterBatch()
    var reset = FUSB302Reset()
    reset.resetsAll = true
    batch.write(reset, of: options.address)
    guard run(&batch, at: now) else { return }
    startUp = .resetting
    due = now + FUSB302Timing.reset
  }

  mutating func continueStartUp(at now: Instant) {
    switch startUp {
    case .none: return resetChip(at: now)
    case .open: return open(at: now)
    case .resetting: startUp = .none
    }
    var batch = RegisterBatch()
    let id = batch.read(from: FUSB302DeviceID.address, of: options.address)
    guard run(&batch, at: now) else { return }
    deviceID = FUSB302DeviceID(rawValue: batch.byte(of: id))
    guard (8...10).contains(deviceID.version) else {
      return fail(.wrongDevice(UInt32(deviceID.rawValue)), at: now)
    }
    setUp(at: now)
  }

  private mutating func setUp(at now: Instant) {
    registers = FUSB302Registers()
    registers.control3.automaticRetry = true
    updateRegisters()
    var batch = RegisterBatch()
    batch.write(FUSB302.power, of: options.address)
    batch.write(FUSB302.mask, of: options.address)
    batch.write(FUSB302.maskA, of: options.address)
    batch.write(FUSB302MaskB(), of: options.address)
    registers.writeAll(into: &batch, of: options.address)
    var reset = FUSB302Reset()
    reset.resetsPD = true
    batch.write(reset, of: options.address)
    // What happened before is nobody's business.
    batch.read(7, from: FUSB302Status0A.address, of: options.address)
    guard run(&batch, at: now) else { return }
    written = registers
    guard wasInterrupted else { return open(at: now) }
    startUp = .open
    due = now + FUSB302Timing.openPins
  }

  /// The engine opens the port.
  private mutating func open(at now: Instant) {
    startUp = .none
    wasInterrupted = false
    condition = .running
    retryDelay = FUSB302Timing.shortestRetry
    isOpen = true
    events.append(.enable)
    restartScan(at: now)
  }

  /// All of the chip has power.
  static var power: FUSB302Power {
    var power = FUSB302Power()
    power.bandGap = true
    power.receiver = true
    power.measurement = true
    power.oscillator = true
    return power
  }

  /// What moves with every bit on CC does not interrupt, nor does what GoodCRCSENT says better.
  private static var mask: FUSB302Mask {
    var mask = FUSB302Mask()
    mask.activity = true
    mask.comparator = true
    mask.crcCheck = true
    mask.wake = true
    mask.batteryLevel = true
    return mask
  }

  /// The chip neither toggles nor sends Soft_Resets by itself.
  private static var maskA: FUSB302MaskA {
    var mask = FUSB302MaskA()
    mask.toggleDone = true
    mask.softFailed = true
    mask.softReset = true
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
    retryDelay = min(retryDelay + retryDelay, FUSB302Timing.longestRetry)
  }

  /// Forgets what was under way. The engine takes VBUS off and forgets its partner.
  private mutating func close() {
    startUp = .none
    outgoing = nil
    unsent = nil
    signal = .none
    wantsReset = false
    awaitsHardResetSent = false
    frame = FUSB302Frame()
    overran = false
    foundUnannounced = false
    newestLevel = nil
    reportedLevels = nil
    reportedVBUS = nil
    measuresLowVBUS = false
    quietUntil = nil
    interruptCount = 0
    orientation = nil
    filter = .off
    termination = .open
    suppliesVCONN = false
    sendsCarrier = false
    if isOpen { events.append(.disable) }
    isOpen = false
  }

  // MARK: Storms

  /// Counts an interrupt; too many in a short time mask the pin for a while.
  mutating func isStorm(at now: Instant) -> Bool {
    if now - stormWindow > FUSB302Timing.stormWindow {
      stormWindow = now
      interruptCount = 0
    }
    interruptCount &+= 1
    guard interruptCount > options.interruptLimit else { return false }
    statistics.interruptStorms &+= 1
    quietUntil = now + FUSB302Timing.stormQuiet
    registers.control0.masksInterrupts = true
    commit(at: now)
    return true
  }

  mutating func endStorm() {
    quietUntil = nil
    interruptCount = 0
    registers.control0.masksInterrupts = false
  }
}
