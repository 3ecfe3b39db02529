public struct ControlMessageType: RawRepresentable, Hashable, Sendable {
 public var rawValue: UInt8
 public init(rawValue: UInt8) { self.rawValue = rawValue }
 public static var goodCRC: Self { Self(rawValue: 1) }
 public static var gotoMin: Self { Self(rawValue: 2) }
 public static var accept: Self { Self(rawValue: 3) }
 public static var reject: Self { Self(rawValue: 4) }
 public static var ping: Self { Self(rawValue: 5) }
 public static var psRDY: Self { Self(rawValue: 6) }
 public static var getSourceCap: Self { Self(rawValue: 7) }
 public static var getSinkCap: Self { Self(rawValue: 8) }
 public static var drSwap: Self { Self(rawValue: 9) }
 public static var prSwap: Self { Self(rawValue: 10) }
 public static var vconnSwap: Self { Self(rawValue: 11) }
 public static var wait: Self { Self(rawValue: 12) }
 public static var softReset: Self { Self(rawValue: 13) }
 public static var dataReset: Self { Self(rawValue: 14) }
 public static var dataResetComplete: Self { Self(rawValue: 15) }
 public static var notSupported: Self { Self(rawValue: 16) }
 public static var getSourceCapExtended: Self { Self(rawValue: 17) }
 public static var getStatus: Self { Self(rawValue: 18) }
 public static var frSwap: Self { Self(rawValue: 19) }
 public static var getPPSStatus: Self { Self(rawValue: 20) }
 public static var getCountryCodes: Self { Self(rawValue: 21) }
 public static var getSinkCapExtended: Self { Self(rawValue: 22) }
 public static var getSourceInfo: Self { Self(rawValue: 23) }
 public static var getRevision: Self { Self(rawValue: 24) }
 public var name: StaticString? {
 switch rawValue {
 case 1: "GoodCRC"
 case 2: "GotoMin"
 case 3: "Accept"
 case 4: "Reject"
 case 5: "Ping"
 case 6: "PS_RDY"
 case 7: "Get_Source_Cap"
 case 8: "Get_Sink_Cap"
 case 9: "DR_Swap"
 case 10: "PR_Swap"
 case 11: "VCONN_Swap"
 case 12: "Wait"
 case 13: "Soft_Reset"
 case 14: "Data_Reset"
 case 15: "Data_Reset_Complete"
 case 16: "Not_Supported"
 case 17: "Get_Source_Cap_Extended"
 case 18: "Get_Status"
 case 19: "FR_Swap"
 case 20: "Get_PPS_Status"
 case 21: "Get_Country_Codes"
 case 22: "Get_Sink_Cap_Extended"
 case 23: "Get_Source_Info"
 case 24: "Get_Revision"
 default: nil
 }
 }
 public var introducedIn: UInt8 {
 switch rawValue {
 case 1: 0x20
 case 2: 0x20
 case 3: 0x20
 case 4: 0x20
 case 5: 0x20
 case 6: 0x20
 case 7: 0x20
 case 8: 0x20
 case 9: 0x20
 case 10: 0x20
 case 11: 0x20
 case 12: 0x20
 case 13: 0x20
 case 14: 0x30
 case 15: 0x30
 case 16: 0x30
 case 17: 0x30
 case 18: 0x30
 case 19: 0x30
 case 20: 0x30
 case 21: 0x30
 case 22: 0x30
 case 23: 0x31
 case 24: 0x31
 default: 0x20
 }
 }
 public var isDeprecated: Bool {
 switch rawValue {
 case 1: false
 case 2: true
 case 3: false
 case 4: false
 case 5: true
 case 6: false
 case 7: false
 case 8: false
 case 9: false
 case 10: false
 case 11: false
 case 12: false
 case 13: false
 case 14: false
 case 15: false
 case 16: false
 case 17: false
 case 18: false
 case 19: false
 case 20: false
 case 21: false
 case 22: false
 case 23: false
 case 24: false
 default: false
 }
 }
 public var isAllowedOnSOP: Bool {
 switch rawValue {
 case 1: true
 case 2: true
 case 3: true
 case 4: true
 case 5: true
 case 6: true
 case 7: true
 case 8: true
 case 9: true
 case 10: true
 case 11: true
 case 12: true
 case 13: true
 case 14: true
 case 15: true
 case 16: true
 case 17: true
 case 18: true
 case 19: true
 case 20: true
 case 21: true
 case 22: true
 case 23: true
 case 24: true
 default: true
 }
 }
 public var isAllowedOnSOPPrime: Bool {
 switch rawValue {
 case 1: true
 case 2: false
 case 3: true
 case 4: true
 case 5: false
 case 6: false
 case 7: false
 case 8: false
 case 9: false
 case 10: false
 case 11: false
 case 12: false
 case 13: true
 case 14: false
 case 15: false
 case 16: true
 case 17: false
 case 18: true
 case 19: false
 case 20: false
 case 21: false
 case 22: false
 case 23: false
 case 24: true
 default: true
 }
 }
}
public struct DataMessageType: RawRepresentable, Hashable, Sendable {
 public var rawValue: UInt8
 public init(rawValue: UInt8) { self.rawValue = rawValue }
 public static var sourceCapabilities: Self { Self(rawValue: 1) }
 public static var request: Self { Self(rawValue: 2) }
 public static var bist: Self { Self(rawValue: 3) }
 public static var sinkCapabilities: Self { Self(rawValue: 4) }
 public static var batteryStatus: Self { Self(rawValue: 5) }
 public static var alert: Self { Self(rawValue: 6) }
 public static var getCountryInfo: Self { Self(rawValue: 7) }
 public static var enterUSB: Self { Self(rawValue: 8) }
 public static var eprRequest: Self { Self(rawValue: 9) }
 public static var eprMode: Self { Self(rawValue: 10) }
 public static var sourceInfo: Self { Self(rawValue: 11) }
 public static var revision: Self { Self(rawValue: 12) }
 public static var vendorDefined: Self { Self(rawValue: 15) }
 public var name: StaticString? {
 switch rawValue {
 case 1: "Source_Capabilities"
 case 2: "Request"
 case 3: "BIST"
 case 4: "Sink_Capabilities"
 case 5: "Battery_Status"
 case 6: "Alert"
 case 7: "Get_Country_Info"
 case 8: "Enter_USB"
 case 9: "EPR_Request"
 case 10: "EPR_Mode"
 case 11: "Source_Info"
 case 12: "Revision"
 case 15: "Vendor_Defined"
 default: nil
 }
 }
 public var introducedIn: UInt8 {
 switch rawValue {
 case 1: 0x20
 case 2: 0x20
 case 3: 0x20
 case 4: 0x20
 case 5: 0x30
 case 6: 0x30
 case 7: 0x30
 case 8: 0x30
 case 9: 0x31
 case 10: 0x31
 case 11: 0x31
 case 12: 0x31
 case 15: 0x20
 default: 0x20
 }
 }
 public var isDeprecated: Bool {
 switch rawValue {
 case 1: false
 case 2: false
 case 3: false
 case 4: false
 case 5: false
 case 6: false
 case 7: false
 case 8: false
 case 9: false
 case 10: false
 case 11: false
 case 12: false
 case 15: false
 default: false
 }
 }
 public var isAllowedOnSOP: Bool {
 switch rawValue {
 case 1: true
 case 2: true
 case 3: true
 case 4: true
 case 5: true
 case 6: true
 case 7: true
 case 8: true
 case 9: true
 case 10: true
 case 11: true
 case 12: true
 case 15: true
 default: true
 }
 }
 public var isAllowedOnSOPPrime: Bool {
 switch rawValue {
 case 1: false
 case 2: false
 case 3: true
 case 4: false
 case 5: false
 case 6: false
 case 7: false
 case 8: true
 case 9: false
 case 10: false
 case 11: false
 case 12: true
 case 15: true
 default: true
 }
 }
 public var minimumObjectCount: Int {
 switch rawValue {
 case 1: 1
 case 2: 1
 case 3: 1
 case 4: 1
 case 5: 1
 case 6: 1
 case 7: 1
 case 8: 1
 case 9: 2
 case 10: 1
 case 11: 1
 case 12: 1
 case 15: 1
 default: 0
 }
 }
 public var maximumObjectCount: Int {
 switch rawValue {
 case 1: 7
 case 2: 1
 case 3: 7
 case 4: 7
 case 5: 1
 case 6: 1
 case 7: 1
 case 8: 1
 case 9: 2
 case 10: 1
 case 11: 1
 case 12: 1
 case 15: 7
 default: 7
 }
 }
}
public struct ExtendedMessageType: RawRepresentable, Hashable, Sendable {
 public var rawValue: UInt8
 public init(rawValue: UInt8) { self.rawValue = rawValue }
 public static var sourceCapabilitiesExtended: Self { Self(rawValue: 1) }
 public static var status: Self { Self(rawValue: 2) }
 public static var getBatteryCap: Self { Self(rawValue: 3) }
 public static var getBatteryStatus: Self { Self(rawValue: 4) }
 public static var batteryCapabilities: Self { Self(rawValue: 5) }
 public static var getManufacturerInfo: Self { Self(rawValue: 6) }
 public static var manufacturerInfo: Self { Self(rawValue: 7) }
 public static var securityRequest: Self { Self(rawValue: 8) }
 public static var securityResponse: Self { Self(rawValue: 9) }
 public static var firmwareUpdateRequest: Self { Self(rawValue: 10) }
 public static var firmwareUpdateResponse: Self { Self(rawValue: 11) }
 public static var ppsStatus: Self { Self(rawValue: 12) }
 public static var countryInfo: Self { Self(rawValue: 13) }
 public static var countryCodes: Self { Self(rawValue: 14) }
 public static var sinkCapabilitiesExtended: Self { Self(rawValue: 15) }
 public static var extendedControl: Self { Self(rawValue: 16) }
 public static var eprSourceCapabilities: Self { Self(rawValue: 17) }
 public static var eprSinkCapabilities: Self { Self(rawValue: 18) }
 public static var vendorDefinedExtended: Self { Self(rawValue: 30) }
 public var name: StaticString? {
 switch rawValue {
 case 1: "Source_Capabilities_Extended"
 case 2: "Status"
 case 3: "Get_Battery_Cap"
 case 4: "Get_Battery_Status"
 case 5: "Battery_Capabilities"
 case 6: "Get_Manufacturer_Info"
 case 7: "Manufacturer_Info"
 case 8: "Security_Request"
 case 9: "Security_Response"
 case 10: "Firmware_Update_Request"
 case 11: "Firmware_Update_Response"
 case 12: "PPS_Status"
 case 13: "Country_Info"
 case 14: "Country_Codes"
 case 15: "Sink_Capabilities_Extended"
 case 16: "Extended_Control"
 case 17: "EPR_Source_Capabilities"
 case 18: "EPR_Sink_Capabilities"
 case 30: "Vendor_Defined_Extended"
 default: nil
 }
 }
 public var introducedIn: UInt8 {
 switch rawValue {
 case 1: 0x30
 case 2: 0x30
 case 3: 0x30
 case 4: 0x30
 case 5: 0x30
 case 6: 0x30
 case 7: 0x30
 case 8: 0x30
 case 9: 0x30
 case 10: 0x30
 case 11: 0x30
 case 12: 0x30
 case 13: 0x30
 case 14: 0x30
 case 15: 0x30
 case 16: 0x31
 case 17: 0x31
 case 18: 0x31
 case 30: 0x31
 default: 0x20
 }
 }
 public var isDeprecated: Bool {
 switch rawValue {
 case 1: false
 case 2: false
 case 3: false
 case 4: false
 case 5: false
 case 6: false
 case 7: false
 case 8: false
 case 9: false
 case 10: false
 case 11: false
 case 12: false
 case 13: false
 case 14: false
 case 15: false
 case 16: false
 case 17: false
 case 18: false
 case 30: false
 default: false
 }
 }
 public var isAllowedOnSOP: Bool {
 switch rawValue {
 case 1: true
 case 2: true
 case 3: true
 case 4: true
 case 5: true
 case 6: true
 case 7: true
 case 8: true
 case 9: true
 case 10: true
 case 11: true
 case 12: true
 case 13: true
 case 14: true
 case 15: true
 case 16: true
 case 17: true
 case 18: true
 case 30: true
 default: true
 }
 }
 public var isAllowedOnSOPPrime: Bool {
 switch rawValue {
 case 1: false
 case 2: true
 case 3: false
 case 4: false
 case 5: false
 case 6: true
 case 7: true
 case 8: true
 case 9: true
 case 10: true
 case 11: true
 case 12: false
 case 13: false
 case 14: false
 case 15: false
 case 16: false
 case 17: false
 case 18: false
 case 30: true
 default: true
 }
 }
 public var minimumDataSize: Int {
 switch rawValue {
 case 1: 24
 case 2: 5
 case 3: 1
 case 4: 1
 case 5: 9
 case 6: 2
 case 7: 5
 case 8: 4
 case 9: 4
 case 10: 4
 case 11: 4
 case 12: 4
 case 13: 4
 case 14: 4
 case 15: 21
 case 16: 2
 case 17: 4
 case 18: 4
 case 30: 4
 default: 0
 }
 }
 public var maximumDataSize: Int {
 switch rawValue {
 case 1: 25
 case 2: 7
 case 3: 1
 case 4: 1
 case 5: 9
 case 6: 2
 case 7: 26
 case 8: 260
 case 9: 260
 case 10: 260
 case 11: 260
 case 12: 4
 case 13: 26
 case 14: 26
 case 15: 24
 case 16: 2
 case 17: 44
 case 18: 44
 case 30: 260
 default: 260
 }
 }
}
