public import PowerDelivery
import XiaomiCharge

// What a message of Xiaomi's private protocol can have wrong (spec/text/xiaomi.md 3).

extension Decoded where Value == MessageBody {
  /// Adds what is wrong with a message of Xiaomi's protocol, which the standard's rules do not know; other messages stay
  /// as they are.
  /// - Parameter message: the one that was read.
  public mutating func checkXiaomi(_ message: Message) {
    guard case .vendorDefined(let body) = value, let header = body.xiaomiHeader, message.orderedSet == .sop
    else {
      return
    }
    let expected: XiaomiDirection = message.sender == .sink ? .request : .answer
    if header.direction != expected {
      diagnostics.append(
        .xiaomiDirection, firstBit: 24, bitCount: 7, value: UInt32(header.direction.rawValue))
    }
    guard let counts = header.command.wordCounts(expected) else {
      diagnostics.append(.xiaomiCommand, firstBit: 16, bitCount: 8, value: UInt32(header.command.rawValue))
      return
    }
    if !counts.contains(body.objectCount) {
      diagnostics.append(.xiaomiWordCount, firstBit: 12, bitCount: 3, value: UInt32(body.objectCount + 1))
    }
  }
}

extension XiaomiCommand {
  /// How many words a message of the command may have behind its header (Xiaomi 3.2); `nil` for unknown commands.
  fileprivate func wordCounts(_ direction: XiaomiDirection) -> ClosedRange<Int>? {
    let isAnswer = direction == .answer
    return switch self {
    case .chargerVersion, .chargerVoltage, .chargerTemperature: isAnswer ? 1...1 : 0...0
    case .sessionSeed: isAnswer ? 0...4 : 4...4
    case .authentication: 4...4
    case .verified, .removeCompensation: isAnswer ? 0...6 : 1...1
    case .reverseAuthentication: isAnswer ? 1...1 : 4...4
    case .tenAmpereAuthentication: 1...1
    case .resetToSafe0V: isAnswer ? 0...6 : 1...4
    default: nil
    }
  }
}
