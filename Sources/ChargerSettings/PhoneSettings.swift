public import Quantities
public import XiaomiKeys

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
    /// Speaks Xiaomi's private protocol; `xiaomi` says how.
    case xiaomi
  }

  /// The families of phones with Xiaomi's private protocol (spec/text/xiaomi.md 5.3).
  public enum XiaomiFamily: String, CaseIterable, Sendable {
    case reference, qualcomm, mediatek, maxim
    case xiaomi17 = "17"
    case communityTester = "tester"
    case communityDaemon = "daemon"
  }

  /// What distinguishes phones with Xiaomi's private protocol.
  public struct Xiaomi: Equatable, Sendable {
    public var family = XiaomiFamily.reference
    /// Where its digests come from; a tester needs none.
    public var keys = KeySource.synthetic

    public init() {}
  }

  public var model: Model
  /// The highest voltage it takes, or the one it wants of PPS or AVS.
  public var voltage: Millivolts?
  public var current: Milliamperes?
  /// What it needs; less is asked for with Capability Mismatch.
  public var power: Milliwatts?
  /// Only for the model `xiaomi`.
  public var xiaomi = Xiaomi()
  /// How full its battery is when it comes; `nil`: 30 %.
  public var charge: Percent?

  public init(
    _ model: Model, voltage: Millivolts? = nil, current: Milliamperes? = nil, power: Milliwatts? = nil
  ) {
    self.model = model
    self.voltage = voltage
    self.current = current
    self.power = power
  }
}
