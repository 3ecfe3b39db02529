import CLibUSB
import Glibc

extension USBDeviceInfo {
  /// Reads the descriptors that libusb holds, and what sysfs says; `nil` where there is no device descriptor.
  init?(_ device: OpaquePointer) {
    var descriptor = libusb_device_descriptor()
    guard unsafe libusb_get_device_descriptor(device, &descriptor) == 0 else { return nil }
    var ports = [UInt8](repeating: 0, count: 7)
    let portCount = unsafe libusb_get_port_numbers(device, &ports, Int32(ports.count))
    let place = USBPlace(
      bus: unsafe libusb_get_bus_number(device), ports: Array(ports.prefix(max(0, Int(portCount)))),
      address: unsafe libusb_get_device_address(device))
    self.init(
      identity: USBIdentity(vendor: descriptor.idVendor, product: descriptor.idProduct), place: place,
      deviceClass: USBClass(
        code: descriptor.bDeviceClass, subclass: descriptor.bDeviceSubClass,
        protocolCode: descriptor.bDeviceProtocol),
      speed: USBSpeed(libusb: unsafe libusb_get_device_speed(device)),
      manufacturer: DeviceFiles.text(place, "manufacturer"), product: DeviceFiles.text(place, "product"),
      serialNumber: DeviceFiles.text(place, "serial"),
      interfaces: unsafe Self.interfaces(of: device, at: place))
  }

  private static func interfaces(of device: OpaquePointer, at place: USBPlace) -> [USBInterface] {
    var pointer: UnsafeMutablePointer<libusb_config_descriptor>?
    guard unsafe libusb_get_active_config_descriptor(device, &pointer) == 0, let pointer = unsafe pointer
    else { return [] }
    defer { unsafe libusb_free_config_descriptor(pointer) }
    let configuration = unsafe pointer.pointee
    var found: [USBInterface] = []
    for index in 0..<Int(unsafe configuration.bNumInterfaces) {
      guard let settings = unsafe configuration.interface else { break }
      let interface = unsafe settings[index]
      for setting in 0..<max(0, Int(unsafe interface.num_altsetting)) {
        guard let descriptor = unsafe interface.altsetting?[setting] else { break }
        unsafe found.append(
          USBInterface(
            number: descriptor.bInterfaceNumber, alternate: descriptor.bAlternateSetting,
            interfaceClass: USBClass(
              code: descriptor.bInterfaceClass, subclass: descriptor.bInterfaceSubClass,
              protocolCode: descriptor.bInterfaceProtocol),
            endpoints: endpoints(of: descriptor),
            driver: DeviceFiles.driver(
              place, configuration: configuration.bConfigurationValue, interface: descriptor.bInterfaceNumber)
          ))
      }
    }
    return found
  }

  private static func endpoints(of interface: libusb_interface_descriptor) -> [USBEndpoint] {
    guard let list = unsafe interface.endpoint else { return [] }
    return (0..<Int(unsafe interface.bNumEndpoints)).map { index in
      let descriptor = unsafe list[index]
      let kind: USBEndpoint.Kind =
        switch unsafe descriptor.bmAttributes & 3 {
        case 0: .control
        case 1: .isochronous
        case 2: .bulk
        default: .interrupt
        }
      return unsafe USBEndpoint(
        address: USBEndpointAddress(rawValue: descriptor.bEndpointAddress), kind: kind,
        maximumPacketSize: Int(descriptor.wMaxPacketSize & 0x7FF))
    }
  }

  /// Asks the device for the strings that sysfs did not give; one that does not answer has none.
  mutating func readStrings(_ handle: OpaquePointer) {
    var descriptor = libusb_device_descriptor()
    guard let device = unsafe libusb_get_device(handle),
      unsafe libusb_get_device_descriptor(device, &descriptor) == 0
    else { return }
    manufacturer = unsafe manufacturer ?? Self.string(handle, descriptor.iManufacturer)
    product = unsafe product ?? Self.string(handle, descriptor.iProduct)
    serialNumber = unsafe serialNumber ?? Self.string(handle, descriptor.iSerialNumber)
  }

  private static func string(_ handle: OpaquePointer, _ index: UInt8) -> String? {
    guard index != 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe libusb_get_string_descriptor_ascii(handle, index, &bytes, Int32(bytes.count))
    return count > 0 ? String(decoding: bytes.prefix(Int(count)), as: UTF8.self) : nil
  }
}

extension USBSpeed {
  init(libusb code: Int32) {
    switch libusb_speed(UInt32(bitPattern: code)) {
    case LIBUSB_SPEED_LOW: self = .low
    case LIBUSB_SPEED_FULL: self = .full
    case LIBUSB_SPEED_HIGH: self = .high
    case LIBUSB_SPEED_SUPER: self = .superSpeed
    case LIBUSB_SPEED_SUPER_PLUS: self = .superSpeedPlus
    default: self = .unknown
    }
  }
}

extension USBDeviceInfo {
  /// Whether this user may open the device; `nil` where the system does not tell.
  public var mayBeOpened: Bool? { DeviceFiles.mayOpen(place) }
}
