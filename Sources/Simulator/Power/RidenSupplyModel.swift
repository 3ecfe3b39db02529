public import Quantities

/// A Riden RD60xx bench supply as seen from its serial port and from its output: Modbus RTU, the ramp, constant voltage
/// and constant current, protections.
public struct RidenSupplyModel: Sendable {
  public enum Model: CaseIterable, Sendable {
    case rd6006, rd6006P, rd6012, rd6018

    var number: UInt16 {
      switch self {
      case .rd6006: 60062
      case .rd6006P: 60065
      case .rd6012: 60121
      case .rd6018: 60181
      }
    }
    var millivoltsPerCount: Int64 { self == .rd6006P ? 1 : 10 }
    var microamperesPerCount: Int64 {
      switch self {
      case .rd6006: 1_000
      case .rd6006P: 100
      case .rd6012, .rd6018: 10_000
      }
    }
  }

  public let model: Model
  /// What hangs at the output; `nil` for nothing.
  public var load: Milliohms?
  /// How fast the output moves, and how fast it falls by itself while nothing hangs at it.
  public var ramp = Millivolts(1_000), leakage = Millivolts(20)
  /// Where the protections trip.
  public var overVoltage = Millivolts(62_000), overCurrent = Milliamperes(20_000)
  /// How long the supply thinks about an answer.
  public var thinking = Nanoseconds(Milliseconds(5))
  /// A pause within each answer, as a serial port behind USB makes it: behind so many bytes, so long.
  public var stutter: (after: Int, span: Nanoseconds)?
  /// Refuses writes with this code.
  public var refusal: UInt8?
  /// Does not answer, and does nothing that it is told.
  public var isDeaf = false

  /// Register 0 to 18.
  public private(set) var registers = [UInt16](repeating: 0, count: 19)
  /// At the output, in µV.
  public private(set) var microvolts: Int64 = 0
  private var moment = Instant.zero
  private var frame: [UInt8] = []
  private var lastByte = Instant.zero
  private var answers: [(at: Instant, byte: UInt8)] = []

  /// One byte at 115200 Bd 8N1.
  private static var byteTime: Nanoseconds { Nanoseconds(86_806) }

  public init(_ model: Model = .rd6006) {
    self.model = model
    registers[0] = model.number
    registers[5] = 31
    registers[14] = 6_500
  }

  public var isOn: Bool { registers[18] == 1 }
  public var voltage: Millivolts { Millivolts(Int32(truncatingIfNeeded: microvolts / 1_000)) }
  public var current: Milliamperes {
    guard let load, load.rawValue > 0 else { return .zero }
    return Milliamperes(Int32(truncatingIfNeeded: microvolts / Int64(load.rawValue)))
  }

  /// Somebody turns knobs, or presses keys.
  public mutating func set(_ register: Int, _ value: UInt16) { registers[register] = value }

  // MARK: The serial port

  /// Bytes come in, one behind the other from now on.
  public mutating func receive(_ bytes: [UInt8], at now: Instant) {
    advance(to: now)
    for (index, byte) in bytes.enumerated() {
      let arrival = now + Nanoseconds(Self.byteTime.rawValue * Int64(index + 1))
      // A silence of 3.5 characters ends a frame.
      if arrival - lastByte > Nanoseconds(1_750_000) { frame = [] }
      lastByte = arrival
      frame.append(byte)
      if let length, frame.count == length { carryOut(at: arrival) }
    }
  }

  /// When the next byte of an answer is there.
  public var nextByte: Instant? { answers.first?.at }

  /// The bytes that are there by now.
  public mutating func send(at now: Instant) -> [UInt8] {
    advance(to: now)
    let count = answers.prefix { $0.at <= now }.count
    defer { answers.removeFirst(count) }
    return answers.prefix(count).map(\.byte)
  }

  private var length: Int? {
    guard frame.count > 1 else { return nil }
    guard frame[1] == 16 else { return 8 }
    return frame.count > 6 ? 9 + Int(frame[6]) : nil
  }

