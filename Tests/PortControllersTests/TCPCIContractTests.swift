import PortControllers
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Simulator
import Testing

/// Two chips plugged together in one way, and what comes of it.
struct TCPCIPlugging: Sendable, CustomTestStringConvertible {
  var charger = PortChip.tcpci()
  var phone = PortChip.tcpci()
  var chargerPin = CCPin.cc1
  var phonePin = CCPin.cc1
  var hasMarker = false
  var revision = SpecificationRevision.revision3
  var pps: Int32?

  var testDescription: String {
    "\(charger) \(chargerPin), \(phone) \(phonePin), marker: \(hasMarker), revision: \(revision.rawValue), "
      + "PPS: \(pps ?? 0)"
  }

  var link: ChipLink {
    let bench = ChipBench(
      chargerPin: chargerPin, phonePin: phonePin, hasMarker: hasMarker, charger: charger.model,
      phone: phone.model)
    let link = ChipLink(
      pps.map { ChipLink.pps($0) } ?? ChipLink.fixed(9_000), revision: revision, bench: bench,
      charger: charger, phone: phone)
    for (port, chip) in [(link.charger, charger), (link.phone, phone)] {
      if case .tcpci(_, let options) = chip { port.hasInterruptPin = options.hasInterruptPin }
    }
    return link
  }

  static var polled: TCPCIOptions {
    var options = TCPCIOptions()
    options.hasInterruptPin = false
    return options
  }

  static var exact: TCPCIOptions {
    var options = TCPCIOptions()
    options.readsAhead = false
    return options
  }

  /// Who meets whom.
  static let pairs: [(PortChip, PortChip)] = [
    (.tcpci(), .tcpci()), (.tcpci(.r1), .tcpci(.r1)), (.tcpci(.r1), .tcpci()), (.tcpci(), .fusb302()),
    (.fusb302(), .tcpci()), (.tcpci(.r1), .fusb302()), (.fusb302(), .tcpci(.r1)),
    (.tcpci(.r2, polled), .tcpci(.r1, polled)), (.tcpci(.r1, exact), .tcpci(.r2, exact)),
  ]

  /// Every pair on every pin, with a fixed contract, with PPS high and low, with a marker, and in Revision 2.0.
  static var all: [TCPCIPlugging] {
    pairs.flatMap { charger, phone in
      [
        TCPCIPlugging(charger: charger, phone: phone),
        TCPCIPlugging(charger: charger, phone: phone, chargerPin: .cc2, pps: 8_460),
        TCPCIPlugging(charger: charger, phone: phone, phonePin: .cc2, pps: 3_900),
        TCPCIPlugging(charger: charger, phone: phone, chargerPin: .cc2, phonePin: .cc2),
        TCPCIPlugging(charger: charger, phone: phone, hasMarker: true),
        TCPCIPlugging(charger: charger, phone: phone, chargerPin: .cc2, hasMarker: true),
        TCPCIPlugging(charger: charger, phone: phone, revision: .revision2),
      ]
    }
  }
}

@Suite("Two engines over TCPCI drivers and models, and with FUSB302s at the other end")
struct TCPCIContractTests {
  @Test("Reach a contract", arguments: TCPCIPlugging.all)
  func contract(_ plugging: TCPCIPlugging) {
    let link = plugging.link
    link.start()
    let reached = link.runToContract()
    link.run(milliseconds: 50)
    let stays = link.runToContract()
    let wanted = Millivolts(plugging.pps ?? 9_000)
    #expect(reached && stays)
    #expect(link.bench.stage.voltage == wanted && link.phone.engine.contract?.voltage == wanted)
    #expect(link.charger.engine.orientation == plugging.chargerPin)
    #expect(link.phone.engine.orientation == plugging.phonePin)
    let faults = [link.charger.faultCount, link.phone.faultCount]
    #expect(faults == [0, 0])
  }

  @Test("VCONN is on the pin that does not speak", arguments: [CCPin.cc1, .cc2])
  func vconn(_ pin: CCPin) {
    let link = TCPCIPlugging(chargerPin: pin, hasMarker: true).link
    link.start()
    _ = link.runToContract()
    let chip = link.bench.chips[0]
    #expect(chip.termination(of: pin.other) == .vconn && chip.termination(of: pin) == .rp(.current3000))
    link.bench.unplug()
    link.run(milliseconds: 400)
    let after = [CCPin.cc1, .cc2].map { link.bench.chips[0].termination(of: $0) }
    #expect(after == [.rp(.current3000), .rp(.current3000)])
  }

