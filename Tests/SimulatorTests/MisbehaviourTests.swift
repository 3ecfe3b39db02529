import LineCode
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing

@testable import Simulator

/// Each misbehaviour does what its name says, seen on the wire or on VBUS.
struct MisbehaviourTests {
  private static func milliseconds(_ count: Int64) -> Nanoseconds { Nanoseconds(count * 1_000_000) }

  private func packets(
    _ misbehaviour: Misbehaviour, phone: PhoneModel = .pd3Fixed, milliseconds: Int64 = 1_000
  ) -> [Scene.Packet] {
    var scene = Scene(phone: phone, misbehaviour)
    scene.run(milliseconds: milliseconds)
    return scene.packets()
  }

  private func good(_ milliseconds: Int64 = 1_000) -> [Scene.Packet] {
    var scene = Scene()
    scene.run(milliseconds: milliseconds)
    return scene.packets()
  }

  @Test func answersLate() {
    let late = packets(.answersLate(.data(.request), Self.milliseconds(5)))
    func delay(_ packets: [Scene.Packet]) -> Int64 {
      guard let offer = packets.first(where: { $0.isData(.sourceCapabilities) }),
        let request = packets.first(where: { $0.isData(.request) })
      else { return 0 }
      return (request.time - offer.end).rawValue
    }
    #expect(delay(late) - delay(good()) == 5_000_000)
  }

  @Test func neverSends() {
    #expect(!packets(.neverSends(.data(.request))).contains { $0.isData(.request) })
  }

  @Test func requestsAPositionThatIsNotThere() {
    let positions = packets(.requestsTooMuch(.position)).filter { $0.isData(.request) }
      .map { RequestDataObject(rawValue: $0.object).objectPosition }
    #expect(!positions.isEmpty)
    #expect(positions.allSatisfy { $0 > 4 })
  }

  @Test func requestsTooMuchCurrent() {
    let currents = packets(.requestsTooMuch(.current)).filter { $0.isData(.request) }
      .map { FixedVariableRDO(rawValue: $0.object).operatingCurrent }
    #expect(!currents.isEmpty)
    #expect(currents.allSatisfy { $0 == Milliamperes(10_230) })
  }

  @Test func requestsTooMuchVoltage() {
    let voltages = packets(.requestsTooMuch(.voltage), phone: .pps).filter { $0.isData(.request) }
      .map { PPSRDO(rawValue: $0.object).outputVoltage }
    #expect(!voltages.isEmpty)
    #expect(voltages.allSatisfy { $0 == Millivolts(30_000) })
  }

  @Test func stopsGoodCRC() {
    let acknowledgements = packets(.stopsGoodCRC(after: 2)).filter { $0.isGoodCRC && !$0.isSource }
    #expect(acknowledgements.count == 2)
  }

  @Test func wrongMessageID() {
    #expect(packets(.wrongMessageID).first { $0.isData(.request) }?.header.messageID == 3)
  }

  @Test func wrongGoodCRCID() {
    let all = packets(.wrongGoodCRCID)
    let offer = all.first { $0.isData(.sourceCapabilities) }
    let answer = all.first { $0.isGoodCRC && !$0.isSource }
    #expect(answer?.header.messageID == offer.map { ($0.header.messageID + 1) & 7 })
  }

  @Test func repeatsMessageID() {
    var scene = Scene(phone: .pd3Fixed, .repeatsMessageID)
    scene.run(milliseconds: 500)
    scene.link.perform(.request(.phone, .getSourceCapabilities))
    scene.run(milliseconds: 500)
    let own = scene.packets().filter { !$0.isSource && !$0.isGoodCRC }
    #expect(own.count >= 2)
    #expect(own.allSatisfy { $0.header.messageID == 0 })
  }

  @Test func wrongRevision() {
    let own = packets(.wrongRevision).filter { !$0.isSource }
    #expect(!own.isEmpty)
    #expect(own.allSatisfy { $0.header.specificationRevision.rawValue == 3 })
  }

  @Test func wrongDataRole() {
    let own = packets(.wrongDataRole).filter { !$0.isSource }
    #expect(!own.isEmpty)
    #expect(own.allSatisfy { $0.header.portDataRole == .downstreamFacing })
  }

  @Test func claimsSource() {
    let offers = packets(.claimsSource(Self.milliseconds(100))).filter {
      $0.isData(.sourceCapabilities) && $0.header.portDataRole == .upstreamFacing
    }
    #expect(offers.count >= 2)
    #expect(offers.allSatisfy { $0.isSource })
  }

  @Test func ignoresPSRDY() {
    var scene = Scene(phone: .pd3Fixed, .ignoresPSRDY)
    scene.run(milliseconds: 450)
    #expect(scene.link.ports[0].engine.hasExplicitContract)
    #expect(!scene.link.ports[1].engine.hasExplicitContract)
    let all = scene.packets()
    let ready = all.firstIndex { $0.isControl(.psRDY) }
    #expect(ready.map { all[$0 + 1].isGoodCRC } == true)
  }

  @Test(arguments: [
    Misbehaviour.floods(milliseconds(20)), .softResetStorm(milliseconds(20)),
    .garbageMessages(milliseconds(20)), .reservedMessages(milliseconds(20)), .vdmFlood(milliseconds(20)),
    .requestsWithoutCapabilities(milliseconds(20)), .chunkNonsense(milliseconds(20)),
  ])
  func sendsOfItsOwnAccord(misbehaviour: Misbehaviour) {
    let ordinary = good(2_000).count { !$0.isGoodCRC }
    let all = packets(misbehaviour, milliseconds: 2_000)
    #expect(all.count { !$0.isGoodCRC } >= ordinary + 20)
    #expect(all.allSatisfy { $0.isSound })
  }

