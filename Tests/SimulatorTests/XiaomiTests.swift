import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing
import XiaomiCharge

@testable import Simulator

/// Chargers and phones with Xiaomi's private protocol, every layer between them real.
@Suite("Xiaomi in the world") struct XiaomiTests {
  /// What each family comes to at a charger of 120 W, at about 7.6 V of battery.
  @Test(
    "Each family with the right keys, a wrong one and none",
    arguments: XiaomiFamily.allCases, XiaomiKeyCase.allCases)
  func outcome(_ family: XiaomiFamily, _ keys: XiaomiKeyCase) {
    var charging = XiaomiCharging(family, keys: keys)
    // A tester goes on where the charger takes back what it offered.
    charging.watchesRp = family != .tester
    charging.runToRest()
    #expect(charging.complaints == [] && charging.link.referee.violations == [])
    let (trust, position): (XiaomiStage, UInt8) =
      switch (family, keys) {
      case (.tester, _): (.standard, 5)
      case (.qualcomm, .right), (.maxim, .right): (.verified, 6)
      case (_, .right): (.mutual, 7)
      // 18 W of a fixed supply.
      case (.maxim, _): (.standard, 2)
      default: (.standard, 5)
      }
    #expect(charging.link.trust == trust && charging.contract?.position == position)
    #expect(
      charging.link.xiaomiPhoneState == (trust == .standard && family != .tester ? .fallback : .charging))
    // What falls back does so after 5 s; what is verified has its power within half a second.
    let limit: Int64 = trust == .standard && family != .tester ? 6_000 : 500
    #expect(charging.link.now < Instant(nanoseconds: limit * 1_000_000))
  }

  @Test(
    "A cable without more than 5 A, or 3 A: less power, never more than the cable carries",
    arguments: [
      (XiaomiCable.captive(Milliamperes(6_200)), 6_000), (.captive(Milliamperes(3_000)), 3_000),
      (.standard(Milliamperes(5_000)), 5_000), (.standard(Milliamperes(3_000)), 3_000),
    ] as [(XiaomiCable, Int32)])
  func cable(_ cable: XiaomiCable, _ most: Int32) {
    let keys = PlainDigests()
    var charging = XiaomiCharging(
      .xiaomi(.watts120, cable: cable, keys: .provider(keys), phone: XiaomiPhoneProfile(), phoneKeys: keys))
    charging.runToRest()
    #expect(charging.complaints == [] && charging.link.referee.violations == [])
    #expect(charging.link.trust == .mutual)
    #expect(charging.contract?.current == Milliamperes(most))
  }

  @Test("A plain cable at a port that is set to 5 A carries 3 A")
  func unmarkedCable() {
    let keys = PlainDigests()
    var configuration = LinkConfiguration.xiaomi(
      .watts120, cable: .standard(Milliamperes(5_000)), keys: .provider(keys), phone: XiaomiPhoneProfile(),
      phoneKeys: keys)
    configuration.cable = Cable(.plain)
    var charging = XiaomiCharging(configuration)
    charging.runToRest()
    #expect(charging.link.trust == .mutual && charging.link.referee.violations == [])
    #expect(charging.contract?.current == Milliamperes(3_000))
  }

  @Test(
    "From 20 % to full through the loop: the power of the stage, the battery's limit, and 5 V at the end",
    arguments: [(XiaomiKeyCase.right, 100, 3_000), (.none, 26, 4_000)] as [(XiaomiKeyCase, Int32, Int64)])
  func toTheEnd(_ keys: XiaomiKeyCase, _ watts: Int32, _ seconds: Int64) {
    var charging = XiaomiCharging(.reference, keys: keys)
    var most = Int64(0)
    charging.run(until: Instant(nanoseconds: seconds * 1_000_000_000)) { link in
      most = max(most, Int64(link.vbus().rawValue) * Int64(link.current.rawValue) / 1_000_000)
      return link.ports[1].battery?.charge == Percent(100)
    }
    #expect(charging.link.ports[1].battery?.charge == Percent(100))
    #expect(most >= Int64(watts))
    #expect(charging.complaints == [] && charging.link.referee.violations == [])
    charging.run(until: charging.link.now + Nanoseconds(60_000_000_000))
    #expect(charging.link.xiaomiPhoneState == .toppingUp && charging.contract?.voltage == Millivolts(5_000))
  }

  @Test("A charger that takes longer than 12 ms for its digest refuses in time, and the phone falls back")
  func lateDigest() {
    for (milliseconds, trust) in [(0, XiaomiStage.mutual), (11, .mutual), (13, .standard), (400, .standard)] {
      var charging = XiaomiCharging(.reference) {
        $0.xiaomiCharger?.digestTime = Nanoseconds(Int64(milliseconds) * 1_000_000)
      }
      charging.runToRest()
      #expect(charging.link.trust == trust, "\(milliseconds) ms")
      #expect(charging.complaints == [] && charging.link.referee.violations == [])
    }
  }

  @Test("Trust ends with a Hard Reset or the plug, is earned anew, and outlives a Soft Reset")
  func trustEnds() {
    var charging = XiaomiCharging(.reference)
    charging.runToRest()
    charging.link.perform(.request(.phone, .softReset))
    charging.run(until: charging.link.now + Nanoseconds(300_000_000))
    #expect(charging.link.trust == .mutual && charging.contract?.position == 7)
    for action in [LinkAction.request(.phone, .hardReset), .request(.charger, .hardReset), .flip] {
      charging.link.perform(action)
      charging.run(until: charging.link.now + Nanoseconds(400_000_000))
      #expect(charging.link.trust == .standard && charging.power < Milliwatts(20_000))
      charging.run(until: charging.link.now + Nanoseconds(4_000_000_000))
      #expect(charging.link.trust == .mutual && charging.contract?.position == 7)
    }
    #expect(charging.complaints == [] && charging.link.referee.violations == [])
  }

  @Test("RESET_VSAFE0V takes VBUS down for a verified phone, and for nobody else")
  func resetToSafe0V() {
    var message = ShortMessage(.vendorDefined, header: MessageHeader())
    message.append(0x2717_01FF)
    message.append(1)
    var charging = XiaomiCharging(.reference, keys: .wrong)
    charging.runToRest()
    charging.link.perform(.request(.phone, .sendVendorDefined(message)))
    charging.run(until: charging.link.now + Nanoseconds(500_000_000))
    #expect(charging.contract?.position == 5 && charging.link.vbus() > Millivolts(7_000))
    charging = XiaomiCharging(.reference)
    charging.runToRest()
    charging.link.perform(.request(.phone, .sendVendorDefined(message)))
    var lowest = Millivolts(50_000)
    charging.run(until: charging.link.now + Nanoseconds(900_000_000)) { link in
      lowest = min(lowest, link.vbus())
      return false
    }
    #expect(lowest <= Millivolts(800) && charging.link.trust == .standard)
    charging.run(until: charging.link.now + Nanoseconds(4_000_000_000))
    #expect(charging.link.trust == .mutual && charging.complaints == [])
    #expect(charging.link.referee.violations == [])
  }

  @Test("A verified phone whose share is cut gets less at once, and more when there is more")
  func shareIsCut() {
    var charging = XiaomiCharging(.reference)
    charging.runToRest()
    let full = SourceOffers(
      standard: charging.link.ports[0].setup.source,
      verified: SourcePolicy(XiaomiTests.plan.verified), mutual: SourcePolicy(XiaomiTests.plan.mutual))
    charging.link.offer(full.standard)
    charging.run(until: charging.link.now + Nanoseconds(1_000_000_000))
    #expect(charging.link.trust == .mutual && charging.contract?.position == 5)
    charging.link.offer(full)
    charging.run(until: charging.link.now + Nanoseconds(1_000_000_000))
    #expect(charging.contract?.position == 7)
    #expect(charging.link.referee.violations == [])
  }

  static let plan = XiaomiCapabilityPlan(.watts120, cable: .captive(Milliamperes(6_200)))
}
