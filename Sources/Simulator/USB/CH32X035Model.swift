public import LineCode
public import Quantities

/// An open CH32X035 sniffer: it reports what a test says that happens on the cable.
public struct CH32X035Model: USBDeviceModel {
  /// The firmware, which decides how the sniffer speaks.
  public enum Firmware: Sendable {
    /// Lines of text on a serial port.
    case lines
    /// Events in frames on a serial port.
    case frames
    /// Events as HID reports.
    case reports
  }

  /// What happens on the cable.
  public struct Happening: Equatable, Sendable {
    /// The sniffer's clock.
    public var time: Microseconds
    public var content: Content

    public enum Content: Equatable, Sendable {
      /// Header and objects.
      case packet(OrderedSet, [UInt8])
      /// CC1 or CC2 is connected.
      case attach(cc: Int)
      case detach(cc: Int)
      /// Measured values alone, as the newer firmware sends them. Nothing in lines.
      case telemetry
      /// Bytes as they are, in place of what the firmware sends.
      case raw([UInt8])
    }

    public init(time: Microseconds, _ content: Content) {
      self.time = time
      self.content = content
    }
  }

  public let descriptors: USBModelDescriptors
  public let firmware: Firmware
  public var vbus = Millivolts(5086)
  public var current = Milliamperes(-70)
  /// Whether packets come with their CRC.
  public var sendsCRC = true
  /// Its IN endpoint is halted, until the host ends that.
  public var isHalted = false
  /// The sniffer's clock at what it sent last.
  public private(set) var clock = Microseconds.zero
  /// DTR is set; over HID there is always somebody.
  public private(set) var isListenedTo: Bool
  /// Line coding as it was set.
  public private(set) var lineCoding: [UInt8] = []

  private var coming: ArraySlice<Happening> = []
  private var bytes: [UInt8] = []
  /// How much was received.
  private var count: UInt32 = 0

  public init(_ firmware: Firmware) {
    self.firmware = firmware
    isListenedTo = firmware == .reports
    let serial: [USBModelDescriptors.Interface] = [
      .init(0, codes: [2, 2, 1], endpoints: [.init(0x83, type: 3, packetSize: 8, interval: 10)]),
      .init(1, codes: [0x0A, 0, 0], endpoints: [.init(0x81, packetSize: 64), .init(0x02, packetSize: 64)]),
    ]
    let reports: [USBModelDescriptors.Interface] = [
      .init(
        0, codes: [3, 0, 0],
        endpoints: [
          .init(0x81, type: 3, packetSize: 64, interval: 1),
          .init(0x02, type: 3, packetSize: 64, interval: 1),
        ])
    ]
    descriptors = USBModelDescriptors(
      vendor: 0x1A86, product: firmware == .frames ? 0x2334 : 0x2333, codes: [0, 0, 0],
      strings: ["wch.cn", "PD sniffer", "1"], isHighSpeed: false,
      interfaces: firmware == .reports ? reports : serial)
  }

  /// Lets things happen; the sniffer tells them as soon as it is asked.
  public mutating func happen(_ happenings: some Collection<Happening>) {
    // What nobody listens to is not kept.
    if isListenedTo { coming += happenings }
  }

  /// Whether all that happened was sent.
  public var isFinished: Bool { coming.isEmpty && bytes.isEmpty }

  // MARK: USB

  public mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer {
    guard firmware != .reports, setUp.index == 0 else { return .stall }
    switch (setUp.requestType, setUp.request) {
    case (0x21, 0x20): lineCoding = data
    case (0x21, 0x22):
      isListenedTo = setUp.value & 1 != 0
      if !isListenedTo {
        coming = []
        bytes = []
      }
    default: return .stall
    }
    return .done([])
  }

  public mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer {
    endpoint == 0x02 ? .done([]) : .stall
  }

