import PortEngine
import PowerDelivery
import Quantities
public import XiaomiCharge
public import XiaomiKeys

/// What a port that speaks Xiaomi's private protocol says of itself and offers once a phone is verified
/// (spec/text/xiaomi.md).
public struct XiaomiPortSettings: Equatable, Sendable {
  public var charger: XiaomiChargerSettings
  /// The upper half of the Product VDO; the lower one is the adapter id.
  public var productID: UInt16
  /// The first object of the Discover Identity answer: roles, product type and vendor id (Xiaomi 2.2).
  public var identityHeader: UInt32
  /// Offered after VERIFIED, and after REVERSE_AUTHEN. What everybody gets is the port's `offer`.
  public var verified: PowerOffer
  public var mutual: PowerOffer
  public var keys: KeySource

  public init(charger: XiaomiChargerSettings, verified: PowerOffer, mutual: PowerOffer, keys: KeySource) {
    self.charger = charger
    productID = 0
    identityHeader = 0x05C0_2717
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

extension XiaomiPortSettings {
  /// Source_Capabilities_Extended, whose PID newer phones take for the adapter id where Discover Identity gives nothing
  /// (Xiaomi 2.2). What is not known of the charger says nothing.
  func extendedCapabilities(power: Milliwatts) -> DataBytes {
    var block = SourceCapabilitiesExtendedBlock()
    block.vendorID = UInt16(truncatingIfNeeded: identityHeader)
    block.productID = UInt16(truncatingIfNeeded: charger.adapterID.rawValue)
    block.sprSourcePDPRating = Milliwatts(power.rawValue / 1_000 * 1_000)
    var bytes = DataBytes()
    for index in 0..<block.count { bytes.append(block.bytes[index]) }
    return bytes
  }
}