  @Test(
    "A message is received and answered in at most three round trips",
    arguments: [
      (TCPCIOptions(), 2), (TCPCIPlugging.exact, 3), (TCPCIPlugging.polled, 3),
    ])
  func roundTrips(_ options: TCPCIOptions, _ limit: Int) {
    var counts: [ChipPort.TripCount] = []
    for interface in [TCPCIModel.Interface.r1, .r2] {
      for (pps, marker) in [(nil, false), (Int32(8_460), false), (nil, true)] {
        let chip = PortChip.tcpci(interface, options)
        let link = TCPCIPlugging(charger: chip, phone: chip, hasMarker: marker, pps: pps).link
        link.start()
        _ = link.runToContract()
        link.phone.request(.getSourceCapabilities)
        link.run(milliseconds: 200)
        link.charger.request(.getSinkCapabilities)
        link.run(milliseconds: 200)
        link.phone.engine.sinkPolicy = ChipLink.pps(9_000)
        link.phone.request(.choosePower)
        link.run(milliseconds: 400)
        counts += link.charger.tripsPerMessage + link.phone.tripsPerMessage
      }
    }
    for trips in 1...max(1, counts.map(\.trips).max() ?? 1) {
      let answered = counts.count { $0.trips == trips && $0.isAnswered }
      let others = counts.count { $0.trips == trips && !$0.isAnswered }
      print("➜ \(trips) round trips: \(answered) messages received and answered, \(others) received")
    }
    #expect(counts.count > 60 && counts.contains { $0.isAnswered })
    #expect(counts.filter { $0.trips > limit } == [])
  }

  @Test("The phone follows PPS steps below what the chip counts as VBUS", arguments: [true, false])
  func steps(_ measures: Bool) {
    let link = TCPCIPlugging(pps: 5_000).link
    link.bench[.phone, as: TCPCIModel.self]?.measuresVBUS = measures
    link.start()
    var reached = link.runToContract()
    for voltage: Int32 in [5_020, 9_000, 3_600, 3_300, 10_980, 3_300] {
      link.phone.engine.sinkPolicy = ChipLink.pps(voltage)
      link.phone.request(.choosePower)
      link.run(milliseconds: 500)
      reached = reached && link.hasContract && link.bench.stage.voltage == Millivolts(voltage)
    }
    #expect(reached)
    let resets = (link.charger.notices + link.phone.notices).filter {
      if case .hardReset = $0 { true } else { false }
    }
    #expect(resets == [])
    // And what is pulled out there is seen to be gone.
    link.bench.unplug()
    link.run(milliseconds: 300)
    #expect(!link.phone.engine.connection.isAttached && !link.charger.engine.connection.isAttached)
  }

  @Test("Any lost packet is made good", arguments: 0..<16)
  func lostPacket(_ number: Int) {
    let link = TCPCIPlugging(charger: .tcpci(.r1), pps: 8_460).link
    link.bench.damagedPackets = [number]
    link.start()
    let reached = link.runToContract(milliseconds: 4_000)
    #expect(reached)
    #expect(link.charger.faultCount == 0 && link.phone.faultCount == 0)
  }

  @Test("A Hard Reset takes VBUS down and leads to a new contract", arguments: [Side.charger, .phone])
  func hardReset(_ side: Side) {
    let link = TCPCIPlugging(phone: .tcpci(.r1)).link
    link.start()
    _ = link.runToContract()
    (side == .charger ? link.charger : link.phone).request(.hardReset)
    let fell = link.run(milliseconds: 700) { $0.bench.stage.voltage < Millivolts(800) }
    let returned = link.runToContract(milliseconds: 3_000)
    #expect(fell && returned)
    #expect(link.bench.log.count { $0.signal == .hardReset } == 1)
    let events = (side == .charger ? link.charger : link.phone).events
    #expect(events.contains(.hardResetSent))
  }

  @Test("What is pulled out is gone, and can come back, also the other way round")
  func detach() {
    let link = TCPCIPlugging(pps: 8_460).link
    link.start()
    _ = link.runToContract()
    for _ in 0..<2 {
      link.bench.unplug()
      let fell = link.run(milliseconds: 200) { $0.bench.stage.voltage < Millivolts(800) }
      link.run(milliseconds: 300)
      #expect(fell && !link.bench.stage.isEnabled)
      #expect(!link.charger.engine.connection.isAttached && !link.phone.engine.connection.isAttached)
      link.bench.plug()
      let returned = link.runToContract()
      #expect(returned)
    }
  }

