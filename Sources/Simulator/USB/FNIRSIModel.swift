public import Quantities

/// A FNIRSI meter: it measures once it was started, and ends a second after the last keep-alive.
///
/// Its samples count up, so that a test sees each: the sample of number `n` has a VBUS of `n` times 10 µV.
public struct FNIRSIModel: USBDeviceModel {
  public let descriptors: USBModelDescriptors
  /// Reports that may still be sent.
  public private(set) var left: Int
  /// Reports that stand in place of the next ones.
  public var instead: [[UInt8]] = []
  /// Ends by itself after so many reports from each start; `nil` for never.
  public var reportsPerStart: Int?
  /// Its OUT endpoint is halted, until the host ends that.
  public var isHalted = false
  /// So many starts are not heard.
  public var deafStarts = 0
  /// What it measures at this moment, in 10 µA.
  public var current: Int32 = -7000
  /// The meter's time, which `pass` moves.
  public private(set) var clock = Milliseconds.zero
  /// The kinds of commands in their order.
  public private(set) var commands: [UInt8] = []

  private var sentSinceStart = 0
  private var isPrepared = false
  private var isStarted = false
  /// When the meter ends by itself.
  private var awakeUntil = Milliseconds.zero
  /// When the next report is due.
  private var nextReport = Milliseconds.zero
  private var number: Int32 = 0

  private static let reportInterval = Milliseconds(40)
  private static let patience = Milliseconds(1000)

  /// - Parameter count: how many reports there are.
  public init(count: Int) {
    left = count
    descriptors = USBModelDescriptors(
      vendor: 0x2E3C, product: 0x5558, strings: ["FNIRSI", "FNB58", "1"], isHighSpeed: false,
      interfaces: [
        .init(
          0, codes: [8, 6, 0x50], endpoints: [.init(0x84, packetSize: 64), .init(0x04, packetSize: 64)]),
        .init(
          1, codes: [3, 0, 0],
          endpoints: [
            .init(0x83, type: 3, packetSize: 64, interval: 1),
            .init(0x03, type: 3, packetSize: 64, interval: 1),
          ]),
      ])
  }

  /// Time goes on; the meter sends what falls due.
  public mutating func pass(_ span: Milliseconds) { clock = clock + span }

  public mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer { .stall }

  public mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer {
    guard endpoint == 0x03, !isHalted else { return .stall }
    guard bytes.count == 64, bytes[0] == 0xAA, Self.crc(bytes[1..<63]) == bytes[63] else { return .done([]) }
    commands.append(bytes[1])
    switch bytes[1] {
    case 0x81: isPrepared = true
    case 0x82 where isPrepared:
      if deafStarts > 0 {
        deafStarts -= 1
      } else {
        isStarted = true
        sentSinceStart = 0
        nextReport = clock + Self.reportInterval
      }
      awakeUntil = clock + Self.patience
    case 0x83: awakeUntil = clock + Self.patience
    default: break
    }
    return .done([])
  }

  public mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer {
    guard endpoint == 0x83, isStarted, left > 0, nextReport <= clock else { return .notYet }
    guard nextReport <= awakeUntil else {
      isStarted = false
      isPrepared = false
      return .notYet
    }
    if let reportsPerStart, sentSinceStart >= reportsPerStart { return .notYet }
    left -= 1
    sentSinceStart += 1
    nextReport = nextReport + Self.reportInterval
    if !instead.isEmpty { return .done(instead.removeFirst()) }
    var report: [UInt8] = [0xAA, 0x04]
    for _ in 0..<4 {
      report += littleEndian(number) + littleEndian(current) + littleEndian(UInt16(600))
      report += littleEndian(UInt16(610)) + [0] + littleEndian(UInt16(315))
      number &+= 1
    }
    report.append(0)
    return .done(report + [Self.crc(report[1...])])
  }

  public mutating func clearHalt(_ endpoint: UInt8) { if endpoint == 0x03 { isHalted = false } }

  private static func crc(_ bytes: ArraySlice<UInt8>) -> UInt8 {
    bytes.reduce(0x42) { register, byte in
      (0..<8).reduce(register ^ byte) { value, _ in value & 0x80 != 0 ? value << 1 ^ 0x39 : value << 1 }
    }
  }
}
