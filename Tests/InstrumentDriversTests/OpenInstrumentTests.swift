import InstrumentDrivers
import Quantities
import Simulator
import Testing
import USBSupport
import USBTransport

@Suite struct OpenInstrumentTests {
  private func profile(_ model: some USBDeviceModel) -> Result<InstrumentProfile, InstrumentError> {
    let plugged = PluggedDevice(model)
    guard let device = try? plugged.open(USBContext()) else {
      return .failure(.usb(USBError(.gone, .open)))
    }
    do throws(InstrumentError) {
      return .success(try openInstrument(device).profile)
    } catch {
      return .failure(error)
    }
  }

  /// The identity chooses the driver; the interfaces choose how a sniffer is spoken to.
  @Test func drivers() throws {
    #expect(try profile(KM003CModel([])).get().model == "POWER-Z KM003C")
    #expect(try profile(WITRNModel()).get().abilities.contains(.packets))
    #expect(try profile(WITRNModel(product: 0x5063)).get().model == "WITRN U3")
    #expect(try profile(FNIRSIModel(count: 0)).get().model == "FNIRSI FNB58")
    let sniffers = try [CH32X035Model.Firmware.lines, .frames, .reports].map {
      try profile(CH32X035Model($0)).get().abilities.contains(.resets)
    }
    #expect(sniffers == [false, true, true])
    for step in [Nanoseconds(1_000_000), Nanoseconds(1000)] {
      let firmware: CH32X035Model.Firmware = step == Nanoseconds(1000) ? .frames : .lines
      #expect(try profile(CH32X035Model(firmware)).get().timing.step == step)
    }
  }

  @Test func unfit() {
    let bridge = Stranger(vendor: 0x0403, product: 0x6014)
    #expect(
      error(profile(bridge))?.hasSuffix("a bridge to an I2C bus and measures nothing by itself") == true)
    #expect(
      error(profile(Stranger(vendor: 0x1209, product: 1)))?.hasSuffix("it is no instrument that ofc knows")
        == true)
    #expect(
      error(profile(Stranger(vendor: 0x1A86, product: 0x2334)))?.hasSuffix(
        "it has neither a serial port nor reports") == true)
    #expect(
      error(profile(Stranger(vendor: 0x0716, product: 0x5060)))?.hasSuffix("it sends no reports (HID)")
        == true)
    #expect(
      error(profile(Stranger(vendor: 0x0483, product: 0x003A)))?.hasSuffix("it sends no reports (HID)")
        == true)
  }

  private func error(_ result: Result<InstrumentProfile, InstrumentError>) -> String? {
    if case .failure(let error) = result { "\(error)" } else { nil }
  }
}

/// A device without any interface that is of use.
private struct Stranger: USBDeviceModel {
  let descriptors: USBModelDescriptors

  init(vendor: UInt16, product: UInt16) {
    descriptors = USBModelDescriptors(
      vendor: vendor, product: product, strings: ["A", "B", "C"], isHighSpeed: false,
      interfaces: [.init(0, codes: [0xFF, 0, 0], endpoints: [])])
  }

  mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer { .stall }
  mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer { .stall }
  mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer { .notYet }
}
