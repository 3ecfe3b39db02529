public import USBTransport

/// The devices that the project knows, by their USB identity.
public enum KnownDevice: String, CaseIterable, Sendable {
  case km003c = "POWER-Z KM003C"
  case km002c = "POWER-Z KM002C"
  case ft232h = "FT232H"
  case ft2232h = "FT2232H"
  case ft4232h = "FT4232H"
  case i2cTinyUSB = "i2c-tiny-usb"
  case ch347 = "CH347"
  case ch341a = "CH341A"
  case mcp2221a = "MCP2221A"

  /// Vendor and product as they leave the factory.
  public var identities: [USBIdentity] {
    switch self {
    case .km003c: [USBIdentity(vendor: 0x5FC9, product: 0x0063)]
    case .km002c: [USBIdentity(vendor: 0x5FC9, product: 0x0061)]
    case .ft232h: [USBIdentity(vendor: 0x0403, product: 0x6014)]
    case .ft2232h: [USBIdentity(vendor: 0x0403, product: 0x6010)]
    case .ft4232h:
      [USBIdentity(vendor: 0x0403, product: 0x6011), USBIdentity(vendor: 0x0403, product: 0x6048)]
    case .i2cTinyUSB:
      [USBIdentity(vendor: 0x0403, product: 0xC631), USBIdentity(vendor: 0x1C40, product: 0x0534)]
    case .ch347:
      [0x55DB, 0x55DD, 0x55DE, 0x55E7, 0x55EB].map { USBIdentity(vendor: 0x1A86, product: $0) }
    case .ch341a: [USBIdentity(vendor: 0x1A86, product: 0x5512)]
    case .mcp2221a: [USBIdentity(vendor: 0x04D8, product: 0x00DD)]
    }
  }

  public init?(_ info: USBDeviceInfo) {
    guard let known = Self.allCases.first(where: { $0.identities.contains(info.identity) }) else {
      return nil
    }
    self = known
  }

  /// What it can do.
  public var abilities: InstrumentAbilities {
    switch self {
    case .km003c, .km002c: [.packets, .resets, .attachment, .vbus, .current, .ccPotential]
    case .ft232h, .ft2232h, .ft4232h, .i2cTinyUSB, .ch347, .ch341a, .mcp2221a: .registerBus
    }
  }

  /// Whether `ofc sniff` listens with it.
  public var listens: Bool { abilities.contains(.packets) }
}
