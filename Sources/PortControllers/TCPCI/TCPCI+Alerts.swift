import PortEngine
import PowerDelivery
import Quantities
import RegisterBus

// What the chip says: ALERT, and the receive buffer with it.

extension TCPCI {
  /// Asks the chip what happened and tells the engine.
  /// - Parameter readsAhead: whether the receive buffer is fetched in the same call.
  mutating func service(at now: Instant, readsAhead: Bool) {
    guard let revision = identity?.revision else { return }
    var batch = RegisterBatch()
    clearPending(into: &batch)
    let operation = batch.read(2, from: TCPCIAlert.address, of: options.address)
    var buffer: TCPCIReceiveBuffer?
    var count: Int?
    if isReceiving {
      if readsAhead {
        buffer = TCPCIReceiveBuffer(revision, objectBytes: 28, into: &batch, of: options.address)
      } else {
        count = batch.read(from: TCPCIReceiveCount.address, of: options.address)
      }
    }
    guard run(&batch, at: now) else { return }
    pendingAlerts = TCPCIAlert(rawValue: batch.word(of: operation))
    pendingFaults = TCPCIFaultStatus()
    let alert = pendingAlerts
    if alert.hardReset {
      hardResetReceived()
    } else {
      takeBeforeMessage(alert)
      if alert.received {
        if let buffer { take(buffer, batch) }
        if let count { fetch(batch.byte(of: count), revision, at: now) }
      }
      guard condition == .running else { return }
      takeAfterMessage(alert)
    }
    if alert.sinkDisconnect { vbusFellBelowContract() }
    guard alert.ccStatus || alert.powerStatus || alert.fault || alert.extendedStatus else { return }
    // A message is answered first, and may say why VBUS moves; in a storm alerts mean little.
    if alert.received {
      nextLook = now
    } else if quietUntil == nil {
      look(at: now)
    }
  }

  /// Clears what was seen. An alert for a fault comes again while the fault stands, so the fault goes first.
  mutating func clearPending(into batch: inout RegisterBatch) {
    if pendingFaults != TCPCIFaultStatus() { batch.write(pendingFaults, of: options.address) }
    if pendingAlerts != TCPCIAlert() { batch.write(pendingAlerts, of: options.address) }
  }

  private mutating func hardResetReceived() {
    forgetPackets()
    isInTestMode = false
    renewsReceiver = true
    updateRegisters()
    events.append(.hardResetReceived)
  }

  /// What ended before the message came in.
  private mutating func takeBeforeMessage(_ alert: TCPCIAlert) {
    if awaitsHardResetSent {
      // Both together; one of them alone is about the packet before.
      guard alert.sent, alert.failed else { return }
      awaitsHardResetSent = false
      renewsReceiver = true
      events.append(.hardResetSent)
      return
    }
    guard outgoing != nil, alert.discarded || alert.sent, !(alert.sent && alert.failed) else { return }
    outgoing = nil
    events.append(.transmitted(alert.sent ? .acknowledged : .discarded))
  }

  /// What failed: a message that came in meanwhile goes first, since it proves that the partner is there.
  private mutating func takeAfterMessage(_ alert: TCPCIAlert) {
    guard alert.failed, !alert.sent, outgoing != nil else { return }
    outgoing = nil
    events.append(.transmitted(.notAcknowledged))
  }

  // MARK: Messages

  /// Reads as many bytes as there are.
  private mutating func fetch(_ count: UInt8, _ revision: TCPCIRevision, at now: Instant) {
    guard let objects = TCPCIReceiveBuffer.objectCount(count) else { return reject(count) }
    var batch = RegisterBatch()
    let buffer = TCPCIReceiveBuffer(
      revision, objectBytes: 4 &* objects, into: &batch, of: options.address)
    guard run(&batch, at: now) else { return }
    take(buffer, batch)
  }

  /// Hands on what is in the buffer. The next message shows only after the alert was cleared, by the next call.
  private mutating func take(_ buffer: TCPCIReceiveBuffer, _ batch: borrowing RegisterBatch) {
    if pendingAlerts.overflow { statistics.overruns &+= 1 }
    guard let message = buffer.message(batch) else { return reject(buffer.count(batch)) }
    guard !message.isGoodCRC else { return }
    statistics.messagesReceived &+= 1
    events.append(.received(message))
  }

  /// A buffer that makes no sense is released; less than a kind and a header is no message at all.
  private mutating func reject(_ count: UInt8) {
    guard count >= 3 else { return }
    statistics.badFrames &+= 1
  }
}
