import LineCode
import PowerDelivery
import RegisterBus

// The receive and the transmit buffer. On r1 count, kind, header and objects are registers of their own; on r2 all of
// a buffer is one burst from its count.

/// The revision of the interface, by PD_INTERFACE_REV.
public enum TCPCIRevision: UInt8, Sendable {
  case revision1, revision2

  /// `nil` for what no TCPC says.
  init?(_ register: TCPCIInterfaceRevision) {
    switch register.value &>> 8 {
    case 0x10: self = .revision1
    case 0x20: self = .revision2
    default: return nil
    }
  }
}

/// What a read of the receive buffer brought.
struct TCPCIReceiveBuffer {
  /// Header and seven objects.
  static var longestCount: UInt8 { 31 }

  let revision: TCPCIRevision
  /// The first operation of the read.
  let operation: Int

  /// Adds a read of the buffer with room for so many bytes of objects.
  init(_ revision: TCPCIRevision, objectBytes: Int, into batch: inout RegisterBatch, of chip: BusAddress) {
    self.revision = revision
    switch revision {
    case .revision1:
      operation = batch.read(from: TCPCIReceiveCount.address, of: chip)
      batch.read(from: TCPCIReceiveKind.address, of: chip)
      batch.read(2, from: TCPCIReceiveHeader.address, of: chip)
      if objectBytes > 0 { batch.read(objectBytes, from: TCPCIReceiveObjects.address, of: chip) }
    case .revision2:
      operation = batch.read(4 &+ objectBytes, from: TCPCIReceiveCount.address, of: chip)
    }
  }

  /// The objects that a count stands for; `nil` where it stands for none and for nothing.
  static func objectCount(_ count: UInt8) -> Int? {
    guard count >= 3, count <= longestCount, (count &- 3) & 3 == 0 else { return nil }
    return Int(count &- 3) / 4
  }

  /// Byte `position`, counted from the count.
  private func byte(_ position: Int, _ batch: borrowing RegisterBatch) -> UInt8 {
    switch (revision, position) {
    case (.revision2, _): batch.byte(position, of: operation)
    case (.revision1, 0): batch.byte(of: operation)
    case (.revision1, 1): batch.byte(of: operation &+ 1)
    case (.revision1, 2), (.revision1, 3): batch.byte(position &- 2, of: operation &+ 2)
    case (.revision1, _): batch.byte(position &- 4, of: operation &+ 3)
    }
  }

  func count(_ batch: borrowing RegisterBatch) -> UInt8 { byte(0, batch) }

  /// The message; `nil` where count, kind and header do not fit each other.
  func message(_ batch: borrowing RegisterBatch) -> ShortMessage? {
    guard let objects = TCPCIReceiveBuffer.objectCount(count(batch)),
      let orderedSet = OrderedSet(TCPCIReceiveKind(rawValue: byte(1, batch)).kind)
    else { return nil }
    let header = MessageHeader(rawValue: UInt16(byte(2, batch)) | UInt16(byte(3, batch)) &<< 8)
    guard Int(header.numberOfDataObjects) == objects else { return nil }
    var message = ShortMessage(
      header: MessageHeader(rawValue: header.rawValue & 0x8FFF), orderedSet: orderedSet)
    for index in 0..<objects {
      var word: UInt32 = 0
      for place in 0..<4 {
        word |= UInt32(byte(4 &+ index &* 4 &+ place, batch)) &<< UInt32(8 &* place)
      }
      message.append(word)
    }
    return message
  }
}

extension RegisterBatch {
  /// Writes a message to the transmit buffer.
  mutating func writeBuffer(_ message: ShortMessage, _ revision: TCPCIRevision, of chip: BusAddress) {
    let count = 2 &+ 4 &* message.wordCount
    switch revision {
    case .revision1:
      write(TCPCITransmitCount(rawValue: count), of: chip)
      write(TCPCITransmitHeader(rawValue: message.header.rawValue), of: chip)
      if message.wordCount > 0 { startWrite(to: TCPCITransmitObjects.address, of: chip) }
    case .revision2:
      startWrite(to: TCPCITransmitCount.address, of: chip)
      append(count)
      append(UInt8(truncatingIfNeeded: message.header.rawValue))
      append(UInt8(truncatingIfNeeded: message.header.rawValue &>> 8))
    }
    for index in 0..<Int(message.wordCount) {
      let word = message.object(index)
      for place in 0..<4 { append(UInt8(truncatingIfNeeded: word &>> UInt32(8 &* place))) }
    }
  }
}

extension OrderedSet {
  /// `nil` for what is no packet.
  init?(_ kind: TCPCIPacketKind) {
    switch kind {
    case .sop: self = .sop
    case .sopPrime: self = .sopPrime
    case .sopDoublePrime: self = .sopDoublePrime
    case .sopPrimeDebug: self = .sopPrimeDebug
    case .sopDoublePrimeDebug: self = .sopDoublePrimeDebug
    default: return nil
    }
  }
}

extension TCPCIPacketKind {
  /// `nil` for kinds of packet that no port sends.
  init?(_ orderedSet: OrderedSet) {
    switch orderedSet {
    case .sop: self = .sop
    case .sopPrime: self = .sopPrime
    case .sopDoublePrime: self = .sopDoublePrime
    default: return nil
    }
  }
}
