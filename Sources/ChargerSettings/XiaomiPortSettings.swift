public import XiaomiCharge
public import XiaomiKeys

/// What a port that speaks Xiaomi's private protocol says of itself and offers once a phone is verified
/// (spec/text/xiaomi.md).
public struct XiaomiPortSettings: Equatable, Sendable {
  public var charger: XiaomiChargerSettings
  /// Its adapter id is that of `charger`.
  public var identity: XiaomiIdentity
  /// Offered after VERIFIED, and after REVERSE_AUTHEN. What everybody gets is the port's `offer`.
  public var verified: PowerOffer
  public var mutual: PowerOffer
  public var keys: KeySource

  public init(charger: XiaomiChargerSettings, verified: PowerOffer, mutual: PowerOffer, keys: KeySource) {
    self.charger = charger
    identity = XiaomiIdentity(adapterID: charger.adapterID)
    self.verified = verified
    self.mutual = mutual
    self.keys = keys
  }
}

extension PowerOffer {
  /// The offer of a plan. Its power is at least that of the largest object: 11 V at 6.1 A are more than the 67 W of a
  /// label, and what is offered may not be refused.
  public init(_ offer: XiaomiCapabilityPlan.Offer) {
    self.init(objects: offer.objects, pdp: offer.power)
    pdp = max(pdp, highestPower)
  }
}
