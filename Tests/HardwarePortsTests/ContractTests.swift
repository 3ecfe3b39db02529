import LineCode
import PortControllers
import PortEngine
import PowerDelivery
import Quantities
import Simulator
import TestSupport
import Testing
import XiaomiCharge
import XiaomiKeys

/// Engine, drivers, bridge and libusb are those of the program; the device, its chips, the cable and the partner are
/// models in virtual time: micro-frames of 125 µs, I2C at 400 kHz.
@Suite("A port of chips behind an FT232H behind libusb") struct ContractTests {
  @Test(arguments: [PhoneModel.pd2Fixed, .pd3Fixed, .pps], [true, false])
  func charger(_ phone: PhoneModel, _ seesInterrupts: Bool) throws {
    let link = try BridgedPort(
      .phone(phone.setup), own: ChargerModel(.pps, power: Milliwatts(45_000)).setup,
      seesInterrupts: seesInterrupts)
    link.start()
    #expect(
      link.run(milliseconds: 2_000) { $0.hasContract && $0.board.bench.stage.voltage == Millivolts(9_000) })
    #expect(link.port.engine.contract?.supply == (phone == .pps ? .sprPPS : .fixed))
    // Received and answered: three calls of the bus, one more where nobody sees the interrupt pin.
    let limit = seesInterrupts ? 3 : 4
    #expect(
      !link.log.answered.isEmpty && link.log.answered.allSatisfy { $0.trips <= limit }, "\(link.log.answered)"
    )
  }

  /// The same with a TCPC in place of the FUSB302, both layouts of its buffers.
  @Test(arguments: [TCPCIModel.Interface.r1, .r2], [true, false])
  func tcpci(_ interface: TCPCIModel.Interface, _ seesInterrupts: Bool) throws {
    let bench = ChipBench(charger: TCPCIModel(interface), phone: FUSB302Model())
    var options = TCPCIOptions()
    options.hasInterruptPin = seesInterrupts
    let link = try BridgedPort(
      .phone(PhoneModel.pps.setup), own: ChargerModel(.pps, power: Milliwatts(45_000)).setup, bench: bench,
      seesInterrupts: seesInterrupts
    ) { TCPCI(bus: $0, options: options) }
    link.start()
    #expect(
      link.run(milliseconds: 2_000) { $0.hasContract && $0.board.bench.stage.voltage == Millivolts(9_000) })
    #expect(link.port.engine.contract?.supply == .sprPPS)
    #expect(link.log.answered.allSatisfy { $0.trips <= 3 }, "\(link.log.answered)")
  }

  @Test(arguments: [ChargerModel.Kind.fixedPD2, .fixed, .pps])
  func phone(_ kind: ChargerModel.Kind) throws {
    let charger = ChargerModel(kind, power: Milliwatts(45_000)).setup
    let link = try BridgedPort(.charger(charger), own: PhoneModel.pps.setup)
    link.start()
    #expect(
      link.run(milliseconds: 2_000) { $0.hasContract && $0.board.bench.stage.voltage == Millivolts(9_000) })
    #expect(link.port.engine.contract?.supply == (kind == .pps ? .sprPPS : .fixed))
    #expect(link.log.answered.allSatisfy { $0.trips <= 3 }, "\(link.log.answered)")
  }

  /// A phone that asks for another voltage again and again: how long its Request waits for Accept.
  @Test func requestToAccept() throws {
    let link = try BridgedPort(
      .phone(PhoneModel.pps.setup), own: ChargerModel(.pps, power: Milliwatts(45_000)).setup)
    link.start()
    try #require(link.run(milliseconds: 2_000) { $0.hasContract })
    for step in 0..<200 {
      let voltage = Millivolts(Int32(5_000 + step % 50 * 100))
      link.board.partner.port.engine.sinkPolicy.strategy = .pps(
        voltage: voltage, current: Milliamperes(2_000))
      link.board.partner.request(.choosePower)
      // Not in step with the port's looks at its interrupt pin.
      link.run(milliseconds: 1)
      link.board.pass(Nanoseconds(Int64(step * 13_577 % 1_000_000)))
      #expect(link.run(milliseconds: 300) { $0.board.bench.stage.voltage == voltage && $0.hasContract })
    }
    let times = link.acceptTimes.sorted()
    try #require(times.count > 200)
    func quantile(_ share: Double) -> String {
      "\(Double(times[Int(Double(times.count - 1) * share)].rawValue) / 1e6) ms"
    }
    print(
      "➜ Request to Accept over FUSB302, FT232H, libusb: \(times.count) times,"
        + " least \(quantile(0)), median \(quantile(0.5)), 99 % \(quantile(0.99)), most \(quantile(1))")
    #expect(times.allSatisfy { $0 < Nanoseconds(Milliseconds(15)) })
    #expect(link.log.answered.allSatisfy { $0.trips <= 3 })
  }

  @Test(arguments: [XiaomiPhoneProfile(), .mediaTek])
  func xiaomi(_ profile: XiaomiPhoneProfile) throws {
    let adapter = XiaomiAdapterID(rawValue: 0x0)
    let cable = XiaomiCable.captive(Milliamperes(6_000))
    let charger = ChargerModel.xiaomi(.watts120, cable: cable, adapterID: adapter)
    let link = try BridgedPort(
      .phone(PhoneModel.xiaomi(charge: Percent(20)), XiaomiPhoneSetup(profile, keys: SyntheticKeys.right)),
      own: charger)
    let setup = XiaomiChargerSetup(.watts120, cable: cable, adapterID: adapter, keys: .none)
    link.port.speakXiaomi(
      setup.settings,
      SourceOffers(standard: charger.source, verified: setup.verified, mutual: setup.mutual))
    link.keys = { SyntheticKeys.right.digest($0) }
    link.start()
    #expect(
      link.run(milliseconds: 4_000) {
        $0.port.xiaomi?.stage == .mutual && $0.port.engine.contract?.supply == .sprPPS
      },
      "\(link.log.xiaomi) \(link.log.notices) \(link.board.partner.observer.phoneNotices)")
  }
}
