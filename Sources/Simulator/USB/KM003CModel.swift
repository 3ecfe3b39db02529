public import Instruments
public import Quantities

/// A POWER-Z KM003C that answers what a real one answered in a recording of its USB traffic.
public struct KM003CModel: USBDeviceModel {
  /// One transfer of a recording, on bulk endpoint 0x01 (to the meter) or 0x81.
  public struct Transfer: Equatable, Sendable {
    public var time: Nanoseconds
    public var isFromMeter: Bool
    public var bytes: [UInt8]

    public init(time: Nanoseconds, isFromMeter: Bool, bytes: [UInt8]) {
      self.time = time
      self.isFromMeter = isFromMeter
      self.bytes = bytes
    }
  }

  /// How recorded answers go to questions.
  public enum Order: Sendable {
    /// Question by question, as recorded; another question is rejected and counted.
    case asRecorded
    /// Measurements to questions for them, PD events to questions for those; nothing when they are used up.
    case byAttribute
  }

  /// What units do that others do not.
  public struct Habits: Sendable {
    /// An answer to a question of somebody else lies there when the device is opened.
    public var staleAnswer: [UInt8]?
    /// A session was left open: connecting is rejected until that one is ended.
    public var hasOpenSession = false
    /// Reports no PD before it is asked to (KM002C).
    public var needsPDMonitor = false
    /// A trigger session on the serial port: PD is rejected.
    public var rejectsPD = false
    /// The vendor interface comes last and has another number.
    public var hasVendorInterfaceLast = false

    public init() {}
  }

  public let descriptors: USBModelDescriptors
  public var habits: Habits
  /// The time in the recording of the last answer.
  public private(set) var clock: Nanoseconds = .zero
  /// Questions that were not those of the recording.
  public private(set) var unexpectedQuestions = 0
  public private(set) var isConnected = false
  public private(set) var monitorsPD = false

  private let order: Order
  private var exchanges: ArraySlice<Exchange>
  private var measurements: ArraySlice<Part> = []
  private var events: ArraySlice<Part> = []
  private var answers: [[UInt8]] = []

  private struct Exchange {
    var attributes: KM003CAttributes
    var time: Nanoseconds
    var answer: [UInt8]
  }

  /// One logical packet with its header, not linked to a next one.
  private struct Part {
    var time: Nanoseconds
    var bytes: [UInt8]
  }

  public init(_ recording: [Transfer], order: Order = .asRecorded, habits: Habits = Habits()) {
    self.order = order
    self.habits = habits
    answers = habits.staleAnswer.map { [$0] } ?? []
    exchanges = Self.exchanges(recording)[...]
    var interfaces: [USBModelDescriptors.Interface] = [
      .init(0, codes: [0xFF, 0, 0], endpoints: [.init(0x01, packetSize: 64), .init(0x81, packetSize: 64)]),
      .init(1, codes: [2, 2, 1], endpoints: [.init(0x83, type: 3, packetSize: 8, interval: 10)]),
      .init(2, codes: [0x0A, 0, 0], endpoints: [.init(0x02, packetSize: 64), .init(0x82, packetSize: 64)]),
      .init(
        3, codes: [3, 0, 0],
        endpoints: [
          .init(0x05, type: 3, packetSize: 64, interval: 1),
          .init(0x85, type: 3, packetSize: 64, interval: 1),
        ]),
    ]
    if habits.hasVendorInterfaceLast {
      interfaces.append(interfaces.removeFirst())
      for index in interfaces.indices { interfaces[index].number = UInt8(index) }
    }
    descriptors = USBModelDescriptors(
      vendor: 0x5FC9, product: 0x0063, codes: [0xEF, 2, 1],
      strings: ["ChargerLAB", "POWER-Z KM003C", "007"], isHighSpeed: false, interfaces: interfaces)
    for exchange in exchanges {
      for part in Self.parts(exchange) {
        switch KM003CAttributes(rawValue: UInt16(part.bytes[0]) | UInt16(part.bytes[1] & 0x7F) << 8) {
        case .adc: measurements.append(part)
        case .powerDelivery: events.append(part)
        default: break
        }
      }
    }
  }

