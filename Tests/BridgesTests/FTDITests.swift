import Bridges
import Quantities
import RegisterBus
import Simulator
import TestSupport
import Testing
import USBSupport
import USBTransport

/// A register file behind an FT232H behind libusb.
struct FTDIBench {
  static let chip = BusAddress(rawValue: 0x22)
  let plugged: PluggedDevice<FTDIDeviceModel>
  var bridge: FTDIBridge

  init(
    isFT2232H: Bool = false, settings: FTDIBridge.Settings = FTDIBridge.Settings(),
    _ change: (inout I2CBusModel) -> Void = { _ in }, chip: RegisterFileModel? = nil,
    faults: @escaping @Sendable (Int) -> USBFault? = { _ in nil }
  ) throws {
    var file = chip ?? RegisterFileModel(Self.chip)
    if chip == nil { for index in 0..<256 { file.registers[index] = UInt8(index) ^ 0x5A } }
    var bus = I2CBusModel(file)
    change(&bus)
    plugged = PluggedDevice(
      FTDIDeviceModel(bus, isFT2232H: isFT2232H), drivers: [0: "ftdi_sio"], faults: faults)
    bridge = try FTDIBridge(plugged.open(USBContext()), settings: settings)
  }

  var file: RegisterFileModel {
    plugged.model.engine.bus.chip as? RegisterFileModel ?? RegisterFileModel(Self.chip)
  }

  /// Writes three registers in one transfer and one in another, reads seven and one back.
  static var batch: RegisterBatch {
    var batch = RegisterBatch()
    batch.write([0xA1, 0x00, 0xFF].span, to: 0x10, of: chip)
    batch.write(0x0F, to: 0x0B, of: chip)
    batch.read(7, from: 0x0F, of: chip)
    batch.read(1, from: 0x0B, of: chip)
    return batch
  }

  static let talk =
    "S44 10 A1 00 FF p S44 0B 0F p S44 0F S45 [55] [A1] [00] [FF] [49] [4E] [4F] p S44 0B S45 [0F] p "

  mutating func run(_ batch: RegisterBatch = Self.batch) -> (RegisterBatch, RegisterBusError?) {
    var batch = batch
    do throws(RegisterBusError) {
      try bridge.run(&batch)
      return (batch, nil)
    } catch {
      return (batch, error)
    }
  }
}

@Suite struct FTDITests {
  static let read: [UInt8] = [0x55, 0xA1, 0x00, 0xFF, 0x49, 0x4E, 0x4F]

  @Test(arguments: [false, true], I2CSpeed.allCases)
  func registers(_ isFT2232H: Bool, _ speed: I2CSpeed) throws {
    var settings = FTDIBridge.Settings()
    settings.speed = speed
    var bench = try FTDIBench(isFT2232H: isFT2232H, settings: settings)
    let (batch, error) = bench.run()
    #expect(error == nil)
    #expect((0..<7).map { batch.byte($0, of: 2) } == Self.read)
    #expect(batch.byte(of: 3) == 0x0F)
    #expect(bench.file.talk == FTDIBench.talk)
    let engine = bench.plugged.model.engine
    #expect(engine.kilohertz == [.standard100kHz: 100, .fast400kHz: 400, .fastPlus1MHz: 1000][speed])
    #expect(engine.isThreePhase)
    // Without open drain a chip that acknowledges meets the last bit for a moment.
    #expect(isFT2232H || engine.contentions == 0)
    // One write and one read for the whole batch; at 100 kHz the lines are held so long that it takes two programs.
    let transfers = speed == .standard100kHz ? 4 : 2
    #expect(bench.bridge.transfers == transfers)
    let before = bench.plugged.transfers.count
    _ = bench.run()
    #expect(bench.plugged.transfers.count - before == transfers)
    #expect(bench.plugged.log == ["disconnect 0", "claim 0", "clear halt 2", "clear halt 81"])
  }

  /// The program of the description of the chip, byte for byte.
  @Test func program() {
    var batch = RegisterBatch()
    batch.read(7, from: 0x3C, of: FTDIBench.chip)
    var program = MPSSEProgram(lines: .openDrain, speed: .fast400kHz)
    if let operation = batch.operation(0) { program.append(operation, at: 0, of: batch) }
    program.finish()
    let idle = "800303800303800303", start = "800103800103800003800003"
    let expected =
      idle + start + "1100004480020322001100003C8002032200" + "800203" + idle + start
      + "110000458002032200" + String(repeating: "200000130000800203", count: 6) + "2000001300FF800203"
      + "800003800003800103800103" + idle + "87"
    #expect(program.bytes == bytes(expected))
    #expect(program.bytes.count == 157)
    #expect(program.replies.count == 10)
  }

