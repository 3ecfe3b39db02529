import Quantities
import Testing
import USBTransport

@Suite struct ErrorTests {
  private static let name = USBDeviceName(
    identity: USBIdentity(vendor: 0x5FC9, product: 0x63),
    place: USBPlace(bus: 1, ports: [2, 4], address: 7), product: "POWER-Z KM003C")
  private static let bulkIn = USBError.Action.transfer(.bulk, USBEndpointAddress(rawValue: 0x81))

  @Test(arguments: [
    (
      USBError(.timedOut(Milliseconds(100), done: 0), bulkIn, of: name),
      "5FC9:0063 at 1-2.4 (POWER-Z KM003C): bulk IN 0x81: no end within 100 ms; if it goes on, unplug the device and plug it in again"
    ),
    (
      USBError(
        .stalled, .control(USBControlRequest(requestType: 0x40, request: 11, value: 0x203, index: 1)),
        of: name),
      "5FC9:0063 at 1-2.4 (POWER-Z KM003C): control 40 0B 0203 0001: the device refused (stall)"
    ),
    (
      USBError(.busy, .claim(0), of: name),
      "5FC9:0063 at 1-2.4 (POWER-Z KM003C): interface 0: it is in use; end the other program that uses the device"
    ),
    (
      USBError(.gone, bulkIn, of: name),
      "5FC9:0063 at 1-2.4 (POWER-Z KM003C): bulk IN 0x81: the device is gone; plug it in again"
    ),
    (
      USBError(.notPermitted, .open, of: name),
      """
      5FC9:0063 at 1-2.4 (POWER-Z KM003C): opening it: this user may not open it; put this line into \
      /etc/udev/rules.d/60-openfastcharge.rules, then run `sudo udevadm control --reload && sudo udevadm trigger` \
      and plug the device in again:
        SUBSYSTEM=="usb", ATTR{idVendor}=="5fc9", ATTR{idProduct}=="0063", MODE="0660", GROUP="plugdev", TAG+="uaccess"
      """
    ),
    (USBError(.noMemory, .start), "USB: starting libusb: out of memory"),
  ])
  func words(_ error: USBError, _ text: String) {
    #expect(error.description == text)
  }

  @Test func notThere() throws {
    let context = try USBContext()
    let info = USBDeviceInfo(
      identity: USBIdentity(vendor: 1, product: 2), place: USBPlace(bus: 250, ports: [], address: 250),
      deviceClass: USBClass(code: 0, subclass: 0, protocolCode: 0), speed: .full, interfaces: [])
    #expect(Result { () throws(USBError) in try context.open(info) }.cause == .gone)
    #expect(try context.devices(USBMatch(productContains: "no such product")).isEmpty)
  }
}