  private static func check(_ bytes: some Sequence<UInt8>) -> UInt16 {
    bytes.reduce(UInt16(0xFFFF)) { check, byte in
      (0..<8).reduce(check ^ UInt16(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xA001 : value >> 1 }
    }
  }

  private func word(_ index: Int) -> UInt16 { UInt16(frame[index]) << 8 | UInt16(frame[index + 1]) }

  private mutating func carryOut(at now: Instant) {
    defer { frame = [] }
    let check = Self.check(frame.dropLast(2))
    guard !isDeaf, frame[0] == 1, frame.suffix(2) == [UInt8(check & 0xFF), UInt8(check >> 8)] else { return }
    let first = Int(word(2)), function = frame[1]
    var body: [UInt8]
    switch function {
    case 3:
      let count = Int(word(4))
      guard count > 0, first + count <= registers.count else { return answer(function, refuse: 2, at: now) }
      body = [UInt8(2 * count)]
      for value in reading(at: now)[first..<first + count] {
        body += [UInt8(value >> 8), UInt8(value & 0xFF)]
      }
    case 6, 16:
      let values = function == 6 ? [word(4)] : (0..<Int(word(4))).map { word(7 + 2 * $0) }
      if let refusal { return answer(function, refuse: refusal, at: now) }
      for (offset, value) in values.enumerated() {
        guard write(value, to: first + offset) else { return answer(function, refuse: 3, at: now) }
      }
      body = Array(frame[2..<6])
    default: return answer(function, refuse: 1, at: now)
    }
    answer([1, function] + body, at: now)
  }

  private mutating func answer(_ function: UInt8, refuse code: UInt8, at now: Instant) {
    answer([1, function | 0x80, code], at: now)
  }

  private mutating func answer(_ bytes: [UInt8], at now: Instant) {
    let check = Self.check(bytes)
    for (index, byte) in (bytes + [UInt8(check & 0xFF), UInt8(check >> 8)]).enumerated() {
      var at = now + thinking + Nanoseconds(Self.byteTime.rawValue * Int64(index + 1))
      if let stutter, index >= stutter.after { at = at + stutter.span }
      answers.append((at, byte))
    }
  }

  // MARK: Registers and output

  private mutating func write(_ value: UInt16, to register: Int) -> Bool {
    switch register {
    case 8 where Int64(value) * model.millivoltsPerCount <= 61_000: registers[8] = value
    case 9 where Int64(value) * model.microamperesPerCount <= 18_100_000: registers[9] = value
    case 18 where value <= 1:
      registers[18] = value
      if value == 1 { registers[16] = 0 }
    default: return false
    }
    return true
  }

  private mutating func reading(at now: Instant) -> [UInt16] {
    advance(to: now)
    var registers = registers
    registers[10] = UInt16(clamping: microvolts / 1_000 / model.millivoltsPerCount)
    registers[11] = UInt16(clamping: Int64(current.rawValue) * 1_000 / model.microamperesPerCount)
    return registers
  }

  /// Lets time pass at the output.
  public mutating func advance(to now: Instant) {
    let microseconds = max(0, (now - moment).rawValue / 1_000)
    guard microseconds > 0 else { return }
    moment = now
    var goal: Int64 = 0, rate = Int64(load == nil ? leakage.rawValue : ramp.rawValue)
    if isOn {
      goal = Int64(registers[8]) * model.millivoltsPerCount * 1_000
      rate = Int64(ramp.rawValue)
      registers[17] = 0
      if let load {
        // mΩ · µA is nV.
        let limited = Int64(registers[9]) * model.microamperesPerCount * Int64(load.rawValue) / 1_000
        if limited < goal {
          goal = limited
          registers[17] = 1
        }
      }
    }
    // mV/ms is µV/µs.
    let way = rate * microseconds
    microvolts = microvolts < goal ? min(goal, microvolts + way) : max(goal, microvolts - way)
    guard isOn else { return }
    if voltage > overVoltage { trip(1) }
    if current > overCurrent { trip(2) }
  }

  private mutating func trip(_ code: UInt16) {
    registers[16] = code
    registers[18] = 0
  }
}
