public import LineCode

/// A Vendor_Defined message: the VDM header and up to six objects behind it (USB-PD R3.2 §6.4.4).
public struct VendorDefinedBody: Sendable {
  /// The header, read by its VDM Type bit.
  public var header: VDMHeader
  /// The kind of SOP that carried it; identity and modes of a cable are read by other layouts than those of a port.
  public var orderedSet: OrderedSet
  /// How many objects follow the header, 0 to 6.
  public private(set) var objectCount: Int
  var words: InlineArray<6, UInt32>

  /// Reads the objects of a message; `nil` where even the VDM header is missing.
  init?(_ message: borrowing MessageView) {
    guard message.objectCount > 0 else { return nil }
    header = VDMHeader(rawValue: message.object(0))
    orderedSet = message.orderedSet
    objectCount = message.objectCount &- 1
    words = InlineArray(repeating: 0)
    for index in 0..<min(objectCount, 6) { words[index] = message.object(index &+ 1) }
  }

  /// Object `index` behind the header, counted from 0; `nil` where there is none.
  public func object(_ index: Int) -> UInt32? {
    index >= 0 && index < objectCount ? words[index] : nil
  }

  /// Object `index` read by what the command, the SVID and the objects before it say; `nil` where there is none.
  public func vendorObject(_ index: Int) -> VendorObject? {
    guard let raw = object(index) else { return nil }
    guard case .structured(let header) = header else { return .undefined(raw) }
    switch (header.command, header.commandType) {
    case (.discoverIdentity, .acknowledge): return identityObject(index, raw, header)
    case (.discoverSVIDs, .acknowledge): return .svidPair(SVIDPairVDO(rawValue: raw))
    default: return modeObject(index, raw, header)
    }
  }

  /// Objects of a Discover Identity ACK (§6.4.4.3.1).
  private func identityObject(_ index: Int, _ raw: UInt32, _ header: StructuredVDMHeader) -> VendorObject {
    switch index {
    case 0:
      return orderedSet == .sop
        ? .idHeader(IDHeaderVDO(rawValue: raw)) : .cableIDHeader(CableIDHeaderVDO(rawValue: raw))
    case 1: return .certStat(CertStatVDO(rawValue: raw))
    case 2: return .product(ProductVDO(rawValue: raw))
    default:
      let isVersion1 = header.versionMajor == .version1
      return orderedSet == .sop
        ? portProductObject(index, raw, isVersion1) : cableProductObject(index, raw, isVersion1)
    }
  }

  private func cableProductObject(_ index: Int, _ raw: UInt32, _ isVersion1: Bool) -> VendorObject {
    let identity = CableIDHeaderVDO(rawValue: words[0])
    switch (identity.cableProductType, index) {
    case (.passiveCable, 3), (.activeCable, 3):
      if isVersion1 { return .legacyCable(LegacyCableVDO(rawValue: raw)) }
      return identity.cableProductType == .passiveCable
        ? .passiveCable(PassiveCableVDO(rawValue: raw)) : .activeCable1(ActiveCableVDO1(rawValue: raw))
    case (.activeCable, 4) where !isVersion1: return .activeCable2(ActiveCableVDO2(rawValue: raw))
    case (.vconnPoweredDevice, 3): return .vpd(VPDVDO(rawValue: raw))
    default: return .undefined(raw)
    }
  }

  /// A port that is hub or peripheral gives a UFP VDO, then a DFP VDO where it is also a host; a port that is both
  /// puts a zero word in between (§6.4.4.3.1).
  private func portProductObject(_ index: Int, _ raw: UInt32, _ isVersion1: Bool) -> VendorObject {
    let identity = IDHeaderVDO(rawValue: words[0])
    if identity.ufpProductType == .alternateModeAdapter {
      return index == 3
        ? .alternateModeAdapter(AlternateModeAdapterVDO(rawValue: raw)) : .undefined(raw)
    }
    guard !isVersion1 else { return .undefined(raw) }
    let hasUFP = identity.ufpProductType == .hub || identity.ufpProductType == .peripheral
    let hasDFP = identity.dfpProductType != .notDFP
    switch (hasUFP, hasDFP, index) {
    case (true, _, 3): return .ufp(UFPVDO(rawValue: raw))
    case (true, true, 4): return .padding(raw)
    case (true, true, 5), (false, true, 3): return .dfp(DFPVDO(rawValue: raw))
    default: return .undefined(raw)
    }
  }

  /// Objects of the alternate modes that the project knows: DisplayPort (SVID FF01) and Thunderbolt 3 (8087).
  private func modeObject(_ index: Int, _ raw: UInt32, _ header: StructuredVDMHeader) -> VendorObject {
    switch (header.svid, header.command.rawValue, header.commandType) {
    case (0xFF01, VDMCommand.discoverModes.rawValue, .acknowledge):
      return .displayPortMode(DisplayPortModeVDO(rawValue: raw))
    case (0xFF01, 0x10, _) where index == 0,
      (0xFF01, VDMCommand.attention.rawValue, .request) where index == 0:
      return .displayPortStatus(DisplayPortStatusVDO(rawValue: raw))
    case (0xFF01, 0x11, .request) where index == 0:
      return .displayPortConfigure(DisplayPortConfigureVDO(rawValue: raw))
    case (0x8087, VDMCommand.discoverModes.rawValue, .acknowledge):
      return orderedSet == .sop
        ? .thunderboltDeviceMode(ThunderboltDeviceModeVDO(rawValue: raw))
        : .thunderboltCableMode(ThunderboltCableModeVDO(rawValue: raw))
    default: return .undefined(raw)
    }
  }
}

/// The header of a vendor defined message (§6.4.4.1, §6.4.4.2).
public enum VDMHeader: Hashable, Sendable {
  case structured(StructuredVDMHeader)
  case unstructured(UnstructuredVDMHeader)

  /// Reads bit 15, VDM Type.
  public init(rawValue: UInt32) {
    self =
      rawValue & 0x8000 != 0
      ? .structured(StructuredVDMHeader(rawValue: rawValue))
      : .unstructured(UnstructuredVDMHeader(rawValue: rawValue))
  }

  public var rawValue: UInt32 {
    switch self {
    case .structured(let header): header.rawValue
    case .unstructured(let header): header.rawValue
    }
  }

  /// Standard or vendor id: whose message it is.
  public var svid: UInt16 { UInt16(truncatingIfNeeded: rawValue >> 16) }
}

/// An object of a vendor defined message, read by its place.
public enum VendorObject: Hashable, Sendable {
  case idHeader(IDHeaderVDO)
  case cableIDHeader(CableIDHeaderVDO)
  case certStat(CertStatVDO)
  case product(ProductVDO)
  case ufp(UFPVDO)
  case dfp(DFPVDO)
  case passiveCable(PassiveCableVDO)
  case activeCable1(ActiveCableVDO1)
  case activeCable2(ActiveCableVDO2)
  case vpd(VPDVDO)
  case legacyCable(LegacyCableVDO)
  case alternateModeAdapter(AlternateModeAdapterVDO)
  case svidPair(SVIDPairVDO)
  case displayPortMode(DisplayPortModeVDO)
  case displayPortStatus(DisplayPortStatusVDO)
  case displayPortConfigure(DisplayPortConfigureVDO)
  case thunderboltDeviceMode(ThunderboltDeviceModeVDO)
  case thunderboltCableMode(ThunderboltCableModeVDO)
  /// The zero word between the UFP and the DFP VDO.
  case padding(UInt32)
  /// What the object means is up to its vendor, or not defined.
  case undefined(UInt32)
}
