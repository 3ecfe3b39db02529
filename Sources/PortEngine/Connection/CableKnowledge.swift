public import PowerDelivery
public import Quantities

/// What is known of the cable.
public struct CableKnowledge: Equatable, Sendable {
  /// Whether the other CC pin showed Ra: the cable has electronics that want VCONN.
  public internal(set) var wantsVCONN = false
  public internal(set) var state = State.unknown
  /// The most current that it carries: 3 A until it says more.
  public internal(set) var current: Milliamperes
  /// Whether it is made for 50 V and EPR.
  public internal(set) var isEPR: Bool
  /// The revision that it speaks.
  public internal(set) var revision: SpecificationRevision
  /// What it answered to Discover Identity.
  public internal(set) var identity = VendorWords()
  /// DiscoverIdentityCounter.
  var discoverIdentityCounter = 0

  public enum State: UInt8, Equatable, Sendable {
    case unknown
    /// It answered.
    case identified
    /// It answered none of nDiscoverIdentityCount requests, or says no.
    case silent
  }

  init(_ configuration: PortConfiguration) {
    current = configuration.hasCaptiveCable ? configuration.captiveCableCurrent : Milliamperes(3_000)
    isEPR = configuration.hasCaptiveCable && configuration.captiveCableIsEPR
    revision = configuration.revision
    if configuration.hasCaptiveCable { state = .identified }
  }
}
