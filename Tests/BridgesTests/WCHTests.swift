import Bridges
import Quantities
import RegisterBus
import Simulator
import TestSupport
import Testing
import USBSupport
import USBTransport

/// A register file behind one of WCH's chips behind libusb.
struct WCHBench {
  let plugged: PluggedDevice<WCHDeviceModel>
  var bridge: WCHBridge

  init(
    _ chip: WCHDeviceModel.Chip = .ch347Mode1, _ grouping: WCHProgram.Grouping? = nil,
    file: RegisterFileModel = .patterned(), timeout: Milliseconds = Milliseconds(100),
    _ change: (inout WCHDeviceModel) -> Void = { _ in },
    faults: @escaping @Sendable (Int) -> USBFault? = { _ in nil }
  ) throws {
    var model = WCHDeviceModel(I2CBusModel(file), chip)
    change(&model)
    plugged = PluggedDevice(model, faults: faults)
    var settings = WCHBridge.Settings()
    settings.timeout = timeout
    settings.grouping = grouping
    bridge = try WCHBridge(plugged.open(USBContext()), settings: settings)
  }

  var talk: String { plugged.model.master.bus.talk }
}

@Suite struct WCHTests {
  /// As one of the vendor's drivers has it: STOP between the register and its bytes.
  static let apart =
    "S44 10 A1 00 FF p S44 0B 0F p S44 0F p S45 [55] [A1] [00] [FF] [49] [4E] [4F] p S44 0B p S45 [0F] p "

  @Test(arguments: WCHDeviceModel.Chip.allCases)
  func registers(_ chip: WCHDeviceModel.Chip) throws {
    var bench = try WCHBench(chip)
    #expect(bench.bridge.trial() == .well)
    let isCH341 = chip == .ch341A
    #expect(bench.talk == (isCH341 ? Self.apart : FTDIBench.talk))
    #expect(bench.plugged.model.violations == 0 && bench.plugged.model.speed == 2)
    // Two bytes on the wire for each that is written: what a CH341A takes in one packet ends behind fourteen.
    #expect(bench.bridge.transfers == (isCH341 ? 12 : 2))
    let before = bench.plugged.transfers.count
    #expect(bench.bridge.trial() == .well)
    #expect(bench.plugged.transfers.count - before == (isCH341 ? 12 : 2))
    let interface = [.ch347Mode1: 2, .ch347Mode3: 2, .ch347F: 4, .ch341A: 0][chip] ?? -1
    #expect(bench.plugged.log.first == "claim \(interface)")
  }

  /// The transfers of the description of the chip, byte for byte.
  @Test(arguments: [
    (WCHModel.ch347, WCHProgram.Grouping.batch, Batches.write([0x0F], to: 0x0B), ["AA 74 83 44 0B 0F 75 00"]),
    (.ch347, .phase, Batches.read(from: 0x01), ["AA 74 82 44 01 75 00", "AA 74 81 45 C0 75 00"]),
    (.ch347, .batch, Batches.read(7, from: 0x3C), ["AA 74 82 44 3C 74 81 45 C6 C0 75 00"]),
    (
      .ch347, .operation, Batches.write([UInt8](repeating: 0x12, count: 39), to: 0x43),
      ["AA 74 A9 44 43" + String(repeating: "12", count: 39) + "75 00"]
    ),
    (.ch341a, .phase, Batches.read(from: 0x01), ["AA 74 80 44 80 01 75 00", "AA 74 80 45 C0 75 00"]),
    (
      .ch341a, .phase, Batches.write([UInt8](repeating: 0x12, count: 14), to: 0x43),
      ["AA 74 80 44 80 43" + String(repeating: "80 12", count: 12) + "00", "AA 80 12 80 12 75 00"]
    ),
    (
      .ch347, .batch, Batches.write([UInt8](repeating: 1, count: 70), to: 2),
      [
        "AA 74 BF 44 02" + String(repeating: "01", count: 61) + "89" + String(repeating: "01", count: 9)
          + "75 00"
      ]
    ),
    (.ch347, .batch, Batches.read(65, from: 2), ["AA 74 82 44 02 74 81 45 FF C1 C0 75 00"]),
    (
      .ch341a, .phase, Batches.read(33, from: 2),
      ["AA 74 80 44 80 02 75 00", "AA 74 80 45 DF 00", "AA C1 C0 75 00"]
    ),
  ])
  func vectors(
    _ model: WCHModel, _ grouping: WCHProgram.Grouping, _ batch: RegisterBatch, _ expected: [String]
  ) {
    let programs = WCHProgram.programs(for: batch, model, grouping)
    #expect(programs.map(\.bytes) == expected.map { bytes($0) })
    let limit = model == .ch347 ? 510 : 32
    #expect(programs.allSatisfy { $0.bytes.count <= limit && $0.replies.count <= limit })
    #expect(programs.map(\.isOpen) == programs.indices.map { bytes(expected[$0]).suffix(2) != [0x75, 0] })
  }

