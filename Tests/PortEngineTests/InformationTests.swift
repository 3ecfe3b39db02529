import LineCode
import PortEngine
import PowerDelivery
import Quantities
import Testing

@Suite("Questions, answers, alerts and vendor messages") struct InformationTests {
  static func bytes(_ values: [UInt8]) -> DataBytes {
    var data = DataBytes()
    for value in values { data.append(value) }
    return data
  }

  static func pair(_ change: (inout PortConfiguration, inout PortConfiguration) -> Void = { _, _ in }) -> Pair
  {
    var pair = Sample.pair(.pps(voltage: Millivolts(9_000), current: Milliamperes(2_000))) {
      $0.information.sourceCapabilitiesExtended = bytes(Array(1...25))
      $0.information.status = StatusBlock()
      $0.information.countryCodes = bytes([1, 0, 0x44, 0x45])
      $0.information.manufacturerInfo = bytes([0x17, 0x27, 1, 0] + Array("OpenFastCharge".utf8))
      $0.information.sourceInfo = 0x8041_4141
      $1.information.sinkCapabilitiesExtended = bytes(Array(1...24))
      $1.information.batteryCapabilities = bytes(Array(1...9))
      $1.information.batteryStatus = 0x1234_0600
      change(&$0, &$1)
    }
    pair.plugIn()
    pair.run(for: Nanoseconds(1_000_000_000))
    pair.log = []
    return pair
  }

  @Test(
    "The sink asks the source",
    arguments: [
      (.getSourceCapExtended, .extended(.sourceCapabilitiesExtended), 25),
      (.getStatus, .extended(.status), 7),
      (.getPPSStatus, .extended(.ppsStatus), 4), (.getCountryCodes, .extended(.countryCodes), 4),
      (.getSourceInfo, .data(.sourceInfo), 4), (.getRevision, .data(.revision), 4),
    ] as [(ControlMessageType, MessageKind, Int)])
  func asksSource(_ question: ControlMessageType, _ answer: MessageKind, _ count: Int) {
    var pair = Self.pair()
    pair.request(1, .get(question))
    pair.run(for: Nanoseconds(100_000_000))
    #expect(pair.notices[1].contains(.information(answer)))
    #expect(pair.notices[1].contains(.requestEnded(.get, .done)))
    #expect(pair.sink.partnerData.count == count)
    #expect(pair.source.state == .srcReady && pair.sink.state == .snkReady)
  }

  @Test("The source asks the sink: capabilities, battery, extended capabilities")
  func asksSink() {
    var pair = Self.pair()
    for request in [
      PortRequest.getSinkCapabilities, .get(.getSinkCapExtended), .getBattery(.getBatteryCap, reference: 0),
      .getBattery(.getBatteryStatus, reference: 0),
    ] {
      pair.request(0, request)
      pair.run(for: Nanoseconds(100_000_000))
      #expect(pair.notices[0].contains(.requestEnded(request.kind, .done)), "\(request)")
    }
    #expect(pair.source.partnerSinkCapabilities.count == 2)
    #expect(pair.source.partnerData.word(at: 0) == 0x1234_0600)
  }

  @Test("What the port does not have, or its role does not, is Not_Supported")
  func notSupported() {
    var pair = Self.pair { charger, _ in charger.information = PortInformation() }
    for question in [
      ControlMessageType.getSourceCapExtended, .getStatus, .getCountryCodes, .getSinkCapExtended,
    ] {
      pair.log = []
      pair.request(1, .get(question))
      pair.run(for: Nanoseconds(100_000_000))
      #expect(pair.log.map { String($0.dropLast(2)) }.last == "S Not_Supported")
      #expect(pair.notices[1].contains(.requestEnded(.get, .notSupported)))
    }
    // A source that is no sink says so, too.
    pair.log = []
    var header = MessageHeader()
    header.specificationRevision = .revision3
    header.messageID = 6
    pair.handle(0, .received(ShortMessage(.getSinkCap, header: header)))
    pair.run(for: Nanoseconds(50_000_000))
    #expect(pair.log.map { String($0.dropLast(2)) } == ["S Not_Supported"])
  }

