import ChargerSettings
import RegisterBus
import Testing

/// The chips of a port in one word.
@Suite struct HardwareSettingsTests {
  @Test(
    arguments: [
      ("fusb302@ft232h", "fusb302:0x22+tps55288:0x74@ft232h"),
      (
        "FUSB302:0x23+tps55288:75@ft2232h:b=1-2.4,int=ad4,enable=ad5",
        "fusb302:0x23+tps55288:0x75@ft2232h:b=1-2.4,int=ad4,enable=ad5"
      ),
      ("tcpci@/dev/i2c-1", "tcpci:0x50+tps55288:0x74@/dev/i2c-1"),
      ("tcpci:52@ch347,", nil), ("fusb302@ft232h,enable=ad4", nil), ("fusb302", nil), ("@ft232h", nil),
      ("fusb302:0x80@ft232h", nil), ("fusb302:0x07@ft232h", nil), ("fusb302+lm317@ft232h", nil),
      ("fusb302@ft232x", nil), ("fusb302@ch347,int=ad4", nil), ("", nil),
    ] as [(String, String?)])
  func text(_ text: String, _ expected: String?) {
    let settings = try? HardwareSettings(text)
    #expect(settings?.description == expected)
    guard let settings else { return }
    // What is written is read again as the same.
    #expect((try? HardwareSettings(settings.description)) == settings)
  }

  @Test func pins() throws {
    let settings = try HardwareSettings("fusb302@ft232h,int=ad4,enable=ad6")
    #expect(settings.hasInterruptLine && settings.bridge.enablePins == 0x40)
    #expect(settings.controllerAddress == BusAddress(rawValue: 0x22))
  }

  @Test(arguments: [
    ("fusb302", "`fusb302` does not say behind which bridge the chips are"),
    ("lm317@ft232h", "`lm317` is no port controller that ofc drives"),
    ("fusb302:0x99@ft232h", "`0x99` is no I2C address"),
    ("fusb302@i2c-tiny-usb,int=ad4", "`int=ad4`: i2c-tiny-usb has no pins for that"),
    ("fusb302@ft232h,speed=9", "`speed=9` is not understood"),
  ])
  func mistakes(_ text: String, _ words: String) {
    #expect(throws: HardwareSettings.Mistake.self) { try HardwareSettings(text) }
    do { _ = try HardwareSettings(text) } catch { #expect(error.description == words) }
  }

  @Test func configuration() throws {
    let good = "ports: [{name: a, pdp: 45 W, hardware: 'fusb302@ft232h,int=ad4'}]\nbudget: 45 W"
    #expect(
      try ChargerSettings.read(Array(good.utf8), file: "a.yaml").ports.first?.hardware
        == HardwareSettings("fusb302@ft232h,int=ad4")
    )
    for bad in [
      "hardware: 'fusb302'",
      "cable: {captive: {current: 5 A, epr: true}}, offer: [28 V 5 A], hardware: 'fusb302@ft232h'",
      "stage: {voltage: 48 V}, hardware: 'fusb302@ft232h'",
      "hardware: 'fusb302@ft232h', simulated: [{phone: pps}]",
    ] {
      let text = "ports: [{name: a, pdp: 45 W, \(bad)}]\nbudget: 45 W"
      #expect(throws: (any Error).self) { try ChargerSettings.read(Array(text.utf8), file: "a.yaml") }
    }
  }
}
