import LineCode
import PortEngine
import PowerDelivery
public import Quantities
import RegisterBus

// Sending: from the engine's packet to the tokens of the transmit FIFO.

extension FUSB302 {
  /// Writes what has changed, and what is to be sent, in one call of the bus.
  public mutating func commit(at now: Instant) {
    guard condition == .running else { return }
    guard registers != written || unsent != nil || signal != .none || wantsReset else { return }
    var batch = RegisterBatch()
    if wantsReset {
      var reset = FUSB302Reset()
      reset.resetsPD = true
      batch.write(reset, of: options.address)
    }
    registers.write(over: written, into: &batch, of: options.address)
    let message = unsent
    addSignal(to: &batch)
    if let message { add(message, to: &batch) }
    guard run(&batch, at: now) else { return }
    written = registers
    wantsReset = false
    signal = .none
    unsent = nil
    guard let message else { return }
    statistics.messagesSent &+= 1
    outgoing = Outgoing(
      orderedSet: message.orderedSet, messageID: message.header.messageID,
      deadline: now + FUSB302Timing.transmission)
  }

  /// Takes a packet of the engine. One that is still under way has given way to it.
  mutating func transmit(_ message: ShortMessage) {
    if outgoing != nil || unsent != nil {
      outgoing = nil
      events.append(.transmitted(.discarded))
    }
    guard condition == .running, FUSB302.prefix(of: message.orderedSet) != nil, orientation != nil else {
      unsent = nil
      events.append(.transmitted(.notAcknowledged))
      return
    }
    unsent = message
  }

  /// The chip says nothing of a packet.
  mutating func giveUp(_ packet: Outgoing) {
    outgoing = nil
    wantsReset = true
    events.append(.transmitted(.notAcknowledged))
  }

  private func addSignal(to batch: inout RegisterBatch) {
    switch signal {
    case .none: break
    case .hardReset:
      var control = registers.control3
      control.sendsHardReset = true
      batch.write(control, of: options.address)
    case .carrier:
      var control = registers.control0
      control.startsTransmitter = true
      batch.write(control, of: options.address)
    case .cableReset:
      startPacket(in: &batch)
      batch.append(.reset1)
      batch.append(.sync1)
      batch.append(.reset1)
      batch.append(.sync3)
      batch.append(.transmitterOff)
      batch.append(.transmitterOn)
    }
  }

  /// The FIFO is emptied before it is filled: what an earlier packet left would go out first.
  private func startPacket(in batch: inout RegisterBatch) {
    var control = registers.control0
    control.flushesTransmitter = true
    batch.write(control, of: options.address)
    batch.startWrite(to: FUSB302FIFOs.address, of: options.address)
  }

  private func add(_ message: ShortMessage, to batch: inout RegisterBatch) {
    guard let prefix = FUSB302.prefix(of: message.orderedSet) else { return }
    startPacket(in: &batch)
    for index in 0..<4 { batch.append(prefix[index]) }
    let count = message.wordCount
    batch.append(FUSB302TransmitToken.packedSymbols.rawValue | (2 &+ 4 &* count))
    batch.append(message.header.rawValue)
    for index in 0..<Int(count) {
      let word = message.object(index)
      batch.append(UInt16(truncatingIfNeeded: word))
      batch.append(UInt16(truncatingIfNeeded: word &>> 16))
    }
    batch.append(.jamCRC)
    batch.append(.endOfPacket)
    batch.append(.transmitterOff)
    batch.append(.transmitterOn)
  }

  /// The four tokens before the data; `nil` for kinds of packet that no port sends.
  static func prefix(of orderedSet: OrderedSet) -> InlineArray<4, FUSB302TransmitToken>? {
    switch orderedSet {
    case .sop: [.sync1, .sync1, .sync1, .sync2]
    case .sopPrime: [.sync1, .sync1, .sync3, .sync3]
    case .sopDoublePrime: [.sync1, .sync3, .sync1, .sync3]
    default: nil
    }
  }
}

extension RegisterBatch {
  fileprivate mutating func append(_ token: FUSB302TransmitToken) { append(token.rawValue) }

  fileprivate mutating func append(_ half: UInt16) {
    append(UInt8(truncatingIfNeeded: half))
    append(UInt8(truncatingIfNeeded: half &>> 8))
  }
}
