public import Quantities

/// A report of a FNIRSI meter: 64 bytes over HID (`usb-hardware.md` §9).
public enum FNIRSIReport: Equatable, Sendable {
  /// Four samples, the oldest first, 10 ms apart.
  case samples([Sample])
  /// A report of another kind, with its bytes 2 to 62.
  case other(kind: UInt8, [UInt8])

  /// One measurement.
  public struct Sample: Equatable, Sendable {
    public var vbus: Microvolts
    public var current: Microamperes
    public var dPlus: Millivolts
    public var dMinus: Millivolts
    /// Meaning unknown.
    public var mark: UInt8
    public var temperature: MillidegreesCelsius
  }

  /// From one sample to the next.
  public static let sampleInterval = Milliseconds(10)
  /// So many samples are in a report.
  public static let sampleCount = 4

  /// Reads a report.
  public init(_ bytes: Span<UInt8>) throws(FNIRSIError) {
    guard bytes.count == 64 else { throw .length(bytes.count) }
    guard bytes[0] == 0xAA else { throw .beginning(bytes[0]) }
    let crc = Self.crc(bytes.extracting(1..<63))
    guard bytes[63] == crc else { throw .crc(is: bytes[63], expected: crc) }
    guard bytes[1] == 0x04 else {
      self = .other(kind: bytes[1], bytes.bytes(2..<63))
      return
    }
    self = .samples(
      (0..<Self.sampleCount).map { Sample(bytes.extracting(2 + 15 * $0..<17 + 15 * $0)) })
  }

  /// What the host sends.
  public enum Command: UInt8, CaseIterable, Sendable {
    /// The two that start the samples, in this order.
    case prepare = 0x81
    case start = 0x82
    /// Needed within a second, again and again.
    case keepAlive = 0x83

    /// The 64 bytes of the report.
    public var report: [UInt8] {
      var bytes = [0xAA, rawValue] + [UInt8](repeating: 0, count: 61)
      bytes.append(FNIRSIReport.crc(bytes.span.extracting(1..<63)))
      return bytes
    }
  }

  /// CRC-8 with polynomial 0x39, most significant bit first, initial value 0x42.
  public static func crc(_ bytes: Span<UInt8>) -> UInt8 {
    var register: UInt8 = 0x42
    for index in bytes.indices {
      register ^= bytes[index]
      for _ in 0..<8 { register = register & 0x80 != 0 ? register &<< 1 ^ 0x39 : register &<< 1 }
    }
    return register
  }
}

extension FNIRSIReport.Sample {
  /// - Parameter bytes: 15 of them.
  fileprivate init(_ bytes: Span<UInt8>) {
    /// Steps of 10 µV or 10 µA; what is beyond the range stays at its end.
    func fine(_ offset: Int) -> Int32 {
      Int32(clamping: Int64(bytes.littleEndian(Int32.self, at: offset) ?? 0) * 10)
    }
    func word(_ offset: Int) -> Int32 { Int32(bytes.littleEndian(UInt16.self, at: offset) ?? 0) }
    vbus = Microvolts(fine(0))
    current = Microamperes(fine(4))
    dPlus = Millivolts(word(8))
    dMinus = Millivolts(word(10))
    mark = bytes[12]
    temperature = MillidegreesCelsius(word(13) * 100)
  }
}

/// Why bytes are no report of a FNIRSI meter.
public enum FNIRSIError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Not 64 bytes.
  case length(Int)
  /// It does not begin with 0xAA.
  case beginning(UInt8)
  case crc(is: UInt8, expected: UInt8)

  public var description: String {
    switch self {
    case .length(let count): "\(count) bytes instead of 64"
    case .beginning(let byte): "it begins with \(byte) instead of 170"
    case .crc(let value, let expected): "the CRC is \(value) instead of \(expected)"
    }
  }
}