  @Test("Every reserved and every unsupported message in Ready is answered with Not_Supported")
  func reserved() {
    var pair = Self.pair()
    var header = MessageHeader()
    header.specificationRevision = .revision3
    for type in [0, 10, 14, 15, 19, 25, 30, 31] as [UInt8] {
      header.messageID = (header.messageID + 3) & 7
      pair.log = []
      var message = MessageHeader(rawValue: header.rawValue)
      message.messageType = type
      pair.handle(0, .received(ShortMessage(header: message)))
      pair.run(for: Nanoseconds(50_000_000))
      #expect(pair.log.map { String($0.dropLast(2)) } == ["S Not_Supported"], "control message \(type)")
      #expect(pair.source.state == .srcReady)
    }
  }

  @Test("Alert, Get_Status, Status with the event")
  func alert() {
    var pair = Self.pair()
    var alert = AlertDataObject()
    alert.ocpEvent = true
    pair.request(0, .alert(alert))
    pair.run(for: Nanoseconds(5_000_000)) { $0.notices[1].contains(.alert(alert)) }
    pair.run(for: Nanoseconds(2_000_000))
    pair.request(1, .get(.getStatus))
    pair.run(for: Nanoseconds(100_000_000))
    #expect(pair.log.map { String($0.dropLast(2)) } == ["S Alert", "K Get_Status", "S Status"])
    let status = pair.sink.partnerData.withBytes { StatusBlock(bytes: $0) }
    #expect(status.ocpEvent && status.temperatureStatus == .normal)
    #expect(pair.notices[0].contains(.requestEnded(.alert, .done)))
  }

  @Test("PPS_Status tells what is measured, or that nothing is")
  func ppsStatus() {
    var pair = Self.pair()
    for measured in [
      nil,
      OutputMeasurement(voltage: Millivolts(9_020), current: Milliamperes(1_950), isCurrentLimited: true),
    ] {
      pair.ports[0].measuredOutput = measured
      pair.request(1, .get(.getPPSStatus))
      pair.run(for: Nanoseconds(100_000_000))
      let status = pair.sink.partnerData.withBytes { PPSStatusBlock(bytes: $0) }
      #expect(status.outputVoltageCode == (measured == nil ? 0xFFFF : 451))
      #expect(status.outputCurrentCode == (measured == nil ? 0xFF : 39))
      #expect(status.currentLimitMode == (measured != nil))
    }
  }

