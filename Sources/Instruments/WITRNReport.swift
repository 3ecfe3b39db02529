public import LineCode
public import Quantities

/// A report of a WITRN meter: 64 bytes over HID, sent without being asked (`usb-hardware.md` §8).
public enum WITRNReport: Equatable, Sendable {
  case telemetry(Telemetry)
  case packet(Packet)
  /// Another command of the vendor's protocol, with its 52 bytes.
  case other(command: UInt8, [UInt8])

  /// What a meter measured. A value is `nil` where the meter sends none: not a number, or beyond all that a cable carries.
  public struct Telemetry: Equatable, Sendable {
    public var charge: MicroampereHours?
    public var energy: MicrowattHours?
    /// How long the meter has counted charge and energy, in whole seconds.
    public var recordingTime: Milliseconds
    /// Since power-up, in whole seconds.
    public var uptime: Milliseconds
    public var dPlus: Microvolts?
    public var dMinus: Microvolts?
    /// 25 °C on units without a sensor.
    public var internalTemperature: MillidegreesCelsius?
    public var externalTemperature: MillidegreesCelsius?
    public var vbus: Microvolts?
    /// With its direction's sign.
    public var current: Microamperes?
    /// The group of the recording, counted from 0.
    public var group: UInt8
    /// In steps of 100 mV.
    public var cc1: Millivolts
    /// In steps of 100 mV.
    public var cc2: Millivolts
  }

  /// A packet as the meter's receiver (an FUSB302's tokens) reports it; without a time.
  public struct Packet: Equatable, Sendable {
    /// The token of the receiver; its bits 7:5 tell the ordered set.
    public var token: UInt8
    /// Header and objects in the order of the wire.
    public var bytes: [UInt8]
    /// What follows them; some units send the CRC.
    public var rest: [UInt8]

    /// `nil` where the token is none that is known.
    public var orderedSet: OrderedSet? {
      switch token & 0xE0 {
      case 0xE0: .sop
      case 0xC0: .sopPrime
      case 0xA0: .sopDoublePrime
      case 0x80: .sopPrimeDebug
      case 0x60: .sopDoublePrimeDebug
      default: nil
      }
    }
  }

  /// Reads a report.
  public init(_ bytes: Span<UInt8>) throws(WITRNError) {
    guard bytes.count == 64 else { throw .length(bytes.count) }
    switch bytes[0] {
    case 0xFF where bytes[1] == 0x55: self = try Self.command(bytes)
    case 0xFE: self = .packet(try Packet(bytes))
    default: throw .beginning(bytes[0])
    }
  }

  private static func command(_ bytes: Span<UInt8>) throws(WITRNError) -> WITRNReport {
    let body = sum(bytes, 8..<62)
    guard body == bytes[62] else { throw .checkSum(at: 62, is: bytes[62], expected: body) }
    let head = sum(bytes, 0..<8) &+ bytes[62]
    guard head == bytes[63] else { throw .checkSum(at: 63, is: bytes[63], expected: head) }
    guard bytes[8] == 0x1A else { return .other(command: bytes[8], bytes.bytes(10..<62)) }
    return .telemetry(Telemetry(bytes))
  }

  private static func sum(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt8 {
    range.reduce(0) { $0 &+ bytes[$1] }
  }
}

extension WITRNReport.Telemetry {
  /// - Parameter bytes: a whole report.
  fileprivate init(_ bytes: Span<UInt8>) {
    func real(_ offset: Int, times factor: Double) -> Double? {
      let value = Double(Float(bitPattern: bytes.littleEndian(UInt32.self, at: offset) ?? 0)) * factor
      return value.isFinite ? value.rounded() : nil
    }
    func narrow(_ offset: Int, times factor: Double) -> Int32? {
      real(offset, times: factor).flatMap { Int32(exactly: $0) }
    }
    func wide(_ offset: Int) -> Int64? { real(offset, times: 1e6).flatMap { Int64(exactly: $0) } }
    func seconds(_ offset: Int) -> Milliseconds {
      Milliseconds(Int64(bytes.littleEndian(UInt32.self, at: offset) ?? 0) * 1000)
    }
    charge = wide(14).map { MicroampereHours($0) }
    energy = wide(18).map { MicrowattHours($0) }
    recordingTime = seconds(22)
    uptime = seconds(26)
    dPlus = narrow(30, times: 1e6).map { Microvolts($0) }
    dMinus = narrow(34, times: 1e6).map { Microvolts($0) }
    internalTemperature = narrow(38, times: 1e3).map { MillidegreesCelsius($0) }
    externalTemperature = narrow(42, times: 1e3).map { MillidegreesCelsius($0) }
    vbus = narrow(46, times: 1e6).map { Microvolts($0) }
    current = narrow(50, times: 1e6).map { Microamperes($0) }
    group = bytes[54]
    cc1 = Millivolts(Int32(bytes[55]) * 100)
    cc2 = Millivolts(Int32(bytes[56]) * 100)
  }
}

extension WITRNReport.Packet {
  /// - Parameter report: a whole report.
  fileprivate init(_ report: Span<UInt8>) throws(WITRNError) {
    // The length counts what follows it: the token, the header, the objects and perhaps more.
    let length = Int(report[1])
    guard length >= 3, length <= report.count - 2 else { throw .packetLength(length, needs: 3) }
    let objectCount = Int(report[4] >> 4 & 7)
    let needs = 3 + 4 * objectCount
    guard length >= needs else { throw .packetLength(length, needs: needs) }
    token = report[2]
    bytes = report.bytes(3..<2 + needs)
    rest = report.bytes(2 + needs..<2 + length)
  }
}

/// Why bytes are no report of a WITRN meter.
public enum WITRNError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Not 64 bytes.
  case length(Int)
  /// It begins like no report that is known.
  case beginning(UInt8)
  case checkSum(at: Int, is: UInt8, expected: UInt8)
  /// A packet cannot have this length: its header needs so much.
  case packetLength(Int, needs: Int)

  public var description: String {
    switch self {
    case .length(let count): "\(count) bytes instead of 64"
    case .beginning(let byte): "it begins with \(byte), which no report does"
    case .checkSum(let place, let value, let expected):
      "the check sum at offset \(place) is \(value) instead of \(expected)"
    case .packetLength(let length, let needs):
      "a packet that needs \(needs) bytes cannot be \(length) bytes long"
    }
  }
}
