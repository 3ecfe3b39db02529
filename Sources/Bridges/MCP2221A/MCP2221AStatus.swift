import RegisterBus

/// What an MCP2221A says of its I2C engine: the answer to command 10, of 64 bytes.
struct MCP2221AStatus {
  private let answer: [UInt8]

  init(_ answer: [UInt8]) { self.answer = answer }

  private subscript(index: Int) -> UInt8 { answer.indices.contains(index) ? answer[index] : 0 }

  static var idle: UInt8 { 0x00 }
  static var endedWithoutStop: UInt8 { 0x45 }

  var state: UInt8 { self[8] }
  var isNotAcknowledged: Bool { self[20] & 0x40 != 0 }
  /// Whether the engine has worked since the chip was powered.
  var wasUsed: Bool { self[21] != 0 }
  /// Whether something on the bus has confused the engine.
  var isConfused: Bool { self[18] == 8 && state != Self.endedWithoutStop }
  var isSCLHigh: Bool { self[22] != 0 }
  var isSDAHigh: Bool { self[23] != 0 }

  /// Why the engine has stopped; `nil` while it works, and where it is done.
  var fault: RegisterBusError.Cause? {
    switch state {
    case 0x25: return .addressNotAcknowledged
    case 0x12, 0x23, 0x44, 0x52, 0x62: return isSCLHigh && isSDAHigh ? .timedOut : .lineStuckLow
    case Self.idle, Self.endedWithoutStop: return isNotAcknowledged ? .dataNotAcknowledged : nil
    default: return nil
    }
  }
}

/// The clock of the I2C bus behind an MCP2221A.
public enum MCP2221ASpeed: String, CaseIterable, Sendable {
  case standard100kHz, fast400kHz

  /// 12 MHz / f − 3.
  var divider: UInt8 { self == .standard100kHz ? 0x75 : 0x1B }
}
