public import Quantities

/// A phone that comes to a simulated port, stays for a while and leaves.
public struct PhoneVisit: Equatable, Sendable {
  public var phone: PhoneSettings
  public var arrival: Nanoseconds
  /// `nil`: it stays.
  public var departure: Nanoseconds?

  public init(phone: PhoneSettings, arrival: Nanoseconds, departure: Nanoseconds? = nil) {
    self.phone = phone
    self.arrival = arrival
    self.departure = departure
  }
}

/// A phone as a file describes it: a model, and what differs from it.
public struct PhoneSettings: Equatable, Sendable {
  public enum Model: String, CaseIterable, Sendable {
    /// Speaks no USB-PD: takes what Rp advertises.
    case basic
    /// Revision 2.0, takes fixed voltages.
    case pd2
    /// Revision 3.x, takes fixed voltages.
    case pd3
    /// Follows its battery by PPS.
    case pps
    /// Follows its battery by SPR AVS.
    case avs
    /// A laptop that enters EPR mode.
    case epr
  }

  public var model: Model
  /// The highest voltage it takes, or the one it wants of PPS or AVS.
  public var voltage: Millivolts?
  public var current: Milliamperes?
  /// What it needs; less is asked for with Capability Mismatch.
  public var power: Milliwatts?

  public init(
    _ model: Model, voltage: Millivolts? = nil, current: Milliamperes? = nil, power: Milliwatts? = nil
  ) {
    self.model = model
    self.voltage = voltage
    self.current = current
    self.power = power
  }
}
