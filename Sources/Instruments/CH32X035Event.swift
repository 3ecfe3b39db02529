public import LineCode
public import Quantities

/// What the newer firmware of the CH32X035 sniffers reports, over HID or over a serial port (`usb-hardware.md` §4.2).
///
/// The firmware itself is not public: this follows its documents alone.
public struct CH32X035Event: Equatable, Sendable {
  /// The sniffer's clock since power-up.
  public var time: Microseconds
  /// How much it has received.
  public var receiveCount: UInt32
  public var vbus: Millivolts
  public var current: Microamperes
  public var cc1: Millivolts
  public var cc2: Millivolts
  public var dPlus: Millivolts
  public var dMinus: Millivolts
  public var kind: Kind
  /// The CC line that is used: 0 unknown, 1, 2.
  public var activeCC: UInt8
  /// For a packet: header, objects and, on some firmware, the CRC.
  public var payload: [UInt8]

  /// What happened.
  public struct Kind: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let disconnect = Self(rawValue: 0x00)
    public static let connectCC1 = Self(rawValue: 0x01)
    public static let connectCC2 = Self(rawValue: 0x02)
    public static let telemetry = Self(rawValue: 0x10)
    public static let hardReset = Self(rawValue: 0x25)
    public static let cableReset = Self(rawValue: 0x26)
    public static let receiveError = Self(rawValue: 0x30)
    public static let overflow = Self(rawValue: 0x31)

    /// The ordered set of a packet or a reset; `nil` for anything else.
    public var orderedSet: OrderedSet? {
      switch rawValue {
      case 0x20: .sop
      case 0x21: .sopPrime
      case 0x22: .sopDoublePrime
      case 0x23: .sopPrimeDebug
      case 0x24: .sopDoublePrimeDebug
      case 0x25: .hardReset
      case 0x26: .cableReset
      default: nil
      }
    }

    /// What of UFCS it is; `nil` for anything else.
    public var ufcsWords: String? {
      switch rawValue {
      case 0x40: "D+"
      case 0x41: "D-"
      case 0x42: "D+, chunk 0"
      case 0x43: "D-, chunk 0"
      case 0x44: "D+, chunk 1"
      case 0x45: "D-, chunk 1"
      default: nil
      }
    }
  }

  /// Reads an HID report of 64 bytes.
  public init(report: Span<UInt8>) throws(CH32X035EventError) {
    guard report.count == 64 else { throw .length(report.count, expected: 64) }
    let length = Int(report[26])
    guard length <= 34 else { throw .payload(length, limit: 34) }
    self.init(report, isReport: true, payload: report.bytes(27..<27 + length))
  }

  /// Reads the payload of an event frame of the serial port.
  public init(framePayload bytes: Span<UInt8>) throws(CH32X035EventError) {
    guard bytes.count >= 28 else { throw .length(bytes.count, expected: 28) }
    guard bytes.count <= 28 + 65 else { throw .payload(bytes.count - 28, limit: 65) }
    self.init(bytes, isReport: false, payload: bytes.bytes(28..<bytes.count))
  }

  private init(_ bytes: Span<UInt8>, isReport: Bool, payload: [UInt8]) {
    // Behind the current the fields of the frame lie two bytes further on: its current is wider.
    let shift = isReport ? 0 : 2
    func word(_ offset: Int) -> UInt32 { bytes.littleEndian(UInt32.self, at: offset) ?? 0 }
    func potential(_ offset: Int) -> Millivolts {
      Millivolts(Int32(bytes.littleEndian(UInt16.self, at: offset) ?? 0))
    }
    time = Microseconds(Int64(clamping: UInt64(word(4)) << 32 | UInt64(word(0))))
    receiveCount = word(8)
    vbus = potential(12)
    current =
      isReport
      ? Microamperes(Int32(bytes.littleEndian(Int16.self, at: 14) ?? 0) * 1000)
      : Microamperes(bytes.littleEndian(Int32.self, at: 14) ?? 0)
    cc1 = potential(16 + shift)
    cc2 = potential(18 + shift)
    dPlus = potential(20 + shift)
    dMinus = potential(22 + shift)
    kind = Kind(rawValue: bytes[24 + shift])
    activeCC = bytes[25 + shift]
    self.payload = payload
  }
}

/// Why bytes are no event of a CH32X035.
public enum CH32X035EventError: Error, Equatable, Sendable, CustomStringConvertible {
  case length(Int, expected: Int)
  /// The payload cannot be that long.
  case payload(Int, limit: Int)

  public var description: String {
    switch self {
    case .length(let count, let expected): "\(count) bytes instead of \(expected)"
    case .payload(let count, let limit): "a payload of \(count) bytes, where at most \(limit) fit"
    }
  }
}

/// Cuts what the serial port of the newer firmware brings into frames: `0A 55 50 53`, a type, a 16-bit length, the
/// payload. There is no check sum: what is not a frame is skipped until the next beginning of one.
public struct CH32X035Frames: Equatable, Sendable {
  /// A payload with its type, or bytes that belong to no frame.
  public enum Piece: Equatable, Sendable {
    case frame(type: UInt8, [UInt8])
    /// So many bytes in a row.
    case skipped(Int)
  }

  /// The type of a frame that holds a `CH32X035Event`.
  public static let event: UInt8 = 0x01
  private static let mark: [UInt8] = [0x0A, 0x55, 0x50, 0x53]
  private static let headLength = 7
  /// No frame is longer: an event with all its data.
  private static let longestPayload = 28 + 65
  /// So much is told without waiting for the next frame.
  private static let muchSkipped = 4096

  private var held: [UInt8] = []
  private var skipped = 0

  public init() {}

  /// Bytes held back at this moment.
  public var heldCount: Int { held.count }

  /// Takes the next bytes of the port; gives what they complete to `body`.
  public mutating func take(_ bytes: Span<UInt8>, _ body: (Piece) -> Void) {
    for index in bytes.indices { held.append(bytes[index]) }
    var start = 0
    while start < held.count {
      guard isBeginning(at: start) else {
        start += 1
        skipped += 1
        continue
      }
      guard held.count - start >= Self.headLength else { break }
      let length = Int(held[start + 5]) | Int(held[start + 6]) << 8
      guard length <= Self.longestPayload else {
        start += 1
        skipped += 1
        continue
      }
      let end = start + Self.headLength + length
      guard end <= held.count else { break }
      tellSkipped(body)
      body(.frame(type: held[start + 4], Array(held[start + Self.headLength..<end])))
      start = end
    }
    held.removeFirst(start)
    if skipped >= Self.muchSkipped { tellSkipped(body) }
  }

  /// Bytes were lost here: what is there of a frame is worthless.
  public mutating func interrupt() { held.removeAll(keepingCapacity: true) }

  /// Whether a frame begins there, as far as bytes are there.
  private func isBeginning(at start: Int) -> Bool {
    for (index, byte) in Self.mark.enumerated() where start + index < held.count {
      if held[start + index] != byte { return false }
    }
    return true
  }

  private mutating func tellSkipped(_ body: (Piece) -> Void) {
    if skipped > 0 { body(.skipped(skipped)) }
    skipped = 0
  }
}
