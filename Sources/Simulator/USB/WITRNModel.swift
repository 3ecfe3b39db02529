public import LineCode

/// A WITRN meter: it sends telemetry by itself and reports packets when they happen.
public struct WITRNModel: USBDeviceModel {
  /// What the meter sends.
  public enum Report: Equatable, Sendable {
    case telemetry(vbus: Double, current: Double)
    /// A packet with what follows it.
    case packet(OrderedSet, [UInt8], rest: [UInt8] = [])
    /// 64 bytes as they are.
    case raw([UInt8])
  }

  public let descriptors: USBModelDescriptors
  private var reports: ArraySlice<Report> = []

  /// - Parameter product: which of the meters; a K2 by default.
  public init(product: UInt16 = 0x5060) {
    descriptors = USBModelDescriptors(
      vendor: 0x0716, product: product, strings: ["WITRN", "WITRN Meter", "1"], isHighSpeed: false,
      interfaces: [
        .init(
          0, codes: [3, 0, 0],
          endpoints: [
            .init(0x81, type: 3, packetSize: 64, interval: 1),
            .init(0x01, type: 3, packetSize: 64, interval: 1),
          ])
      ])
  }

  /// The meter sends these as soon as it is asked.
  public mutating func report(_ reports: some Collection<Report>) { self.reports += reports }

  /// Whether everything was sent.
  public var isFinished: Bool { reports.isEmpty }

  // MARK: USB

  public mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer { .stall }

  public mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer { .done([]) }

  public mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer {
    guard endpoint == 0x81, let next = reports.popFirst() else { return .notYet }
    switch next {
    case .raw(let bytes): return .done(bytes)
    case .packet(let set, let bytes, let rest):
      let report = [0xFE, UInt8(1 + bytes.count + rest.count), Self.token(set)] + bytes + rest
      return .done(report + [UInt8](repeating: 0, count: max(0, 64 - report.count)))
    case .telemetry(let vbus, let current): return .done(Self.telemetry(vbus, current))
    }
  }

  private static func telemetry(_ vbus: Double, _ current: Double) -> [UInt8] {
    func real(_ value: Double) -> [UInt8] { littleEndian(Float(value).bitPattern) }
    var report: [UInt8] = [0xFF, 0x55, 1, 2, 3, 4, 5, 6, 0x1A, 52, 0, 0, 0, 0]
    report += real(0.5) + real(2.5) + littleEndian(UInt32(60)) + littleEndian(UInt32(120))
    report += real(0.6) + real(0.61) + real(25) + real(31.5) + real(vbus) + real(current) + [0, 17, 1]
    report += [0, 0, 0, 0, 0]
    let body = report[8...].reduce(UInt8(0), &+)
    return report + [body, report[..<8].reduce(body, &+)]
  }

  /// The token of its receiver.
  private static func token(_ set: OrderedSet) -> UInt8 {
    switch set {
    case .sopPrime: 0xC0
    case .sopDoublePrime: 0xA0
    case .sopPrimeDebug: 0x80
    case .sopDoublePrimeDebug: 0x60
    default: 0xE0
    }
  }
}