  /// Whether every recorded answer was given.
  public var isFinished: Bool {
    switch order {
    case .asRecorded: exchanges.isEmpty
    case .byAttribute: measurements.isEmpty && events.isEmpty
    }
  }

  /// The questions of the recording that remain, by what they ask for.
  public var questions: [KM003CAttributes] { exchanges.map(\.attributes) }

  /// The questions for measurements and events, with the answers to them.
  private static func exchanges(_ recording: [Transfer]) -> [Exchange] {
    var found: [Exchange] = []
    var asked: (attributes: KM003CAttributes, transaction: UInt8)?
    for transfer in recording {
      guard let packet = try? KM003CPacket(transfer.bytes.span) else { continue }
      switch packet {
      case .control(let control) where !transfer.isFromMeter && control.kind == .getData:
        asked = (KM003CAttributes(rawValue: control.attribute), control.transaction)
      case .data(let transaction, _, _):
        guard let question = asked, question.transaction == transaction,
          !question.attributes.isDisjoint(with: [.adc, .powerDelivery])
        else { continue }
        found.append(
          Exchange(attributes: question.attributes, time: transfer.time, answer: transfer.bytes))
        asked = nil
      default: break
      }
    }
    return found
  }

  private static func parts(_ exchange: Exchange) -> [Part] {
    guard case .data(_, _, let packets) = try? KM003CPacket(exchange.answer.span) else { return [] }
    var offset = 4
    return packets.map { packet in
      let end = offset + 4 + packet.payload.count
      var bytes = Array(exchange.answer[offset..<min(end, exchange.answer.count)])
      bytes[1] &= 0x7F
      offset = end
      return Part(time: exchange.time, bytes: bytes)
    }
  }

  // MARK: USB

  public mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer { .stall }

  public mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer {
    guard endpoint == 0x81, !answers.isEmpty else { return .notYet }
    return .done(answers.removeFirst())
  }

  public mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer {
    guard endpoint == 0x01, let packet = try? KM003CPacket(bytes.span),
      case .control(let question) = packet
    else { return .done([]) }
    answers.append(answer(question))
    return .done([])
  }

  private mutating func answer(_ question: KM003CPacket.Control) -> [UInt8] {
    let accepts: Bool
    switch question.kind {
    case .getData: return data(question)
    case .connect:
      accepts = !habits.hasOpenSession
      if accepts { isConnected = true }
    case .disconnect:
      accepts = true
      habits.hasOpenSession = false
      isConnected = false
    case .enablePDMonitor:
      accepts = true
      monitorsPD = true
    case .disablePDMonitor:
      accepts = true
      monitorsPD = false
    default: accepts = false
    }
    return KM003CPacket.request(accepts ? .accept : .reject, transaction: question.transaction)
  }

  private mutating func data(_ question: KM003CPacket.Control) -> [UInt8] {
    let rejection = KM003CPacket.request(.reject, transaction: question.transaction)
    let wanted = KM003CAttributes(rawValue: question.attribute)
    guard isConnected else { return rejection }
    if wanted.contains(.powerDelivery), habits.rejectsPD || habits.needsPDMonitor && !monitorsPD {
      return rejection
    }
    switch order {
    case .asRecorded:
      guard let next = exchanges.first, next.attributes == wanted else {
        unexpectedQuestions += 1
        return rejection
      }
      exchanges.removeFirst()
      clock = next.time
      var answer = next.answer
      answer[1] = question.transaction
      return answer
    case .byAttribute: return chain(wanted, question.transaction)
    }
  }

  private mutating func chain(_ wanted: KM003CAttributes, _ transaction: UInt8) -> [UInt8] {
    var parts: [Part] = []
    if wanted.contains(.adc), let part = measurements.popFirst() { parts.append(part) }
    if wanted.contains(.powerDelivery), let part = events.popFirst() { parts.append(part) }
    for index in parts.indices.dropLast() { parts[index].bytes[1] |= 0x80 }
    clock = max(clock, parts.last?.time ?? .zero)
    return [KM003CPacketKind.putData.rawValue, transaction, 0, 0] + parts.flatMap(\.bytes)
  }
}
