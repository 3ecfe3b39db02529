import LineCode
public import PortEngine
import PowerDelivery
import PowerSupervision
public import Quantities
import RegisterBus

// What the engine asks for.

extension TCPCI {
  /// Takes an action of the engine; `commit` carries out what was taken. What is for the supply, the load or the user
  /// is none of its business, apart from the voltage that a sink was promised, paths that hang on the chip, and the
  /// test mode.
  public mutating func perform(_ action: PortAction, at now: Instant) {
    switch action {
    case .transmit(let message): transmit(message)
    case .sendHardReset:
      forgetPackets()
      signal = .hardReset
      isInTestMode = false
      awaitsHardResetSent = true
    case .sendCableReset: signal = .cableReset
    case .terminate(let new): terminate(new, at: now)
    case .setOrientation(let pin): orient(to: pin, at: now)
    case .listen(let new): filter = new
    case .setGoodCRCHeader(let header): goodCRCHeader = header
    case .setVCONN(let on): setVCONN(on)
    case .draw(let new): allow(new)
    case .startBISTCarrier:
      isInTestMode = false
      signal = .bistCarrier
    case .stopBISTCarrier: stopsTransmitter = true
    case .supply(let command): supply(command)
    case .notify(.bistStarted): isInTestMode = true
    case .notify(.bistEnded): isInTestMode = false
    case .notify: break
    }
    updateRegisters()
  }

  private mutating func terminate(_ new: Termination, at now: Instant) {
    termination = new
    levelsAreValid = now + TCPCITiming.settle
    // A source that changes its advertisement keeps its partner in sight.
    if orientation == nil { reportedLevels = nil }
    if condition == .running { nextLook = levelsAreValid }
  }

  private mutating func orient(to pin: CCPin?, at now: Instant) {
    orientation = pin
    forgetPackets()
    isInTestMode = false
    // A disconnect has switched the receiver off.
    renewsReceiver = true
    if pin == nil {
      filter = .off
      reportedLevels = nil
    }
    levelsAreValid = now + TCPCITiming.settle
    guard condition == .running else { return }
    nextLook = levelsAreValid
    nextService = now
  }

  private mutating func setVCONN(_ on: Bool) {
    let isPossible = identity?.capabilities.vconn ?? true
    suppliesVCONN = on && isPossible
    if on, !isPossible { events.append(.vconnFault) }
  }

  private mutating func allow(_ new: SinkAllowance) {
    // While VBUS is on its way it is at the old voltage or at the new one; what is allowed when it has arrived names
    // the new one twice.
    lowestVBUS = allowance.reason == .nothing ? new.voltage : min(new.voltage, allowance.voltage)
    allowance = new
    paths.sink = new.reason != .nothing
  }

  private mutating func supply(_ command: SupplyCommand) {
    switch command {
    case .off: paths.source = .off
    case .on: paths.source = .fiveVolts
    case .transition(let contract):
      let isHigh = contract.voltage > Millivolts(5_500) && options.paths.contains(.highVoltageSource)
      paths.source = isHigh ? .high : .fiveVolts
    }
  }

  /// Nothing is reported of what was asked for before.
  mutating func forgetPackets() {
    if outgoing != nil { hasAbandoned = true }
    unsent = nil
    outgoing = nil
    signal = nil
    awaitsHardResetSent = false
  }

  /// Works out the registers from what the engine wants.
  mutating func updateRegisters() {
    registers.role = role
    registers.control.usesCC2 = orientation == .cc2
    registers.control.bistTestMode = isInTestMode
    registers.power.vconn = suppliesVCONN && orientation != nil
    registers.power.noVoltageAlarms = true
    registers.headerInfo = headerInfo
    registers.receiveDetect = receiveDetect
    registers.disconnect = .resetValue
    if watchesLowVBUS { registers.disconnect.voltage = lowThreshold }
  }

  /// Before a partner is there both pins are the same; then the one without it is open.
  private var role: TCPCIRoleControl {
    var role = TCPCIRoleControl.open
    let own: TCPCITermination
    switch termination {
    case .open: return role
    case .rd: own = .rd
    case .rp(let current):
      own = .rp
      role.rp = TCPCIRpValue(current)
    }
    if orientation != .cc2 { role.cc1 = own }
    if orientation != .cc1 { role.cc2 = own }
    return role
  }

  private var headerInfo: TCPCIMessageHeaderInfo {
    var info = TCPCIMessageHeaderInfo()
    info.source = goodCRCHeader.portPowerRole == .source
    info.downstream = goodCRCHeader.portDataRole == .downstreamFacing
    info.revision = goodCRCHeader.specificationRevision.rawValue
    return info
  }

  private var receiveDetect: TCPCIReceiveDetect {
    var detect = TCPCIReceiveDetect()
    guard isReceiving else { return detect }
    detect.sop = true
    detect.hardReset = true
    detect.sopPrime = filter == .sopAndPrime || filter == .all
    detect.sopDoublePrime = filter == .all
    return detect
  }
}

extension TCPCIRpValue {
  init(_ current: RpCurrent) {
    switch current {
    case .usbDefault: self = .usbDefault
    case .current1500: self = .current1500
    case .current3000: self = .current3000
    }
  }
}
