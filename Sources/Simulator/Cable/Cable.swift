public import PortEngine
public import PowerDelivery
public import Quantities

/// What lies between two ports.
public struct Cable: Equatable, Sendable {
  public enum Kind: UInt8, Equatable, Sendable, CaseIterable {
    /// Without an e-marker: 3 A.
    case plain
    /// Passive with an e-marker.
    case passive3A, passive5A
    /// Passive, 50 V and 5 A.
    case epr
    /// Active, with a controller in each plug.
    case active
    /// Fixed to the charger.
    case captive

    /// Whether there is a plug that answers on SOP′ and shows Ra.
    public var hasMarker: Bool { self != .plain && self != .captive }
  }

  /// How the e-marker behaves.
  public enum MarkerBehaviour: Equatable, Sendable {
    case good
    /// Ra is there, nobody answers.
    case silent
    /// Discover Identity is answered with NAK.
    case refuses
    /// Discover Identity is answered with a random product type object.
    case garbled
    /// Every answer comes so late.
    case late(Nanoseconds)
  }

  public var kind: Kind
  public var marker: MarkerBehaviour
  /// The revision that the plug speaks.
  public var revision: SpecificationRevision
  /// The pin of each receptacle that the CC wire of the cable meets.
  public var chargerPin: CCPin
  public var phonePin: CCPin
  /// Whether the CC wire and the VBUS wire are whole.
  public var ccIsWhole = true
  public var vbusIsWhole = true

  public init(
    _ kind: Kind, marker: MarkerBehaviour = .good, revision: SpecificationRevision = .revision3,
    chargerPin: CCPin = .cc1, phonePin: CCPin = .cc1
  ) {
    self.kind = kind
    self.marker = marker
    self.revision = revision
    self.chargerPin = chargerPin
    self.phonePin = phonePin
  }

  func pin(_ side: Side) -> CCPin { side == .charger ? chargerPin : phonePin }
}

/// What the two ends of a cable see on their CC pins.
struct Terminations {
  var values: InlineArray<2, Termination> = [.open, .open]

  /// The levels at one side.
  /// - Parameters:
  ///   - isPlugged: whether the cable is in this receptacle, and in the other.
  func levels(_ side: Side, cable: Cable, isPlugged: (here: Bool, there: Bool)) -> CCLevels {
    guard isPlugged.here else { return CCLevels(.open, .open) }
    let partner = isPlugged.there && cable.ccIsWhole ? values[side.other.index] : .open
    let wire: CCLevel
    var other = CCLevel.open
    switch (values[side.index], partner) {
    case (.rp, .rd): wire = .rd
    case (.rd, .rp(.usbDefault)): wire = .rpDefault
    case (.rd, .rp(.current1500)): wire = .rp1500
    case (.rd, .rp(.current3000)): wire = .rp3000
    default: wire = .open
    }
    if case .rp = values[side.index], cable.kind.hasMarker { other = .ra }
    return cable.pin(side) == .cc1 ? CCLevels(wire, other) : CCLevels(other, wire)
  }
}
