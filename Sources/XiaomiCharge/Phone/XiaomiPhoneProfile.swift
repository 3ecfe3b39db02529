public import Quantities

/// The order in which a phone sends its commands: one hexadecimal digit each, to be read from the left.
public struct XiaomiCommandOrder: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// How many commands there are, 0 to 8.
  public var count: Int { (32 &- rawValue.leadingZeroBitCount &+ 3) / 4 }

  /// Command `index`, counted from 0; `nil` past the last.
  public subscript(index: Int) -> XiaomiCommand? {
    guard index >= 0, index < count else { return nil }
    let shift = UInt32(truncatingIfNeeded: 4 &* (count &- 1 &- index))
    return XiaomiCommand(rawValue: UInt8(truncatingIfNeeded: rawValue &>> shift & 0xF))
  }
}

/// What a phone sends to name a key and to have it proved.
public struct XiaomiSession: Hashable, Sendable {
  public var seed: XiaomiOctets
  /// Fresh for each dialogue.
  public var challenge: XiaomiOctets

  public init(seed: XiaomiOctets, challenge: XiaomiOctets) {
    self.seed = seed
    self.challenge = challenge
  }
}

/// How a family of phones conducts the dialogue. Every wait has an end, so every dialogue has.
public struct XiaomiPhoneProfile: Equatable, Sendable {
  public var commands: XiaomiCommandOrder
  public var proof: Proof
  public var answers: Answers
  public var silence: Silence
  public var adapterIDPlace: AdapterIDPlace
  /// Whether it asks for Source_Capabilities_Extended where Discover Identity gives nothing.
  public var readsExtendedCapabilities: Bool
  /// Whether ZMI (0x2B01) counts as Xiaomi.
  public var acceptsZMI: Bool

  /// How long it waits until its own request of the port (data role swap, discovery) has an outcome.
  public var requestWait: Nanoseconds
  /// Between Discover SVIDs and the first command.
  public var pause: Nanoseconds
  /// For the answer to a command.
  public var answerWait: Nanoseconds
  /// How often it sends a command again, and how long it then waits.
  public var repetitions: UInt8
  public var repetitionWait: Nanoseconds
  /// For the answer to VERIFIED and REMOVE_COMPENSATION; afterwards it goes on.
  public var confirmationWait: Nanoseconds
  /// For Source_Capabilities, and how often it asks.
  public var capabilitiesWait: Nanoseconds
  public var capabilitiesTries: UInt8
  /// Whether it asks again, at this interval, until the offer is larger than before the dialogue.
  public var largerOfferInterval: Nanoseconds?

  /// From a failure to the fallback.
  public var fallbackDelay: Nanoseconds
  public var verifiedLimits: XiaomiPowerLimits
  public var fallbackLimits: XiaomiPowerLimits
  public var pump: XiaomiPump
  public var loop: XiaomiLoop

  /// Where the proofs come from.
  public enum Proof: Equatable, Sendable {
    /// It has keys: it compares the charger's proof, and proves itself.
    case computed
    /// It has none: it sends what was recorded once, and takes every answer for right.
    case replayed(XiaomiSession, reverse: XiaomiOctets)
  }

  /// Which message is an answer.
  public enum Answers: UInt8, Equatable, Sendable {
    /// One with the command that was sent.
    case sameCommand
    /// Any unstructured message of the vendor.
    case anyCommand
  }

  /// What it does when no answer comes.
  public enum Silence: UInt8, Equatable, Sendable {
    case givesUp
    /// Goes on with the next command; without a proof there is still no verification.
    case goesOn
  }

  /// Which object of the Discover Identity answer it takes for the Product VDO.
  public enum AdapterIDPlace: UInt8, Equatable, Sendable {
    case third, last
  }

  /// The reference phone: all commands, the recommended waits (Xiaomi 5.1).
  public init() {
    commands = XiaomiCommandOrder(rawValue: 0x1234_5687)
    proof = .computed
    answers = .sameCommand
    silence = .givesUp
    adapterIDPlace = .third
    readsExtendedCapabilities = true
    acceptsZMI = false
    requestWait = XiaomiPhoneProfile.milliseconds(2_000)
    pause = .zero
    answerWait = XiaomiPhoneProfile.milliseconds(500)
    repetitions = 1
    repetitionWait = XiaomiPhoneProfile.milliseconds(500)
    confirmationWait = XiaomiPhoneProfile.milliseconds(100)
    capabilitiesWait = XiaomiPhoneProfile.milliseconds(500)
    capabilitiesTries = 10
    largerOfferInterval = nil
    fallbackDelay = XiaomiPhoneProfile.milliseconds(5_000)
    verifiedLimits = .verified
    fallbackLimits = .fallback27W
    pump = XiaomiPump(ratio: 2, offset: Millivolts(400), share: .zero)
    loop = XiaomiLoop()
  }

  var isReplaying: Bool { if case .replayed = proof { true } else { false } }

  static func milliseconds(_ count: Int64) -> Nanoseconds { Nanoseconds(Milliseconds(count)) }
}

extension XiaomiPowerLimits {
  /// After verification: phones stop at 6.2 A (Xiaomi 6.2).
  public static var verified: XiaomiPowerLimits {
    XiaomiPowerLimits(
      takesProgrammable: true, programmableCurrent: Milliamperes(6_200),
      programmablePower: Milliwatts(130_000), fixedVoltage: Millivolts(9_000),
      fixedCurrent: Milliamperes(3_000))
  }

  /// When the battery is nearly full.
  static var rest: XiaomiPowerLimits {
    XiaomiPowerLimits(
      takesProgrammable: false, programmableCurrent: .zero, programmablePower: .zero,
      fixedVoltage: Millivolts(5_000), fixedCurrent: Milliamperes(3_000))
  }

  /// Without verification: about 27 W of a programmable supply, no object above 5.5 A; 9 V and 2 A of a fixed one.
  public static var fallback27W: XiaomiPowerLimits {
    XiaomiPowerLimits(
      takesProgrammable: true, programmableCurrent: Milliamperes(5_000),
      programmablePower: Milliwatts(27_000), ignoresCurrentAbove: Milliamperes(5_500),
      fixedVoltage: Millivolts(9_000), fixedCurrent: Milliamperes(2_000))
  }

  /// Without verification, and without programmable supplies: 18 W.
  public static var fallback18W: XiaomiPowerLimits {
    XiaomiPowerLimits(
      takesProgrammable: false, programmableCurrent: .zero, programmablePower: .zero,
      fixedVoltage: Millivolts(9_000), fixedCurrent: Milliamperes(2_000))
  }

  /// Without verification, but with what public programmable supplies give, up to about 100 W.
  public static var fallback100W: XiaomiPowerLimits {
    XiaomiPowerLimits(
      takesProgrammable: true, programmableCurrent: Milliamperes(5_000),
      programmablePower: Milliwatts(100_000), fixedVoltage: Millivolts(9_000),
      fixedCurrent: Milliamperes(3_000))
  }
}
