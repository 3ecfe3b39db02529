import LineCode
import PowerDelivery

/// One packet while it comes out of the receive FIFO: token, header, objects, CRC.
struct FUSB302Frame {
  /// The shortest frame: token, header and CRC.
  static var shortest: Int { 7 }

  private var bytes = InlineArray<35, UInt8>(repeating: 0)
  private(set) var count = 0

  /// How many bytes are certainly still to come; 0 when it is whole.
  var missing: Int {
    count < FUSB302Frame.shortest ? FUSB302Frame.shortest &- count : length &- count
  }

  var isWhole: Bool { missing == 0 }

  mutating func append(_ byte: UInt8) {
    guard count < 35 else { return }
    bytes[count] = byte
    count &+= 1
  }

  /// By the number of objects in the header.
  private var length: Int { FUSB302Frame.shortest &+ Int(bytes[2] &>> 4 & 7) &* 4 }

  /// `nil` for a byte that starts no frame: the framing is lost.
  var orderedSet: OrderedSet? {
    switch FUSB302ReceiveToken(rawValue: bytes[0] &>> 5) {
    case .sop: .sop
    case .sopPrime: .sopPrime
    case .sopDoublePrime: .sopDoublePrime
    case .sopPrimeDebug: .sopPrimeDebug
    case .sopDoublePrimeDebug: .sopDoublePrimeDebug
    default: nil
    }
  }

  /// The message of a whole frame; `nil` where its CRC does not hold.
  var message: ShortMessage? {
    guard isWhole, let orderedSet else { return nil }
    let packet = bytes.span.extracting(1..<count)
    guard let view = try? MessageView(packet: packet, orderedSet: orderedSet) else { return nil }
    return ShortMessage(view)
  }
}
