import PowerDelivery

// Which layout describes which part of a message.

extension SourcePDO {
  var layout: LayoutID {
    switch self {
    case .fixed: .fixedSupplySourcePDO
    case .variable: .variableSupplySourcePDO
    case .battery: .batterySupplySourcePDO
    case .sprPPS: .sprPPSSourceAPDO
    case .sprAVS: .sprAVSSourceAPDO
    case .eprAVS: .eprAVSSourceAPDO
    case .reserved, .empty: .undefinedObject
    }
  }
}

extension SinkPDO {
  var layout: LayoutID {
    switch self {
    case .fixed: .fixedSupplySinkPDO
    case .variable: .variableSupplySinkPDO
    case .battery: .batterySupplySinkPDO
    case .sprPPS: .sprPPSSinkAPDO
    case .sprAVS: .sprAVSSinkAPDO
    case .eprAVS: .eprAVSSinkAPDO
    case .reserved, .empty: .undefinedObject
    }
  }
}

extension PowerRequest {
  var layout: LayoutID {
    switch self {
    case .fixedVariable: .fixedVariableRDO
    case .fixedVariableGiveBack: .fixedVariableGiveBackRDO
    case .battery: .batteryRDO
    case .batteryGiveBack: .batteryGiveBackRDO
    case .pps: .ppsRDO
    case .avs: .avsRDO
    case .unresolved: .requestDataObject
    }
  }
}

extension VendorObject {
  var layout: LayoutID {
    switch self {
    case .idHeader: .idHeaderVDO
    case .cableIDHeader: .cableIDHeaderVDO
    case .certStat: .certStatVDO
    case .product: .productVDO
    case .ufp: .ufpVDO
    case .dfp: .dfpVDO
    case .passiveCable: .passiveCableVDO
    case .activeCable1: .activeCableVDO1
    case .activeCable2: .activeCableVDO2
    case .vpd: .vpdVDO
    case .legacyCable: .legacyCableVDO
    case .alternateModeAdapter: .alternateModeAdapterVDO
    case .svidPair: .svidPairVDO
    case .displayPortMode: .displayPortModeVDO
    case .displayPortStatus: .displayPortStatusVDO
    case .displayPortConfigure: .displayPortConfigureVDO
    case .thunderboltDeviceMode: .thunderboltDeviceModeVDO
    case .thunderboltCableMode: .thunderboltCableModeVDO
    case .padding, .undefined: .undefinedObject
    }
  }
}

extension MessageBody {
  /// The layout of the data block of an extended message; `nil` for bodies that are not one block.
  var blockLayout: LayoutID? {
    switch self {
    case .sourceCapabilitiesExtended: .sourceCapabilitiesExtendedBlock
    case .status: .statusBlock
    case .cablePlugStatus: .cablePlugStatusBlock
    case .getBatteryCap: .getBatteryCapBlock
    case .getBatteryStatus: .getBatteryStatusBlock
    case .batteryCapabilities: .batteryCapabilitiesBlock
    case .getManufacturerInfo: .getManufacturerInfoBlock
    case .manufacturerInfo: .manufacturerInfoBlock
    case .securityRequest: .securityRequestBlock
    case .securityResponse: .securityResponseBlock
    case .firmwareUpdateRequest: .firmwareUpdateRequestBlock
    case .firmwareUpdateResponse: .firmwareUpdateResponseBlock
    case .ppsStatus: .ppsStatusBlock
    case .countryInfo: .countryInfoBlock
    case .countryCodes: .countryCodesBlock
    case .sinkCapabilitiesExtended: .sinkCapabilitiesExtendedBlock
    case .extendedControl: .extendedControlBlock
    case .vendorDefinedExtended: .vendorDefinedExtendedBlock
    default: nil
    }
  }
}
