import ChargerSettings
import PortEngine
import PowerDelivery
import Quantities
import Settings
import TestSupport
import Testing

@Suite struct ChargerSettingsTests {
  private static func mistakes(_ text: String) -> [String] {
    do {
      _ = try ChargerSettings.read(Array(text.utf8), file: "c.yaml")
      return []
    } catch {
      return error.errors.map(\.description)
    }
  }

  private static func port(_ lines: String) -> String {
    "ports:\n  - name: A\n" + lines.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n") + "\n"
  }

  @Test func theExample() throws {
    let path = ProjectFiles.url("hardware/serve/car-charger.yaml").path
    let settings = try ChargerSettings.read(file: path)
    #expect(settings.budget == Milliwatts(60_000) && settings.ports.map(\.name) == ["driver", "passenger"])
    let driver = settings.ports[0]
    #expect(driver.offer.objects.count == 5 && driver.priority == 2 && driver.minimum == Milliwatts(15_000))
    #expect(driver.visits.map(\.phone.model) == [.pps, .pd2])
    #expect(driver.visits[0].departure == Nanoseconds(40_000_000_000))
    let passenger = settings.ports[1].configuration
    #expect(passenger.hasCaptiveCable && !passenger.canSupplyVCONN && passenger.roles == .sourceOnly)
  }

  /// What is offered without `offer` keeps to the standard's own checks.
  @Test(arguments: [5, 15, 18, 27, 30, 45, 60, 65, 100, 140, 180, 240])
  func theStandardOffer(_ watts: Int32) throws {
    let pdp = Milliwatts(watts * 1_000)
    let text = Self.port("pdp: \(watts) W")
    let port = try ChargerSettings.read(Array(text.utf8), file: "c.yaml").ports[0]
    #expect(port.offer == StandardOffer.offer(pdp: pdp))
    #expect(OfferCheck.diagnostics(port.offer.objects).isEmpty)
    for reduced in stride(from: 5, through: watts, by: 5) {
      #expect(OfferCheck.diagnostics(port.offer.limited(to: Milliwatts(reduced * 1_000)).objects).isEmpty)
    }
  }

