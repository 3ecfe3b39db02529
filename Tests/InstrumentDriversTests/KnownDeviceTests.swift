import InstrumentDrivers
import TestSupport
import Testing
import USBTransport

@Suite struct KnownDeviceTests {
  /// The rules that the project ships are those that a missing permission prints, for each device that it knows.
  @Test func rules() throws {
    let text = String(
      decoding: try ProjectFiles.bytes("hardware/udev/60-openfastcharge.rules"), as: UTF8.self)
    let rules = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
    #expect(rules == KnownDevice.allCases.flatMap(\.identities).map(UdevRule.line))
    for known in KnownDevice.allCases { #expect(text.contains("# \(known.rawValue)\n")) }
  }

  /// Every Pico with the serial port of its SDK has the identity of a Dr. PD: the product string tells.
  @Test(arguments: [("Dr. PD", KnownDevice.drPD), ("Pico", nil), (nil, nil)] as [(String?, KnownDevice?)])
  func sharedIdentity(_ product: String?, _ known: KnownDevice?) throws {
    let identity = USBIdentity(vendor: 0x2E8A, product: 0x000A)
    let info = USBDeviceInfo(
      identity: identity, place: USBPlace(bus: 1, ports: [2], address: 3),
      deviceClass: USBClass(code: 0, subclass: 0, protocolCode: 0), speed: .full, product: product,
      interfaces: [])
    #expect(KnownDevice(info) == known)
    #expect(UdevRule.line(identity).contains(", ATTRS{product}==\"Dr. PD\", "))
    for known in KnownDevice.allCases {
      #expect(known.identities.allSatisfy { UdevRule.products[$0] == known.productString })
    }
  }

  @Test func listening() {
    #expect(
      KnownDevice.allCases.filter(\.listens) == [
        .km003c, .km002c, .ch32x035, .witrnK2, .witrnC5, .drPD, .twinkie, .cy4500,
      ])
    #expect(
      KnownDevice.km003c.abilities.words == [
        "packets", "resets", "attach and detach", "VBUS", "current", "CC potential", "D+ and D-",
        "temperature",
      ])
    #expect(KnownDevice.allCases.filter(\.measures).count == 17)
  }
}
