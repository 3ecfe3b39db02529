/// What the descriptors of a device say, and what the system says of it.
public struct USBDeviceInfo: Equatable, Sendable {
  public var identity: USBIdentity
  public var place: USBPlace
  public var deviceClass: USBClass
  public var speed: USBSpeed
  /// `nil` where it has none, or where it cannot be read.
  public var manufacturer: String?
  /// `nil` where it has none, or where it cannot be read.
  public var product: String?
  /// `nil` where it has none, or where it cannot be read.
  public var serialNumber: String?
  /// All settings of all interfaces of the active configuration.
  public var interfaces: [USBInterface]

  public init(
    identity: USBIdentity, place: USBPlace, deviceClass: USBClass, speed: USBSpeed,
    manufacturer: String? = nil, product: String? = nil, serialNumber: String? = nil,
    interfaces: [USBInterface]
  ) {
    self.identity = identity
    self.place = place
    self.deviceClass = deviceClass
    self.speed = speed
    self.manufacturer = manufacturer
    self.product = product
    self.serialNumber = serialNumber
    self.interfaces = interfaces
  }

  /// The first interface that `match` wants, with its endpoints. Interfaces are found by class, never by number alone:
  /// units of one model number them differently.
  public func interface(_ match: (USBInterface) -> Bool) -> USBInterface? { interfaces.first(where: match) }
}

/// How fast a device talks.
public enum USBSpeed: String, Sendable {
  case unknown, low, full, high, superSpeed, superSpeedPlus
}

/// One setting of one interface.
public struct USBInterface: Equatable, Sendable {
  /// bInterfaceNumber.
  public var number: UInt8
  /// bAlternateSetting.
  public var alternate: UInt8
  public var interfaceClass: USBClass
  public var endpoints: [USBEndpoint]
  /// The kernel driver that holds it; `nil` for none, or where the system does not tell.
  public var driver: String?

  public init(
    number: UInt8, alternate: UInt8, interfaceClass: USBClass, endpoints: [USBEndpoint], driver: String? = nil
  ) {
    self.number = number
    self.alternate = alternate
    self.interfaceClass = interfaceClass
    self.endpoints = endpoints
    self.driver = driver
  }

  /// The first endpoint of this kind and direction.
  public func endpoint(_ kind: USBEndpoint.Kind, isIn: Bool) -> USBEndpoint? {
    endpoints.first { $0.kind == kind && $0.address.isIn == isIn }
  }
}

/// One endpoint of an interface.
public struct USBEndpoint: Equatable, Sendable {
  public enum Kind: String, Sendable {
    case control, isochronous, bulk, interrupt
  }

  public var address: USBEndpointAddress
  public var kind: Kind
  /// Bytes of a packet (wMaxPacketSize, bits 10:0).
  public var maximumPacketSize: Int

  public init(address: USBEndpointAddress, kind: Kind, maximumPacketSize: Int) {
    self.address = address
    self.kind = kind
    self.maximumPacketSize = maximumPacketSize
  }
}

/// Which devices are wanted.
public struct USBMatch: Sendable {
  /// Any of these; `nil` for all.
  public var identities: [USBIdentity]?
  /// Has an interface of this class; `nil` for any.
  public var interfaceClass: UInt8?
  /// Its product string holds this text, upper and lower case being the same; `nil` for any.
  public var productContains: String?

  public init(identities: [USBIdentity]? = nil, interfaceClass: UInt8? = nil, productContains: String? = nil)
  {
    self.identities = identities
    self.interfaceClass = interfaceClass
    self.productContains = productContains
  }

  public func matches(_ info: USBDeviceInfo) -> Bool {
    if let identities, !identities.contains(info.identity) { return false }
    if let interfaceClass, !info.interfaces.contains(where: { $0.interfaceClass.code == interfaceClass }) {
      return false
    }
    if let productContains {
      guard let product = info.product,
        product.lowercased().contains(productContains.lowercased())
      else { return false }
    }
    return true
  }
}
