import ChargerService
import ChargerSettings
import PowerSupervision
import Quantities
import Testing

/// A port of the daemon in virtual time.
@Suite struct SimulatedPortTests {
  private static func seconds(_ count: Double) -> Instant { Instant(nanoseconds: Int64(count * 1e9)) }

  private static func settings(_ phone: PhoneSettings, watts: Int32 = 45) -> PortSettings {
    var port = PortSettings(name: "A", offer: StandardOffer.offer(pdp: Milliwatts(watts * 1_000)))
    port.visits = [
      PhoneVisit(phone: phone, arrival: Nanoseconds(1_000_000_000), departure: Nanoseconds(20_000_000_000)),
      PhoneVisit(phone: PhoneSettings(.pd2), arrival: Nanoseconds(22_000_000_000)),
    ]
    return port
  }

  private static func driver(_ port: PortSettings) -> SimulatedPortDriver {
    SimulatedPortDriver(port, power: port.offer.pdp, at: .zero, seed: 1)
  }

  private static func contracts(_ reports: [PortReport]) -> [PowerContract] {
    reports.compactMap { if case .contract(let contract) = $0.content { contract } else { nil } }
  }

  /// Every phone of the script gets its contract, and VBUS is off between them.
  @Test func phonesComeAndGo() {
    var driver = Self.driver(Self.settings(PhoneSettings(.pd3)))
    driver.advance(to: Self.seconds(0.9))
    #expect(driver.status.connection == .unattachedSRC && driver.status.vbus < Millivolts(100))
    driver.advance(to: Self.seconds(3))
    #expect(driver.status.hasExplicitContract && driver.status.contract?.voltage == Millivolts(9_000))
    #expect(driver.setPoint.isOn && driver.setPoint.voltage == Millivolts(9_000))
    driver.advance(to: Self.seconds(21.5))
    #expect(!driver.status.connection.isAttached && driver.status.vbus <= Millivolts(800))
    driver.advance(to: Self.seconds(25))
    #expect(driver.status.hasExplicitContract)
    let reports = driver.drain()
    #expect(reports.count { $0.content == .attached } == 2 && reports.count { $0.content == .detached } == 1)
    #expect(reports.map(\.time) == reports.map(\.time).sorted())
    // Records carry the port's time, from the start of the daemon, and its name.
    let records = reports.compactMap { if case .record(let record) = $0.content { record } else { nil } }
    #expect(
      records.allSatisfy { $0.line == "A" }
        && records.last.map { $0.time > Nanoseconds(22_000_000_000) } == true)
  }

  /// The same steps in small and large pieces of time give the same reports.
  @Test func paceDoesNotMatter() {
    var once = Self.driver(Self.settings(PhoneSettings(.pps)))
    var often = once
    once.advance(to: Self.seconds(8))
    for step in 1...800 { often.advance(to: Self.seconds(Double(step) / 100)) }
    let (left, right) = (once.drain(), often.drain())
    #expect(left.count > 20 && left.map(\.content) == right.map(\.content))
  }

  @Test func lessPowerIsNegotiatedAgain() {
    var driver = Self.driver(
      Self.settings(PhoneSettings(.pd3, voltage: Millivolts(15_000), power: Milliwatts(45_000))))
    driver.advance(to: Self.seconds(3))
    driver.perform(.offer(Milliwatts(30_000)), at: Self.seconds(3))
    driver.advance(to: Self.seconds(5))
    let contracts = Self.contracts(driver.drain())
    #expect(contracts.map(\.current) == [Milliamperes(3_000), Milliamperes(2_000)])
    #expect(contracts.allSatisfy { $0.voltage == Millivolts(15_000) })
  }

  /// A new offer is negotiated with the phone that is there; the port stays as it is.
  @Test func aNewOfferIsNegotiatedLive() {
    let before = Self.settings(PhoneSettings(.pd3))
    var driver = Self.driver(before)
    driver.advance(to: Self.seconds(3))
    var after = before
    after.offer = StandardOffer.offer(pdp: Milliwatts(15_000))
    driver.perform(.reconfigure(after, Milliwatts(15_000)), at: Self.seconds(3))
    driver.advance(to: Self.seconds(5))
    let reports = driver.drain()
    #expect(Self.contracts(reports).map(\.voltage) == [Millivolts(9_000), Millivolts(5_000)])
    #expect(reports.allSatisfy { $0.content != .detached })
  }

  /// What an engine cannot change while it runs takes the port through 0 V; the phone gets its contract again.
  @Test func aNewPortGoesThroughZero() {
    let before = Self.settings(PhoneSettings(.pd3))
    var driver = Self.driver(before)
    driver.advance(to: Self.seconds(3))
    var after = before
    after.temperature.warning = DegreesCelsius(60)
    driver.perform(.reconfigure(after, after.offer.pdp), at: Self.seconds(3))
    var lowest = Millivolts(.max)
    for step in 0..<400 {
      driver.advance(to: Self.seconds(3 + Double(step) / 100))
      lowest = min(lowest, driver.status.vbus)
    }
    #expect(lowest <= Millivolts(800) && driver.status.hasExplicitContract)
    #expect(Self.contracts(driver.drain()).count == 2)
  }

  /// Closed from whatever voltage, a port is at vSafe0V well within a second, says so once, and stays there.
  @Test(
    arguments: [
      PhoneSettings(.basic), PhoneSettings(.pd2), PhoneSettings(.pps),
      PhoneSettings(.pd3, voltage: Millivolts(20_000), power: Milliwatts(60_000)),
    ])
  func closing(_ phone: PhoneSettings) {
    var driver = Self.driver(Self.settings(phone, watts: 65))
    driver.advance(to: Self.seconds(4))
    #expect(driver.status.vbus > Millivolts(4_000))
    driver.perform(.close, at: Self.seconds(4))
    driver.advance(to: Self.seconds(4.65))
    #expect(driver.status.isClosed && driver.status.vbus <= Millivolts(800) && !driver.setPoint.isOn)
    driver.perform(.offer(Milliwatts(5_000)), at: Self.seconds(5))
    driver.advance(to: Self.seconds(30))
    let closed = driver.drain().count { if case .closed = $0.content { true } else { false } }
    #expect(closed == 1 && driver.status.vbus <= Millivolts(800))
  }
}
