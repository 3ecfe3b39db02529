public import Quantities

/// What the daemon tells its guard: sixteen bytes a message, so that either end can be checked byte by byte.
public enum GuardMessage: Equatable, Sendable {
  /// The name of a port, once, before anything else about it; up to 12 bytes of it.
  case port(UInt8, name: String)
  /// What the stage of a port was told, and what it measured.
  case setPoint(UInt8, StageSetPoint)
  /// The daemon and all its port threads are alive.
  case heartbeat
  /// The daemon ends and has taken every port to 0 V.
  case goodbye

  public static var byteCount: Int { 16 }

  /// The message as it crosses the socket: kind, port, flags, 0, voltage, current limit, measured voltage (Int32,
  /// little-endian), or a name in place of the numbers.
  public var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: GuardMessage.byteCount)
    switch self {
    case .port(let port, let name):
      bytes[0] = 1
      bytes[1] = port
      for (index, byte) in name.utf8.prefix(12).enumerated() { bytes[4 + index] = byte }
    case .setPoint(let port, let point):
      bytes[0] = 2
      bytes[1] = port
      bytes[2] = (point.isOn ? 1 : 0) | (point.isDischarging ? 2 : 0)
      for (place, value) in [
        (4, point.voltage.rawValue), (8, point.currentLimit.rawValue), (12, point.measured.rawValue),
      ] {
        for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: value >> Int32(8 * index)) }
      }
    case .heartbeat: bytes[0] = 3
    case .goodbye: bytes[0] = 4
    }
    return bytes
  }

  /// `nil` for bytes that are no message.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == GuardMessage.byteCount else { return nil }
    func number(_ place: Int) -> Int32 {
      (0..<4).reduce(0) { $0 | Int32(bytes[place + $1]) << Int32(8 * $1) }
    }
    switch bytes[0] {
    case 1:
      self = .port(bytes[1], name: String(decoding: bytes[4...].prefix { $0 != 0 }, as: UTF8.self))
    case 2:
      self = .setPoint(
        bytes[1],
        StageSetPoint(
          isOn: bytes[2] & 1 != 0, isDischarging: bytes[2] & 2 != 0, voltage: Millivolts(number(4)),
          currentLimit: Milliamperes(number(8)), measured: Millivolts(number(12))))
    case 3: self = .heartbeat
    case 4: self = .goodbye
    default: return nil
    }
  }
}

/// What a power stage was told, and what it measured then.
public struct StageSetPoint: Equatable, Sendable {
  public var isOn: Bool
  public var isDischarging: Bool
  public var voltage: Millivolts
  public var currentLimit: Milliamperes
  /// VBUS at the connector.
  public var measured: Millivolts

  public init(
    isOn: Bool = false, isDischarging: Bool = false, voltage: Millivolts = .zero,
    currentLimit: Milliamperes = .zero, measured: Millivolts = .zero
  ) {
    self.isOn = isOn
    self.isDischarging = isDischarging
    self.voltage = voltage
    self.currentLimit = currentLimit
    self.measured = measured
  }
}