  /// Nothing else goes to the chip: first STOP, the clock, and in mode 3 what raises SCL.
  @Test(arguments: [WCHDeviceModel.Chip.ch347Mode1, .ch347Mode3], [true, false])
  func setUp(_ chip: WCHDeviceModel.Chip, _ answersGPIO: Bool) throws {
    var bench = try WCHBench(chip) { $0.answersGPIO = answersGPIO }
    #expect(bench.bridge.attempt(Batches.write([0x0F], to: 0x0B)).1 == nil)
    let written = bench.plugged.transfers.filter { $0.endpoint == 0x06 }.map(\.sent)
    #expect(
      written == (chip == .ch347Mode3 ? [bytes("CC 08 00 00 00 00 F8 00 00 00 00")] : [])
        + [bytes("AA 75 00"), bytes("AA 62 00"), bytes("AA 74 83 44 0B 0F 75 00")])
  }

  @Test(arguments: WCHSpeed.allCases) func speeds(_ speed: WCHSpeed) throws {
    let plugged = PluggedDevice(WCHDeviceModel(I2CBusModel(RegisterFileModel.patterned())))
    var settings = WCHBridge.Settings()
    settings.speed = speed
    var bridge = try WCHBridge(plugged.open(USBContext()), settings: settings)
    #expect(bridge.trial() == .well)
    #expect(plugged.model.speed == speed.rawValue)
  }

  @Test(arguments: [WCHProgram.Grouping.batch, .operation, .phase])
  func groupings(_ grouping: WCHProgram.Grouping) throws {
    var bench = try WCHBench(.ch347Mode1, grouping)
    #expect(bench.bridge.trial() == .well)
    #expect(bench.bridge.transfers == [.batch: 2, .operation: 8, .phase: 12][grouping])
    #expect(bench.talk == (grouping == .phase ? Self.apart : FTDIBench.talk))
  }

  /// Where a byte is not acknowledged, the operation it belongs to is named, whether or not the chip goes on behind it.
  @Test(arguments: 0..<13, [false, true])
  func refusal(_ place: Int, _ breaksOff: Bool) throws {
    var bench = try WCHBench(file: .patterned(refusal: place)) { $0.breaksOff = breaksOff }
    #expect(bench.bridge.attempt().1 == AcknowledgePlace(place).error)
    #expect(bench.bridge.trial() == .well)
  }

  @Test(arguments: 0..<13) func refusalBehindCH341(_ place: Int) throws {
    var bench = try WCHBench(.ch341A, file: .patterned(refusal: place))
    #expect(bench.bridge.attempt().1 == AcknowledgePlace(place).error)
    #expect(bench.bridge.trial() == .well)
    #expect(bench.plugged.model.violations == 0)
  }

  /// A refusal in the middle of a write that takes several packets leaves no chip addressed.
  @Test func refusalBetweenPackets() throws {
    var bench = try WCHBench(.ch341A, file: .patterned(refusal: 5))
    let (_, error) = bench.bridge.attempt(Batches.write([UInt8](repeating: 7, count: 30), to: 0))
    #expect(error?.cause == .dataNotAcknowledged)
    #expect(bench.talk.hasSuffix("p "))
    #expect(bench.plugged.transfers.last?.sent == bytes("AA 75 00"))
  }

  /// Whatever is not 1 is no acknowledgement; and what still comes behind one that fails is not taken for the next
  /// answer, although it comes in pieces.
  @Test(arguments: [UInt8(0), 2, 0x80, 0xFF], [1, 2, 3, 512])
  func refusalCodes(_ code: UInt8, _ pieceSize: Int) throws {
    var bench = try WCHBench(file: .patterned(refusal: 5)) {
      $0.refusalCode = code
      $0.pieceSize = pieceSize
    }
    #expect(bench.bridge.attempt().1 == AcknowledgePlace(5).error)
    #expect(bench.bridge.trial() == .well)
  }

  /// What was read in front of a refusal is kept, nothing behind it is.
  @Test func partOfABatch() throws {
    var bench = try WCHBench(file: .patterned(refusal: 11))
    let (batch, error) = bench.bridge.attempt()
    #expect(error?.operation == 3)
    #expect((0..<7).map { batch.byte($0, of: 2) } == FTDITests.read && batch.byte(of: 3) == 0)
  }

  @Test(arguments: WCHDeviceModel.Chip.allCases) func nobody(_ chip: WCHDeviceModel.Chip) throws {
    var bench = try WCHBench(chip, file: .patterned(BusAddress(rawValue: 0x50)))
    for _ in 0..<2 {
      #expect(
        bench.bridge.attempt().1
          == RegisterBusError(.addressNotAcknowledged, operation: 0, address: FTDIBench.chip))
    }
  }

  @Test func stretching() throws {
    var bench = try WCHBench { $0.master.bus.stretch = 7 }
    #expect(bench.bridge.trial() == .well)
    // A chip that never lets go of SCL looks like one that is not there.
    bench.plugged.change { $0.master.bus.stretch = 100_000 }
    #expect(bench.bridge.attempt().1 != nil)
  }

  @Test func longBatch() throws {
    var bench = try WCHBench()
    var batch = RegisterBatch()
    for index in 0..<4 { batch.read(60, from: UInt8(index * 60), of: FTDIBench.chip) }
    let (read, error) = bench.bridge.attempt(batch)
    #expect(error == nil && bench.bridge.transfers == 2)
    #expect((0..<240).map { read.byte($0 % 60, of: $0 / 60) } == (0..<240).map { UInt8($0) ^ 0x5A })
    let (whole, next) = bench.bridge.attempt(Batches.read(256, from: 0))
    #expect(next == nil && (0..<256).map { whole.byte($0, of: 0) } == (0..<256).map { UInt8($0) ^ 0x5A })
    var overfull = RegisterBatch()
    for _ in 0..<30 { overfull.read(1, from: 0, of: FTDIBench.chip) }
    #expect(bench.bridge.attempt(overfull).1 == RegisterBusError(.overfullBatch))
  }

  /// A chip in a mode without I2C has no interface of the vendor's.
  @Test func otherDevices() throws {
    let tiny = PluggedDevice(I2CTinyUSBModel(RegisterFileModel.patterned(), firmware: .pico))
    let device = try tiny.open(USBContext())
    #expect(throws: USBError.self) { try WCHBridge(device) }
  }
}