  /// A port, and the only mistake in it (behind the file name).
  @Test(
    arguments: [
      ("pdp: 15", "3:10: ports[0].pdp: `15` has no unit; write `15 W` if that is what is meant"),
      (
        "offer: {fixed: [9 V 2 A]}",
        "3:21: ports[0].offer.fixed[0]: the first object is 9 V and must be vSafe5V; put `5 V` first (USB-PD R3.2 §6.4.1)"
      ),
      (
        "offer: {fixed: [5 V 3 A, 15 V 1.8 A, 9 V 3 A]}",
        "3:42: ports[0].offer.fixed[2]: 9 V stands behind 15 V; fixed objects stand in the order of their voltage (USB-PD R3.2 §6.4.1)"
      ),
      (
        "offer: {fixed: [5 V 3 A, 28 V 1 A]}",
        "3:30: ports[0].offer.fixed[1]: 28 V is above 20 V; higher voltages stand under `epr`"
      ),
      (
        "offer: {fixed: [5 V 3 A, 5 V 2 A]}",
        "3:30: ports[0].offer.fixed[1]: 5 V is offered twice; keep the larger current"
      ),
      (
        "offer: {fixed: [5 V 3 A, 9 V]}",
        "3:30: ports[0].offer.fixed[1]: a voltage and a current are expected here; write it as in `9 V 3 A`"
      ),
      (
        "offer: {fixed: [5 V 3 A, 9.02 V 3 A]}",
        "3:30: ports[0].offer.fixed[1]: 9020 mV is no multiple of 50 mV; the object on the wire counts in steps of 50 mV"
      ),
      (
        "vconn: no\npdp: 100 W",
        "4:10: ports[0].pdp: the standard's list for 100 W cannot be offered here: without VCONN no e-marker is read, and a cable without e-marker carries 3 A; lower `pdp`, or fit another cable"
      ),
      (
        "pdp: 27 W\noffer: {fixed: [5 V 3 A]}",
        "4:12: ports[0].offer: a source of 27 W must offer 9 V; add `9 V 3 A` (USB-PD R3.2 §10.2.3)"
      ),
      (
        "pdp: 15 W\noffer: {fixed: [5 V 3 A], pps: [5–11 V 1 A]}",
        "4:37: ports[0].offer.pps[0]: a source of 15 W has no PPS; PPS needs more than 15 W"
      ),
      (
        "pdp: 27 W\noffer: {fixed: [5 V 3 A, 9 V 3 A], pps: [2–11 V 3 A]}",
        "4:46: ports[0].offer.pps[0]: PPS begins at 2 V; the lowest voltage is 3.3 V to 5 V, usually 5 V"
      ),
      (
        "pdp: 15 W\nminimum: 20 W", "4:14: ports[0].minimum: the minimum of 20 W is more than the port's 15 W"
      ),
      ("pdp: 15 W\nrp: 2 A", "4:9: ports[0].rp: `2 A` is none of default, 1.5 A, 3 A; did you mean `3 A`?"),
      (
        "pdp: 15 W\ntemperature: {warning: 90 °C, shutdown: 80 °C}",
        "4:45: ports[0].temperature.shutdown: the shutdown must lie above the warning of 90 °C"
      ),
      (
        "pdp: 15 W\nsimulated: [{phone: pdd, arrive: 0 s}]",
        "4:25: ports[0].simulated[0].phone: `pdd` is none of basic, pd2, pd3, pps, avs, epr, xiaomi; did you mean `pd2`?"
      ),
      (
        "pdp: 15 W\nsimulated: [{phone: pd2, arrive: 2 s, leave: 1 s}]",
        "4:50: ports[0].simulated[0].leave: the phone leaves before it arrives"
      ),
      (
        "pdp: 15 W\nsimulated: [{phone: pd2, arrive: 2 s}, {phone: pd2, arrive: 3 s}]",
        "4:44: ports[0].simulated[1]: the phone before is still there; let it `leave` before this one arrives"
      ),
      ("", "2:5: ports[0]: `offer` is missing; give `offer`, or `pdp` for the standard's own list"),
    ] as [(String, String)])
  func oneMistake(_ port: String, _ mistake: String) {
    #expect(Self.mistakes(Self.port(port)) == ["c.yaml:\(mistake)"])
  }

  @Test func allMistakesOfAFileAtOnce() {
    let text = """
      budget: 10 W
      ports:
        - name: A
          pdp: 27 W
          minimum: 9 W
        - name: A
          pdp: 27
          rp: none
        - name: "B C"
          pdp: 15 W
          cabel: captive
      colour: red
      """
    let places = Self.mistakes(text).map { $0.split(separator: " ")[0] + " " + $0.split(separator: " ")[1] }
    #expect(
      places == [
        "c.yaml:7:10: ports[1].pdp:", "c.yaml:8:9: ports[1].rp:", "c.yaml:9:11: ports[2].name:",
        "c.yaml:11:5: ports[2]:", "c.yaml:12:1: `colour`",
      ])
  }

  @Test func theBudgetMustCoverAllMinimums() {
    let text =
      "budget: 10 W\nports:\n  - {name: A, pdp: 27 W, minimum: 9 W}\n  - {name: B, pdp: 15 W, minimum: 5 W}\n"
    #expect(
      Self.mistakes(text) == [
        "c.yaml:1:9: budget: the budget of 10 W does not cover the minimum of all ports, 14 W; raise the budget, or lower the ports' `minimum`"
      ])
  }

  @Test func namesAreUnique() {
    let text = "ports:\n  - {name: A, pdp: 27 W}\n  - {name: A, pdp: 15 W}\n"
    #expect(
      Self.mistakes(text) == [
        "c.yaml:3:5: ports[1]: the name `A` is given to two ports; names tell ports apart in the log"
      ])
  }
}

/// What the decoder's own checks say of an offer.
enum OfferCheck {
  static func diagnostics(_ objects: PowerDataObjectList) -> [String] {
    var message = ShortMessage(.sourceCapabilities, header: MessageHeader())
    for position in 1...objects.count { message.append(objects.word(at: position) ?? 0) }
    var context = ReadingContext()
    let found = context.read(message.message).diagnostics
    return (0..<found.count).compactMap { found[$0] }.filter { $0.code.severity != .note }.map {
      "\($0.code)"
    }
  }
}
