public import PortEngine
public import Quantities
public import XiaomiCharge

/// What a charger's port needs beside USB-PD to speak Xiaomi's private protocol.
public struct XiaomiChargerSetup: Sendable {
  public var settings: XiaomiChargerSettings
  /// What is offered once a phone is verified; everybody gets `PortSetup.source`.
  public var verified: SourcePolicy
  public var mutual: SourcePolicy
  public var keys: Keys
  /// How long a digest takes.
  public var digestTime = Nanoseconds.zero

  /// Who computes digests.
  public enum Keys: Sendable {
    /// Nobody: every question is answered with "no key".
    case none
    /// At once, in this process. A function and no existential: a link stays a value that registers can hold.
    case computed(@Sendable (XiaomiDigestQuestion) -> XiaomiDigest?)
    /// Whoever drives the link: it takes the question (`Link.takeDigestQuestion`) and brings the answer.
    case driver

    /// What a provider computes; `nil`: nobody has keys.
    public init(_ provider: (any XiaomiDigestProvider)?) {
      self = provider.map { provider in .computed { provider.digest($0) } } ?? .none
    }

    public static func provider(_ provider: some XiaomiDigestProvider) -> Keys {
      .computed { provider.digest($0) }
    }
  }

  public init(_ settings: XiaomiChargerSettings, verified: SourcePolicy, mutual: SourcePolicy, keys: Keys) {
    self.settings = settings
    self.verified = verified
    self.mutual = mutual
    self.keys = keys
  }
}

/// What makes a phone one that speaks Xiaomi's private protocol.
public struct XiaomiPhoneSetup: Sendable {
  public var profile: XiaomiPhoneProfile
  /// Who computes its digests; `nil`: it has no keys.
  public var keys: (@Sendable (XiaomiDigestQuestion) -> XiaomiDigest?)?
  /// The seeds that it chooses from.
  public var seeds: [XiaomiOctets]
  /// How long a digest takes.
  public var digestTime = Nanoseconds.zero

  public init(_ profile: XiaomiPhoneProfile, keys: (any XiaomiDigestProvider)?) {
    self.profile = profile
    self.keys = keys.map { provider in { @Sendable in provider.digest($0) } }
    seeds = XiaomiPhoneSetup.publishedSeeds
  }

  /// The two seeds that published recordings show (spec/vectors/xiaomi.json).
  public static var publishedSeeds: [XiaomiOctets] {
    [
      XiaomiOctets(0xD6E9_7705, 0x06C7_F5F4, 0xDF7A_4000, 0x8C74_67B8),
      XiaomiOctets(0x0960_4EB9, 0xAD37_E17B, 0xD6B2_A4F2, 0xA351_5984),
    ]
  }
}

/// The charge pump between VBUS and the battery: it divides the voltage, and what current flows follows from what is
/// above the battery.
public struct ChargePump: Equatable, Sendable {
  /// How many cells are in series.
  public var cells: Int32
  /// From the pump's output to the inside of the cells, and how much of it lies inside the battery.
  public var resistance: Milliohms
  public var batteryResistance: Milliohms
  /// What is divided by; `nil` while the pump is off and a switching charger works.
  var ratio: Int32?

  public init(cells: Int32) {
    self.cells = cells
    resistance = Milliohms(30 * cells)
    batteryResistance = Milliohms(20 * cells)
    ratio = nil
  }

  /// What the pump draws from VBUS; `nil` while it is off.
  func current(at vbus: Millivolts, _ battery: Battery) -> Milliamperes? {
    guard let ratio else { return nil }
    let above = Int64(vbus.rawValue) / Int64(ratio) &- Int64(battery.cellVoltage.rawValue) &* Int64(cells)
    guard above > 0, resistance.rawValue > 0 else { return .zero }
    return Milliamperes(Int32(clamping: above &* 1_000 / Int64(resistance.rawValue) / Int64(ratio)))
  }

  /// The voltage at the terminals of the battery while so much flows from VBUS.
  func terminalVoltage(of battery: Battery, at current: Milliamperes) -> Millivolts {
    let flowing = Int64(current.rawValue) &* Int64(ratio ?? 1)
    let rise = flowing &* Int64(batteryResistance.rawValue) / 1_000
    return Millivolts(battery.cellVoltage.rawValue &* cells &+ Int32(clamping: rise))
  }
}
