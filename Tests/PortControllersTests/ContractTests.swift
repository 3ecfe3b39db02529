import PortControllers
import PortEngine
import PowerDelivery
import Quantities
import Simulator
import Testing

/// A way to plug two ports together, and what comes of it.
struct Plugging: Sendable, CustomTestStringConvertible {
  var chargerPin = CCPin.cc1
  var phonePin = CCPin.cc1
  var hasMarker = false
  var revision = SpecificationRevision.revision3
  var pps: Int32?
  var hasInterruptPin = true
  var readsAhead = true

  var testDescription: String {
    "\(chargerPin) \(phonePin) marker: \(hasMarker) revision: \(revision.rawValue) "
      + "PPS: \(pps ?? 0) pin: \(hasInterruptPin) ahead: \(readsAhead)"
  }

  var link: ChipLink {
    let bench = ChipBench(chargerPin: chargerPin, phonePin: phonePin, hasMarker: hasMarker)
    var options = FUSB302Options()
    options.hasInterruptPin = hasInterruptPin
    options.readsAhead = readsAhead
    if !hasInterruptPin { options.attachedPoll = Nanoseconds(1_000_000) }
    let link = ChipLink(
      pps.map { ChipLink.pps($0) } ?? ChipLink.fixed(9_000), revision: revision, bench: bench,
      options: options)
    link.charger.hasInterruptPin = hasInterruptPin
    link.phone.hasInterruptPin = hasInterruptPin
    return link
  }

  static let all: [Plugging] = [
    Plugging(), Plugging(chargerPin: .cc2), Plugging(phonePin: .cc2),
    Plugging(chargerPin: .cc2, phonePin: .cc2), Plugging(hasMarker: true),
    Plugging(chargerPin: .cc2, hasMarker: true), Plugging(revision: .revision2), Plugging(pps: 8_460),
    Plugging(phonePin: .cc2, pps: 3_900), Plugging(hasInterruptPin: false),
    Plugging(pps: 5_980, hasInterruptPin: false), Plugging(readsAhead: false),
  ]
}

@Suite("Two engines over FUSB302 drivers and models")
struct ContractTests {
  @Test("Reach a contract, on either pin, with and without an interrupt pin", arguments: Plugging.all)
  func contract(_ plugging: Plugging) {
    let link = plugging.link
    link.start()
    let reached = link.runToContract()
    // The sink takes the supply's word; give VBUS the time to be where it goes.
    link.run(milliseconds: 50)
    // With a marker the charger asks a cable that does not answer.
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
    let link = Plugging(chargerPin: pin, hasMarker: true).link
    link.start()
    _ = link.runToContract()
    let chip = link.bench.chips[0]
    #expect(chip.termination(of: pin.other) == .vconn && chip.termination(of: pin) != .vconn)
  }

  @Test("A message is received and answered in at most three round trips")
  func roundTrips() {
    var counts: [ChipPort.TripCount] = []
    for plugging in [
      Plugging(), Plugging(pps: 8_460), Plugging(hasMarker: true), Plugging(revision: .revision2),
    ] {
      let link = plugging.link
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
    for trips in 1...max(1, counts.map(\.trips).max() ?? 1) {
      let answered = counts.count { $0.trips == trips && $0.isAnswered }
      let others = counts.count { $0.trips == trips && !$0.isAnswered }
      print("➜ \(trips) round trips: \(answered) messages received and answered, \(others) received")
    }
    #expect(counts.count > 40 && counts.contains { $0.isAnswered })
    #expect(counts.filter { $0.trips > 3 && $0.isAnswered } == [])
    // Where the GoodCRC for an own message lies before it in the FIFO, a message that needs no answer takes one more.
    #expect(counts.filter { $0.trips > 4 } == [])
  }

  @Test("The phone follows PPS steps, also below the range of VBUSOK")
  func steps() {
    let link = Plugging(pps: 5_000).link
    link.start()
    var reached = link.runToContract()
    for voltage: Int32 in [5_020, 9_000, 3_600, 3_300, 10_980] {
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
  }

  @Test("Any lost packet is made good", arguments: 0..<16)
  func lostPacket(_ number: Int) {
    let link = Plugging(pps: 8_460).link
    link.bench.damagedPackets = [number]
    link.start()
    let reached = link.runToContract(milliseconds: 4_000)
    #expect(reached)
    #expect(link.charger.controller.statistics.overruns == 0)
  }

  @Test("A Hard Reset takes VBUS down and leads to a new contract", arguments: [Side.charger, .phone])
  func hardReset(_ side: Side) {
    let link = Plugging().link
    link.start()
    _ = link.runToContract()
    (side == .charger ? link.charger : link.phone).request(.hardReset)
    let fell = link.run(milliseconds: 700) { $0.bench.stage.voltage < Millivolts(800) }
    let returned = link.runToContract(milliseconds: 3_000)
    #expect(fell && returned)
    #expect(link.bench.log.count { $0.signal == .hardReset } == 1)
  }

  @Test("What is pulled out is gone, and can come back")
  func detach() {
    let link = Plugging(pps: 8_460).link
    link.start()
    _ = link.runToContract()
    link.bench.unplug()
    let fell = link.run(milliseconds: 200) { $0.bench.stage.voltage < Millivolts(800) }
    link.run(milliseconds: 300)
    #expect(fell && !link.bench.stage.isEnabled)
    #expect(!link.charger.engine.connection.isAttached && !link.phone.engine.connection.isAttached)
    link.bench.plug()
    let returned = link.runToContract()
    #expect(returned)
  }

  @Test("A dual-role port finds a sink and a source", arguments: [Side.charger, .phone])
  func dualRole(_ side: Side) {
    let link = Plugging().link
    let port = side == .charger ? link.charger : link.phone
    var configuration = port.engine.configuration
    configuration = PortConfiguration(roles: .dualRole)
    configuration.goodCRC = .siliconWithRetries
    port.engine = PortEngine(configuration, source: port.engine.sourcePolicy, sink: port.engine.sinkPolicy)
    link.start()
    let reached = link.runToContract(milliseconds: 4_000)
    #expect(reached)
  }

  @Test("A BIST carrier is sent and stopped")
  func carrier() {
    let link = ChipLink(ChipLink.fixed(5_000))
    link.start()
    _ = link.runToContract()
    var object = BISTDataObject()
    object.mode = .carrierMode
    link.charger.request(.sendBIST(object))
    link.run(milliseconds: 100)
    let carriers = link.bench.log.filter { $0.signal == .carrier }
    #expect(carriers.count == 1 && carriers.first?.sender == .phone)
  }
}
