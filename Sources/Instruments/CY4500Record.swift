public import LineCode
public import Quantities

// What an Infineon (Cypress) CY4500 EZ-PD analyzer sends. One host program is the only source, and it was validated on
// Windows only.

/// A word of the CY4500's streams that means “no record”: AA AB AC AD.
enum CY4500Filler { static let word: UInt32 = 0xADAC_ABAA }

/// One record of the PD stream (endpoint 0x81), 64 bytes.
public struct CY4500Record: Equatable, Sendable {
  /// Counts the records.
  public var number: UInt32
  /// Counts; `CY4500Scale` gives their weight.
  public var vbusCount: UInt32
  /// The device's clock in µs, modulo 2³².
  public var start: UInt32
  public var end: UInt32
  /// The message header and what the receiver says.
  public var word: UInt32
  /// 44 bytes; the message's objects are the first of them.
  public var data: [UInt8]

  public static let length = 64
  public static let dataLength = 44

  public init(number: UInt32, vbusCount: UInt32, start: UInt32, end: UInt32, word: UInt32, data: [UInt8]) {
    self.number = number
    self.vbusCount = vbusCount
    self.start = start
    self.end = end
    self.word = word
    self.data = data
  }

  /// Reads a record; `nil` for the filler that ends the stream of a transfer.
  /// - Throws: `CY4500Error.length` where neither a filler nor 64 bytes are there.
  public init?(_ bytes: Span<UInt8>) throws(CY4500Error) {
    guard let number = bytes.littleEndian(UInt32.self, at: 0) else { throw .length(bytes.count) }
    if number == CY4500Filler.word { return nil }
    guard bytes.count == Self.length, let vbus = bytes.littleEndian(UInt32.self, at: 4),
      let start = bytes.littleEndian(UInt32.self, at: 8), let end = bytes.littleEndian(UInt32.self, at: 12),
      let word = bytes.littleEndian(UInt32.self, at: 16)
    else { throw .length(bytes.count) }
    self.number = number
    vbusCount = vbus
    self.start = start
    self.end = end
    self.word = word
    data = bytes.bytes(20..<Self.length)
  }

  /// The bytes of the record.
  public var bytes: [UInt8] {
    [number, vbusCount, start, end, word].flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
    } + data
  }

  /// The message header.
  public var header: UInt16 { UInt16(truncatingIfNeeded: word) }
  /// Bits 25:20; what they mean for messages that are longer than a record is not known.
  public var chunk: UInt8 { UInt8(truncatingIfNeeded: word >> 20 & 0x3F) }
  /// Bits 27:26; meaning not known.
  public var kind: UInt8 { UInt8(truncatingIfNeeded: word >> 26 & 3) }

  /// What stood in front; `nil` where the device did not recognise it, or names one that is not known.
  public var orderedSet: OrderedSet? {
    switch word >> 16 & 15 {
    case 0: .sop
    case 1: .sopPrime
    case 2: .sopDoublePrime
    case 3: .sopPrimeDebug
    case 4: .sopDoublePrimeDebug
    case 5: .hardReset
    case 6: .cableReset
    default: nil
    }
  }

  public var faults: Faults { Faults(rawValue: UInt8(truncatingIfNeeded: word >> 28)) }

  /// Bits 31:28.
  public struct Faults: OptionSet, Hashable, Sendable {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue & 15 }

    public static let idle = Self(rawValue: 1)
    public static let endOfPacket = Self(rawValue: 2)
    public static let crc = Self(rawValue: 4)
    /// No fault: the packet is good.
    public static let none = Self(rawValue: 8)
  }

  /// Bytes that the message has by its header, more perhaps than the record holds.
  ///
  /// Objects are counted by the header (USB-PD R3.2 §6.2.1.1); an unchunked extended message counts the bytes of its
  /// data in its extended header (§6.2.1.2).
  public var messageLength: Int {
    let objects = Int(header >> 12 & 7)
    let extended = UInt16(data.first ?? 0) | UInt16(data.dropFirst().first ?? 0) << 8
    guard header & 0x8000 != 0, extended & 0x8000 == 0 else { return 2 + 4 * objects }
    return 4 + Int(extended & 0x1FF)
  }

  /// Header and data in wire order, as far as the record holds them.
  public var message: [UInt8] {
    [UInt8(truncatingIfNeeded: header), UInt8(header >> 8)] + data.prefix(messageLength - 2)
  }
}

