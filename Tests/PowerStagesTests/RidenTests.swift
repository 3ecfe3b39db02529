import PowerStages
import PowerSupervision
import Quantities
import Simulator
import Testing

@Suite("Riden RD60xx")
struct RidenTests {
  @Test("Off before anything else, then the model", arguments: RidenSupplyModel.Model.allCases)
  func start(_ model: RidenSupplyModel.Model) {
    var bench = RidenBench(model)
    bench.handle(.start)
    bench.run(for: Milliseconds(100)) { $0.stage.condition == .running }
    #expect(
      bench.sent.prefix(2).map { Array($0.bytes.prefix(6)) } == [[1, 6, 0, 18, 0, 0], [1, 3, 0, 0, 0, 1]])
    let expected: [RidenSupplyModel.Model: RidenModel] = [
      .rd6006: .rd6006, .rd6006P: .rd6006P, .rd6012: .rd6012, .rd6018: .rd6018,
    ]
    #expect(bench.stage.model == expected[model])
    #expect(bench.reports.contains { if case .ready = $0 { true } else { false } })
  }

  @Test(
    "9 V, 3 A, on: register values of each model",
    arguments: [
      (RidenSupplyModel.Model.rd6006, UInt16(900), UInt16(3_000)), (.rd6006P, 9_000, 30_000),
      (.rd6012, 900, 300),
      (.rd6018, 900, 300),
    ])
  func settings(_ model: RidenSupplyModel.Model, _ voltage: UInt16, _ limit: UInt16) {
    var bench = RidenBench.running(model)
    #expect(bench.supply.registers[8] == voltage && bench.supply.registers[9] == limit && bench.supply.isOn)
    bench.supply.load = Milliohms(4_500)
    bench.run(for: Milliseconds(60))
    let last = bench.measurements.last
    #expect(last?.vbus == Millivolts(9_000) && last?.current == Milliamperes(2_000))
    #expect(last?.temperature == DegreesCelsius(31) && last?.isCurrentLimited == false)
    #expect(bench.stage.inputVoltage == Millivolts(65_000))
    bench.handle(.command(.output(false)))
    bench.run(for: Milliseconds(60))
    #expect(!bench.supply.isOn && bench.faults.isEmpty)
  }

  @Test("Voltage and limit go together, and in front of the output")
  func order() {
    var bench = RidenBench.running()
    let writes = bench.sent.map(\.bytes).filter { $0[1] != 3 }
    #expect(
      writes.map { Array($0.prefix(6)) } == [
        [1, 6, 0, 18, 0, 0], [1, 16, 0, 8, 0, 2], [1, 6, 0, 18, 0, 1],
      ])
    bench.handle(.command(.voltage(Millivolts(5_000))))
    bench.run(for: Milliseconds(60))
    #expect(bench.sent.contains { $0.bytes.prefix(6) == [1, 6, 0, 8, 0x01, 0xF4] })
    bench.handle(.command(.currentLimit(Milliamperes(1_000))))
    bench.run(for: Milliseconds(60))
    #expect(bench.sent.contains { $0.bytes.prefix(6) == [1, 6, 0, 9, 0x03, 0xE8] })
    #expect(bench.supply.voltage == Millivolts(5_000))
  }

  @Test("Voltages and limits outside of the range are cut", arguments: RidenModel.allCases)
  func range(_ model: RidenModel) {
    #expect(model.voltage(model.code(Millivolts(70_000))) == Millivolts(60_000))
    #expect(model.voltage(model.code(Millivolts(-5))) == .zero)
    #expect(model.current(model.code(Milliamperes(.max))) == model.currents.upperBound)
    #expect(model.current(model.code(Milliamperes(.min))) == .zero)
    #expect(model.voltage(model.code(Millivolts(11_040))) == Millivolts(11_040))
    #expect(model.current(model.code(Milliamperes(2_250))) == Milliamperes(2_250))
    #expect(model.current(.max) > .zero && model.voltage(.max) > .zero)
  }

  @Test(
    "Numbers of models",
    arguments: [
      (UInt16(60_060), RidenModel?.some(.rd6006)), (60_064, .rd6006), (60_065, .rd6006P), (60_120, .rd6012),
      (60_189, .rd6018), (60_066, nil), (60_059, nil), (60_130, nil), (0, nil), (.max, nil),
    ])
  func models(_ number: UInt16, _ model: RidenModel?) { #expect(RidenModel(number: number) == model) }

  @Test("A supply whose steps are not known stays off, and nothing goes on")
  func unknownModel() {
    var bench = RidenBench()
    bench.supply.set(0, 60_240)
    bench.supply.set(18, 1)
    bench.handle(.start)
    bench.handle(.command(.output(true)))
    bench.run(for: Milliseconds(500))
    #expect(bench.stage.condition == .failed(.unknownModel(60_240)) && !bench.supply.isOn)
    #expect(bench.faults == [.unknownModel(60_240)] && bench.stage.nextDeadline == nil)
    #expect(bench.sent.count == 2)
  }

  enum Trouble: CaseIterable {
    case overVoltage, overCurrent, otherProtection, keyPressed, voltageTurned, limitTurned

    var fault: RidenFault {
      switch self {
      case .overVoltage: .overVoltage
      case .overCurrent: .overCurrent
      case .otherProtection: .protection(7)
      case .keyPressed: .outputChanged
      case .voltageTurned, .limitTurned: .settingsChanged
      }
    }

    func happen(to supply: inout RidenSupplyModel) {
      switch self {
      case .overVoltage: supply.overVoltage = Millivolts(8_000)
      case .overCurrent:
        supply.load = Milliohms(4_000)
        supply.overCurrent = Milliamperes(1_000)
      case .otherProtection: supply.set(16, 7)
      case .keyPressed: supply.set(18, 0)
      case .voltageTurned: supply.set(8, 1_200)
      case .limitTurned: supply.set(9, 10)
      }
    }
  }

  @Test(
    "What the supply does by itself is a fault, and its output is switched off", arguments: Trouble.allCases)
  func faults(_ trouble: Trouble) {
    let fault = trouble.fault
    var bench = RidenBench.running()
    trouble.happen(to: &bench.supply)
    bench.run(for: Milliseconds(200))
    #expect(bench.stage.condition == .failed(fault) && bench.faults == [fault] && !bench.supply.isOn)
    // It is measured further, so that the supervisor sees VBUS fall.
    let before = bench.measurements.count
    bench.run(for: Milliseconds(100))
    #expect(bench.measurements.count > before)
    // A command switches it on again, from the beginning.
    bench.supply.overVoltage = Millivolts(62_000)
    bench.supply.overCurrent = Milliamperes(20_000)
    bench.switchOn()
    #expect(bench.supply.isOn && bench.stage.condition == .running && bench.supply.registers[8] == 900)
  }

  @Test("An output that somebody switches on goes off again")
  func switchedOn() {
    var bench = RidenBench()
    bench.handle(.start)
    bench.run(for: Milliseconds(100)) { $0.stage.condition == .running }
    for _ in 0..<2 {
      bench.supply.set(18, 1)
      bench.run(for: Milliseconds(100))
      #expect(!bench.supply.isOn && bench.faults == [.outputChanged])
    }
  }

  @Test("Constant current is told as what it is")
  func constantCurrent() {
    var bench = RidenBench.running()
    bench.supply.load = Milliohms(2_000)
    bench.run(for: Milliseconds(100))
    let last = bench.measurements.last
    #expect(last?.isCurrentLimited == true && last?.current == Milliamperes(3_000))
    #expect(last?.vbus == Millivolts(6_000) && bench.faults.isEmpty)
    // The supply remembers it while it is off, where it means nothing.
    bench.handle(.command(.output(false)))
    bench.run(for: Milliseconds(100))
    #expect(bench.supply.registers[17] == 1 && bench.measurements.last?.isCurrentLimited == false)
  }

  @Test("A refusal switches off", arguments: [UInt8(1), 2, 3, 4, 6])
  func refusal(_ code: UInt8) {
    var bench = RidenBench.running()
    bench.supply.refusal = code
    bench.handle(.command(.voltage(Millivolts(5_000))))
    bench.run(for: Milliseconds(100))
    #expect(bench.faults == [.refused(code)] && bench.supply.isOn)
    // Off is refused as well: it is asked for again and again, but not without a pause.
    let before = bench.sent.count
    bench.run(for: Milliseconds(300))
    #expect(bench.sent.count - before < 10)
    bench.supply.refusal = nil
    bench.run(for: Milliseconds(100))
    #expect(!bench.supply.isOn)
  }

  @Test("A supply that does not answer is given up after three tries, and switched off when it answers again")
  func silence() {
    var bench = RidenBench.running()
    bench.supply.isDeaf = true
    let begin = bench.now
    bench.run(for: Milliseconds(500)) { !$0.faults.isEmpty }
    #expect(bench.faults == [.noAnswer] && bench.now - begin < Nanoseconds(Milliseconds(120)))
    bench.run(for: Milliseconds(500))
    #expect(bench.supply.isOn && bench.faults == [.noAnswer])
    bench.supply.isDeaf = false
    bench.run(for: Milliseconds(100))
    #expect(!bench.supply.isOn)
  }

  @Test("A supply that was off and does not answer is not taken for one that is off")
  func silenceWhileOff() {
    var bench = RidenBench()
    bench.handle(.start)
    bench.run(for: Milliseconds(150))
    bench.supply.isDeaf = true
    bench.run(for: Milliseconds(300))
    #expect(bench.faults == [.noAnswer])
    #expect(bench.sent.suffix(5).allSatisfy { $0.bytes.prefix(6) == [1, 6, 0, 18, 0, 0] })
  }

  @Test("Off does not wait behind a request that is not answered")
  func offFirst() {
    var bench = RidenBench.running()
    bench.supply.isDeaf = true
    bench.handle(.command(.voltage(Millivolts(12_000))))
    bench.run(for: Milliseconds(5))
    bench.handle(.command(.output(false)))
    let asked = bench.now
    bench.run(for: Milliseconds(100)) { $0.sent.last?.bytes.prefix(6) == [1, 6, 0, 18, 0, 0] }
    #expect(bench.now - asked < Nanoseconds(Milliseconds(35)))
    bench.supply.isDeaf = false
    bench.run(for: Milliseconds(100))
    #expect(!bench.supply.isOn)
    // Whether the voltage was heard is not known: it is written again before the output goes on.
    bench.handle(.command(.voltage(Millivolts(9_000))))
    bench.handle(.command(.output(true)))
    bench.run(for: Milliseconds(100))
    let last = bench.sent.map(\.bytes).filter { $0[1] != 3 }.suffix(3).map { Array($0.prefix(6)) }
    #expect(last == [[1, 16, 0, 8, 0, 2], [1, 6, 0, 8, 0x03, 0x84], [1, 6, 0, 18, 0, 1]])
  }

  @Test("Off overtakes a command to switch on that is not answered")
  func offInsteadOfOn() {
    var bench = RidenBench()
    bench.handle(.start)
    bench.run(for: Milliseconds(100)) { $0.stage.condition == .running }
    // The settings are written; then nothing comes back any more.
    bench.run(for: Milliseconds(50))
    let count = bench.measurements.count
    bench.run(for: Milliseconds(50)) { $0.measurements.count > count }
    bench.toStage = { _, _ in nil }
    bench.handle(.command(.output(true)))
    bench.run(for: Milliseconds(100)) { $0.supply.isOn }
    let wasOn = bench.supply.isOn
    bench.handle(.command(.output(false)))
    bench.run(for: Milliseconds(45))
    #expect(wasOn && !bench.supply.isOn)
  }

  @Test("Measurements come every 10 to 15 ms, and commands take effect within two of them")
  func latency() {
    var bench = RidenBench.running()
    let before = bench.measurements.count
    bench.run(for: Milliseconds(1_000))
    #expect((66...100).contains(bench.measurements.count - before))
    let asked = bench.now
    bench.handle(.command(.voltage(Millivolts(12_000))))
    bench.run(for: Milliseconds(100)) { $0.supply.registers[8] == 1_200 }
    #expect(bench.now - asked < Nanoseconds(Milliseconds(25)))
  }

  @Test("Any bytes at any time: nothing traps, and the supply works on")
  func noise() {
    var bench = RidenBench.running()
    var value: UInt64 = 7
    for _ in 0..<3_000 {
      value = value &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      if value >> 62 == 0 { bench.run(for: Milliseconds(3)) }
      bench.handle(.received(UInt8(truncatingIfNeeded: value >> 33)))
    }
    bench.run(for: Milliseconds(300))
    bench.switchOn(Millivolts(15_000))
    #expect(bench.supply.isOn && bench.supply.voltage == Millivolts(15_000))
    #expect(bench.stage.condition == .running)
  }
}
