public import USBTransport

/// Opens the instrument that a device is, with the driver that its identity asks for.
/// - Throws: `.unfit` where ofc does not know the device as an instrument; what the driver throws.
public func openInstrument(_ device: USBDevice) throws(InstrumentError) -> any Instrument {
  guard let known = KnownDevice(device.info) else {
    throw .unfit(device.name, "it is no instrument that ofc knows")
  }
  switch known {
  case .km003c, .km002c: return try KM003C(device)
  case .ch32x035: return try CH32X035Sniffer(device)
  case .witrnK2, .witrnC5, .witrnC4, .witrnU2p, .witrnU3, .witrnU3L, .witrnA2, .witrnA2L:
    return try WITRNMeter(device)
  case .fnb48, .fnb48S, .fnb58, .fnirsiC1: return try FNIRSIMeter(device)
  case .drPD: return try DrPD(device)
  case .twinkie: return try Twinkie(device)
  case .cy4500: return try CY4500(device)
  case .ft232h, .ft2232h, .ft4232h, .i2cTinyUSB, .ch347, .ch341a, .mcp2221a:
    throw .unfit(device.name, "it is a bridge to an I2C bus and measures nothing by itself")
  }
}
