import PowerDelivery
import PowerSupervision
import Quantities

// The Type-C connection state machine: what is attached, in which role, on which pin (USB Type-C R2.1 §4.5.2).

extension PortEngine {
  /// Opens the port.
  mutating func enableConnection() {
    guard connection == .disabled else { return }
    enterUnattached()
  }

  /// Closes the port, whatever it was doing.
  mutating func disableConnection() {
    guard connection != .disabled else { return }
    detach()
    timers.stopAll()
    connection = .disabled
    actions.append(.supply(.off))
    terminate(.open)
  }

  /// Goes to where the port waits for a partner.
  mutating func enterUnattached() {
    enterConnection(configuration.roles.canBeSink ? .unattachedSNK : .unattachedSRC)
  }

  /// Applies a termination; the driver reports the levels that it sees under it.
  mutating func terminate(_ termination: Termination) {
    ccLevels = CCLevels(.open, .open)
    if case .rp(let current) = termination { rpCurrent = current }
    actions.append(.terminate(termination))
  }

  /// Changes what Rp advertises while a sink is attached.
  mutating func advertise(_ current: RpCurrent) {
    guard rpCurrent != current else { return }
    rpCurrent = current
    actions.append(.terminate(.rp(current)))
  }

  mutating func enterConnection(_ state: ConnectionState) {
    timers.stop(.ccDebounce)
    timers.stop(.tryCCDebounce)
    timers.stop(.pdDebounce)
    timers.stop(.drpToggle)
    connection = state
    switch state {
    case .disabled: break
    case .unattachedSRC:
      terminate(.rp(configuration.rp))
      startToggling()
    case .unattachedSNK:
      terminate(.rd)
      startToggling()
    case .attachWaitSRC, .attachWaitSNK: startTimer(.ccDebounce, Timing.ccDebounce)
    case .trySRC:
      terminate(.rp(configuration.rp))
      startTimer(.drpTry, Timing.drpTry)
    case .trySNK:
      terminate(.rd)
      startTimer(.drpTry, Timing.drpTry)
    case .tryWaitSNK:
      terminate(.rd)
      startTimer(.drpTryWait, Timing.drpTryWait)
      // Pins that stay open report no change.
      startTimer(.pdDebounce, Timing.pdDebounce)
    case .tryWaitSRC:
      terminate(.rp(configuration.rp))
      startTimer(.drpTry, Timing.drpTry)
    case .attachedSRC: attachAsSource()
    case .attachedSNK: attachAsSink()
    case .unattachedWaitSRC:
      terminate(.open)
      startTimer(.vconnDischarge, Timing.vconnoff)
    case .errorRecovery:
      terminate(.open)
      startTimer(.errorRecovery, Timing.errorRecoverySourcingVCONN)
    case .audioAccessory: actions.append(.notify(.audioAccessory))
    case .unorientedDebugAccessorySRC, .debugAccessorySNK: actions.append(.notify(.debugAccessory))
    }
  }

  /// A dual-role port shows Rp and Rd in turn until it finds a partner.
  private mutating func startToggling() {
    guard configuration.roles.isDualRole else { return }
    timers.start(.drpToggle, configuration.timing.drpToggle, at: now)
  }

  // MARK: What the pins and VBUS say

  @inline(__always) private var partnerPin: CCPin? {
    switch connection {
    case .unattachedSRC, .attachWaitSRC, .trySRC, .tryWaitSRC: ccLevels.sinkPin
    default: ccLevels.sourcePin
    }
  }

  @inline(__always) private var isAccessory: Bool { ccLevels.isAccessory }

  mutating func ccChanged(to levels: CCLevels) {
    guard levels != ccLevels else { return }
    ccLevels = levels
    switch connection {
    case .unattachedSRC where partnerPin != nil || isAccessory: enterConnection(.attachWaitSRC)
    case .unattachedSNK where partnerPin != nil || isAccessory: enterConnection(.attachWaitSNK)
    case .attachWaitSRC, .attachWaitSNK:
      if partnerPin != nil || isAccessory {
        timers.stop(.pdDebounce)
        startTimer(.ccDebounce, Timing.ccDebounce)
      } else if !timers.isRunning(.pdDebounce) {
        timers.stop(.ccDebounce)
        startTimer(.pdDebounce, Timing.pdDebounce)
      }
    case .trySRC, .tryWaitSRC, .trySNK: debounceTry()
    case .tryWaitSNK: debounceTryWait()
    case .attachedSRC: watchPartner()
    case .attachedSNK: sinkSeesRp()
    case .audioAccessory, .unorientedDebugAccessorySRC, .debugAccessorySNK:
      if !isAccessory { enterUnattached() }
    default: break
    }
  }

  /// Try states look for the partner for tTryCCDebounce; after tDRPTry, Try.SNK also for its absence.
  private mutating func debounceTry() {
    if partnerPin != nil || connection == .trySNK && !timers.isRunning(.drpTry) {
      startTimer(.tryCCDebounce, Timing.tryCCDebounce)
    } else {
      timers.stop(.tryCCDebounce)
    }
  }

  private mutating func debounceTryWait() {
    if partnerPin != nil {
      timers.stop(.pdDebounce)
      startTimer(.ccDebounce, Timing.ccDebounce)
    } else {
      timers.stop(.ccDebounce)
      startTimer(.pdDebounce, Timing.pdDebounce)
    }
  }

