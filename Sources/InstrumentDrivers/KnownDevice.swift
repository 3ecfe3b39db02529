public import USBTransport

/// The devices that the project knows, by their USB identity.
public enum KnownDevice: String, CaseIterable, Sendable {
  case km003c = "POWER-Z KM003C"
  case km002c = "POWER-Z KM002C"
  case ch32x035 = "CH32X035 PD sniffer"
  case witrnK2 = "WITRN K2"
  case witrnC5 = "WITRN C5"
  case witrnC4 = "WITRN C4 or C5"
  case witrnU2p = "WITRN U2p"
  case witrnU3 = "WITRN U3"
  case witrnU3L = "WITRN U3L"
  case witrnA2 = "WITRN A2"
  case witrnA2L = "WITRN A2L"
  case fnb48 = "FNIRSI FNB48"
  case fnb48S = "FNIRSI FNB48S"
  case fnb58 = "FNIRSI FNB58"
  case fnirsiC1 = "FNIRSI C1"
  case ft232h = "FT232H"
  case ft2232h = "FT2232H"
  case ft4232h = "FT4232H"
  case i2cTinyUSB = "i2c-tiny-usb"
  case ch347 = "CH347"
  case ch341a = "CH341A"
  case mcp2221a = "MCP2221A"
  case drPD = "Dr. PD"
  case twinkie = "Twinkie"
  case cy4500 = "CY4500"

  /// Vendor and product as they leave the factory.
  public var identities: [USBIdentity] {
    switch self {
    case .km003c: [USBIdentity(vendor: 0x5FC9, product: 0x0063)]
    case .km002c: [USBIdentity(vendor: 0x5FC9, product: 0x0061)]
    case .ch32x035:
      [USBIdentity(vendor: 0x1A86, product: 0x2333), USBIdentity(vendor: 0x1A86, product: 0x2334)]
    case .witrnK2: [USBIdentity(vendor: 0x0716, product: 0x5060)]
    case .witrnC5: [USBIdentity(vendor: 0x0716, product: 0x5064)]
    case .witrnC4: [USBIdentity(vendor: 0x0716, product: 0x5053)]
    case .witrnU2p: [USBIdentity(vendor: 0x0716, product: 0x5030)]
    case .witrnU3:
      [USBIdentity(vendor: 0x0716, product: 0x5044), USBIdentity(vendor: 0x0716, product: 0x5063)]
    case .witrnU3L: [USBIdentity(vendor: 0x0716, product: 0x5054)]
    case .witrnA2: [USBIdentity(vendor: 0x0716, product: 0x5045)]
    case .witrnA2L: [USBIdentity(vendor: 0x0716, product: 0x5050)]
    case .fnb48: [USBIdentity(vendor: 0x0483, product: 0x003A)]
    case .fnb48S: [USBIdentity(vendor: 0x2E3C, product: 0x0049)]
    case .fnb58: [USBIdentity(vendor: 0x2E3C, product: 0x5558)]
    case .fnirsiC1: [USBIdentity(vendor: 0x0483, product: 0x003B)]
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
    // Every Raspberry Pi Pico with the serial port of its SDK has this identity.
    case .drPD: [USBIdentity(vendor: 0x2E8A, product: 0x000A)]
    case .twinkie:
      [USBIdentity(vendor: 0x18D1, product: 0x500A), USBIdentity(vendor: 0x1679, product: 0x6003)]
    case .cy4500:
      [0x0078, 0xF67E, 0xFDEF].map { USBIdentity(vendor: 0x04B4, product: $0) }
    }
  }

  /// The product string that it must have, where others share its identity.
  public var productString: String? { self == .drPD ? "Dr. PD" : nil }

  public init?(_ info: USBDeviceInfo) {
    let known = Self.allCases.first {
      $0.identities.contains(info.identity) && ($0.productString == nil || $0.productString == info.product)
    }
    guard let known else { return nil }
    self = known
  }

  /// What it can do.
  public var abilities: InstrumentAbilities {
    switch self {
    case .km003c, .km002c:
      [
        .packets, .resets, .attachment, .vbus, .current, .ccPotential, .dataPotential, .temperature,
      ]
    // What both firmwares do; the driver knows which one is there.
    case .ch32x035: [.packets, .attachment, .vbus, .ccPotential]
    case .witrnK2, .witrnC5:
      [.packets, .vbus, .current, .ccPotential, .dataPotential, .temperature]
    case .witrnC4, .witrnU2p, .witrnU3, .witrnU3L, .witrnA2, .witrnA2L:
      [.vbus, .current, .ccPotential, .dataPotential, .temperature]
    case .fnb48, .fnb48S, .fnb58, .fnirsiC1: [.vbus, .current, .dataPotential, .temperature]
    case .drPD: [.packets, .resets, .attachment, .vbus, .current, .ccPotential]
    case .cy4500: [.packets, .resets, .vbus, .current, .ccPotential]
    case .twinkie: [.packets, .resets]
    case .ft232h, .ft2232h, .ft4232h, .i2cTinyUSB, .ch347, .ch341a, .mcp2221a: .registerBus
    }
  }

  /// Whether `ofc sniff` listens with it.
  public var listens: Bool { abilities.contains(.packets) }

  /// Whether `ofc meter` measures with it.
  public var measures: Bool { abilities.contains(.vbus) }
}
