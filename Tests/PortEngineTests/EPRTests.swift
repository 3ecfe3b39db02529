import LineCode
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing

@Suite("EPR mode") struct EPRTests {
  static func eprAVS(_ watts: Int32) -> UInt32 {
    var object = EPRAVSSourceAPDO()
    object.minimumVoltage = Millivolts(15_000)
    object.maximumVoltage = Millivolts(28_000)
    object.pdp = Milliwatts(watts * 1_000)
    return object.rawValue
  }

  /// A 140 W charger with a captive EPR cable, and a laptop.
  static func pair(
    _ strategy: SinkStrategy = .fixed(maximumVoltage: Millivolts(28_000)), cable: (Bool, Bool) = (true, true),
    laptopWants: Bool = true
  ) -> Pair {
    var charger = PortConfiguration(roles: .sourceOnly)
    charger.hasCaptiveCable = cable.0
    charger.captiveCableCurrent = Milliamperes(5_000)
    charger.captiveCableIsEPR = cable.1
    var offer = Sample.charger
    offer.capabilities = Sample.list([
      Sample.fixed(5, 3_000), Sample.fixed(9, 3_000), Sample.fixed(15, 3_000), Sample.fixed(20, 5_000),
      Sample.pps(5_000, 21_000, 5_000),
    ])
    offer.eprCapabilities = Sample.list([Sample.fixed(28, 5_000), eprAVS(140)])
    var laptop = Sample.phone(strategy, 140_000)
    laptop.entersEPR = laptopWants
    laptop.eprCapabilities = Sample.list([Sample.fixed(28, 5_000)])
    return Pair(
      PortEngine(charger, source: offer), PortEngine(PortConfiguration(roles: .sinkOnly), sink: laptop))
  }

