@testable import Instruments
import LineCode
import Quantities
import Testing

// No recording of these meters is public: all vectors here are made from what is known of their reports
// (`usb-hardware.md` §8 and §9), none was heard on a wire. The check bytes of the commands stand in the facts.

@Suite struct WITRNTests {
  /// 1.5 Ah, 7.25 Wh, 3600 s, 7200 s, D+ 0.6 V, D− 0.25 V, 31.5 °C, −4.5 °C, 20.125 V, −3.0625 A, group 2, CC 1.7 and 0.1 V.
  static let telemetry = checked(
    [0xFF, 0x55, 12, 34, 5, 6, 7, 8, 0x1A, 52, 0, 0, 0, 0] + real(1.5) + real(7.25) + [0x10, 0x0E, 0, 0]
      + [0x20, 0x1C, 0, 0] + real(0.6) + real(0.25) + real(31.5) + real(-4.5) + real(20.125) + real(-3.0625)
      + [2, 17, 1, 0, 0, 0, 0, 0])

  static func real(_ value: Float) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
  }

  /// 62 bytes with their two check sums.
  static func checked(_ bytes: [UInt8]) -> [UInt8] {
    let body = bytes[8...].reduce(UInt8(0), &+)
    return bytes + [body, bytes[..<8].reduce(body, &+)]
  }

  static func packet(_ token: UInt8, _ bytes: [UInt8], _ rest: [UInt8] = []) -> [UInt8] {
    let report = [0xFE, UInt8(1 + bytes.count + rest.count), token] + bytes + rest
    return report + [UInt8](repeating: 0xEE, count: 64 - report.count)
  }

  private func read(_ bytes: [UInt8]) -> Result<WITRNReport, WITRNError> {
    Result { () throws(WITRNError) in try WITRNReport(bytes.span) }
  }

  @Test func telemetry() {
    #expect(
      read(Self.telemetry)
        == .success(
          .telemetry(
            .init(
              charge: MicroampereHours(1_500_000), energy: MicrowattHours(7_250_000),
              recordingTime: Milliseconds(3_600_000), uptime: Milliseconds(7_200_000),
              dPlus: Microvolts(600_000), dMinus: Microvolts(250_000),
              internalTemperature: MillidegreesCelsius(31_500),
              externalTemperature: MillidegreesCelsius(-4500), vbus: Microvolts(20_125_000),
              current: Microamperes(-3_062_500), group: 2, cc1: Millivolts(1700), cc2: Millivolts(100)))))
  }

  /// What is no number, or none that fits, is not measured; the rest of the report is.
  @Test(arguments: [Float.nan, .infinity, -.infinity, 1e30, 3000]) func strange(_ value: Float) {
    var bytes = Self.telemetry
    bytes.replaceSubrange(46..<50, with: Self.real(value))
    guard case .success(.telemetry(let telemetry)) = read(Self.checked(Array(bytes.prefix(62)))) else {
      Issue.record("no telemetry")
      return
    }
    #expect(telemetry.vbus == nil && telemetry.current == Microamperes(-3_062_500))
  }

  @Test(
    arguments: [
      (0xE0, OrderedSet.sop), (0xC0, .sopPrime), (0xA0, .sopDoublePrime), (0x80, .sopPrimeDebug),
      (0x60, .sopDoublePrimeDebug), (0xE3, .sop), (0x40, nil),
    ] as [(UInt8, OrderedSet?)])
  func packets(_ token: UInt8, _ set: OrderedSet?) {
    let request: [UInt8] = [0x82, 0x10, 0xDC, 0x70, 0x03, 0x23]
    guard case .success(.packet(let packet)) = read(Self.packet(token, request)) else {
      Issue.record("no packet")
      return
    }
    #expect(packet == .init(token: token, bytes: request, rest: []) && packet.orderedSet == set)
  }

  /// What follows the objects is kept apart.
  @Test func rest() {
    #expect(
      read(Self.packet(0xE0, [0x41, 0x02], [1, 2, 3, 4]))
        == .success(.packet(.init(token: 0xE0, bytes: [0x41, 0x02], rest: [1, 2, 3, 4]))))
  }

  @Test func otherCommand() {
    var bytes = Array(Self.telemetry.prefix(62))
    bytes[8] = 0x07
    #expect(read(Self.checked(bytes)) == .success(.other(command: 7, Array(bytes[10..<62]))))
  }

  @Test func wrong() {
    var body = Self.telemetry
    body[20] ^= 1
    var head = Self.telemetry
    head[3] ^= 1
    var start = Self.telemetry
    start[1] = 0x56
    var short = Self.packet(0xE0, [0x82, 0x10, 0xDC, 0x70, 0x03, 0x23])
    short[1] = 6
    var tiny = short
    tiny[1] = 2
    var huge = short
    huge[1] = 63
    #expect(
      [Array(Self.telemetry.dropLast()), start, body, head, short, tiny, huge].map(read) == [
        .failure(.length(63)), .failure(.beginning(0xFF)),
        .failure(.checkSum(at: 62, is: body[62], expected: body[62] &+ (body[20] &- Self.telemetry[20]))),
        .failure(.checkSum(at: 63, is: head[63], expected: head[63] &+ (head[3] &- Self.telemetry[3]))),
        .failure(.packetLength(6, needs: 7)), .failure(.packetLength(2, needs: 3)),
        .failure(.packetLength(63, needs: 3)),
      ])
  }

  @Test func anyBytes() {
    var bytes = RandomBytes(seed: 7)
    var kinds = [0, 0, 0]
    for round in 0..<3000 {
      var report = bytes.next(62)
      report[0] = round % 2 == 0 ? 0xFF : 0xFE
      if round % 2 == 0 { report[1] = 0x55 }
      if round % 4 == 0 { report[8] = 0x1A }
      switch read(Self.checked(report)) {
      case .success(.telemetry): kinds[0] += 1
      case .success(.packet(let packet)):
        kinds[1] += 1
        #expect(packet.bytes.count + packet.rest.count + 1 == Int(report[1]))
      case .success(.other), .failure: kinds[2] += 1
      }
    }
    #expect(kinds[0] >= 750 && kinds[1] > 100 && kinds[2] > 1500)
  }
}

