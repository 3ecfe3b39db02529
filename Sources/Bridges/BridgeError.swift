public import USBTransport

/// Why a bridge, or a serial port, could not be opened, and what to do.
public struct BridgeError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Cause: Equatable, Sendable {
    /// The word names no bridge.
    case unknownWord(String)
    /// The bridge has no such port.
    case noSuchPort(BridgeKind, String)
    /// None of this kind is there; what is there instead.
    case notPlugged(BridgeKind, unit: String?, instead: [String])
    /// Several are there: the words that name each.
    case ambiguous(BridgeKind, [String])
    /// What libusb said.
    case usb(USBError)
    /// A node of the system that cannot be opened.
    case cannotOpen(String, errorNumber: Int32)
    /// The node is no I2C bus.
    case noI2CBus(String, errorNumber: Int32)
    /// The adapter knows SMBus commands only, which a FIFO of a chip cannot be read with.
    case onlySMBus(String)
    /// The node is no serial port, or does not take the settings.
    case noSerialPort(String, errorNumber: Int32)
  }

  public var cause: Cause

  public init(_ cause: Cause) { self.cause = cause }

  /// One line, but for a missing permission, whose remedy takes a few.
  public var description: String {
    switch cause {
    case .unknownWord(let word):
      return "\(word): no such bridge; there are \(BridgeSelection.words.joined(separator: ", "))"
        + " and /dev/i2c-N, each but the last with a place or serial number behind = if you like: ft232h=1-2.4"
    case .noSuchPort(let kind, let port):
      return "\(kind.rawValue) has no port \(port) with I2C"
        + (kind.portCount > 1 ? "; it has a and b: \(kind.word ?? ""):b" : "")
    case .notPlugged(let kind, let unit, let instead):
      return "no \(kind.rawValue)" + (unit.map { " at \($0), nor with that serial number," } ?? "")
        + " is plugged in; "
        + (instead.isEmpty ? "plug one in" : "there is \(instead.joined(separator: ", "))")
    case .ambiguous(let kind, let words):
      return "more than one \(kind.rawValue) is plugged in; say which: \(words.joined(separator: ", "))"
    case .usb(let error): return error.description
    case .cannotOpen(let path, let number):
      return "\(path): \(SystemError.words(number))" + Self.advice(path, number)
    case .noI2CBus(let path, let number):
      return "\(path): this is no I2C bus: \(SystemError.words(number))"
    case .onlySMBus(let path):
      return "\(path): the adapter carries out SMBus commands only; take another bus"
    case .noSerialPort(let path, let number):
      return "\(path): this is no serial port that works at this speed: \(SystemError.words(number))"
    }
  }
}
