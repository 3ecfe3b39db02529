import LineCode
import PortEngine
import PowerDelivery
import Quantities
import Testing

@testable import Simulator

/// The controller in the plug, alone and on a link.
struct CablePlugTests {
  var plug = CablePlug(.sopPrime)
  var random = SeededRandom(seed: 1)
  private static var ready: Instant { Instant(nanoseconds: 50_000_000) }

  private func request(_ command: VDMCommand, id: UInt8 = 0) -> ShortMessage {
    var vdm = StructuredVDMHeader()
    vdm.svid = 0xFF00
    vdm.versionMajor = .version2
    vdm.versionMinor = 1
    vdm.command = command
    var header = MessageHeader()
    header.messageID = id
    header.specificationRevision = .revision3
    var message = ShortMessage(.vendorDefined, header: header, orderedSet: .sopPrime)
    message.append(vdm.rawValue | 0x8000)
    return message
  }

  private mutating func ask(
    _ message: ShortMessage, _ cable: Cable, at time: Instant = ready
  ) -> (goodCRC: ShortMessage?, answer: ShortMessage?) {
    plug.setPower(true, at: .zero)
    let goodCRC = plug.take(message, cable: cable, at: time, random: &random)
    return (goodCRC, plug.takeAnswer())
  }

  @Test(arguments: [
    (Cable.Kind.passive3A, CableCurrent.amperes3, CableMaximumVBUS.volts20, false),
    (.passive5A, .amperes5, .volts20, false), (.epr, .amperes5, .volts50, true),
  ])
  mutating func tellsWhatItCarries(
    kind: Cable.Kind, current: CableCurrent, voltage: CableMaximumVBUS, isEPR: Bool
  ) {
    let (goodCRC, answer) = ask(request(.discoverIdentity, id: 5), Cable(kind))
    #expect(goodCRC?.header.messageID == 5)
    #expect(answer.map { StructuredVDMHeader(rawValue: $0.object(0)).commandType } == .acknowledge)
    #expect(answer.map { CableIDHeaderVDO(rawValue: $0.object(1)).cableProductType } == .passiveCable)
    let object = PassiveCableVDO(rawValue: answer?.object(4) ?? 0)
    #expect(object.currentCapability == current)
    #expect(object.maximumVBUS == voltage)
    #expect(object.eprCapable == isEPR)
    #expect(object.unexpectedBits == 0)
  }

  @Test mutating func anActiveCableHasTwoObjectsMore() {
    let answer = ask(request(.discoverIdentity), Cable(.active)).answer
    #expect(answer?.objectCount == 6)
    #expect(answer.map { CableIDHeaderVDO(rawValue: $0.object(1)).cableProductType } == .activeCable)
    #expect(answer.map { ActiveCableVDO1(rawValue: $0.object(4)).sopDoublePrimeControllerPresent } == true)
  }

  @Test mutating func aRevision2PlugAnswersInItsVersion() {
    let answer = ask(request(.discoverIdentity), Cable(.passive5A, revision: .revision2)).answer
    #expect(answer?.header.specificationRevision == .revision2)
    #expect(answer.map { StructuredVDMHeader(rawValue: $0.object(0)).versionMajor } == .version1)
    #expect(answer.map { LegacyCableVDO(rawValue: $0.object(4)).currentCapability } == .amperes5)
  }

  @Test(arguments: [VDMCommand.discoverSVIDs, .discoverModes, .enterMode, .svidSpecific16])
  mutating func whatItDoesNotKnowItRefuses(command: VDMCommand) {
    let answer = ask(request(command), Cable(.epr)).answer
    #expect(answer.map { StructuredVDMHeader(rawValue: $0.object(0)).commandType } == .negativeAcknowledge)
  }

  @Test mutating func otherMessagesAreAcknowledgedAndIgnored() {
    let message = ShortMessage(.getStatus, header: MessageHeader(), orderedSet: .sopPrime)
    let (goodCRC, answer) = ask(message, Cable(.epr))
    #expect(goodCRC != nil)
    #expect(answer == nil)
  }

  @Test mutating func aRepeatedMessageIsNotAnsweredAgain() {
    #expect(ask(request(.discoverIdentity, id: 1), Cable(.epr)).answer != nil)
    let (goodCRC, answer) = ask(request(.discoverIdentity, id: 1), Cable(.epr))
    #expect(goodCRC != nil)
    #expect(answer == nil)
  }

  @Test mutating func softResetStartsTheNumbersOver() {
    _ = ask(request(.discoverIdentity, id: 0), Cable(.epr))
    let answer = ask(
      ShortMessage(.softReset, header: MessageHeader(), orderedSet: .sopPrime), Cable(.epr)
    ).answer
    #expect(answer?.kind == .control(.accept))
    #expect(answer?.header.messageID == 0)
  }

  @Test mutating func withoutVCONNItIsSilent() {
    #expect(ask(request(.discoverIdentity), Cable(.epr), at: .zero).goodCRC == nil)
    plug.setPower(false, at: CablePlugTests.ready)
    let goodCRC = plug.take(
      request(.discoverIdentity), cable: Cable(.epr), at: CablePlugTests.ready, random: &random)
    #expect(goodCRC == nil)
  }

  @Test mutating func itLeavesOtherPacketsAlone() {
    var message = request(.discoverIdentity)
    message.orderedSet = .sopDoublePrime
    #expect(ask(message, Cable(.epr)).goodCRC == nil)
    message.orderedSet = .sopPrime
    message.header.portPowerRole = .source
    #expect(ask(message, Cable(.epr)).goodCRC == nil)
  }

  // MARK: On a link

  @Test(arguments: [
    (Cable.MarkerBehaviour.good, true), (.silent, false), (.refuses, false),
    (.late(Nanoseconds(2_000_000)), true),
  ])
  func theChargerAsksTheCable(marker: Cable.MarkerBehaviour, isIdentified: Bool) {
    var scene = Scene(cable: Cable(.passive5A, marker: marker))
    scene.run(milliseconds: 2_000)
    #expect(scene.link.hasContract)
    #expect(scene.notices(.charger).contains(.cableIdentified) == isIdentified)
    #expect(scene.packets().contains { $0.set == .sopPrime })
  }

  @Test(arguments: [Cable.Kind.plain, .captive])
  func withoutMarkerNobodyIsAsked(kind: Cable.Kind) {
    let charger = ChargerModel(.pps, power: Milliwatts(45_000), hasFixedCable: kind == .captive)
    var scene = Scene(charger.setup, cable: Cable(kind))
    scene.run(milliseconds: 1_000)
    #expect(scene.link.hasContract)
    #expect(!scene.packets().contains { $0.set == .sopPrime })
  }
}