@Suite struct FNIRSITests {
  /// The last byte of each command as the facts state it: that is the CRC.
  @Test(arguments: [
    (FNIRSIReport.Command.prepare, UInt8(0x81), UInt8(0x8E)), (.start, 0x82, 0x96), (.keepAlive, 0x83, 0x9E),
  ])
  func commands(_ command: FNIRSIReport.Command, _ kind: UInt8, _ crc: UInt8) {
    #expect(command.report == [0xAA, kind] + [UInt8](repeating: 0, count: 61) + [crc])
  }

  static func report(_ body: [UInt8], kind: UInt8 = 0x04) -> [UInt8] {
    let bytes = [0xAA, kind] + body + [UInt8](repeating: 0, count: 61 - body.count)
    let checked = Array(bytes[1...])
    return bytes + [FNIRSIReport.crc(checked.span)]
  }

  /// 5.08600 V, −0.07 A, D+ 600 mV, D− 610 mV, 31.5 °C; then others.
  static let samples: [UInt8] =
    [0xB8, 0xC2, 0x07, 0, 0xA8, 0xE4, 0xFF, 0xFF, 0x58, 0x02, 0x62, 0x02, 0x7F, 0x3B, 0x01]
    + [0xB9, 0xC2, 0x07, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
    + [0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0x80, 0xFF, 0xFF, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 15)

  private func read(_ bytes: [UInt8]) -> Result<FNIRSIReport, FNIRSIError> {
    Result { () throws(FNIRSIError) in try FNIRSIReport(bytes.span) }
  }

  @Test func samplesOfAReport() {
    guard case .success(.samples(let samples)) = read(Self.report(Self.samples)) else {
      Issue.record("no samples")
      return
    }
    #expect(
      samples == [
        .init(
          vbus: Microvolts(5_086_000), current: Microamperes(-70_000), dPlus: Millivolts(600),
          dMinus: Millivolts(610), mark: 0x7F, temperature: MillidegreesCelsius(31_500)),
        .init(
          vbus: Microvolts(5_086_010), current: Microamperes(10), dPlus: .zero, dMinus: .zero, mark: 0,
          temperature: MillidegreesCelsius(6_553_500)),
        .init(
          vbus: Microvolts(.max), current: Microamperes(.min), dPlus: Millivolts(65_535), dMinus: .zero,
          mark: 0, temperature: .zero),
        .init(vbus: .zero, current: .zero, dPlus: .zero, dMinus: .zero, mark: 0, temperature: .zero),
      ])
  }

  @Test func wrong() {
    let good = Self.report(Self.samples)
    var start = good
    start[0] = 0xAB
    var bit = good
    bit[40] ^= 0x10
    let checked = Array(bit[1..<63])
    #expect(
      [Array(good.dropFirst()), start, bit, Self.report([1, 2], kind: 3)].map(read) == [
        .failure(.length(63)), .failure(.beginning(0xAB)),
        .failure(.crc(is: good[63], expected: FNIRSIReport.crc(checked.span))),
        .success(.other(kind: 3, [1, 2] + [UInt8](repeating: 0, count: 59))),
      ])
  }

  /// Every single bit is under the CRC.
  @Test func everyBit() {
    let good = Self.report(Self.samples)
    for bit in 8..<512 {
      var bytes = good
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      guard case .failure = read(bytes) else {
        Issue.record("bit \(bit)")
        continue
      }
    }
  }

  @Test func anyBytes() {
    var bytes = RandomBytes(seed: 9)
    for _ in 0..<2000 {
      guard case .success(.samples(let samples)) = read(Self.report(bytes.next(61))) else {
        Issue.record("not read")
        return
      }
      #expect(samples.count == 4)
    }
  }
}

extension Result {
  init(_ body: () throws(Failure) -> Success) {
    do throws(Failure) { self = .success(try body()) } catch { self = .failure(error) }
  }
}