  @Test("Entry with a captive cable, EPR capabilities in two chunks, 28 V, keep-alive")
  func entry() {
    var pair = Self.pair()
    pair.plugIn()
    pair.run(for: Nanoseconds(1_500_000_000)) { $0.sink.contract?.voltage == Millivolts(28_000) }
    #expect(
      pair.log == [
        "S Source_Capabilities 0", "K Request 0", "S Accept 1", "S PS_RDY 2", "K EPR_Mode 1", "S EPR_Mode 3",
        "S EPR_Mode 4", "S EPR_Source_Capabilities 5", "K EPR_Source_Capabilities 2",
        "S EPR_Source_Capabilities 6", "K EPR_Request 3", "S Accept 7", "S PS_RDY 0",
      ])
    #expect(pair.source.isInEPRMode && pair.sink.isInEPRMode)
    pair.log = []
    pair.run(for: Nanoseconds(2_000_000_000))
    // 0.375 s of silence each time, and a few milliseconds for the exchange.
    #expect(
      pair.log.map { String($0.dropLast(2)) }
        == Array(repeating: ["K Extended_Control", "S Extended_Control"], count: 5).flatMap { $0 })
    #expect(pair.source.state == .srcReady && pair.sink.state == .snkReady)
    #expect(pair.source.contract?.position == 8)
  }

  @Test("EPR AVS within the power of the source")
  func adjustable() {
    var pair = Self.pair(.avs(voltage: Millivolts(26_000), current: Milliamperes(5_000)))
    pair.plugIn()
    pair.run(for: Nanoseconds(3_000_000_000))
    #expect(pair.sink.contract?.supply == .eprAVS)
    #expect(pair.sink.contract?.voltage == Millivolts(26_000))
    #expect(pair.sink.contract == pair.source.contract)
    // The next step stays in the same object: no tSrcTransition.
    let before = pair.now
    pair.ports[1].sinkPolicy.strategy = .avs(voltage: Millivolts(20_000), current: Milliamperes(5_000))
    pair.request(1, .choosePower)
    pair.run(for: Nanoseconds(1_000_000_000)) { $0.source.contract?.voltage == Millivolts(20_000) }
    #expect(pair.now - before < Nanoseconds(20_000_000))
  }

  @Test("A cable that is not made for EPR: Enter Failed, Soft Reset, and the SPR contract again")
  func wrongCable() {
    var pair = Self.pair(cable: (true, false))
    pair.plugIn()
    pair.run(for: Nanoseconds(3_000_000_000))
    #expect(pair.notices[1].contains(.eprEntryFailed(.cableNotEPR)))
    #expect(pair.log.contains("K Soft_Reset 0"))
    #expect(!pair.source.isInEPRMode && pair.sink.contract?.voltage == Millivolts(20_000))
    #expect(pair.source.state == .srcReady && pair.sink.state == .snkReady)
  }

  @Test("A marked cable is asked on SOP′ before the entry succeeds")
  func markedCable() {
    var pair = Self.pair(cable: (false, false))
    pair.hasPlug = true
    pair.plug = { CableAnswer.identity($0, current5A: true, epr: true) }
    pair.plugIn()
    pair.run(for: Nanoseconds(4_000_000_000))
    #expect(pair.source.cable.isEPR && pair.source.cable.current == Milliamperes(5_000))
    #expect(pair.source.isInEPRMode && pair.sink.contract?.voltage == Millivolts(28_000))
  }

  @Test("Exit from an SPR object goes back to SPR; a Request in EPR mode is answered with Hard Reset")
  func exit() {
    var pair = Self.pair(.fixed(maximumVoltage: Millivolts(20_000)))
    pair.plugIn()
    pair.run(for: Nanoseconds(2_000_000_000))
    #expect(pair.source.isInEPRMode && pair.source.contract?.voltage == Millivolts(20_000))
    pair.request(1, .exitEPR)
    pair.run(for: Nanoseconds(1_000_000_000))
    #expect(!pair.source.isInEPRMode && !pair.sink.isInEPRMode)
    #expect(pair.notices[1].contains(.requestEnded(.exitEPR, .done)))
    #expect(pair.source.state == .srcReady && pair.sink.state == .snkReady)
    #expect(!pair.log.contains { $0.contains("Hard Reset") })
  }

  @Test("The capabilities of the other mode are told for information, and change nothing")
  func otherMode() {
    for isInEPR in [false, true] {
      var pair = Self.pair(laptopWants: isInEPR)
      pair.plugIn()
      pair.run(for: Nanoseconds(2_000_000_000)) {
        $0.source.isInEPRMode == isInEPR && $0.sink.hasExplicitContract
      }
      pair.run(for: Nanoseconds(100_000_000))
      #expect(pair.source.isInEPRMode == isInEPR)
      let contract = pair.source.contract
      var port = pair
      port.stopped = 1
      var header = MessageHeader()
      header.specificationRevision = .revision3
      header.messageID = 6
      if isInEPR {
        port.handle(0, .received(ShortMessage(.getSourceCap, header: header)))
      } else {
        var extended = ExtendedMessageHeader()
        extended.chunked = true
        extended.dataSize = 2
        var block = DataBlock()
        block.append(ExtendedControlType.eprGetSourceCap.rawValue)
        block.append(0)
        port.handle(
          0, .received(ShortMessage(.extendedControl, chunk: extended, of: block, header: header)))
      }
      port.run(for: Nanoseconds(10_000_000))
      #expect(port.steps[0].last == .srcGiveSourceCap || port.steps[0].contains(.srcGiveSourceCap))
      #expect(port.source.contract == contract)
    }
  }

  @Test("Exit while on an EPR object is a violation: Hard Reset")
  func exitOnEPRObject() {
    var pair = Self.pair()
    pair.plugIn()
    pair.run(for: Nanoseconds(2_000_000_000))
    var header = MessageHeader()
    header.specificationRevision = .revision3
    header.messageID = 2
    var message = ShortMessage(.eprMode, header: header)
    message.append(0x0500_0000)
    pair.handle(0, .received(message))
    pair.run(for: Nanoseconds(20_000_000))
    #expect(pair.notices[0].contains(.hardReset(bySelf: true, .eprViolation)))
    pair.run(for: Nanoseconds(5_000_000_000))
    #expect(pair.source.isInEPRMode, "after the Hard Reset the laptop enters EPR mode again")
  }

  @Test(
    "EPR mode has longer limits: the sink waits tPSTransition, and VBUS stays off for tSrcRecover, of EPR")
  func longerLimits() {
    var pair = Self.pair()
    pair.plugIn()
    pair.run(for: .milliseconds(1_500)) { $0.sink.contract?.voltage == Millivolts(28_000) }
    pair.run(for: .milliseconds(10))
    pair.request(1, .choosePower)
    pair.run(for: .milliseconds(100)) { $0.sink.state == .snkTransitionSink }
    pair.stopped = 0
    let accepted = pair.now
    pair.run(for: .milliseconds(2_000)) {
      $0.notices[1].contains(.hardReset(bySelf: true, .psTransitionTimeout))
    }
    #expect(Timing.psTransitionEPR.contains(pair.now - accepted))
    pair = Self.pair()
    pair.plugIn()
    pair.run(for: .milliseconds(1_500)) { $0.sink.contract?.voltage == Millivolts(28_000) }
    pair.request(0, .hardReset)
    pair.run(for: .milliseconds(100)) { $0.source.state == .srcTransitionToDefault }
    let off = pair.now
    pair.run(for: .milliseconds(3_000)) { $0.source.state != .srcTransitionToDefault }
    // The supply takes 5 ms to go off and 5 ms to come back.
    #expect(Timing.srcRecoverEPR.contains(pair.now - off - .milliseconds(10)))
  }

  @Test("Unplugged and plugged in again, the laptop enters EPR mode again")
  func again() {
    var pair = Self.pair()
    pair.plugIn()
    pair.run(for: .milliseconds(1_500)) { $0.sink.contract?.voltage == Millivolts(28_000) }
    pair.handle(0, .disable)
    pair.run(for: .milliseconds(500))
    #expect(pair.sink.connection == .unattachedSNK)
    pair.handle(0, .enable)
    pair.run(for: .milliseconds(2_000))
    #expect(pair.sink.contract?.voltage == Millivolts(28_000))
  }

  @Test("Silence in EPR mode: the source signals Hard Reset after 0.75 to 1 s")
  func silence() {
    var pair = Self.pair()
    pair.plugIn()
    pair.run(for: Nanoseconds(1_500_000_000)) { $0.sink.contract?.voltage == Millivolts(28_000) }
    pair.run(for: Nanoseconds(5_000_000))
    let start = pair.now
    pair.stopped = 1
    pair.run(for: Nanoseconds(2_000_000_000)) {
      $0.notices[0].contains(.hardReset(bySelf: true, .eprKeepAliveTimeout))
    }
    let span = pair.now - start
    #expect(span > Nanoseconds(740_000_000) && span < Nanoseconds(1_000_000_000))
  }
}

/// What a cable plug says.
enum CableAnswer {
  /// GoodCRC and Discover Identity ACK of a passive cable.
  static func identity(_ request: ShortMessage, current5A: Bool, epr: Bool) -> [ShortMessage] {
    guard !request.isGoodCRC else { return [] }
    var header = MessageHeader(rawValue: 0x0100)
    header.specificationRevision = .revision3
    header.messageID = request.header.messageID
    let goodCRC = ShortMessage(.goodCRC, header: header, orderedSet: .sopPrime)
    header.messageID = 0
    var answer = ShortMessage(.vendorDefined, header: header, orderedSet: .sopPrime)
    var vdm = StructuredVDMHeader(rawValue: request.object(0))
    vdm.commandType = .acknowledge
    var identity = CableIDHeaderVDO()
    identity.cableProductType = .passiveCable
    var cable = PassiveCableVDO()
    cable.currentCapability = current5A ? .amperes5 : .amperes3
    cable.maximumVBUS = epr ? .volts50 : .volts20
    cable.eprCapable = epr
    for word in [vdm.rawValue, identity.rawValue, 0, 0, cable.rawValue] { answer.append(word) }
    return [goodCRC, answer]
  }
}