/// One sample of the scope stream (endpoint 0x83): 12 bytes, five in 64.
public struct CY4500Sample: Equatable, Sendable {
  /// The device's clock in µs, modulo 2³².
  public var time: UInt32
  /// Counts; `CY4500Scale` gives their weight.
  public var vbusCount: UInt16
  public var cc1Count: UInt16
  public var cc2Count: UInt16
  public var currentCount: UInt16

  public static let length = 12
  public static let samplesPerBlock = 5
  public static let blockLength = 64

  public init(time: UInt32, vbusCount: UInt16, cc1Count: UInt16, cc2Count: UInt16, currentCount: UInt16) {
    self.time = time
    self.vbusCount = vbusCount
    self.cc1Count = cc1Count
    self.cc2Count = cc2Count
    self.currentCount = currentCount
  }

  /// The samples of a transfer; those with the time 0 or that of the filler are none. What does not fill a sample is
  /// left out.
  public static func samples(_ bytes: Span<UInt8>) -> [CY4500Sample] {
    var samples: [CY4500Sample] = []
    for block in stride(from: 0, to: bytes.count, by: blockLength) {
      for index in 0..<samplesPerBlock {
        let offset = block + index * length
        guard let time = bytes.littleEndian(UInt32.self, at: offset),
          let vbus = bytes.littleEndian(UInt16.self, at: offset + 4),
          let cc1 = bytes.littleEndian(UInt16.self, at: offset + 6),
          let cc2 = bytes.littleEndian(UInt16.self, at: offset + 8),
          let current = bytes.littleEndian(UInt16.self, at: offset + 10), time != 0,
          time != CY4500Filler.word
        else { continue }
        samples.append(
          CY4500Sample(time: time, vbusCount: vbus, cc1Count: cc1, cc2Count: cc2, currentCount: current))
      }
    }
    return samples
  }

  /// The bytes of the sample.
  public var bytes: [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: time >> (8 * UInt32($0))) }
      + [vbusCount, cc1Count, cc2Count, currentCount].flatMap {
        [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)]
      }
  }
}

/// What counts of a CY4500 stand for.
public enum CY4500Scale: Sendable, CaseIterable {
  /// The first analyzers.
  case standard
  /// The analyzer for EPR.
  case epr

  public func vbus(_ count: UInt32) -> Millivolts {
    let scaled =
      self == .epr ? UInt64(count) * 4048 * 12 / 4096 : UInt64(count) * 3296 * 11 / 4096
    return Millivolts(Int32(clamping: scaled))
  }

  public func cc(_ count: UInt16) -> Millivolts { Millivolts(Int32(count) * 4048 / 4096) }

  /// Without its direction, which the counts do not keep.
  public func current(_ count: UInt16) -> Milliamperes {
    Milliamperes(abs(Int32(count) - 2048) * 100 / 36)
  }
}

/// What a CY4500 is told (endpoint 0x02).
public enum CY4500Command: Sendable, CaseIterable {
  case start, stop, version

  public var bytes: [UInt8] {
    switch self {
    case .start: [0x10, 0, 0, 0, 4, 0, 0, 0]
    case .stop: [0x03, 0, 0, 0]
    case .version: [0x04, 0, 0, 0]
    }
  }
}

/// Why bytes are not what a CY4500 sends.
public enum CY4500Error: Error, Equatable, Sendable, CustomStringConvertible {
  case length(Int)

  public var description: String {
    switch self {
    case .length(let count): "a record has 64 bytes, not \(count)"
    }
  }
}
