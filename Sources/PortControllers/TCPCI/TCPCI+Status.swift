import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import RegisterBus

// Pins, VBUS and faults, and whether the chip still has its registers.

extension TCPCI {
  /// What one look shows.
  private struct Look {
    var mask = TCPCIAlertMask()
    var pins = TCPCICCStatus()
    var power = TCPCIPowerStatus()
    var faults = TCPCIFaultStatus()
    var extended: TCPCIExtendedStatus?
    var voltage: Millivolts?
    var receiveDetect = TCPCIReceiveDetect()
  }

  /// Looks at everything that is no message.
  mutating func look(at now: Instant) {
    guard let identity else { return }
    nextLook = now + options.statusPoll
    var batch = RegisterBatch()
    // A change that comes between the two raises its alert again; a fault's alert waits for its fault.
    var alerts = pendingAlerts
    alerts.fault = false
    if alerts != TCPCIAlert() { batch.write(alerts, of: options.address) }
    let first = batch.read(2, from: TCPCIAlertMask.address, of: options.address)
    batch.read(from: TCPCICCStatus.address, of: options.address)
    batch.read(from: TCPCIPowerStatus.address, of: options.address)
    batch.read(from: TCPCIFaultStatus.address, of: options.address)
    batch.read(from: TCPCIReceiveDetect.address, of: options.address)
    let extended =
      identity.revision == .revision2
      ? batch.read(from: TCPCIExtendedStatus.address, of: options.address) : nil
    let voltage =
      identity.capabilities.measuresVBUS
      ? batch.read(2, from: TCPCIVBUSVoltage.address, of: options.address) : nil
    guard run(&batch, at: now) else { return }
    pendingAlerts = TCPCIAlert(rawValue: pendingAlerts.rawValue & ~alerts.rawValue)
    var look = Look()
    look.mask.rawValue = batch.word(of: first)
    look.pins.rawValue = batch.byte(of: first &+ 1)
    look.power.rawValue = batch.byte(of: first &+ 2)
    look.faults.rawValue = batch.byte(of: first &+ 3)
    look.receiveDetect.rawValue = batch.byte(of: first &+ 4)
    look.extended = extended.map { TCPCIExtendedStatus(rawValue: batch.byte(of: $0)) }
    look.voltage = voltage.flatMap { TCPCIVBUSVoltage(rawValue: batch.word(of: $0)).voltage }
    take(look, at: now)
  }

  private mutating func take(_ look: Look, at now: Instant) {
    if let written, look.mask != written.alertMask { return fail(.chipWasReset, at: now) }
    if look.faults.registersReset || look.power.uninitialised { return fail(.chipWasReset, at: now) }
    takeFaults(look.faults)
    // A disconnect or a Hard Reset that passed unseen has switched the receiver off.
    if let written, look.receiveDetect != written.receiveDetect { renewsReceiver = true }
    takePins(look.pins, at: now)
    takeVBUS(look)
  }

  // MARK: Faults

  private mutating func takeFaults(_ faults: TCPCIFaultStatus) {
    guard faults != TCPCIFaultStatus() else { return }
    pendingFaults = faults
    pendingAlerts.fault = true
    // What the chip made of the last transfers is unknown: everything is written again.
    if faults.busError {
      statistics.busErrors &+= 1
      written = nil
      writtenPaths = nil
    }
    if faults.vconnOverCurrent, suppliesVCONN {
      suppliesVCONN = false
      updateRegisters()
      events.append(.vconnFault)
    }
    guard options.paths.contains(.source), paths.source != .off else { return }
    if faults.overVoltage {
      pathFailed(.overVoltage)
    } else if faults.overCurrent {
      pathFailed(.overCurrent)
    } else if faults.forcedOff {
      pathFailed(.stageFailure)
    }
  }

  /// The chip has opened its path to VBUS.
  private mutating func pathFailed(_ fault: SupplyFault) {
    paths.source = .off
    events.append(.supply(.fault(fault)))
  }

  // MARK: Pins

  /// The levels under the present termination. The chip has filtered them; debouncing is the engine's.
  private mutating func takePins(_ status: TCPCICCStatus, at now: Instant) {
    guard termination != .open, !status.isLooking else { return }
    guard written?.role == registers.role, now >= levelsAreValid else {
      nextLook = min(nextLook, max(levelsAreValid, now + TCPCITiming.settle))
      return
    }
    var levels = CCLevels(level(status.cc1), level(status.cc2))
    // The pin without the partner is open, or carries VCONN.
    switch orientation {
    case .cc1: levels.cc2 = reportedLevels?.cc2 ?? .open
    case .cc2: levels.cc1 = reportedLevels?.cc1 ?? .open
    case nil: break
    }
    guard levels != reportedLevels else { return }
    reportedLevels = levels
    events.append(.cc(levels))
  }

  private func level(_ state: UInt8) -> CCLevel {
    switch (termination, state) {
    case (.rd, 1): .rpDefault
    case (.rd, 2): .rp1500
    case (.rd, 3): .rp3000
    case (.rp, 1): .ra
    case (.rp, 2): .rd
    default: .open
    }
  }

  // MARK: VBUS

  private mutating func takeVBUS(_ look: Look) {
    var isPresent = look.power.vbusPresent
    if watchesLowVBUS {
      // The chip's own threshold is above the contract: without a measurement only its alert tells.
      guard let voltage = look.voltage else { return }
      isPresent = voltage >= lowThreshold
    }
    guard !isPresent else { return report(.present) }
    if let voltage = look.voltage {
      report(voltage <= Millivolts(800) ? .safe0V : .absent)
    } else if let extended = look.extended {
      report(extended.safe0V ? .safe0V : .absent)
    } else {
      report(.safe0V)
    }
  }

  /// VBUS fell below the threshold that was written; a chip that measures knows better.
  mutating func vbusFellBelowContract() {
    guard watchesLowVBUS, identity?.capabilities.measuresVBUS == false else { return }
    report(.absent)
  }

  private mutating func report(_ level: VBUSLevel) {
    guard level != reportedVBUS else { return }
    reportedVBUS = level
    events.append(.vbus(level))
  }

  /// Whether a sink has a contract below what the chip counts as VBUS.
  var watchesLowVBUS: Bool {
    orientation != nil && termination == .rd
      && (allowance.reason == .contract || allowance.reason == .standby)
      && lowestVBUS > .zero && lowestVBUS < Millivolts(4_800)
  }

  /// Four fifths of the contract.
  var lowThreshold: Millivolts { Millivolts(lowestVBUS.rawValue / 5 &* 4) }
}

extension TCPCIVBUSVoltage {
  /// VBUS; `nil` where the scale says nothing.
  var voltage: Millivolts? {
    switch scale {
    case 0: measurement
    case 1: Millivolts(measurement.rawValue &* 2)
    case 2: Millivolts(measurement.rawValue &* 4)
    default: nil
    }
  }
}