  @Test("Identity, SVIDs and modes, asked and answered")
  func discovery() {
    var pair = Self.pair { charger, _ in
      for word in [0x6C00_2717, 0, 0x1234_0001] as [UInt32] { charger.information.identity.append(word) }
      charger.information.svidCount = 2
      charger.information.svids[0] = 0x2717
      charger.information.svids[1] = 0xFF01
      charger.information.modes[0] = 0xCAFE
    }
    for request in [PortRequest.discoverIdentity, .discoverSVIDs, .discoverModes(svid: 0x2717)] {
      pair.request(1, request)
      pair.run(for: Nanoseconds(100_000_000))
      #expect(pair.notices[1].contains(.requestEnded(request.kind, .done)), "\(request)")
    }
    pair.request(1, .discoverModes(svid: 0x1234))
    pair.run(for: Nanoseconds(100_000_000))
    #expect(pair.notices[1].contains(.requestEnded(.discoverModes, .rejected)))
    let answers = pair.notices[1].compactMap {
      if case .vendorDefined(let message) = $0 { message } else { nil }
    }
    #expect(answers.map(\.objectCount) == [4, 3, 2, 1])
    #expect(
      answers[1].object(1) == 0x2717_FF01 && answers[1].object(2) == 0 && answers[2].object(1) == 0xCAFE)
  }

  @Test("A vendor's unstructured message reaches the user; others' are Not_Supported")
  func vendor() {
    var pair = Self.pair { charger, _ in charger.vendorProtocols.insert(0x2717) }
    var message = ShortMessage(.vendorDefined, header: MessageHeader())
    message.append(0x2717_0105)
    pair.request(1, .sendVendorDefined(message))
    pair.run(for: Nanoseconds(50_000_000))
    let seen = pair.notices[0].contains {
      if case .vendorDefined(let m) = $0 { m.object(0) == 0x2717_0105 } else { false }
    }
    #expect(seen && pair.log.count == 1)
    #expect(pair.notices[1].contains(.requestEnded(.sendVendorDefined, .done)))
    message = ShortMessage(.vendorDefined, header: MessageHeader())
    message.append(0x2718_0105)
    pair.request(1, .sendVendorDefined(message))
    pair.run(for: Nanoseconds(50_000_000))
    #expect(pair.log.map { String($0.dropLast(2)) }.last == "S Not_Supported")
    #expect(pair.sink.state == .snkReady && pair.source.state == .srcReady)
  }

  @Test("An answer to a vendor's message goes at once: within tReceiverResponse, Rp stays at SinkTxOK")
  func vendorAnswer() {
    var pair = Self.pair {
      $0.vendorProtocols.insert(0x2717)
      $1.vendorProtocols.insert(0x2717)
    }
    var message = ShortMessage(.vendorDefined, header: MessageHeader())
    message.append(0x2717_0105)
    pair.request(1, .sendVendorDefined(message))
    pair.run(for: Nanoseconds(50_000_000)) {
      $0.notices[0].contains { if case .vendorDefined = $0 { true } else { false } }
    }
    let start = pair.now
    message = ShortMessage(.vendorDefined, header: MessageHeader())
    message.append(0x2717_0205)
    pair.request(0, .answerVendorDefined(message))
    pair.run(for: Nanoseconds(20_000_000)) {
      $0.notices[0].contains(.requestEnded(.answerVendorDefined, .done))
    }
    #expect(pair.now - start < Nanoseconds(3_000_000))
    #expect(pair.log.map { String($0.dropLast(2)) } == ["K Vendor_Defined", "S Vendor_Defined"])
  }

  @Test("A NAK on either side: a structured command of another SVID, and a partner that refuses its identity")
  func identityNAK() {
    var pair = Self.pair { charger, _ in
      for word in [0x6C00_2717, 0, 0x1234_0001] as [UInt32] { charger.information.identity.append(word) }
    }
    var message = ShortMessage(.vendorDefined, header: MessageHeader())
    message.append(0xFF01_A001)
    pair.request(1, .sendVendorDefined(message))
    pair.run(for: Nanoseconds(50_000_000))
    #expect(pair.steps[0].contains(.respVDMGetIdentityNAK))
    #expect(pair.notices[1].contains(.requestEnded(.sendVendorDefined, .rejected)))
    var port = SinglePort.sourceReady()
    port.handle(.request(.discoverIdentity))
    port.run(for: .milliseconds(30)) { $0.names().last?.hasPrefix("Vendor_Defined") == true }
    port.run(for: .milliseconds(3))
    port.receive(.vendorDefined, [0xFF00_A081])
    #expect(port.steps.contains { $0.state == .initPortVDMIdentityNAKed })
    #expect(
      port.count(of: .requestEnded(.discoverIdentity, .rejected)) == 1 && port.engine.state == .srcReady)
  }

  @Test("In Revision 2.0 a DFP does not answer Discover Identity")
  func silentDFP() {
    var pair = Self.pair { charger, phone in
      charger.information.identity.append(0x6C00_2717)
      phone.revision = .revision2
    }
    pair.request(1, .discoverIdentity)
    pair.run(for: Nanoseconds(100_000_000))
    #expect(pair.log.map { String($0.dropLast(2)) } == ["K Vendor_Defined"])
    #expect(pair.notices[1].contains(.requestEnded(.discoverIdentity, .noAnswer)))
  }

  @Test("BUSY: the command waits tVDMBusy before it is sent again")
  func busy() {
    var port = SinglePort.sourceReady()
    port.handle(.request(.discoverIdentity))
    port.run(for: .milliseconds(30)) { $0.names().last?.hasPrefix("Vendor_Defined") == true }
    port.run(for: .milliseconds(3))
    port.receive(.vendorDefined, [0xFF00_A0C1])
    #expect(port.count(of: .requestEnded(.discoverIdentity, .wait)) == 1)
    let start = port.now
    port.handle(.request(.discoverIdentity))
    port.run(for: .milliseconds(200)) { !$0.sent(since: start).isEmpty }
    #expect(port.now - start > .milliseconds(48))
  }

  @Test(
    "A message to the cable that fails is no matter between the ports: Cable Reset of a known plug, no Soft_Reset"
  )
  func cableFails() {
    for isKnown in [true, false] {
      var pair = Sample.pair()
      pair.hasPlug = true
      if isKnown { pair.plug = { CableAnswer.identity($0, current5A: true, epr: false) } }
      pair.plugIn()
      pair.run(for: Nanoseconds(4_000_000_000))
      pair.log = []
      pair.plug = { _ in [] }
      var message = ShortMessage(.vendorDefined, header: MessageHeader(), orderedSet: .sopPrime)
      message.append(0xFF00_A001)
      pair.request(0, .sendVendorDefined(message))
      pair.run(for: Nanoseconds(100_000_000))
      #expect(pair.notices[0].contains(.requestEnded(.sendVendorDefined, .noAnswer)))
      #expect(pair.log.contains("S Cable Reset") == isKnown)
      #expect(!pair.log.contains { $0.contains("Soft_Reset") })
      #expect(pair.source.state == .srcReady && pair.source.hasExplicitContract)
    }
  }

  @Test("An answer whose GoodCRC is lost is over when the partner asks the next question")
  func lostLastGoodCRC() {
    var port = SinglePort.sourceReady()
    port.acknowledges = { _ in false }
    port.receive(.getSinkCap)
    #expect(port.names().last?.hasPrefix("Not_Supported") == true)
    port.acknowledges = { _ in true }
    port.receive(.getSourceCap)
    port.run(for: .milliseconds(5))
    #expect(port.engine.state == .srcSendCapabilities)
    #expect(!port.names().contains { $0.hasPrefix("Soft_Reset") })
  }

  @Test("BIST: ignored above 5 V; at 5 V carrier and test data")
  func bist() {
    var pair = Self.pair()
    var object = BISTDataObject()
    object.mode = .testData
    pair.request(1, .sendBIST(object))
    pair.run(for: Nanoseconds(50_000_000))
    #expect(pair.source.state == .srcReady)
    pair = Sample.pair(.fixed(maximumVoltage: Millivolts(5_000)))
    pair.plugIn()
    pair.run(for: Nanoseconds(1_000_000_000))
    pair.request(1, .sendBIST(object))
    pair.run(for: Nanoseconds(50_000_000))
    #expect(pair.source.state == .bistTestMode)
    // Only a Hard Reset leads out.
    pair.request(1, .choosePower)
    pair.run(for: Nanoseconds(10_000_000))
    #expect(pair.source.state == .bistTestMode)
    pair.run(for: Nanoseconds(5_000_000_000))
    #expect(pair.source.state == .srcReady && pair.sink.state == .snkReady)
    object.mode = .carrierMode
    pair.request(1, .sendBIST(object))
    pair.run(for: Nanoseconds(5_000_000))
    #expect(pair.source.state == .bistCarrierMode)
    pair.run(for: Nanoseconds(5_000_000_000))
    #expect(pair.source.state == .srcReady && pair.sink.state == .snkReady)
  }
}
