/// Vendor and product of a USB device (idVendor, idProduct of its device descriptor).
public struct USBIdentity: Hashable, Sendable, CustomStringConvertible {
  public var vendor: UInt16
  public var product: UInt16

  public init(vendor: UInt16, product: UInt16) {
    self.vendor = vendor
    self.product = product
  }

  /// As `lsusb` writes it: `5FC9:0063`.
  public var description: String { "\(hexadecimal(vendor, 4)):\(hexadecimal(product, 4))" }
}

/// Where a device is plugged in.
public struct USBPlace: Hashable, Sendable, CustomStringConvertible {
  /// The number of the bus, from 1.
  public var bus: UInt8
  /// The port of the root hub and of every hub behind it; empty for a root hub and where it is not known.
  public var ports: [UInt8]
  /// The number that the bus gave the device; another one each time it is plugged in.
  public var address: UInt8

  public init(bus: UInt8, ports: [UInt8], address: UInt8) {
    self.bus = bus
    self.ports = ports
    self.address = address
  }

  /// As the kernel names it, `1-2.4`; `bus 1 device 7` where the ports are not known.
  public var description: String {
    guard !ports.isEmpty else { return "bus \(bus) device \(address)" }
    return "\(bus)-\(ports.map(String.init).joined(separator: "."))"
  }

  /// The node through which the device is opened.
  public var node: String { "/dev/bus/usb/\(decimal(bus, 3))/\(decimal(address, 3))" }
}

/// The address of an endpoint as descriptors state it: bit 7 is 1 for IN.
public struct USBEndpointAddress: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public var rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Towards the host.
  public var isIn: Bool { rawValue & 0x80 != 0 }

  public var description: String { "\(isIn ? "IN" : "OUT") 0x\(hexadecimal(rawValue, 2))" }
}

/// Class, subclass and protocol of a device or an interface.
public struct USBClass: Hashable, Sendable, CustomStringConvertible {
  public var code: UInt8
  public var subclass: UInt8
  public var protocolCode: UInt8

  public init(code: UInt8, subclass: UInt8, protocolCode: UInt8) {
    self.code = code
    self.subclass = subclass
    self.protocolCode = protocolCode
  }

  public var description: String {
    "\(hexadecimal(code, 2))/\(hexadecimal(subclass, 2))/\(hexadecimal(protocolCode, 2))"
  }
}

func hexadecimal(_ value: some BinaryInteger, _ digits: Int) -> String {
  let text = String(value, radix: 16, uppercase: true)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}

func decimal(_ value: UInt8, _ digits: Int) -> String {
  let text = String(value)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