  /// As a source: the partner is gone when its pin has been open for tSRCDisconnect.
  private mutating func watchPartner() {
    guard let orientation, !isSwappingPower else { return }
    if ccLevels[orientation] == .rd {
      timers.stop(.srcDisconnect)
    } else if !timers.isRunning(.srcDisconnect) {
      startTimer(.srcDisconnect, Timing.srcDisconnect)
    }
  }

  /// As a sink: Rp says what may be drawn without a contract, and in a Revision 3 contract who may speak.
  private mutating func sinkSeesRp() {
    guard let orientation, ccLevels[orientation].isRp else { return }
    if hasExplicitContract {
      sendPending()
    } else if contract?.supply == .typeC, contract?.current != typeCCurrent(), vbus == .present,
      !protocolLayer.isResetting
    {
      drawTypeC()
    }
  }

  /// What the source's Rp advertises.
  mutating func typeCCurrent() -> Milliamperes {
    guard let orientation else { return .zero }
    switch ccLevels[orientation] {
    case .rp3000: return RpCurrent.current3000.current
    case .rp1500: return RpCurrent.current1500.current
    default: return RpCurrent.usbDefault.current
    }
  }

  /// As a sink without a contract: draws what Rp advertises.
  mutating func drawTypeC() {
    let contract = PowerContract.typeC(typeCCurrent())
    self.contract = contract
    actions.append(.draw(SinkAllowance(.typeC, voltage: contract.voltage, current: contract.current)))
  }

  mutating func vbusChanged(to level: VBUSLevel) {
    guard level != vbus else { return }
    vbus = level
    switch connection {
    case .attachWaitSRC, .attachWaitSNK:
      if !timers.isRunning(.ccDebounce) && !timers.isRunning(.pdDebounce) { finishAttachWait() }
    case .trySNK, .tryWaitSNK, .tryWaitSRC: finishTry()
    case .attachedSNK: sinkSeesVBUS()
    default: break
    }
  }

  // MARK: Timers

  mutating func connectionTimerExpired(_ timer: PortTimer) {
    switch (connection, timer) {
    case (.unattachedSRC, .drpToggle): enterConnection(.unattachedSNK)
    case (.unattachedSNK, .drpToggle): enterConnection(.unattachedSRC)
    case (.attachWaitSRC, .ccDebounce), (.attachWaitSNK, .ccDebounce): finishAttachWait()
    case (.attachWaitSRC, .pdDebounce), (.attachWaitSNK, .pdDebounce): enterUnattached()
    case (.trySRC, .tryCCDebounce), (.tryWaitSRC, .tryCCDebounce), (.tryWaitSNK, .ccDebounce): finishTry()
    case (.trySRC, .drpTry): enterConnection(.tryWaitSNK)
    case (.trySNK, .tryCCDebounce), (.trySNK, .drpTry):
      if partnerPin == nil { enterConnection(.tryWaitSRC) } else { finishTry() }
    case (.tryWaitSNK, .pdDebounce), (.tryWaitSNK, .drpTryWait), (.tryWaitSRC, .drpTry):
      if connection != .tryWaitSNK || partnerPin == nil { enterUnattached() }
    case (.attachedSRC, .srcDisconnect): sourceDetached()
    case (.unattachedWaitSRC, .vconnDischarge): leaveAttachedSRC()
    case (.errorRecovery, .errorRecovery): enterUnattached()
    default: break
    }
  }

  /// The pins have been steady for tCCDebounce: decides what is attached.
  private mutating func finishAttachWait() {
    if connection == .attachWaitSRC {
      if isAccessory {
        enterConnection(ccLevels.cc1 == .ra ? .audioAccessory : .unorientedDebugAccessorySRC)
      } else if partnerPin != nil, vbus == .safe0V {
        enterConnection(configuration.roles == .dualRoleTrySink ? .trySNK : .attachedSRC)
      }
    } else if isAccessory {
      enterConnection(.debugAccessorySNK)
    } else if partnerPin != nil, vbus == .present {
      enterConnection(configuration.roles == .dualRoleTrySource ? .trySRC : .attachedSNK)
    }
  }

  private mutating func finishTry() {
    guard partnerPin != nil, !timers.isRunning(.tryCCDebounce), !timers.isRunning(.ccDebounce) else { return }
    switch connection {
    case .trySRC: enterConnection(.attachedSRC)
    case .tryWaitSRC where vbus == .safe0V: enterConnection(.attachedSRC)
    case .trySNK where !timers.isRunning(.drpTry) && vbus == .present: enterConnection(.attachedSNK)
    case .tryWaitSNK where vbus == .present: enterConnection(.attachedSNK)
    default: break
    }
  }
}

extension CCLevels {
  /// As a source: the pin on which alone a sink is seen.
  var sinkPin: CCPin? { cc1 == .rd && cc2 != .rd ? .cc1 : cc2 == .rd && cc1 != .rd ? .cc2 : nil }
  /// As a sink: the pin on which alone a source is seen.
  var sourcePin: CCPin? { cc1.isRp && !cc2.isRp ? .cc1 : cc2.isRp && !cc1.isRp ? .cc2 : nil }
  /// Ra, Rd or Rp on both pins.
  var isAccessory: Bool {
    self == CCLevels(.ra, .ra) || self == CCLevels(.rd, .rd) || (cc1.isRp && cc2.isRp)
  }
}
