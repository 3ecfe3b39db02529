import PowerStages
import PowerSupervision
import Quantities
import RegisterBus
import Simulator
import Testing

/// A bus that keeps what was written.
struct RecordingBus: RegisterBus {
  var writes: [[UInt8]] = []
  var status: UInt8 = 0x03
  var mode: UInt8 = 0
  var fails = false

  mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
    if fails { throw RegisterBusError(.timedOut) }
    for index in 0..<batch.count {
      guard let operation = batch.operation(index) else { continue }
      let bytes = (0..<operation.count).map { batch.byte($0, of: index) }
      switch (operation.direction, operation.register) {
      case (.write, 0x06):
        mode = bytes[0]
        writes.append([operation.register] + bytes)
      case (.write, _): writes.append([operation.register] + bytes)
      case (.read, 0x07): batch.store(status, at: 0, of: index)
      default: batch.store(mode, at: 0, of: index)
      }
    }
  }

  func last(_ register: UInt8) -> [UInt8] { writes.last { $0[0] == register } ?? [] }
}

@Suite("TPS55288")
struct TPS55288Tests {
  private func started() throws -> TPS55288<RecordingBus> {
    var stage = TPS55288(bus: RecordingBus())
    try stage.start(at: .zero)
    return stage
  }

  @Test("9 V, 3 A, on; off with discharge")
  func vector() throws {
    var stage = try started()
    for command: StageCommand in [
      .currentLimit(Milliamperes(3_000)), .voltage(Millivolts(9_000)), .discharge(false),
    ] {
      try stage.perform(command, at: .zero)
    }
    try stage.perform(.output(true), at: .zero)
    #expect(stage.bus.last(0x00) == [0x00, 0x9A, 0x01] && stage.bus.last(0x02) == [0x02, 0xBC])
    #expect(stage.bus.mode & 0x80 == 0x80)
    try stage.perform(.output(false), at: .zero)
    try stage.perform(.discharge(true), at: .zero)
    #expect(stage.bus.mode & 0x90 == 0x10)
  }

  @Test("The output is off before anything else is written")
  func start() throws {
    let stage = try started()
    #expect(stage.bus.writes.first?[0] == 0x06 && (stage.bus.writes.first?[1] ?? 0xFF) & 0x80 == 0)
  }

  @Test("Over-current is not indicated while the output is switched on, and is afterwards")
  func overCurrentMask() throws {
    var stage = try started()
    try stage.perform(.output(true), at: .zero)
    let early = stage.bus.last(0x05)
    _ = try stage.measure(at: .zero)
    #expect(early == [0x05, 0xA0] && stage.bus.last(0x05) == [0x05, 0xE0])
  }

  @Test(
    "Voltages and limits outside of the range are cut", arguments: [(0, 800, 0), (30_000, 21_260, 1_023)])
  func limits(_ asked: Int32, _ given: Int32, _ code: Int) throws {
    var stage = try started()
    try stage.perform(.voltage(Millivolts(asked)), at: .zero)
    let bytes = stage.bus.last(0x00)
    #expect(Int(bytes[1]) | Int(bytes[2]) << 8 == code)
    #expect(TPS55288<RecordingBus>.voltages.contains(Millivolts(given)))
  }

  @Test(
    "A fault switches the output off",
    arguments: [(UInt8(0x83), TPS55288Fault.shortCircuit), (0x23, .overVoltage)])
  func fault(_ status: UInt8, _ expected: TPS55288Fault) throws {
    var stage = try started()
    try stage.perform(.output(true), at: .zero)
    stage.bus.status = status
    let measurement = try stage.measure(at: .zero)
    #expect(measurement == nil && stage.condition == .failed(expected) && stage.bus.mode & 0x80 == 0)
  }

  @Test("A chip that was reset is noticed")
  func chipReset() throws {
    var stage = try started()
    try stage.perform(.output(true), at: .zero)
    stage.bus.mode = 0x20
    let measurement = try stage.measure(at: .zero)
    #expect(measurement == nil && stage.condition == .failed(.chipWasReset))
  }

  @Test("After a bus error the chip is set up anew before the output goes on")
  func busError() throws {
    var stage = try started()
    try stage.perform(.voltage(Millivolts(9_000)), at: .zero)
    stage.bus.fails = true
    #expect(throws: RegisterBusError(.timedOut)) { try stage.perform(.output(true), at: .zero) }
    #expect(stage.condition == .failed(.bus(RegisterBusError(.timedOut))))
    stage.bus.fails = false
    stage.bus.writes = []
    try stage.perform(.output(true), at: .zero)
    #expect(stage.bus.writes.first == [0x06, 0x10] && stage.bus.mode & 0x80 == 0x80)
    #expect(stage.bus.last(0x00) == [0x00, 0x9A, 0x01])
  }

  @Test("An over-current is what a current limit shows")
  func currentLimit() throws {
    var stage = try started()
    try stage.perform(.output(true), at: .zero)
    stage.bus.status = 0x43
    let measurement = try stage.measure(vbus: Millivolts(4_000), current: Milliamperes(3_000), at: .zero)
    #expect(measurement?.isCurrentLimited == true && measurement?.vbus == Millivolts(4_000))
  }

  @Test("Without a measurement VBUS is estimated from slew and discharge")
  func estimate() throws {
    var stage = try started()
    try stage.perform(.voltage(Millivolts(9_000)), at: .zero)
    try stage.perform(.output(true), at: .zero)
    let rising = try stage.measure(at: Instant(nanoseconds: 2_000_000))?.vbus
    let settled = try stage.measure(at: Instant(nanoseconds: 20_000_000))?.vbus
    try stage.perform(.output(false), at: Instant(nanoseconds: 20_000_000))
    try stage.perform(.discharge(true), at: Instant(nanoseconds: 20_000_000))
    let falling = try stage.measure(at: Instant(nanoseconds: 22_000_000))?.vbus
    #expect([rising, settled, falling] == [Millivolts(5_000), Millivolts(9_000), Millivolts(5_000)])
  }
}

@Suite("The TPS55288 model against the data sheet")
struct TPS55288ModelTests {
  @Test("The reference is latched by its high byte, and the output follows with its slew")
  func ramp() {
    var chip = TPS55288Model()
    chip.write([0x9A], to: 0x00)
    let before = chip.target
    chip.write([0x01], to: 0x01)
    chip.write([0xA0], to: 0x06)
    chip.advance(by: Nanoseconds(1_000_000), load: .zero)
    let half = chip.voltage
    chip.advance(by: Nanoseconds(10_000_000), load: .zero)
    #expect([before, half, chip.voltage] == [Millivolts(5_000), Millivolts(2_500), Millivolts(9_000)])
  }

  @Test("Discharge, leakage, short circuit, current limit")
  func off() {
    var chip = TPS55288Model()
    chip.write([0xA0], to: 0x06)
    chip.advance(by: Nanoseconds(10_000_000), load: .zero)
    chip.advance(by: Nanoseconds(10_000_000), load: Milliamperes(6_000))
    let limited = chip.read(1, from: 0x07)[0] & 0x40
    #expect(limited == 0x40 && chip.voltage == Millivolts(4_166) && chip.read(1, from: 0x07)[0] & 0x40 == 0)
    chip.isShorted = true
    chip.advance(by: Nanoseconds(100_000), load: .zero)
    #expect(chip.read(1, from: 0x07)[0] & 0x80 == 0x80 && !chip.isOn && chip.voltage == .zero)
  }
}