  @Test(
    "A receiver that the chip has switched off by itself is switched on again",
    arguments: [Side.charger, .phone])
  func deafness(_ side: Side) {
    let link = TCPCIPlugging().link
    link.start()
    _ = link.runToContract()
    link.bench.chips[side.index].write([0x00], to: 0x2F, at: link.bench.now)
    link.run(milliseconds: 20)
    #expect(link.bench.chips.allSatisfy { $0.acknowledges } && link.hasContract)
  }

  @Test("A dual-role port finds a sink and a source", arguments: [Side.charger, .phone])
  func dualRole(_ side: Side) {
    let link = TCPCIPlugging(charger: .tcpci(.r1)).link
    let port = side == .charger ? link.charger : link.phone
    var configuration = PortConfiguration(roles: .dualRole)
    configuration.goodCRC = .siliconWithRetries
    port.engine = PortEngine(configuration, source: port.engine.sourcePolicy, sink: port.engine.sinkPolicy)
    link.start()
    let reached = link.runToContract(milliseconds: 4_000)
    #expect(reached)
  }

  @Test("EPR mode is entered and kept alive, its capabilities in chunks", arguments: TCPCIPlugging.pairs)
  func epr(_ charger: PortChip, _ phone: PortChip) {
    let link = TCPCIPlugging(charger: charger, phone: phone).link
    let power = Milliwatts(140_000)
    var configuration = link.charger.engine.configuration
    configuration.fitCaptiveCable(Milliamperes(5_000), isEPR: true)
    link.charger.engine = PortEngine(
      configuration, source: ChargerModel(.epr, power: power).policy(power: power))
    link.charger.supervisor = PowerSupervisor(
      SupervisorLimits(voltage: Millivolts(29_000), current: Milliamperes(5_000), power: power))
    // The converter ends below 28 V: the sink keeps to 20 V, in EPR mode too.
    var sink = PhoneModel.eprLaptop.setup.sink
    sink.strategy = .fixed(maximumVoltage: Millivolts(20_000))
    link.phone.engine = PortEngine(link.phone.engine.configuration, sink: sink)
    link.start()
    let entered = link.run(milliseconds: 3_000) {
      $0.phone.notices.contains(.eprModeEntered) && $0.hasContract
    }
    link.run(milliseconds: 2_500)
    #expect(entered && link.hasContract && link.charger.notices.contains(.eprModeEntered))
    let left = (link.charger.notices + link.phone.notices).contains {
      if case .hardReset = $0 { true } else { $0 == .eprModeLeft }
    }
    #expect(!left && link.bench.stage.voltage == Millivolts(20_000))
  }

  @Test("A BIST carrier is sent and stopped", arguments: [TCPCIModel.Interface.r1, .r2])
  func carrier(_ interface: TCPCIModel.Interface) {
    let link = TCPCIPlugging(phone: .tcpci(interface)).link
    link.phone.engine.sinkPolicy = ChipLink.fixed(5_000)
    link.start()
    _ = link.runToContract()
    var object = BISTDataObject()
    object.mode = .carrierMode
    link.charger.request(.sendBIST(object))
    link.run(milliseconds: 100)
    let carriers = link.bench.log.filter { $0.signal == .carrier }
    #expect(carriers.count == 1 && carriers.first?.sender == .phone)
    let after = link.runToContract()
    #expect(after)
  }

  @Test("Test data is acknowledged and dropped until a Hard Reset")
  func testMode() {
    let link = TCPCIPlugging().link
    link.phone.engine.sinkPolicy = ChipLink.fixed(5_000)
    link.start()
    _ = link.runToContract()
    var object = BISTDataObject()
    object.mode = .testData
    link.charger.request(.sendBIST(object))
    link.run(milliseconds: 60)
    let before = link.phone.controller.statistics.messagesReceived
    let mode = link.bench.chips[1].read(1, from: 0x19, at: link.bench.now)[0] & 0x02
    let count = link.bench.log.count
    let packet = ChipSignal.packet(
      .sop, FUSB302Model.packet([0xA3, 0x73] + [UInt8](repeating: 0xAA, count: 28)))
    for _ in 0..<4 {
      link.bench.chips[1].hear(packet, isSound: true, at: link.bench.now)
      link.run(milliseconds: 3)
    }
    let answers = link.bench.log.dropFirst(count).count { $0.sender == .phone }
    #expect(mode == 0x02 && answers == 4)
    #expect(link.phone.controller.statistics.messagesReceived == before)
    link.charger.request(.hardReset)
    let back = link.runToContract(milliseconds: 4_000)
    #expect(back && link.bench.chips[1].read(1, from: 0x19, at: link.bench.now)[0] & 0x02 == 0)
  }
}
