/// What interfaces of a class do together.
public enum USBFunction: String, Sendable {
  /// A communication and a data interface (USB CDC 1.2, PSTN 1.2: abstract control model).
  case serialPort = "a serial port (CDC-ACM)"
  /// An interface that exchanges reports (HID 1.11).
  case reports = "reports (HID)"
}

extension USBDevice {
  /// Claims interfaces, all or none.
  func claim(_ interfaces: [USBInterface]) throws(USBError) {
    var claimed: [USBInterface] = []
    for interface in interfaces {
      do throws(USBError) {
        try claim(interface)
      } catch {
        for interface in claimed.reversed() { release(interface) }
        throw error
      }
      claimed.append(interface)
    }
  }
}
