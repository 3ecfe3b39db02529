/// One USB transfer on the vendor interface of a POWER-Z KM003C or KM002C (bulk endpoints 0x01 and 0x81).
///
/// A control packet is a request to the meter or its short answer. A data packet carries a chain of logical packets.
public enum KM003CPacket: Equatable, Sendable {
  case control(Control)
  case data(transaction: UInt8, objectCount: UInt16, packets: [LogicalPacket])

  /// A packet of four header bytes and, for a few kinds, a body.
  public struct Control: Equatable, Sendable {
    /// Bits 6:0 of the first byte.
    public var kind: KM003CPacketKind
    /// The number that ties an answer to its request.
    public var transaction: UInt8
    /// The 15-bit attribute: a `KM003CAttributes` mask for GetData, the rate for StartGraph.
    public var attribute: UInt16
    /// What follows the header; empty but for the encrypted exchanges, which are not decoded.
    public var body: [UInt8]
  }

  /// A payload with its four header bytes.
  public struct LogicalPacket: Equatable, Sendable {
    /// What the payload is: one bit of `KM003CAttributes`.
    public var attribute: UInt16
    /// For AdcQueue the number of samples; otherwise 0.
    public var chunk: UInt8
    /// The size field: bytes, for AdcQueue the bytes of one sample, for the state trace 0.
    public var size: UInt16
    public var payload: [UInt8]
  }

  /// Reads a whole transfer.
  /// - Throws: `KM003CError` when the bytes end inside a header or a payload.
  public init(_ bytes: Span<UInt8>) throws(KM003CError) {
    guard let word = bytes.littleEndian(UInt32.self, at: 0) else {
      throw .cut(at: bytes.count, needs: 4, has: bytes.count)
    }
    let kind = KM003CPacketKind(rawValue: UInt8(truncatingIfNeeded: word) & 0x7F)
    let transaction = UInt8(truncatingIfNeeded: word >> 8)
    guard kind == .putData else {
      self = .control(
        Control(
          kind: kind, transaction: transaction, attribute: UInt16(truncatingIfNeeded: word >> 17),
          body: bytes.bytes(4..<bytes.count)))
      return
    }
    self = .data(
      transaction: transaction, objectCount: UInt16(truncatingIfNeeded: word >> 22),
      packets: try Self.logicalPackets(bytes))
  }

  private static func logicalPackets(_ bytes: Span<UInt8>) throws(KM003CError) -> [LogicalPacket] {
    var packets: [LogicalPacket] = []
    var offset = 4
    while offset < bytes.count {
      guard let word = bytes.littleEndian(UInt32.self, at: offset) else {
        throw .cut(at: offset, needs: 4, has: bytes.count - offset)
      }
      offset += 4
      let attribute = UInt16(truncatingIfNeeded: word & 0x7FFF)
      let chunk = UInt8(truncatingIfNeeded: word >> 16 & 0x3F)
      let size = UInt16(truncatingIfNeeded: word >> 22)
      let length = payloadLength(attribute: attribute, chunk: chunk, size: size, bytes, at: offset)
      guard length <= bytes.count - offset else {
        throw .cut(at: offset, needs: length, has: bytes.count - offset)
      }
      packets.append(
        LogicalPacket(
          attribute: attribute, chunk: chunk, size: size, payload: bytes.bytes(offset..<offset + length)))
      offset += length
      guard word & 0x8000 != 0 else { break }
    }
    return packets
  }

  private static func payloadLength(
    attribute: UInt16, chunk: UInt8, size: UInt16, _ bytes: Span<UInt8>, at offset: Int
  ) -> Int {
    switch KM003CAttributes(rawValue: attribute) {
    case .adcQueue: return Int(size) * Int(chunk)
    case .stateTrace where size == 0:
      // The size field of the state trace is 0: its two counts tell the length.
      guard let first = bytes.littleEndian(UInt8.self, at: offset) else { return 1 }
      guard let second = bytes.littleEndian(UInt8.self, at: offset + 1 + Int(first)) else {
        return 2 + Int(first)
      }
      return 2 + Int(first) + Int(second)
    default: return Int(size)
    }
  }
}

/// The kind of a packet: what is asked or answered.
public struct KM003CPacketKind: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let connect = Self(rawValue: 0x02)
  public static let disconnect = Self(rawValue: 0x03)
  public static let reset = Self(rawValue: 0x04)
  public static let accept = Self(rawValue: 0x05)
  public static let reject = Self(rawValue: 0x06)
  public static let getData = Self(rawValue: 0x0C)
  public static let startGraph = Self(rawValue: 0x0E)
  public static let stopGraph = Self(rawValue: 0x0F)
  public static let enablePDMonitor = Self(rawValue: 0x10)
  public static let disablePDMonitor = Self(rawValue: 0x11)
  public static let notReadable = Self(rawValue: 0x27)
  public static let putData = Self(rawValue: 0x41)
  public static let memoryRead = Self(rawValue: 0x44)
  public static let streamingAuthentication = Self(rawValue: 0x4C)
}

/// What a GetData request asks for and a logical packet carries.
public struct KM003CAttributes: OptionSet, Hashable, Sendable {
  public var rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  public static let adc = Self(rawValue: 0x0001)
  public static let adcQueue = Self(rawValue: 0x0002)
  public static let settings = Self(rawValue: 0x0008)
  public static let powerDelivery = Self(rawValue: 0x0010)
  public static let stateTrace = Self(rawValue: 0x0020)
  public static let logCatalogue = Self(rawValue: 0x0200)
}

/// Why bytes are not what a KM003C sends.
public enum KM003CError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The bytes end before the field at this offset does.
  case cut(at: Int, needs: Int, has: Int)
  /// A payload of this attribute cannot have this length.
  case length(attribute: UInt16, Int)

  public var description: String {
    switch self {
    case .cut(let offset, let needs, let has):
      "the bytes end early: \(needs) are due at offset \(offset), \(has) are there"
    case .length(let attribute, let length):
      "a payload of attribute \(attribute) cannot be \(length) bytes long"
    }
  }
}

extension KM003CPacket {
  /// The four bytes of a request.
  public static func request(
    _ kind: KM003CPacketKind, transaction: UInt8, attribute: UInt16 = 0
  ) -> [UInt8] {
    let shifted = attribute &<< 1
    return [
      kind.rawValue & 0x7F, transaction, UInt8(truncatingIfNeeded: shifted),
      UInt8(truncatingIfNeeded: shifted >> 8),
    ]
  }
}
