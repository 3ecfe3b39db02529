import PortEngine
import PowerDelivery
import Quantities
import RegisterBus

// Looking at pins and VBUS. One comparator serves all: each look needs its switches, a moment to settle, and a read.

/// A round of looks while nothing is attached.
struct FUSB302Scan {
  enum Look: UInt8 { case none, cc1, rdOnCC1, cc2, rdOnCC2, vbus }

  /// What the comparator is looking at now.
  var look = Look.none
  var cc1 = CCLevel.open
  var cc2 = CCLevel.open
}

extension FUSB302 {
  /// The pins are looked at anew, under another termination.
  mutating func restartScan(at now: Instant) {
    scan = FUSB302Scan()
    if condition == .running { due = now }
  }

  /// Reads what the last look shows and goes to the next one, in one call of the bus.
  mutating func stepScan(at now: Instant) {
    var batch = RegisterBatch()
    let power = batch.read(from: FUSB302Power.address, of: options.address)
    let status = batch.read(from: FUSB302Status0.address, of: options.address)
    let ended = scan.look
    scan.look = nextLook(after: ended)
    setComparator(scan.look)
    registers.write(over: written, into: &batch, of: options.address)
    guard run(&batch, at: now) else { return }
    written = registers
    guard batch.byte(of: power) == FUSB302.power.rawValue else { return fail(.chipWasReset, at: now) }
    take(FUSB302Status0(rawValue: batch.byte(of: status)), from: ended)
    if scan.look == .none {
      report(CCLevels(scan.cc1, scan.cc2))
      due = now + options.idlePoll
    } else {
      due = now + FUSB302Timing.settle
    }
  }

  /// A source tells Rd from Ra by a second look.
  private func nextLook(after look: FUSB302Scan.Look) -> FUSB302Scan.Look {
    let isSource = if case .rp = termination { true } else { false }
    return switch look {
    case .none: termination == .open ? .vbus : .cc1
    case .cc1: isSource ? .rdOnCC1 : .cc2
    case .rdOnCC1: .cc2
    case .cc2: isSource ? .rdOnCC2 : .vbus
    case .rdOnCC2: .vbus
    case .vbus: .none
    }
  }

  private mutating func setComparator(_ look: FUSB302Scan.Look) {
    registers.switches0.measure1 = look == .cc1 || look == .rdOnCC1
    registers.switches0.measure2 = look == .cc2 || look == .rdOnCC2
    switch look {
    case .none: break
    case .vbus: registers.measure = FUSB302Measure(vbus: .zero)
    case .cc1, .cc2: registers.measure = pinMeasure
    case .rdOnCC1, .rdOnCC2:
      if case .rp(let current) = termination { registers.measure = FUSB302Measure(pin: current.rdThreshold) }
    }
  }

  /// What tells an open pin from one with something on it; a sink looks at BC_LVL instead.
  var pinMeasure: FUSB302Measure {
    if case .rp(let current) = termination { FUSB302Measure(pin: current.openThreshold) } else { .resetValue }
  }

  private mutating func take(_ status: FUSB302Status0, from look: FUSB302Scan.Look) {
    switch look {
    case .none: break
    case .cc1: scan.cc1 = level(status)
    case .cc2: scan.cc2 = level(status)
    case .rdOnCC1: if scan.cc1 != .open { scan.cc1 = status.comparator ? .rd : .ra }
    case .rdOnCC2: if scan.cc2 != .open { scan.cc2 = status.comparator ? .rd : .ra }
    case .vbus: report(status.vbusOK ? .present : status.comparator ? .absent : .safe0V)
    }
  }

  /// What is on a pin; a source does not know yet whether it is Rd or Ra.
  private func level(_ status: FUSB302Status0) -> CCLevel {
    switch termination {
    case .open: .open
    case .rd: status.batteryLevel.sinkLevel
    case .rp: status.comparator ? .open : .rd
    }
  }

  private mutating func report(_ levels: CCLevels) {
    guard levels != reportedLevels, termination != .open else { return }
    reportedLevels = levels
    events.append(.cc(levels))
  }

  private mutating func report(_ level: VBUSLevel) {
    guard level != reportedVBUS else { return }
    reportedVBUS = level
    events.append(.vbus(level))
  }

  // MARK: While a partner is attached

  /// Looks at the partner's pin and at VBUS, between messages.
  mutating func watchPartner(at now: Instant) {
    due = now + options.attachedPoll
    if measuresLowVBUS { return endLowVBUS(at: now) }
    guard let status = look(at: now), orientation != nil else { return }
    takeLevel(status)
    guard watchesLowVBUS, nextLowVBUS <= now, outgoing == nil, !status.activity else { return }
    beginLowVBUS(at: now)
  }

  /// What the chip sees. With an interrupt pin, interrupts are left for the one who watches it, unless packets lie
  /// about.
  private mutating func look(at now: Instant) -> FUSB302Status0? {
    guard options.hasInterruptPin, quietUntil == nil, !foundUnannounced else {
      return service(at: now, readsAhead: false)?.status0
    }
    var batch = RegisterBatch()
    let power = batch.read(from: FUSB302Power.address, of: options.address)
    let status = batch.read(2, from: FUSB302Status0.address, of: options.address)
    guard run(&batch, at: now) else { return nil }
    guard batch.byte(of: power) == FUSB302.power.rawValue else {
      fail(.chipWasReset, at: now)
      return nil
    }
    foundUnannounced = isReceiving && !FUSB302Status1(rawValue: batch.byte(1, of: status)).receiveIsEmpty
    takeVBUS(FUSB302Status0(rawValue: batch.byte(of: status)))
    return FUSB302Status0(rawValue: batch.byte(of: status))
  }

  /// Two looks in a row must agree: traffic moves the pin.
  private mutating func takeLevel(_ status: FUSB302Status0) {
    guard let orientation, !status.activity, registers == written else { return }
    let level = level(status)
    guard newestLevel == level else {
      newestLevel = level
      return
    }
    let other = reportedLevels?[orientation.other] ?? .open
    report(orientation == .cc1 ? CCLevels(level, other) : CCLevels(other, level))
  }

  /// VBUSOK says whether VBUS is there, as long as the contract is not below it.
  mutating func takeVBUS(_ status: FUSB302Status0) {
    guard orientation != nil, !watchesLowVBUS else { return }
    report(status.vbusOK ? .present : .absent)
  }

  // MARK: Contracts below the range of VBUSOK

  /// Whether a sink has a contract in which VBUSOK says nothing.
  private var watchesLowVBUS: Bool {
    termination == .rd && (allowance.reason == .contract || allowance.reason == .standby)
      && lowestVBUS < Millivolts(4_800)
  }

  /// Measures VBUS against four fifths of the contract. Nothing is received meanwhile; the partner repeats.
  private mutating func beginLowVBUS(at now: Instant) {
    measuresLowVBUS = true
    updateRegisters()
    registers.measure = FUSB302Measure(vbus: Millivolts(lowestVBUS.rawValue / 5 &* 4))
    commit(at: now)
    due = now + FUSB302Timing.settle
  }

  private mutating func endLowVBUS(at now: Instant) {
    measuresLowVBUS = false
    nextLowVBUS = now + FUSB302Timing.lowVBUSPoll
    updateRegisters()
    var batch = RegisterBatch()
    let status = batch.read(from: FUSB302Status0.address, of: options.address)
    registers.write(over: written, into: &batch, of: options.address)
    guard run(&batch, at: now) else { return }
    written = registers
    guard watchesLowVBUS else { return }
    report(FUSB302Status0(rawValue: batch.byte(of: status)).comparator ? .present : .absent)
  }
}
