public import PowerDelivery
public import Quantities

/// What a source offers, and how it answers requests. Change it at any time, then ask `.offerCapabilities`.
public struct SourcePolicy: Equatable, Sendable {
  /// The SPR objects in the order of the standard, 1 to 7; the first is vSafe5V. Bits of the first object that tell
  /// roles, EPR and unchunked support are filled in by the engine.
  public var capabilities: PowerDataObjectList
  /// The EPR objects (28 V and up, EPR AVS) in the order of positions 8 to 11; empty where the source has no EPR.
  public var eprCapabilities: PowerDataObjectList
  /// The source's power, which bounds EPR AVS requests and is told in Source_Info; 0 where it is unknown.
  public var pdp: Milliwatts
  /// The most that may be granted now, over all objects; `nil` sets no limit beside the objects.
  public var budget: Milliwatts?
  public var acceptance: Acceptance

  /// Who decides on a valid request.
  public enum Acceptance: UInt8, Equatable, Sendable {
    /// Every request that the offer covers is accepted.
    case automatic
    /// The user decides (`PortNotice.decisionNeeded`).
    case ask
    /// Valid requests are answered with Wait.
    case wait
  }

  public init(capabilities: PowerDataObjectList, pdp: Milliwatts) {
    self.capabilities = capabilities
    eprCapabilities = PowerDataObjectList()
    self.pdp = pdp
    budget = nil
    acceptance = .automatic
  }

  /// Offers nothing but vSafe5V without current: for ports that are sinks only.
  public static var none: SourcePolicy { SourcePolicy(capabilities: PowerDataObjectList(), pdp: .zero) }
}
