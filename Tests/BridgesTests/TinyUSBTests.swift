import Bridges
import Quantities
import RegisterBus
import Simulator
import TestSupport
import Testing
import USBSupport
import USBTransport

/// A register file behind an i2c-tiny-usb behind libusb.
struct TinyBench {
  let plugged: PluggedDevice<I2CTinyUSBModel>
  var bridge: I2CTinyUSBBridge

  init(
    _ firmware: I2CTinyUSBModel.Firmware, chip: BusAddress = FTDIBench.chip,
    timeout: Milliseconds = Milliseconds(500), faults: @escaping @Sendable (Int) -> USBFault? = { _ in nil }
  ) throws {
    var file = RegisterFileModel(chip)
    for index in 0..<256 { file.registers[index] = UInt8(index) ^ 0x5A }
    plugged = PluggedDevice(
      I2CTinyUSBModel(file, firmware: firmware), drivers: [0: "i2c-tiny-usb"], faults: faults)
    bridge = try I2CTinyUSBBridge(plugged.open(USBContext()), timeout: timeout)
  }

  mutating func run(_ batch: RegisterBatch = FTDIBench.batch) -> (RegisterBatch, RegisterBusError?) {
    var batch = batch
    do throws(RegisterBusError) {
      try bridge.run(&batch)
      return (batch, nil)
    } catch {
      return (batch, error)
    }
  }
}

@Suite struct TinyUSBTests {
  @Test(arguments: I2CTinyUSBModel.Firmware.allCases)
  func registers(_ firmware: I2CTinyUSBModel.Firmware) throws {
    var bench = try TinyBench(firmware)
    let (batch, error) = bench.run()
    #expect(error == nil)
    #expect((0..<7).map { batch.byte($0, of: 2) } == FTDITests.read)
    #expect(batch.byte(of: 3) == 0x0F)
    #expect((bench.plugged.model.chip as? RegisterFileModel)?.talk == FTDIBench.talk)
    // Two transfers for a write, three for a read.
    #expect(bench.bridge.transfers == 10)
    #expect(bench.plugged.log == ["disconnect 0", "claim 0"])
  }

  /// Begin without end, then begin and end; the address in wIndex, the direction in wValue.
  @Test func requests() throws {
    var bench = try TinyBench(.picoBitBanged)
    var batch = RegisterBatch()
    batch.read(1, from: 0x01, of: FTDIBench.chip)
    batch.write([0x12, 0x13].span, to: 0x43, of: FTDIBench.chip)
    _ = bench.run(batch)
    #expect(
      bench.plugged.transfers.map(\.sent) == [
        bytes("41050000 2200 0100 01"), bytes("C1070100 2200 0100"), bytes("C1030000 0000 0100"),
        bytes("41070000 2200 0300 431213"), bytes("C1030000 0000 0100"),
      ])
  }

  @Test(arguments: I2CTinyUSBModel.Firmware.allCases)
  func nobody(_ firmware: I2CTinyUSBModel.Firmware) throws {
    var bench = try TinyBench(firmware, chip: BusAddress(rawValue: 0x50))
    for _ in 0..<2 {
      #expect(
        bench.run().1
          == RegisterBusError(.addressNotAcknowledged, operation: 0, address: FTDIBench.chip))
      #expect(bench.bridge.lastFault == nil)
    }
    var reading = RegisterBatch()
    reading.read(3, from: 1, of: FTDIBench.chip)
    #expect(bench.run(reading).1?.cause == .addressNotAcknowledged)
  }

  @Test func tooLong() throws {
    var bench = try TinyBench(.picoBitBanged)
    for count in [64, 65] {
      var batch = RegisterBatch()
      batch.read(count, from: 0, of: FTDIBench.chip)
      #expect(bench.run(batch).1?.cause == (count == 64 ? nil : .unsupported))
    }
    for count in [63, 64] {
      var batch = RegisterBatch()
      batch.startWrite(to: 0, of: FTDIBench.chip)
      for _ in 0..<count { batch.append(1) }
      #expect(bench.run(batch).1?.cause == (count == 63 ? nil : .unsupported))
    }
  }
}
