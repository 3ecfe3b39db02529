import Glibc

/// What the kernel says of a device in sysfs: readable by everyone, also where the device may not be opened.
enum DeviceFiles {
  /// A text attribute; `nil` where there is none.
  static func text(_ place: USBPlace, _ attribute: String) -> String? {
    guard !place.ports.isEmpty else { return nil }
    let descriptor = unsafe open("/sys/bus/usb/devices/\(place)/\(attribute)", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
    guard count > 0 else { return nil }
    var text = Substring(decoding: bytes.prefix(count), as: UTF8.self)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text.isEmpty ? nil : String(text)
  }

  /// The kernel driver of an interface; `nil` for none.
  static func driver(_ place: USBPlace, configuration: UInt8, interface: UInt8) -> String? {
    guard !place.ports.isEmpty else { return nil }
    let link = "/sys/bus/usb/devices/\(place)/\(place):\(configuration).\(interface)/driver"
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      guard let start = buffer.baseAddress else { return 0 }
      return unsafe readlink(link, start.assumingMemoryBound(to: CChar.self), buffer.count)
    }
    guard count > 0 else { return nil }
    return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "/").last.map(String.init)
  }

  /// Whether this user may read and write the node of the device; `nil` where there is no node.
  static func mayOpen(_ place: USBPlace) -> Bool? {
    guard unsafe access(place.node, F_OK) == 0 else { return nil }
    return unsafe access(place.node, R_OK | W_OK) == 0
  }
}
