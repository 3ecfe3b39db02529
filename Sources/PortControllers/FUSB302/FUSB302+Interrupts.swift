import PortEngine
import PowerDelivery
import Quantities
import RegisterBus

// What the chip says: one burst over status and interrupts, which also clears them.

/// Status and interrupts, 0x3C to 0x42.
struct FUSB302Burst {
  var status0A = FUSB302Status0A()
  var interruptA = FUSB302InterruptA()
  var interruptB = FUSB302InterruptB()
  var status0 = FUSB302Status0()
  var status1 = FUSB302Status1()
  var interrupt = FUSB302Interrupt()

  init(_ batch: borrowing RegisterBatch, _ operation: Int) {
    status0A.rawValue = batch.byte(0, of: operation)
    interruptA.rawValue = batch.byte(2, of: operation)
    interruptB.rawValue = batch.byte(3, of: operation)
    status0.rawValue = batch.byte(4, of: operation)
    status1.rawValue = batch.byte(5, of: operation)
    interrupt.rawValue = batch.byte(6, of: operation)
  }

  /// Whether a packet is whole: it was acknowledged, or is itself the GoodCRC for what was sent.
  var announcesPacket: Bool { interruptB.goodCRCSent || interruptA.sent }
}

extension FUSB302 {
  /// Asks the chip what happened and tells the engine.
  /// - Parameter readsAhead: whether the beginning of a message is fetched in the same call.
  /// - Returns: what the chip sees; `nil` where it could not be asked.
  @discardableResult mutating func service(at now: Instant, readsAhead: Bool) -> FUSB302Burst? {
    var batch = RegisterBatch()
    let first = batch.read(7, from: FUSB302Status0A.address, of: options.address)
    let power = batch.read(from: FUSB302Power.address, of: options.address)
    var head: Int?
    if readsAhead {
      head = batch.read(FUSB302Frame.shortest, from: FUSB302FIFOs.address, of: options.address)
      batch.read(3, from: FUSB302Status0.address, of: options.address)
    }
    guard run(&batch, at: now) else { return nil }
    guard batch.byte(of: power) == FUSB302.power.rawValue else {
      fail(.chipWasReset, at: now)
      return nil
    }
    var burst = FUSB302Burst(batch, first)
    // Reading INTERRUPT the second time has cleared it, too.
    if let head { burst.interrupt.rawValue |= batch.byte(2, of: head &+ 1) }
    if burst.interruptA.hardReset { return hardResetReceived(burst) }
    takeBeforeFrames(burst)
    overran = overran || burst.status1.receiveIsFull
    if let head {
      takeAhead(batch, head, burst, at: now)
    } else if isReceiving, !burst.status1.receiveIsEmpty {
      // A packet that was not announced is taken at the second look: it is whole by then.
      foundUnannounced = !burst.announcesPacket && !foundUnannounced
      if !foundUnannounced { drain(at: now) }
    }
    guard condition == .running else { return nil }
    takeAfterFrames(burst)
    takeVBUS(burst.status0)
    return burst
  }

  private mutating func hardResetReceived(_ burst: FUSB302Burst) -> FUSB302Burst {
    forgetPackets()
    wantsReset = true
    events.append(.hardResetReceived)
    return burst
  }

  /// What ended before anything in the FIFO came in.
  private mutating func takeBeforeFrames(_ burst: FUSB302Burst) {
    if burst.interruptA.hardResetSent, awaitsHardResetSent {
      awaitsHardResetSent = false
      wantsReset = true
      events.append(.hardResetSent)
    }
    if burst.interruptA.overCurrent, burst.status1.overCurrent || burst.status1.isTooHot, suppliesVCONN {
      suppliesVCONN = false
      updateRegisters()
      events.append(.vconnFault)
    }
    if burst.interrupt.collision, outgoing != nil {
      outgoing = nil
      events.append(.transmitted(.discarded))
    }
  }

  /// What failed: a message that came in meanwhile goes first, since it proves that the partner is there.
  private mutating func takeAfterFrames(_ burst: FUSB302Burst) {
    guard burst.interruptA.retriesFailed, outgoing != nil else { return }
    outgoing = nil
    events.append(.transmitted(.notAcknowledged))
  }
}
