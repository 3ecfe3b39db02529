import PowerDelivery
import PowerStages
import PowerSupervision
import Quantities
import Simulator
import Testing

@Suite("Riden RD60xx on a bad line, and under a supervisor")
struct RidenLineTests {
  /// Start, on, another voltage, off.
  private static func dialogue(_ bench: inout RidenBench) {
    bench.handle(.start)
    bench.run(for: Milliseconds(200)) { $0.stage.condition == .running }
    bench.switchOn()
    bench.handle(.command(.voltage(Millivolts(12_000))))
    bench.run(for: Milliseconds(200)) { $0.supply.voltage == Millivolts(12_000) }
    bench.run(for: Milliseconds(30))
    bench.handle(.command(.output(false)))
    bench.run(for: Milliseconds(200)) { !$0.supply.isOn }
  }

  enum Damage: CaseIterable { case lost, wrong, doubledBit }

  /// One byte that is lost or wrong, at every place of the dialogue, costs one more request.
  @Test("Every byte, in both directions", arguments: Damage.allCases, [true, false])
  func everyByte(_ damage: Damage, _ towardsSupply: Bool) {
    var clean = RidenBench()
    Self.dialogue(&clean)
    let total = towardsSupply ? clean.sent.reduce(0) { $0 + $1.bytes.count } : clean.received.count
    #expect(total > 80 && clean.faults.isEmpty && clean.supply.registers[8] == 1_200)
    for place in 0..<total {
      var bench = RidenBench()
      let spoil: (Int, UInt8) -> UInt8? = { index, byte in
        guard index == place else { return byte }
        return switch damage {
        case .lost: nil
        case .wrong: byte ^ 0xFF
        case .doubledBit: byte ^ 0x01
        }
      }
      if towardsSupply { bench.toSupply = spoil } else { bench.toStage = spoil }
      Self.dialogue(&bench)
      #expect(
        bench.faults.isEmpty && bench.stage.condition == .running && !bench.supply.isOn
          && bench.supply.registers[8] == 1_200 && bench.supply.registers[9] == 3_000, "byte \(place)")
    }
  }

  /// An answer that is not understood is heard to its end, although it comes in pieces, before anything is asked.
  @Test("Answers in pieces")
  func pieces() {
    var bench = RidenBench.running()
    bench.supply.stutter = (3, Nanoseconds(Milliseconds(4)))
    bench.run(for: Milliseconds(100))
    #expect(bench.faults.isEmpty)
    // The second byte of an answer is wrong, and the rest comes 4 ms later: one more request, not one for each piece.
    bench.supply.stutter = (2, Nanoseconds(Milliseconds(4)))
    let count = bench.measurements.count
    bench.run(for: Milliseconds(100)) { $0.measurements.count == count + 1 }
    let sent = bench.sent.count
    let place = bench.received.count + 1
    bench.toStage = { index, byte in index == place ? byte ^ 0x04 : byte }
    bench.run(for: Milliseconds(100)) { $0.measurements.count == count + 2 }
    #expect(bench.sent.count - sent == 2 && bench.measurements.count == count + 2 && bench.faults.isEmpty)
  }

  @Test("What nobody asked for is heard to its end before anything is asked")
  func strayBytes() {
    var bench = RidenBench.running()
    let count = bench.measurements.count
    bench.run(for: Milliseconds(100)) { $0.measurements.count > count }
    let sent = bench.sent.count
    for _ in 0..<3 {
      bench.handle(.received(0x55))
      bench.run(for: Milliseconds(4))
      #expect(bench.sent.count == sent)
    }
    bench.run(for: Milliseconds(4))
    #expect(bench.sent.count == sent + 1)
  }

  /// An answer that comes after its time-out does not bring the two out of step.
  @Test("Late answers")
  func lateAnswers() {
    var bench = RidenBench.running()
    bench.supply.thinking = Nanoseconds(Milliseconds(32))
    bench.run(for: Milliseconds(60))
    bench.supply.thinking = Nanoseconds(Milliseconds(5))
    bench.handle(.command(.voltage(Millivolts(15_000))))
    bench.run(for: Milliseconds(300))
    #expect(bench.supply.voltage == Millivolts(15_000) && bench.faults.isEmpty)
  }

  /// A supervisor with the supply as its stage: what it wants, when it has it.
  private struct Charger {
    var supervisor: PowerSupervisor
    var bench = RidenBench()
    var answers: [(report: SupplyReport, at: Instant)] = []

    init() {
      supervisor = PowerSupervisor(
        SupervisorLimits(voltage: Millivolts(20_000), current: Milliamperes(3_000), power: Milliwatts(60_000))
      )
      bench.handle(.start)
      bench.run(for: Milliseconds(100)) { $0.stage.condition == .running }
    }

    mutating func command(_ command: SupplyCommand, within span: Milliseconds) {
      supervisor.handle(.command(command), at: bench.now)
      act()
      run(for: span)
    }

    mutating func run(for span: Milliseconds) {
      let end = bench.now + Nanoseconds(span)
      while bench.now < end {
        bench.run(for: Milliseconds(1))
        for report in bench.reports {
          switch report {
          case .measured(let measurement): supervisor.handle(.measured(measurement), at: bench.now)
          case .failed: supervisor.handle(.stageFailed, at: bench.now)
          case .send, .ready: break
          }
        }
        bench.reports = []
        supervisor.handle(.timeout, at: bench.now)
        act()
      }
    }

    private mutating func act() {
      while let action = supervisor.nextAction() {
        switch action {
        case .stage(let command): bench.handle(.command(command))
        case .report(let report): answers.append((report, bench.now))
        }
      }
    }
  }

  @Test("5 V, 9 V, PPS in steps of 20 mV, off with a bleeder: all in the time that the standard gives")
  func contracts() throws {
    var charger = Charger()
    charger.run(for: Milliseconds(50))
    charger.command(.on(Milliamperes(3_000)), within: Milliseconds(275))
    #expect(charger.answers.map(\.report) == [.ready])
    charger.bench.supply.load = Milliohms(9_000)
    var nineVolts = FixedSupplySourcePDO()
    nineVolts.voltage = Millivolts(9_000)
    nineVolts.maximumCurrent = Milliamperes(3_000)
    let fixed = PowerContract(
      supply: .fixed, voltage: Millivolts(9_000), current: Milliamperes(3_000), object: nineVolts.rawValue)
    var range = SPRPPSSourceAPDO()
    range.minimumVoltage = Millivolts(5_000)
    range.maximumVoltage = Millivolts(11_000)
    range.maximumCurrent = Milliamperes(3_000)
    charger.command(.transition(fixed), within: Milliseconds(250))
    #expect(charger.answers.map(\.report) == [.ready, .ready])
    for step in 0..<20 {
      let voltage = Millivolts(9_000 + 20 * Int32(step))
      charger.command(
        .transition(
          PowerContract(
            supply: .sprPPS, voltage: voltage, current: Milliamperes(3_000), object: range.rawValue)),
        within: Milliseconds(250))
      #expect(charger.answers.count == 3 + step && charger.answers.last?.report == .ready)
      #expect(charger.bench.supply.voltage == voltage)
    }
    charger.command(.off, within: Milliseconds(650))
    #expect(charger.answers.last?.report == .safe0V && charger.supervisor.fault == nil)
  }

  @Test("Without a bleeder VBUS falls too slowly, and the supervisor says so")
  func noBleeder() {
    var charger = Charger()
    charger.bench.supply.leakage = Millivolts(1)
    charger.run(for: Milliseconds(50))
    charger.command(.on(Milliamperes(3_000)), within: Milliseconds(275))
    charger.command(.off, within: Milliseconds(700))
    #expect(charger.supervisor.fault == .dischargeTimeout)
  }

  @Test("A supply that falls silent is a fault of the stage, before the supervisor misses its measurements")
  func silence() {
    var charger = Charger()
    charger.run(for: Milliseconds(50))
    charger.command(.on(Milliamperes(3_000)), within: Milliseconds(275))
    charger.bench.supply.isDeaf = true
    charger.run(for: Milliseconds(200))
    #expect(
      charger.answers.last?.report == .fault(.stageFailure)
        || charger.answers.last?.report == .fault(.stageSilent))
    charger.bench.supply.isDeaf = false
    charger.run(for: Milliseconds(100))
    #expect(!charger.bench.supply.isOn)
  }
}