  /// Where a byte is not acknowledged, the operation it belongs to is named.
  @Test(arguments: 0..<13) func refusal(_ place: Int) throws {
    var chip = RegisterFileModel(FTDIBench.chip)
    chip.refusal = place
    var bench = try FTDIBench(chip: chip)
    let (_, error) = bench.run()
    // Acknowledgements in order: address and bytes of each operation; a read has two addresses.
    let operation = [0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3][place]
    let isAddress = [0, 5, 8, 10, 11].contains(place)
    #expect(
      error
        == RegisterBusError(
          isAddress ? .addressNotAcknowledged : .dataNotAcknowledged, operation: operation,
          address: FTDIBench.chip))
    // The next batch goes well: nothing was left behind on either side.
    let (batch, next) = bench.run()
    #expect(next == nil && batch.byte(of: 3) == 0x0F)
    #expect(bench.bridge.transfers == 4)
  }

  @Test func nobody() throws {
    var bench = try FTDIBench(chip: RegisterFileModel(BusAddress(rawValue: 0x50)))
    let (_, error) = bench.run()
    #expect(error == RegisterBusError(.addressNotAcknowledged, operation: 0, address: FTDIBench.chip))
  }

  /// Without the wire to AD7 the engine does not see a chip that holds SCL; with it, it waits.
  @Test(arguments: [false, true]) func stretching(_ follows: Bool) throws {
    var settings = FTDIBridge.Settings()
    settings.followsStretching = follows
    var bench = try FTDIBench(settings: settings, { $0.stretch = 3 })
    let (batch, error) = bench.run()
    #expect((error == nil && batch.byte(of: 3) == 0x0F) == follows)
  }

  @Test(arguments: [(1, true), (5, true), (9, true), (30, false)])
  func stuck(_ pulses: Int, _ isFreed: Bool) throws {
    var bench = try FTDIBench({ $0.pulsesToFree = pulses })
    // The program itself clocks as well; a chip that lets go on the way has heard half of it.
    let (batch, error) = bench.run()
    if isFreed || error == nil {
      #expect(error == nil && batch.byte(of: 3) == 0x0F)
    } else {
      #expect(error == RegisterBusError(.lineStuckLow))
    }
  }

  @Test func stuckForGood() throws {
    var bench = try FTDIBench({ $0.pulsesToFree = 1_000_000 })
    #expect(bench.run().1 == RegisterBusError(.lineStuckLow))
    #expect(bench.bridge.lastLevels.map { $0 & 7 } == 1)
  }

  /// What hangs on AD4 is seen with every batch, for no transfer more.
  @Test func otherPins() throws {
    var bench = try FTDIBench()
    _ = bench.run()
    #expect(bench.bridge.lastLevels.map { $0 & 0x10 } == 0x10)
    bench.plugged.change { $0.engine.otherPins = 0x68 }
    _ = bench.run()
    #expect(bench.bridge.lastLevels.map { $0 & 0x10 } == 0)
  }

  @Test func emptyPackets() throws {
    var bench = try FTDIBench()
    _ = bench.run()
    bench.plugged.change { $0.emptyPackets = 3 }
    #expect(bench.run().1 == nil)
  }

  /// A batch longer than the chip's FIFO takes as many round trips as it must.
  @Test func longBatch() throws {
    var bench = try FTDIBench()
    var batch = RegisterBatch()
    for index in 0..<5 { batch.read(40, from: UInt8(index * 40), of: FTDIBench.chip) }
    let (read, error) = bench.run(batch)
    #expect(error == nil)
    #expect(
      (0..<200).map { read.byte($0 % 40, of: $0 / 40) } == (0..<200).map { UInt8($0) ^ 0x5A })
    #expect(bench.bridge.transfers == 6)
    #expect(bench.plugged.transfers.allSatisfy { $0.sent.count <= 1000 })
    var tooLong = RegisterBatch()
    tooLong.read(200, from: 0, of: FTDIBench.chip)
    #expect(bench.run(tooLong).1 == RegisterBusError(.unsupported, operation: 0, address: FTDIBench.chip))
    var overfull = RegisterBatch()
    for _ in 0..<30 { overfull.read(1, from: 0, of: FTDIBench.chip) }
    #expect(bench.run(overfull).1 == RegisterBusError(.overfullBatch))
  }
}
