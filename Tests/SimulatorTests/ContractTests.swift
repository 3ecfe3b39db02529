import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing

@testable import Simulator

/// Good chargers and good phones: what is reached, and that no rule is broken on the way.
struct ContractTests {
  @Test(arguments: PhoneModel.allCases.filter { $0 != .usbDefaultOnly })
  func everyPhoneReachesWhatItWants(phone: PhoneModel) {
    let charger = ChargerModel(.epr, power: Milliwatts(140_000)).setup
    var scene = Scene(charger, phone.setup, cable: Cable(.epr))
    scene.run(milliseconds: 2_500)
    #expect(scene.link.hasContract)
    #expect(scene.link.ports[1].engine.contract?.voltage == phone.wantedVoltage)
    #expect(scene.link.referee.violations == [])
    let vbus = Int(scene.link.vbus().rawValue)
    let wanted = Int(phone.wantedVoltage?.rawValue ?? 0)
    #expect(vbus > wanted * 95 / 100 && vbus <= wanted * 105 / 100)
    #expect(scene.link.current > Milliamperes(500))
  }

  @Test(arguments: ChargerModel.Kind.allCases, PhoneModel.allCases.filter { $0 != .usbDefaultOnly })
  func everyPairReachesAContract(charger: ChargerModel.Kind, phone: PhoneModel) {
    let power = Milliwatts(charger == .epr ? 140_000 : 45_000)
    for kind in Cable.Kind.allCases where kind != .captive {
      var link = Link(
        LinkConfiguration(
          charger: ChargerModel(charger, power: power).setup, phone: phone.setup, cable: Cable(kind)), seed: 3
      )
      link.perform(.plugIn)
      #expect(link.runUntilContract(limit: Instant(nanoseconds: 1_000_000_000)) != nil, "\(kind)")
      #expect(link.referee.violations == [], "\(kind)")
    }
  }

  @Test(
    arguments: [
      PortConfiguration.GoodCRCHandling.engine, .silicon, .siliconWithRetries,
    ], [PortConfiguration.GoodCRCHandling.engine, .silicon, .siliconWithRetries])
  func siliconMayAcknowledge(
    charger: PortConfiguration.GoodCRCHandling, phone: PortConfiguration.GoodCRCHandling
  ) {
    var source = ChargerModel(.pps, power: Milliwatts(45_000)).setup
    var sink = PhoneModel.pps.setup
    source.configuration.goodCRC = charger
    sink.configuration.goodCRC = phone
    var scene = Scene(source, sink, cable: Cable(.passive5A))
    scene.run(milliseconds: 1_000)
    #expect(scene.link.hasContract)
    #expect(scene.link.referee.violations == [])
  }

  /// A packet that is lost once is repeated by the silicon, without the engine.
  @Test func siliconRepeats() {
    var source = ChargerModel(.pps, power: Milliwatts(45_000)).setup
    source.configuration.goodCRC = .siliconWithRetries
    var scene = Scene(source)
    scene.link.perform(
      .scriptFault(ScriptedFault(.damage, station: .charger, kind: .data(.sourceCapabilities))))
    scene.run(milliseconds: 1_000)
    let offers = scene.packets().filter { $0.isData(.sourceCapabilities) }
    #expect(offers.count == 2)
    #expect(offers.map(\.header.messageID) == [0, 0])
    #expect(scene.link.hasContract)
  }

  @Test func aDeviceWithoutUSBPDGetsFiveVolts() {
    var scene = Scene(
      ChargerModel(.pps, power: Milliwatts(45_000)).setup, PhoneModel.usbDefaultOnly.setup)
    scene.run(milliseconds: 3_000)
    #expect(scene.link.vbus() > Millivolts(4_750))
    #expect(scene.link.current == RpCurrent.usbDefault.current)
    #expect(!scene.link.hasContract)
  }

  @Test(arguments: [CCPin.cc1, .cc2], [CCPin.cc1, .cc2])
  func everyOrientationWorks(charger: CCPin, phone: CCPin) {
    var scene = Scene(cable: Cable(.passive5A, chargerPin: charger, phonePin: phone))
    scene.run(milliseconds: 600)
    #expect(scene.link.hasContract)
    #expect(scene.link.ports[0].engine.orientation == charger)
    #expect(scene.link.ports[1].engine.orientation == phone)
  }

  /// 9 V and up, nearer to the ideal by at most 100 mV every three seconds.
  @Test func aPPSPhoneStepsWithItsBattery() {
    var scene = Scene(ChargerModel(.pps, power: Milliwatts(45_000)).setup, PhoneModel.pps.setup)
    scene.run(milliseconds: 13_000)
    let voltages = scene.packets().filter { $0.isData(.request) && $0.isSound }
      .map { PPSRDO(rawValue: $0.object).outputVoltage.rawValue }
    #expect(voltages.first == 9_000)
    #expect((voltages.last ?? 0) >= 9_300 && (voltages.last ?? 0) <= 11_000)
    #expect(zip(voltages, voltages.dropFirst()).allSatisfy { abs($1 - $0) <= 100 })
    #expect(scene.link.referee.violations == [])
  }

  @Test func pullingThePlugTakesVBUSDown() {
    var scene = Scene()
    scene.run(milliseconds: 1_000)
    scene.link.perform(.unplug)
    scene.run(milliseconds: 700)
    #expect(scene.link.vbus(.charger) <= Millivolts(800))
    #expect(scene.link.ports[0].engine.connection == .unattachedSRC)
    #expect(scene.link.referee.violations == [])
    scene.link.perform(.plugIn)
    scene.run(milliseconds: 1_500)
    #expect(scene.link.hasContract)
  }

  @Test func turningThePlugChangesThePin() {
    var scene = Scene()
    scene.run(milliseconds: 1_000)
    scene.link.perform(.flip)
    scene.run(milliseconds: 3_000)
    #expect(scene.link.hasContract)
    #expect(scene.link.ports[1].engine.orientation == .cc2)
  }

  @Test func aTornCCWireIsADetach() {
    var scene = Scene()
    scene.run(milliseconds: 1_000)
    scene.link.perform(.setCCWire(isWhole: false))
    scene.run(milliseconds: 1_000)
    #expect(scene.link.vbus(.charger) <= Millivolts(800))
  }

  @Test func aBrokenStageTakesThePowerAway() {
    var scene = Scene()
    scene.run(milliseconds: 1_000)
    scene.link.perform(.breakStage(.charger))
    scene.run(milliseconds: 500)
    #expect(scene.link.vbus() <= Millivolts(800))
    #expect(scene.notices(.charger).contains { if case .supplyFault = $0 { true } else { false } })
  }

  @Test func anotherPhoneMayCome() {
    var scene = Scene()
    scene.run(milliseconds: 1_000)
    scene.link.perform(.unplug)
    scene.run(milliseconds: 1_000)
    scene.link.replacePhone(PhoneModel.pd2Fixed.setup)
    scene.link.perform(.plugIn)
    scene.run(milliseconds: 1_000)
    #expect(scene.link.hasContract)
    #expect(scene.link.ports[0].engine.revision == .revision2)
  }
}
