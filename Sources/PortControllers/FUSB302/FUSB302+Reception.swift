import PortEngine
import PowerDelivery
import Quantities
import RegisterBus

// The receive FIFO: packets with the GoodCRCs for what was sent among them, in the order of their arrival.

extension FUSB302 {
  /// Takes the bytes that were read together with the interrupts.
  mutating func takeAhead(
    _ batch: borrowing RegisterBatch, _ head: Int, _ burst: FUSB302Burst, at now: Instant
  ) {
    let status = FUSB302Status1(rawValue: batch.byte(1, of: head &+ 1))
    foundUnannounced = false
    if burst.status1.receiveIsEmpty {
      // The bytes mean nothing, unless a packet has come in between; then it may have been cut.
      let came = FUSB302Interrupt(rawValue: batch.byte(2, of: head &+ 1)).crcCheck
      guard came else { return status.receiveIsEmpty ? () : loseFraming() }
      overran = true
    }
    // What was not announced may have been on its way when it was read.
    if !burst.announcesPacket { overran = true }
    append(batch, head)
    guard takeFrame() else { return }
    if frame.count > 0 || !status.receiveIsEmpty { drain(at: now) } else { overran = false }
  }

  /// Reads packets until the FIFO is empty: as much as is certainly there, then what the header says.
  mutating func drain(at now: Instant) {
    // The FIFO holds eleven of the shortest packets; a chip that never gets empty is not believed.
    for _ in 0..<24 {
      var batch = RegisterBatch()
      let before = batch.read(2, from: FUSB302Status0.address, of: options.address)
      let part = batch.read(frame.missing, from: FUSB302FIFOs.address, of: options.address)
      let object = addObject(to: &batch)
      let after = batch.read(2, from: FUSB302Status0.address, of: options.address)
      guard run(&batch, at: now) else { return }
      guard !FUSB302Status1(rawValue: batch.byte(1, of: before)).receiveIsEmpty else { return loseFraming() }
      append(batch, part)
      let isEmpty = FUSB302Status1(rawValue: batch.byte(1, of: after)).receiveIsEmpty
      guard takeFrame(), takeObject(batch, object, isEmpty: isEmpty) else { return }
      if isEmpty && frame.count == 0 { return overran = false }
      // What is still coming in is taken when it is whole.
      if frame.count == 0, FUSB302Status0(rawValue: batch.byte(0, of: after)).activity {
        return due = min(due, now + FUSB302Timing.settle)
      }
    }
    loseFraming()
  }

  // A message that follows the GoodCRC for an own one has cost a call already: its first object is fetched with its
  // header. Whether the four bytes are one, the status read before them tells.

  /// Adds the status, then four bytes; `nil` where that is not worth while.
  private func addObject(to batch: inout RegisterBatch) -> Int? {
    guard options.readsAhead, followsGoodCRC, frame.count == 0 else { return nil }
    let status = batch.read(from: FUSB302Status1.address, of: options.address)
    batch.read(4, from: FUSB302FIFOs.address, of: options.address)
    return status
  }

  /// Takes them, if they are any.
  private mutating func takeObject(_ batch: borrowing RegisterBatch, _ status: Int?, isEmpty: Bool) -> Bool {
    guard let status else { return true }
    if FUSB302Status1(rawValue: batch.byte(of: status)).receiveIsEmpty {
      // A packet without objects has ended here; of one that came since, the CRC tells whether it was cut.
      if isEmpty { return true }
      overran = true
    }
    append(batch, status &+ 1)
    return takeFrame()
  }

  // MARK: Frames

  private mutating func append(_ batch: borrowing RegisterBatch, _ operation: Int) {
    guard let count = batch.operation(operation)?.count else { return }
    for index in 0..<count { frame.append(batch.byte(index, of: operation)) }
  }

  /// Hands on the frame where it is whole.
  /// - Returns: `false` where the framing is lost.
  private mutating func takeFrame() -> Bool {
    guard frame.count == 0 || frame.orderedSet != nil else {
      loseFraming()
      return false
    }
    guard frame.isWhole else { return true }
    let message = frame.message
    frame = FUSB302Frame()
    guard let message else {
      statistics.badFrames &+= 1
      guard overran else { return true }
      loseFraming()
      return false
    }
    followsGoodCRC = message.isGoodCRC
    if message.isGoodCRC { takeGoodCRC(message) } else { hand(on: message) }
    return true
  }

  /// Which packet was acknowledged is seen from the GoodCRC itself: TXSENT may be left over from an older one.
  private mutating func takeGoodCRC(_ message: ShortMessage) {
    guard let outgoing, outgoing.orderedSet == message.orderedSet,
      outgoing.messageID == message.header.messageID
    else { return }
    self.outgoing = nil
    events.append(.transmitted(.acknowledged))
  }

  private mutating func hand(on message: ShortMessage) {
    guard isReceiving else { return }
    statistics.messagesReceived &+= 1
    events.append(.received(message))
  }

  /// Empties the FIFOs: what was in them, and what was being sent, is lost.
  private mutating func loseFraming() {
    statistics.overruns &+= 1
    frame = FUSB302Frame()
    overran = false
    wantsReset = true
    guard outgoing != nil else { return }
    outgoing = nil
    events.append(.transmitted(.discarded))
  }
}
