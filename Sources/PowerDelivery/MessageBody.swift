/// What a message says, read in its context.
///
/// Data that goes on past the fixed fields of a block (text, certificates, vendor data) is in
/// `ReadingContext.dataBlock`.
public enum MessageBody: Sendable {
  case control(ControlMessageType)

  case sourceCapabilities(PowerDataObjectList)
  case request(RequestBody)
  case bist(BISTDataObject)
  case sinkCapabilities(PowerDataObjectList)
  case batteryStatus(BatteryStatusDataObject)
  case alert(AlertDataObject)
  case getCountryInfo(CountryCodeDataObject)
  case enterUSB(EnterUSBDataObject)
  case eprRequest(RequestBody)
  case eprMode(EPRModeDataObject)
  case sourceInfo(SourceInfoDataObject)
  case revision(RevisionDataObject)
  case vendorDefined(VendorDefinedBody)

  case sourceCapabilitiesExtended(SourceCapabilitiesExtendedBlock)
  case status(StatusBlock)
  /// Status on SOP′ and SOP″.
  case cablePlugStatus(CablePlugStatusBlock)
  case getBatteryCap(GetBatteryCapBlock)
  case getBatteryStatus(GetBatteryStatusBlock)
  case batteryCapabilities(BatteryCapabilitiesBlock)
  case getManufacturerInfo(GetManufacturerInfoBlock)
  case manufacturerInfo(ManufacturerInfoBlock)
  case securityRequest(SecurityRequestBlock)
  case securityResponse(SecurityResponseBlock)
  case firmwareUpdateRequest(FirmwareUpdateRequestBlock)
  case firmwareUpdateResponse(FirmwareUpdateResponseBlock)
  case ppsStatus(PPSStatusBlock)
  case countryInfo(CountryInfoBlock)
  case countryCodes(CountryCodesBlock)
  case sinkCapabilitiesExtended(SinkCapabilitiesExtendedBlock)
  case extendedControl(ExtendedControlBlock)
  case eprSourceCapabilities(PowerDataObjectList)
  case eprSinkCapabilities(PowerDataObjectList)
  case vendorDefinedExtended(VendorDefinedExtendedBlock)

  /// One chunk of a message that is not complete yet; `next` is the chunk that is due, `nil` where the chunk was
  /// a repetition or does not fit.
  case chunk(number: Int, next: Int?)
  case chunkRequest(number: Int)
  /// The message type is reserved; the bytes are in the message.
  case reserved
  /// What the message says could not be read; the diagnostics tell why.
  case unreadable
}