  @Test func whatAFloodConsistsOf() {
    let floods = packets(.floods(Self.milliseconds(20)))
    #expect(floods.contains { $0.isControl(.getSourceCap) })
    let resets = packets(.softResetStorm(Self.milliseconds(20)))
    #expect(resets.contains { $0.isControl(.softReset) && !$0.isSource })
    let reserved = packets(.reservedMessages(Self.milliseconds(20)))
    #expect(reserved.contains { !$0.isSource && $0.header.messageType > 0x12 })
    let vdms = packets(.vdmFlood(Self.milliseconds(20)))
    #expect(vdms.contains { $0.isData(.vendorDefined) && !$0.isSource })
    let chunks = packets(.chunkNonsense(Self.milliseconds(20)))
    #expect(chunks.contains { $0.header.extended && !$0.isSource })
  }

  @Test func requestsWithoutCapabilities() {
    let all = packets(.requestsWithoutCapabilities(Self.milliseconds(50)))
    #expect(all.count { $0.isData(.request) } > all.count { $0.isData(.sourceCapabilities) })
  }

  @Test func hardResetStorm() {
    var scene = Scene(phone: .pd3Fixed, .hardResetStorm(Self.milliseconds(300)))
    scene.run(milliseconds: 8_000)
    #expect(scene.hardResets() >= 3)
  }

  @Test func detachesMidTransition() {
    var scene = Scene(phone: .pd3Fixed, .detachesMidTransition(after: Self.milliseconds(10)))
    scene.run(milliseconds: 1_500)
    #expect(!scene.link.isPlugged)
    #expect(!scene.packets().contains { $0.isControl(.psRDY) })
    #expect(scene.link.vbus(.charger) <= Millivolts(800))
  }

  @Test func drawsTooMuch() {
    var scene = Scene(phone: .pd3Fixed, .drawsTooMuch(Milliamperes(4_000)))
    scene.run(milliseconds: 3_000)
    #expect(scene.notices(.charger).contains { if case .supplyFault = $0 { true } else { false } })
  }

  @Test func neverSinksDown() {
    var scene = Scene(phone: .pd3Fixed, .neverSinksDown)
    scene.run(milliseconds: 1_000)
    let before = scene.link.current
    scene.link.perform(.want(.fixed(maximumVoltage: Millivolts(5_000)), Milliwatts(2_500)))
    scene.run(milliseconds: 20)
    #expect(before > Milliamperes(2_000))
    #expect(scene.link.current == before)
  }

  // MARK: Chargers

  @Test func aChargerNeverSaysThatItIsReady() {
    var scene = Scene(charger: .neverPSRDY)
    scene.run(milliseconds: 1_500)
    #expect(!scene.packets().contains { $0.isControl(.psRDY) })
    #expect(!scene.link.ports[1].engine.hasExplicitContract)
  }

  @Test func aChargerAcceptsLate() {
    var scene = Scene(charger: .acceptsLate(Self.milliseconds(10)))
    scene.run(milliseconds: 1_000)
    let all = scene.packets()
    guard let request = all.first(where: { $0.isData(.request) }),
      let accept = all.first(where: { $0.isControl(.accept) })
    else {
      Issue.record("there was no Accept")
      return
    }
    #expect((accept.time - request.end).rawValue > 10_000_000)
  }

  @Test func aStageIsOffWhatItWasTold() {
    var scene = Scene(charger: .wrongVoltage(Millivolts(200)))
    scene.run(milliseconds: 1_000)
    #expect(scene.link.bus.stages[0].voltage == Millivolts(9_000))
    #expect(scene.link.vbus() > Millivolts(9_050))
  }

  /// Whatever the phone does, the charger is right and has a contract with a good phone afterwards.
  @Test(arguments: [
    Misbehaviour.answersLate(.data(.request), milliseconds(40)), .neverSends(.data(.request)),
    .requestsTooMuch(.position), .requestsTooMuch(.current), .floods(milliseconds(5)),
    .stopsGoodCRC(after: 3),
    .wrongMessageID, .wrongGoodCRCID, .repeatsMessageID, .hardResetStorm(milliseconds(400)),
    .softResetStorm(milliseconds(15)), .detachesMidTransition(after: milliseconds(5)),
    .drawsTooMuch(Milliamperes(6_000)), .neverSinksDown, .garbageMessages(milliseconds(5)),
    .reservedMessages(milliseconds(5)), .wrongRevision, .wrongDataRole, .vdmFlood(milliseconds(5)),
    .claimsSource(milliseconds(50)), .ignoresPSRDY, .requestsWithoutCapabilities(milliseconds(10)),
    .chunkNonsense(milliseconds(5)),
  ])
  func theChargerSurvives(misbehaviour: Misbehaviour) {
    var scene = Scene(phone: .pd3Fixed, misbehaviour)
    scene.run(milliseconds: 10_000)
    #expect(!scene.link.isStuck)
    let worst = scene.link.bus.stages[0].voltage
    #expect(worst <= Millivolts(20_000))
    scene.link.perform(.unplug)
    scene.run(milliseconds: 2_000)
    scene.link.replacePhone(PhoneModel.pd3Fixed.setup)
    scene.link.perform(.plugIn)
    scene.run(milliseconds: 2_000)
    #expect(scene.link.hasContract)
  }
}
