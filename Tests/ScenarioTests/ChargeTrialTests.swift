import ChargerSettings
import PowerSupervision
import Quantities
import Scenario
import Simulator
import Testing
import XiaomiCharge
import XiaomiKeys

/// Phones charged to the end on a port: what the table of `ofc phones` shows.
@Suite struct ChargeTrialTests {
  private static func port(_ powerClass: XiaomiPowerClass) -> PortSettings {
    let cable = XiaomiCable.captive(Milliamperes(6_200))
    let plan = XiaomiCapabilityPlan(powerClass, cable: cable)
    var port = PortSettings(name: "A", offer: PowerOffer(plan.standard))
    port.cable = .captive(current: Milliamperes(6_200), isEPR: false)
    port.stage = .xiaomi(isEPR: false)
    port.xiaomi = XiaomiPortSettings(
      charger: XiaomiChargerSettings(adapterID: XiaomiAdapterID(rawValue: 0xA819)),
      verified: PowerOffer(plan.verified), mutual: PowerOffer(plan.mutual), keys: .synthetic)
    return port
  }

  @Test func everyKindOfPhoneHasItsLine() {
    let table = PhoneTable(port: Self.port(.watts120), keys: .synthetic, charge: Percent(20))
    #expect(table.rows.count == 5 + 3 * PhoneSettings.XiaomiFamily.allCases.count)
    let plain = PhoneTable(
      port: PortSettings(name: "A", offer: StandardOffer.offer(pdp: Milliwatts(45_000))), keys: .none,
      charge: Percent(20))
    #expect(plain.rows.count == 5 + PhoneSettings.XiaomiFamily.allCases.count)
  }

  @Test(
    arguments: [
      (.watts120, .synthetic, .mutual, 100, 400, 20), (.watts67, .synthetic, .mutual, 50, 400, 28),
      (.watts120, .syntheticWrong, .standard, 25, 6_000, 46), (.watts120, .none, .standard, 25, 6_000, 46),
    ] as [(XiaomiPowerClass, KeySource, XiaomiStage, Int32, Int64, Int64)])
  func aPhoneIsChargedToTheEnd(
    _ powerClass: XiaomiPowerClass, _ keys: KeySource, _ trust: XiaomiStage, _ watts: Int32,
    _ milliseconds: Int64, _ minutes: Int64
  ) {
    var phone = PhoneSettings(.xiaomi)
    phone.charge = Percent(20)
    let outcome = ChargeTrial(
      port: Self.port(powerClass), phone: phone, cable: Cable(.captive), chargerKeys: keys
    ).run(keys: KeyRing())
    #expect(outcome.trust == trust && outcome.violations == 0)
    #expect(outcome.drawn >= Milliwatts(watts * 1_000))
    #expect(outcome.bestAfter.map { $0 < Nanoseconds(milliseconds * 1_000_000) } == true)
    #expect(outcome.toFull.map { $0 < Nanoseconds(minutes * 60_000_000_000) } == true)
    if let to80 = outcome.to80, let toFull = outcome.toFull { #expect(to80 < toFull) }
    #expect(outcome.best?.supply == .sprPPS)
  }
}
