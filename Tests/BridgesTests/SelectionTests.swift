import Bridges
import Glibc
import InstrumentDrivers
import Quantities
import RegisterBus
import Simulator
import Testing
import USBSupport
import USBTransport

@Suite struct SelectionTests {
  private static func device(
    _ vendor: UInt16, _ product: UInt16, port: UInt8, serial: String? = nil
  ) -> USBDeviceInfo {
    USBDeviceInfo(
      identity: USBIdentity(vendor: vendor, product: product),
      place: USBPlace(bus: 1, ports: [2, port], address: port),
      deviceClass: USBClass(code: 0, subclass: 0, protocolCode: 0), speed: .high, serialNumber: serial,
      interfaces: [])
  }

  private static let plugged = [
    device(0x0403, 0x6014, port: 1, serial: "FT1"), device(0x0403, 0x6014, port: 2),
    device(0x04D8, 0x00DD, port: 3), device(0x5FC9, 0x0063, port: 4), device(0x1A86, 0x55DD, port: 5),
  ]

  @Test(arguments: [
    ("ft232h", BridgeKind.ft232h, 0, String?.none), ("FT2232H:B", .ft2232h, 1, nil),
    ("ft2232h:a=FT6ABC", .ft2232h, 0, "FT6ABC"), ("ft4232h", .ft4232h, 0, nil), ("ch347", .ch347, 0, nil),
    ("ch341a=1-2.4", .ch341a, 0, "1-2.4"), ("i2c-tiny-usb=a=b", .i2cTinyUSB, 0, "a=b"),
    ("mcp2221a", .mcp2221a, 0, nil),
  ])
  func words(_ word: String, _ kind: BridgeKind, _ port: Int, _ unit: String?) throws {
    let selection = try BridgeSelection(word)
    #expect(selection.kind == kind && selection.portIndex == port && selection.unit == unit)
    #expect(try BridgeSelection(selection.description) == selection)
  }

  @Test func nodes() throws {
    let selection = try BridgeSelection("/dev/i2c-1")
    #expect(selection.kind == .linuxI2C && selection.path == "/dev/i2c-1")
    #expect(selection.description == "/dev/i2c-1")
  }

  @Test(arguments: ["", "ft232", "ft232h=", "=1-2", "Linux I2C bus", ":", "ft232h =x"])
  func unknown(_ word: String) {
    #expect(throws: BridgeError(.unknownWord(word))) { try BridgeSelection(word) }
    #expect(BridgeError(.unknownWord(word)).description.contains("ft2232h[:b], ft4232h[:b], ch347"))
  }

  @Test(arguments: [
    ("ft2232h:c", BridgeKind.ft2232h, "c"), ("ft232h:b", .ft232h, "b"), ("ch347:a", .ch347, "a"),
    ("ft2232h:", .ft2232h, ""),
  ])
  func ports(_ word: String, _ kind: BridgeKind, _ port: String) {
    #expect(throws: BridgeError(.noSuchPort(kind, port))) { try BridgeSelection(word) }
  }

  @Test(arguments: [("ft232h=FT1", 1), ("ft232h=1-2.2", 2), ("mcp2221a", 3), ("ch347", 5)])
  func choice(_ word: String, _ port: UInt8) throws {
    #expect(try BridgeSelection(word).choose(from: Self.plugged).place.ports == [2, port])
  }

  @Test(arguments: [
    ("ft232h", "more than one FT232H is plugged in; say which: ft232h=FT1, ft232h=1-2.2"),
    (
      "ft2232h:b",
      "no FT2232H is plugged in; there is ft232h=1-2.1, ft232h=1-2.2, mcp2221a=1-2.3, ch347=1-2.5"
    ),
    (
      "mcp2221a=1-7",
      "no MCP2221A at 1-7, nor with that serial number, is plugged in; there is ft232h=1-2.1, ft232h=1-2.2, "
        + "mcp2221a=1-2.3, ch347=1-2.5"
    ),
  ])
  func refusals(_ word: String, _ text: String) throws {
    let selection = try BridgeSelection(word)
    #expect {
      try selection.choose(from: Self.plugged)
    } throws: {
      "\($0)" == text
    }
    #expect {
      try BridgeSelection("ch347").choose(from: [])
    } throws: {
      "\($0)" == "no CH347 is plugged in; plug one in"
    }
  }

  /// What was chosen is found again by what does not change: the serial number, or else the place.
  @Test func pinned() throws {
    let selection = try BridgeSelection("ft232h")
    #expect("\(selection.pinned(to: Self.plugged[0]))" == "ft232h=FT1")
    #expect("\(selection.pinned(to: Self.plugged[1]))" == "ft232h=1-2.2")
  }

  @Test(arguments: [
    (EACCES, "/dev/i2c-1", "sudo usermod -aG i2c $USER"),
    (EACCES, "/dev/ttyUSB0", "sudo usermod -aG dialout $USER"),
    (ENOENT, "/dev/i2c-1", "sudo modprobe i2c-dev"),
    (ENOENT, "/dev/ttyUSB0", "ls /dev/serial/by-id"), (EBUSY, "/dev/ttyUSB0", "end the other program"),
  ])
  func advice(_ number: Int32, _ path: String, _ advice: String) {
    let text = BridgeError(.cannotOpen(path, errorNumber: number)).description
    #expect(text.hasPrefix("\(path): ") && text.contains(advice))
  }

  /// Both tables of devices say the same.
  @Test func knownDevices() {
    for kind in BridgeKind.allCases where kind.word != nil {
      #expect(KnownDevice(rawValue: kind.rawValue)?.identities == kind.identities)
      #expect(kind.identities.allSatisfy { BridgeKind($0) == kind })
    }
    #expect(
      Set(KnownDevice.allCases.filter { $0.abilities == .registerBus }.map(\.rawValue))
        == Set(BridgeKind.allCases.filter { $0.word != nil }.map(\.rawValue)))
  }

  @Test func attaching() throws {
    let plugged = PluggedDevice(WCHDeviceModel(I2CBusModel(RegisterFileModel.patterned())))
    let device = try plugged.open(USBContext())
    var bridge = try BridgeSelection("ch347").attach(device)
    #expect(bridge.trial() == .well)
    #expect(bridge.kind == .ch347 && bridge.traits.isFitForPortController && bridge.lastProblem == nil)
    plugged.unplug()
    #expect(bridge.trial() == .failed(.deviceGone))
    #expect(bridge.lastProblem?.contains("plug it in again") == true)
    #expect(throws: BridgeError.self) { try BridgeSelection("ft232h").attach(device) }
  }

  /// Nothing is plugged into a machine that runs tests: the error says so.
  @Test func opening() throws {
    let selection = try BridgeSelection("ch341a=nowhere")
    #expect(throws: BridgeError.self) { try selection.open(USBContext()) }
    #expect(throws: BridgeError(.cannotOpen("/dev/i2c-99999", errorNumber: ENOENT))) {
      try BridgeSelection("/dev/i2c-99999").open(USBContext())
    }
  }
}
