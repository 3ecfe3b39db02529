import LineCode
public import PortEngine
import PowerDelivery
public import Quantities
import RegisterBus

// What the engine asks for.

extension FUSB302 {
  /// Takes an action of the engine; `commit` carries out what was taken. What is for the supply, the load or the user
  /// is none of its business, apart from the voltage that a sink was promised.
  public mutating func perform(_ action: PortAction, at now: Instant) {
    switch action {
    case .transmit(let message): transmit(message)
    case .sendHardReset:
      forgetPackets()
      signal = .hardReset
      awaitsHardResetSent = true
    case .sendCableReset: signal = .cableReset
    case .terminate(let new): terminate(new, at: now)
    case .setOrientation(let pin): orient(to: pin, at: now)
    case .listen(let new):
      filter = new
      updateRegisters()
    case .setGoodCRCHeader(let header):
      goodCRCHeader = header
      updateRegisters()
    case .setVCONN(let on):
      suppliesVCONN = on
      updateRegisters()
    case .draw(let new):
      // While VBUS is on its way it is at the old voltage or at the new one.
      lowestVBUS =
        new.reason == .standby && allowance.reason != .nothing
        ? min(new.voltage, allowance.voltage) : new.voltage
      allowance = new
      nextLowVBUS = now + FUSB302Timing.lowVBUSPoll
    case .startBISTCarrier:
      sendsCarrier = true
      signal = .carrier
      updateRegisters()
    case .stopBISTCarrier:
      sendsCarrier = false
      wantsReset = true
      updateRegisters()
    case .supply, .notify: break
    }
  }

  private mutating func terminate(_ new: Termination, at now: Instant) {
    termination = new
    updateRegisters()
    // A source that changes its advertisement keeps its partner in sight.
    newestLevel = nil
    if orientation == nil {
      reportedLevels = nil
      restartScan(at: now)
    }
  }

  private mutating func orient(to pin: CCPin?, at now: Instant) {
    orientation = pin
    newestLevel = nil
    measuresLowVBUS = false
    forgetPackets()
    wantsReset = true
    if pin == nil {
      filter = .off
      restartScan(at: now)
    } else if condition == .running {
      due = now + options.attachedPoll
    }
    updateRegisters()
  }

  /// Nothing is reported of what was asked for before.
  mutating func forgetPackets() {
    unsent = nil
    outgoing = nil
    signal = .none
    awaitsHardResetSent = false
    foundUnannounced = false
    frame = FUSB302Frame()
    overran = false
  }

  /// Works out the registers from what the engine wants. While pins are being looked at, the scan has its own way
  /// with SWITCHES0 and MEASURE.
  mutating func updateRegisters() {
    registers.control0.hostCurrent =
      if case .rp(let current) = termination { current.hostCurrent } else { .none }
    registers.control1.receivesSOPPrime = filter == .sopAndPrime || filter == .all
    registers.control1.receivesSOPDoublePrime = filter == .all
    registers.control1.sendsBISTCarrier = sendsCarrier
    registers.control3.retries = UInt8(
      clamping: Counters.retryCount(goodCRCHeader.specificationRevision))
    updateGoodCRC()
    if let orientation { updateSwitches(orientation) } else { updateOpenSwitches() }
  }

  /// The pin of the partner carries the messages, the other one VCONN.
  private mutating func updateSwitches(_ pin: CCPin) {
    var switches = FUSB302Switches0()
    switch termination {
    case .open: break
    case .rd:
      switches.pullDown1 = true
      switches.pullDown2 = true
    case .rp:
      switches.pullUp1 = pin == .cc1
      switches.pullUp2 = pin == .cc2
    }
    if !measuresLowVBUS { registers.measure = pinMeasure }
    if suppliesVCONN {
      switches.vconn1 = pin == .cc2
      switches.vconn2 = pin == .cc1
      // Rd on a pin with VCONN would be a load.
      if pin == .cc1 { switches.pullDown2 = false } else { switches.pullDown1 = false }
    }
    switches.measure1 = pin == .cc1 && !measuresLowVBUS
    switches.measure2 = pin == .cc2 && !measuresLowVBUS
    registers.switches0 = switches
  }

  private mutating func updateOpenSwitches() {
    var switches = FUSB302Switches0()
    switch termination {
    case .open: break
    case .rd:
      switches.pullDown1 = true
      switches.pullDown2 = true
    case .rp:
      switches.pullUp1 = true
      switches.pullUp2 = true
    }
    registers.switches0 = switches
  }

  private mutating func updateGoodCRC() {
    var switches = FUSB302Switches1()
    switches.revision =
      options.acknowledgesInRevision3 && goodCRCHeader.specificationRevision == .revision3 ? 2 : 1
    switches.sourcePowerRole = goodCRCHeader.portPowerRole == .source
    switches.downstreamDataRole = goodCRCHeader.portDataRole == .downstreamFacing
    switches.automaticGoodCRC = isReceiving
    switches.transmit1 = orientation == .cc1
    switches.transmit2 = orientation == .cc2
    registers.switches1 = switches
  }
}
