public import LineCode
public import Quantities

/// One record of a Dr. PD analyzer's capture queue: the payload of a `BUS:CC:CAP:DATA?` answer.
public struct DrPDCaptureRecord: Equatable, Sendable {
  /// Time since boot; `nil` where the device does not know it (all ones).
  public var start: Microseconds?
  public var end: Microseconds?
  public var result: Result
  /// The four K-codes of the ordered set, 5-bit values.
  public var kCodes: [UInt8]
  /// Widths between edges, in cycles of the device (10 ns in current firmware).
  public var pulses: [UInt16]
  /// Header, data and CRC, or the data of an event record.
  public var data: [UInt8]

  /// What the device's decoder says. Values that are not known are carried.
  public struct Result: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let ok = Self(rawValue: 0)
    public static let invalidSymbol = Self(rawValue: 1)
    public static let crcWrong = Self(rawValue: 2)
    public static let timeout = Self(rawValue: 3)
    public static let runtPulse = Self(rawValue: 4)
    public static let incomplete = Self(rawValue: 5)
    /// Not a packet: the data hold an event of the firmware.
    public static let event = Self(rawValue: 0xFFFF_FFFF)
  }

  public init(
    start: Microseconds?, end: Microseconds?, result: Result, kCodes: [UInt8], pulses: [UInt16], data: [UInt8]
  ) {
    self.start = start
    self.end = end
    self.result = result
    self.kCodes = kCodes
    self.pulses = pulses
    self.data = data
  }

  /// Reads a payload (without the `#` header and without the newline behind it).
  /// - Throws: `DrPDError.length` unless the two counts account for every byte.
  public init(payload bytes: Span<UInt8>) throws(DrPDError) {
    guard let pulseCount = bytes.littleEndian(UInt32.self, at: 24),
      let dataCount = Self.dataCount(bytes, pulseCount: pulseCount)
    else { throw .length(bytes.count) }
    func time(_ offset: Int) -> Microseconds? {
      bytes.littleEndian(UInt64.self, at: offset).flatMap { Int64(exactly: $0) }.map { Microseconds($0) }
    }
    start = time(0)
    end = time(8)
    result = Result(rawValue: bytes.littleEndian(UInt32.self, at: 16) ?? 0)
    kCodes = bytes.bytes(20..<24)
    pulses = (0..<Int(pulseCount)).map { bytes.littleEndian(UInt16.self, at: 28 + 2 * $0) ?? 0 }
    data = bytes.bytes(bytes.count - dataCount..<bytes.count)
  }

  /// The number of data bytes; `nil` unless `length == 32 + 2N + M`.
  private static func dataCount(_ bytes: Span<UInt8>, pulseCount: UInt32) -> Int? {
    guard Int(pulseCount) <= bytes.count / 2,
      let count = bytes.littleEndian(UInt32.self, at: 28 + 2 * Int(pulseCount)),
      Int(count) == bytes.count - 32 - 2 * Int(pulseCount)
    else { return nil }
    return Int(count)
  }

  /// The ordered set that the K-codes spell, with three of four right (USB-PD R3.2 §5.6.1.2.3), whatever the result
  /// says: the device reports Cable Reset as a timeout.
  public var orderedSet: OrderedSet? { Self.orderedSet(kCodes: kCodes) }

  /// The ordered set that four 5-bit K-codes spell, with three of four right.
  public static func orderedSet(kCodes: [UInt8]) -> OrderedSet? {
    guard kCodes.count == 4 else { return nil }
    let symbols = kCodes.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element & 31) << (5 * $1.offset) }
    return OrderedSet.match(SymbolQuadruple(rawValue: symbols))?.set
  }

  /// The type and text of an event record; `nil` for a packet or where the data are shorter than the type.
  public var event: (type: UInt32, text: String)? {
    guard result == .event, let type = data.span.littleEndian(UInt32.self, at: 0) else { return nil }
    return (type, String(decoding: data[4...], as: UTF8.self))
  }
}

extension DrPDCaptureRecord.Result {
  /// The reason in words; `nil` for a packet that was received whole.
  public var reason: String? {
    switch self {
    case .ok, .event: nil
    case .invalidSymbol: "invalid symbol"
    case .crcWrong: "CRC wrong"
    case .timeout: "timeout"
    case .runtPulse: "runt pulse"
    case .incomplete: "incomplete"
    default: "result \(rawValue)"
    }
  }
}

/// Why bytes are not what a Dr. PD sends.
public enum DrPDError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A payload of this many bytes does not agree with its own counts.
  case length(Int)
  /// A block does not begin with `#`, a digit and that many digits.
  case blockHeader

  public var description: String {
    switch self {
    case .length(let count): "a record of \(count) bytes does not agree with its own counts"
    case .blockHeader: "a block begins with “#”, a digit and that many digits of length"
    }
  }
}

/// The head of a definite-length block (IEEE 488.2): `#`, one digit k, k digits of length.
public struct DrPDBlockHeader: Equatable, Sendable {
  /// Bytes of the head itself.
  public var headLength: Int
  /// Bytes of the payload behind it.
  public var payloadLength: Int

  /// Reads the head at the start of `bytes`; `nil` where more bytes are needed.
  /// - Throws: `DrPDError.blockHeader` when the bytes cannot become a head.
  public init?(_ bytes: Span<UInt8>) throws(DrPDError) {
    guard !bytes.isEmpty else { return nil }
    guard bytes[0] == UInt8(ascii: "#") else { throw .blockHeader }
    guard bytes.count > 1 else { return nil }
    guard (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(bytes[1]) else { throw .blockHeader }
    let digits = Int(bytes[1] - UInt8(ascii: "0"))
    headLength = 2 + digits
    payloadLength = 0
    for index in 2..<min(headLength, bytes.count) {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { throw .blockHeader }
      payloadLength = payloadLength * 10 + Int(bytes[index] - UInt8(ascii: "0"))
    }
    if bytes.count < headLength { return nil }
  }
}
