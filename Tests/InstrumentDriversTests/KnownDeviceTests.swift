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

  @Test func listening() {
    #expect(KnownDevice.allCases.filter(\.listens) == [.km003c, .km002c, .ch32x035, .witrnK2, .witrnC5])
    #expect(
      KnownDevice.km003c.abilities.words == [
        "packets", "resets", "attach and detach", "VBUS", "current", "CC potential", "D+ and D-",
        "temperature",
      ])
    #expect(KnownDevice.allCases.filter(\.measures).count == 15)
  }
}
