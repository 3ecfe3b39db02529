/// Why a batch was not carried out.
public struct RegisterBusError: Error, Equatable, Sendable {
  /// What happened on the bus, or on the way to it.
  public enum Cause: UInt8, Sendable {
    /// Nobody acknowledged the address: no chip there, or without power.
    case addressNotAcknowledged
    /// The chip refused a byte.
    case dataNotAcknowledged
    /// Another master was on the bus.
    case arbitrationLost
    /// SDA or SCL stays low, and clocking it free did not help.
    case lineStuckLow
    /// The bridge or the bus did not answer in time.
    case timedOut
    /// The bridge is gone: unplugged, or its file closed.
    case deviceGone
    /// The bridge answered with fewer bytes than asked for.
    case shortAnswer
    /// The bridge answered with something that its protocol does not know.
    case unexpectedAnswer
    /// The bridge cannot do what was asked: the transfer is longer than it can carry.
    case unsupported
    /// The batch holds more than fits; nothing was done.
    case overfullBatch
  }

  public var cause: Cause
  /// The operation that failed, counted from 0; `nil` where it is not known or concerns none of them.
  public var operation: Int?
  /// The chip that was meant; `nil` where it concerns none of them.
  public var address: BusAddress?

  public init(_ cause: Cause, operation: Int? = nil, address: BusAddress? = nil) {
    self.cause = cause
    self.operation = operation
    self.address = address
  }
}
