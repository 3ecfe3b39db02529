public import PortEngine
public import PowerDelivery
public import Quantities

/// What a charger's port says of itself, by which phones find the protocol and the model (Xiaomi 2.2).
public struct XiaomiIdentity: Equatable, Sendable {
  /// The first object of the Discover Identity answer: product type and vendor id.
  public var header: IDHeaderVDO
  /// The upper half of the Product VDO; the lower one is the adapter id.
  public var productID: UInt16
  public var adapterID: XiaomiAdapterID

  public init(adapterID: XiaomiAdapterID) {
    header = IDHeaderVDO(rawValue: 0x05C0_2717)
    productID = 0
    self.adapterID = adapterID
  }
}

extension PortConfiguration {
  /// Makes a charger's port one that phones with the protocol find: it may become UFP, says what it is, and hands their
  /// messages over.
  /// - Parameters:
  ///   - answersZMI: whether messages of ZMI are handed over too.
  ///   - power: what everybody gets, for Source_Capabilities_Extended.
  public mutating func speakXiaomi(_ identity: XiaomiIdentity, answersZMI: Bool, power: Milliwatts) {
    dataRoleSwap = .accept
    vendorProtocols.insert(XiaomiSVID.xiaomi)
    if answersZMI { vendorProtocols.insert(XiaomiSVID.zmi) }
    // Three objects exactly: some phones take the third for the product, some the last.
    var words = VendorWords()
    words.append(identity.header.rawValue)
    words.append(0)
    words.append(UInt32(identity.productID) &<< 16 | identity.adapterID.rawValue & 0xFFFF)
    information.identity = words
    information.svids[0] = XiaomiSVID.xiaomi
    information.svidCount = 1
    information.sourceCapabilitiesExtended = identity.extendedCapabilities(power: power)
  }
}

extension XiaomiIdentity {
  /// Source_Capabilities_Extended, whose PID newer phones take for the adapter id where Discover Identity gives nothing.
  /// What is not known of the charger says nothing.
  fileprivate func extendedCapabilities(power: Milliwatts) -> DataBytes {
    var block = SourceCapabilitiesExtendedBlock()
    block.vendorID = header.vendorID
    block.productID = UInt16(truncatingIfNeeded: adapterID.rawValue)
    block.sprSourcePDPRating = Milliwatts(power.rawValue / 1_000 &* 1_000)
    var bytes = DataBytes()
    for index in 0..<block.count { bytes.append(block.bytes[index]) }
    return bytes
  }
}
