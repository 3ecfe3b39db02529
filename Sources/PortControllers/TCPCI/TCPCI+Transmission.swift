import LineCode
import PortEngine
import PowerDelivery
public import Quantities
import RegisterBus

// Sending, and everything else that is written.

extension TCPCI {
  /// Clears what was seen, writes what has changed, and what is to be sent, in one call of the bus.
  public mutating func commit(at now: Instant) {
    guard condition == .running, let revision = identity?.revision, hasSomethingToWrite else { return }
    let message = unsent
    // Results of what nobody waits for any more are not taken for this packet's.
    if hasAbandoned, message != nil || signal != nil {
      pendingAlerts.sent = true
      pendingAlerts.failed = true
      pendingAlerts.discarded = true
    }
    var batch = RegisterBatch()
    clearPending(into: &batch)
    if stopsTransmitter { batch.write(.resetTransmitBuffer, of: options.address) }
    writeRegisters(into: &batch)
    addPaths(to: &batch, over: writtenPaths)
    if let signal { batch.write(TCPCITransmit(signal, retries: 0), of: options.address) }
    if let message { add(message, revision, to: &batch) }
    guard run(&batch, at: now) else { return }
    noteWritten(signal, message, at: now)
  }

  private var hasSomethingToWrite: Bool {
    registers != written || paths != writtenPaths || renewsReceiver || stopsTransmitter || unsent != nil
      || signal != nil || pendingAlerts != TCPCIAlert() || pendingFaults != TCPCIFaultStatus()
  }

  private mutating func noteWritten(_ sent: TCPCIPacketKind?, _ message: ShortMessage?, at now: Instant) {
    written = registers
    writtenPaths = paths
    pendingAlerts = TCPCIAlert()
    pendingFaults = TCPCIFaultStatus()
    renewsReceiver = false
    stopsTransmitter = false
    signal = nil
    unsent = nil
    if message != nil || sent != nil { hasAbandoned = false }
    // Nobody waits for what becomes of them.
    if sent == .cableReset || sent == .bistCarrier { hasAbandoned = true }
    guard message != nil else { return }
    awaitsHardResetSent = false
    statistics.messagesSent &+= 1
    outgoing = now + TCPCITiming.transmission
  }

  private func writeRegisters(into batch: inout RegisterBatch) {
    guard let written else { return registers.writeAll(into: &batch, of: options.address) }
    registers.write(over: written, renewsReceiver: renewsReceiver, into: &batch, of: options.address)
    guard registers.disconnect != written.disconnect else { return }
    // VBUS may have passed the old threshold on its way here.
    var passed = TCPCIAlert()
    passed.sinkDisconnect = true
    batch.write(passed, of: options.address)
  }

  /// The commands that lead from `present` to the paths as they should be.
  func addPaths(to batch: inout RegisterBatch, over present: Paths?) {
    if options.paths.contains(.source), paths.source != present?.source {
      let command: TCPCICommandCode =
        switch paths.source {
        case .off: .disableSourceVBUS
        case .fiveVolts: .sourceDefaultVoltage
        case .high: .sourceHighVoltage
        }
      batch.write(command, of: options.address)
    }
    if options.paths.contains(.sink), paths.sink != present?.sink {
      batch.write(paths.sink ? .sinkVBUS : .disableSinkVBUS, of: options.address)
    }
  }

  private func add(_ message: ShortMessage, _ revision: TCPCIRevision, to batch: inout RegisterBatch) {
    guard let kind = TCPCIPacketKind(message.orderedSet) else { return }
    batch.writeBuffer(message, revision, of: options.address)
    let retries = Counters.retryCount(goodCRCHeader.specificationRevision)
    batch.write(TCPCITransmit(kind, retries: UInt8(clamping: retries)), of: options.address)
  }

  /// Takes a packet of the engine. One that is still under way has given way to it: the engine has waited for longer
  /// than all repetitions take.
  mutating func transmit(_ message: ShortMessage) {
    if outgoing != nil || unsent != nil {
      hasAbandoned = hasAbandoned || outgoing != nil
      stopsTransmitter = stopsTransmitter || outgoing != nil
      outgoing = nil
      events.append(.transmitted(.discarded))
    }
    guard condition == .running, TCPCIPacketKind(message.orderedSet) != nil, orientation != nil else {
      unsent = nil
      events.append(.transmitted(.notAcknowledged))
      return
    }
    unsent = message
  }

  /// The chip says nothing of a packet.
  mutating func giveUp() {
    outgoing = nil
    hasAbandoned = true
    stopsTransmitter = true
    events.append(.transmitted(.notAcknowledged))
  }
}

extension TCPCITransmit {
  init(_ kind: TCPCIPacketKind, retries: UInt8) {
    self.init(rawValue: 0)
    self.kind = kind
    self.retries = retries
  }
}
