import Foundation
import PowerDelivery
import Quantities
import Scenario
import Settings
import Simulator
import TestSupport
import Testing

/// A file becomes values, or its mistakes are named.
@Suite struct ScenarioReadingTests {
  private static func read(_ text: String) throws(SettingsFailure) -> Scenario {
    try Scenario.read(Array(text.utf8), file: "s.yaml")
  }

  private static let head = "title: T\nduration: 4 s\nports: [{name: A, pdp: 27 W}]\n"

  @Test func everything() throws {
    let scenario = try Self.read(
      """
      title: T
      seed: 9
      duration: 4 s
      ends: at contract
      budget: 30 W
      violations: allowed
      ports: [{name: A, pdp: 27 W}, {name: B, pdp: 15 W, cable: captive}]
      phones:
        - port: B
          phone: {model: pps, voltage: 8.4 V}
          plug: never
        - port: A
          phone: pd2
          cable: {kind: EPR, marker: silent, flipped: yes}
          faults: {bit-error: 0.5 %, until: 1 s}
          misbehaves: [wrong MessageID, {never sends: PS_RDY}, {answers late: {message: Request, by: 20 ms}}]
          charger-misbehaves: {floods: {every: 5 ms}}
      script:
        - {at: 1 s, port: B, do: plug in}
        - {at: 2 s, port: A, do: lose, message: GoodCRC, from: phone, skip: 1, count: 2}
        - {at: 3 s, port: A, do: hard reset, by: phone}
      expect:
        - {by: 2 s, port: A, contract: 9 V 2 A}
        - {at: 3 s, port: B, vbus: 4.75–5.5 V}
        - {hard-resets: 1}
      """)
    #expect(scenario.seed == 9 && scenario.endsAtContract && scenario.budget == Milliwatts(30_000))
    let (a, b) = (scenario.links[0], scenario.links[1])
    #expect(a.port.name == "A" && a.cable == Cable(.epr, marker: .silent, phonePin: .cc2))
    #expect(a.faults == FaultMix(bitError: PerMille(5), end: Instant(nanoseconds: 1_000_000_000)))
    #expect(a.phoneMisbehaviours.count == 3 && a.phoneMisbehaviours[1] == .neverSends(.control(.psRDY)))
    #expect(a.phoneMisbehaviours[2] == .answersLate(.data(.request), Nanoseconds(20_000_000)))
    #expect(a.chargerMisbehaviours[0] == .floods(Nanoseconds(5_000_000)))
    #expect(b.cable.kind == .captive && b.plugTime == nil && b.phone.voltage == Millivolts(8_400))
    let lost = ScriptedFault(.damage, station: .phone, kind: .control(.goodCRC), skip: 1, count: 2)
    #expect(scenario.script.map(\.link) == [1, 0, 0] && scenario.script[1].action == .scriptFault(lost))
    #expect(scenario.script[2].action == .request(.phone, .hardReset))
    let conditions = scenario.expectations.map(\.condition)
    #expect(
      conditions == [
        .contract(Millivolts(9_000), Milliamperes(2_000)), .vbus(Millivolts(4_750), Millivolts(5_500)),
        .hardResets(1), .withinBudget,
      ])
  }

  /// What stands behind the head of a file, and the only mistake in it.
  @Test(
    arguments: [
      ("", "1:1: `phones` is missing; give each port a phone"),
      ("phones: []", "4:9: phones: the port `A` has no phone; add one, or leave the port out"),
      ("phones: [{phone: pd2}, {phone: pd3}]", "4:24: phones[1]: the port `A` has a phone already"),
      (
        "phones: [{phone: pd2, faults: {bit-error: 4}}]",
        "4:43: phones[0].faults.bit-error: the number has no unit; write the unit behind it, such as V, mV, A, mA, W, s, ms"
      ),
      (
        "phones: [{phone: pd2, faults: {noise: 140 %}}]",
        "4:39: phones[0].faults.noise: a probability from 0 % to 100 % is expected here, in steps of 0.1 %; write for example `4 %`"
      ),
      (
        "phones: [{phone: pd2, misbehaves: [{floods: 5 ms}]}]",
        "4:45: phones[0].misbehaves[0].floods: a mapping is expected here; write `key: value` lines"
      ),
      (
        "phones: [{phone: pd2, misbehaves: [{never sends: PSRDY}]}]",
        "4:50: phones[0].misbehaves[0].never sends: `PSRDY` is none of"
      ),
      (
        "phones: [{phone: pd2}]\nscript: [{at: 9 s, do: unplug}]",
        "5:15: script[0].at: 9 s is outside 0 s to 4 s"
      ),
      (
        "phones: [{phone: pd2}]\nscript: [{at: 1 s, do: hard reset}]",
        "5:10: script[0]: `by` is missing; charger or phone"
      ),
      (
        "phones: [{phone: pd2}]\nexpect: [{by: 1 s, at: 2 s, contract: 5 V}]",
        "5:10: expect[0]: `by` and `at` exclude each other; `by` means at some time before, `at` exactly then"
      ),
      (
        "phones: [{phone: pd2}]\nexpect: [{by: 1 s, vbus: 5 V}]",
        "5:26: expect[0].vbus: a range of voltages is expected here; write for example `4.75–5.5 V`"
      ),
      (
        "phones: [{phone: pd2}]\nexpect: [{by: 1 s}]",
        "5:10: expect[0]: nothing is expected here; give one of contract, power, trust, charge, epr, vbus, hard-resets, soft-resets, refused"
      ),
    ] as [(String, String)])
  func oneMistake(_ text: String, _ mistake: String) {
    var found: [String] = []
    do { _ = try Self.read(Self.head + text) } catch { found = error.errors.map(\.description) }
    #expect(found.count == 1 && found[0].hasPrefix("s.yaml:\(mistake)"), "\(found)")
  }

  /// Files with single bytes changed are read or refused, and nothing else.
  @Test func brokenFiles() throws {
    var generator = SeededGenerator(seed: 4)
    var refused = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: ProjectFiles.url("spec/scenarios").path)
      .sorted()
    {
      let sound = try ProjectFiles.bytes("spec/scenarios/\(name)")
      for _ in 0..<60 {
        var bytes = sound
        for _ in 0..<3 {
          let place = Int.random(in: 0..<bytes.count, using: &generator)
          bytes[place] = UInt8.random(in: 0...255, using: &generator)
        }
        do { _ = try Scenario.read(bytes, file: name) } catch {
          refused += error.errors.allSatisfy { $0.line > 0 && !$0.reason.isEmpty } ? 1 : 0
        }
      }
    }
    #expect(refused > 500)
  }
}
