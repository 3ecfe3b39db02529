/// What a master asks of holding registers (Modbus Application Protocol V1.1b3 §6.3, §6.6, §6.12).
public enum ModbusRequest: Equatable, Sendable {
  /// Function 3: `count` registers from `first` on, 1 to 29.
  case read(first: UInt16, count: UInt8)
  /// Function 6: one register.
  case write(UInt16, UInt16)
  /// Function 16: two registers from `first` on.
  case writeTwo(first: UInt16, UInt16, UInt16)

  /// The most registers whose answer fits into a frame.
  static var longestRead: UInt8 { 29 }

  var function: UInt8 {
    switch self {
    case .read: 3
    case .write: 6
    case .writeTwo: 16
    }
  }

  /// The frame for the slave of an address, 1 to 247.
  public func frame(to address: UInt8) -> ModbusFrame {
    var frame = ModbusFrame()
    frame.append(address)
    frame.append(function)
    switch self {
    case .read(let first, let count):
      frame.append(word: first)
      frame.append(word: UInt16(min(count, ModbusRequest.longestRead)))
    case .write(let register, let value):
      frame.append(word: register)
      frame.append(word: value)
    case .writeTwo(let first, let one, let two):
      frame.append(word: first)
      frame.append(word: 2)
      frame.append(4)
      frame.append(word: one)
      frame.append(word: two)
    }
    frame.finish()
    return frame
  }
}

/// How a request was answered.
public enum ModbusOutcome: Equatable, Sendable {
  /// As asked. The registers of a read are in the frame.
  case done(ModbusFrame)
  /// The slave refuses, for the reason of this code (§7).
  case refused(UInt8)
  /// What came is no answer to the request: the check does not fit, or it belongs to something else.
  case garbled
}

/// Puts the bytes of an answer together. Where an answer ends its own bytes tell, so it is there without waiting for
/// the silence behind it.
public struct ModbusReceiver: Equatable, Sendable {
  private let address: UInt8
  private let request: ModbusRequest
  private var frame = ModbusFrame()

  public init(_ request: ModbusRequest, to address: UInt8) {
    self.request = request
    self.address = address
  }

  /// Takes the next byte; `nil` while the answer is not complete. Nothing may follow an outcome.
  public mutating func take(_ byte: UInt8) -> ModbusOutcome? {
    frame.append(byte)
    guard isPlausible else { return .garbled }
    guard let length, frame.count >= length else { return nil }
    guard frame.isIntact else { return .garbled }
    return frame[1] & 0x80 != 0 ? .refused(frame[2]) : .done(frame)
  }

  /// The length of the whole frame; `nil` while the function is not known.
  private var length: Int? {
    guard frame.count >= 2 else { return nil }
    if frame[1] & 0x80 != 0 { return 5 }
    guard case .read(_, let count) = request else { return 8 }
    return 5 &+ 2 &* Int(min(count, ModbusRequest.longestRead))
  }

  /// Whether the newest byte can stand where it does.
  private var isPlausible: Bool {
    let place = frame.count &- 1
    switch place {
    case 0: return frame[0] == address
    case 1: return frame[1] & 0x7F == request.function
    default: break
    }
    guard frame[1] & 0x80 == 0 else { return true }
    switch request {
    case .read(_, let count): return place != 2 || frame[2] == 2 &* min(count, ModbusRequest.longestRead)
    case .write, .writeTwo:
      // The answer to a write repeats its first six bytes.
      return place > 5 || frame[place] == request.frame(to: address)[place]
    }
  }
}
