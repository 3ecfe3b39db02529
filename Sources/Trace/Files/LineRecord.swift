package import LineCode
import Quantities

extension TraceRecord {
  /// What a receiver made of one transmission.
  package init(_ event: LineEvent, rate: TickRate, line: String) {
    let content: Content
    if let set = event.orderedSet, !set.startsPacket, event.outcome == .intact {
      content = .reset(set)
    } else {
      content = .packet(TracePacket(event))
    }
    self.init(
      time: rate.nanoseconds(event.onset), end: rate.nanoseconds(event.release), line: line, content: content)
  }
}

extension TracePacket {
  /// The packet of a transmission, damaged or not.
  init(_ event: LineEvent) {
    let validity: Validity =
      switch event.outcome {
      case .intact: .crcHolds
      case .wrongCRC: .crcWrong
      case .damaged(let damage): .damaged(reason: damage.words)
      }
    let span = event.receivedCRC == nil ? event.bytes.span : event.bytes.message
    var bytes: [UInt8] = []
    bytes.reserveCapacity(span.count)
    for index in span.indices { bytes.append(span[index]) }
    self.init(
      orderedSet: event.orderedSet, bytes: bytes, crc: event.receivedCRC, validity: validity,
      bitRate: event.bitRate)
  }
}

extension LineDamage {
  /// Why and where a packet broke off.
  var words: String {
    let what =
      switch reason {
      case .unrecognisedOrderedSet: "no known ordered set"
      case .invalidSymbol(let symbol): "invalid symbol \(Self.fiveBits(symbol))"
      case .wentIdle: "the line went idle"
      case .phaseLost: "an edge where no bit has one"
      case .tooLong: "longer than any message"
      case .tooShort: "end of packet before header and CRC"
      case .halfByte: "end of packet inside a byte"
      }
    return "\(what) after \(afterNibbles) nibbles"
  }

  private static func fiveBits(_ symbol: LineSymbol) -> String {
    let digits = String(symbol.rawValue, radix: 2)
    return String(repeating: "0", count: max(5 - digits.count, 0)) + digits
  }
}