  public mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer {
    guard endpoint == 0x81 else { return .notYet }
    if isHalted { return .stall }
    while bytes.isEmpty, let next = coming.popFirst() {
      clock = max(clock, next.time)
      bytes = told(next)
    }
    guard !bytes.isEmpty else { return .notYet }
    // A report is a packet of its own; a serial port fills packets.
    let piece = Array(bytes.prefix(min(64, capacity)))
    bytes.removeFirst(piece.count)
    return .done(piece)
  }

  public mutating func clearHalt(_ endpoint: UInt8) { if endpoint == 0x81 { isHalted = false } }

  private mutating func told(_ happening: Happening) -> [UInt8] {
    if case .raw(let bytes) = happening.content { return bytes }
    count &+= 1
    return switch firmware {
    case .lines: Array(line(happening).utf8)
    case .frames, .reports: event(happening)
    }
  }

  private func line(_ happening: Happening) -> String {
    switch happening.content {
    case .attach(let cc):
      "Attach:CC\(cc), CC1:\(cc == 1 ? 1653 : 12)mV, CC2:\(cc == 2 ? 1653 : 12)mV, VBUS:\(vbus.rawValue)mV\r\n"
    case .detach(let cc): "Detach:CC\(cc)\r\n"
    case .telemetry, .raw: ""
    case .packet(let set, let bytes):
      ([
        "> \(happening.time.rawValue / 1000)ms", "\(vbus.rawValue)mV", "#\(decimal(count, 3))",
        Self.name(set), "Message", "0", "->", "V3", "[H]0x\(hexadecimal(bytes.prefix(2)))",
      ]
        + stride(from: 2, to: bytes.count, by: 4).enumerated().map {
          "[\($0.offset)]0x\(hexadecimal(bytes[$0.element...].prefix(4)))"
        } + (sendsCRC ? ["[CRC]0x\(hexadecimal(crc(bytes)))"] : [])).joined(separator: "\u{1F}") + "\r\n"
    }
  }

  private func event(_ happening: Happening) -> [UInt8] {
    var payload: [UInt8] = []
    let kind: UInt8
    switch happening.content {
    case .packet(let set, let bytes):
      kind = 0x20 + set.rawValue
      payload = set.startsPacket ? bytes + (sendsCRC ? crc(bytes) : []) : []
    case .attach(let cc): kind = UInt8(truncatingIfNeeded: cc)
    case .detach: kind = 0
    case .telemetry, .raw: kind = 0x10
    }
    let measured = { (value: Int32) in littleEndian(UInt16(truncatingIfNeeded: value)) }
    var head = littleEndian(UInt64(truncatingIfNeeded: happening.time.rawValue)) + littleEndian(count)
    head += measured(vbus.rawValue)
    head += firmware == .frames ? littleEndian(current.rawValue &* 1000) : measured(current.rawValue)
    head += measured(1653) + measured(12) + measured(600) + measured(610) + [kind, 1]
    guard firmware == .reports else {
      let frame = head + payload
      return [0x0A, 0x55, 0x50, 0x53, 1] + littleEndian(UInt16(frame.count)) + frame
    }
    let report = head + [UInt8(payload.count)] + payload
    return report + [UInt8](repeating: 0, count: 64 - report.count)
  }

  private func crc(_ bytes: [UInt8]) -> [UInt8] { littleEndian(CRC32(of: bytes.span).value) }

  private static func name(_ set: OrderedSet) -> String {
    switch set {
    case .sopPrime: "SOP'"
    case .sopDoublePrime: "SOP''"
    case .sopPrimeDebug: "SOP'_DEBUG"
    case .sopDoublePrimeDebug: "SOP''_DEBUG"
    default: "SOP"
    }
  }
}

/// The bytes of a number, least significant first.
func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// A little-endian number as its digits, most significant first.
private func hexadecimal(_ bytes: some BidirectionalCollection<UInt8>) -> String {
  bytes.reversed().map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
}

private func decimal(_ value: UInt32, _ digits: Int) -> String {
  let text = String(value)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
