import Quantities
import Scenario
import Simulator
import Testing

/// Runs and what is made of them.
@Suite struct ScenarioRunTests {
  private static func scenario(_ expect: String, _ more: String = "") throws -> Scenario {
    let text = """
      title: T
      duration: 3 s
      ports: [{name: A, pdp: 27 W}]
      phones: [{phone: pd3, cable: plain}]
      expect: [\(expect)]
      \(more)
      """
    return try Scenario.read(Array(text.utf8), file: "s.yaml")
  }

  private static func verdict(_ scenario: Scenario) -> [Bool?] {
    var run = ScenarioRun(scenario, seed: 1, isRecorded: false)
    run.run()
    return run.verdict.findings.map(\.isMet)
  }

  /// An expectation, and whether it is met: each kind once as it is, once as it is not.
  @Test(
    arguments: [
      ("{by: 1 s, contract: 9 V}", true), ("{by: 200 ms, contract: 9 V}", false),
      ("{by: 1 s, contract: 9 V 2.5 A}", true), ("{by: 1 s, contract: 9 V 3 A}", false),
      ("{by: 1 s, contract: 5 V}", false), ("{at: 2 s, contract: 9 V}", true),
      ("{at: 150 ms, contract: none}", true),
      ("{at: 2 s, contract: none}", false), ("{at: 2 s, vbus: 8.5–9.5 V}", true),
      ("{at: 150 ms, vbus: 8.5–9.5 V}", false),
      ("{by: 2 s, epr: true}", false), ("{hard-resets: 0}", true), ("{soft-resets: 0}", true),
      ("{refused: 1}", false),
    ] as [(String, Bool)])
  func verdicts(_ expectation: String, _ isMet: Bool) throws {
    #expect(Self.verdict(try Self.scenario(expectation)) == [isMet, true, true])
  }

  @Test func resetsAreCounted() throws {
    let script = "script: [{at: 1 s, do: hard reset, by: phone}, {at: 2500 ms, do: soft reset, by: charger}]"
    #expect(
      Self.verdict(try Self.scenario("{hard-resets: 1}, {soft-resets: 1}", script)).prefix(2) == [true, true])
    #expect(
      Self.verdict(try Self.scenario("{hard-resets: 0}, {soft-resets: 0}", script)).prefix(2) == [
        false, false,
      ])
  }

  /// A run that was started anew is like a new one; other seeds give other runs where there is chance.
  @Test func restarts() throws {
    var scenario = try Self.scenario("{by: 2 s, contract: 9 V}")
    scenario.links[0].faults = .rough
    func run(_ seed: UInt64) -> (Int, Nanoseconds?) {
      var run = ScenarioRun(scenario, seed: seed, isRecorded: false)
      run.run()
      return (run.links[0].eventCount, run.contractTime)
    }
    var again = ScenarioRun(scenario, seed: 99, isRecorded: false)
    again.run()
    var kept = 0
    for seed in UInt64(1)...20 {
      again.restart(seed: seed)
      again.run()
      kept += (again.links[0].eventCount, again.contractTime) == run(seed) ? 1 : 0
    }
    #expect(kept == 20)
    #expect(Set((UInt64(1)...20).map { run($0).0 }).count > 3)
  }

  /// A run that ends at the contract is over then.
  @Test func endsAtContract() throws {
    var run = ScenarioRun(
      try Self.scenario("{by: 1 s, contract: 9 V}", "ends: at contract"), seed: 1, isRecorded: false)
    run.run()
    #expect(run.verdict.isGood && run.links[0].now < Instant(nanoseconds: 500_000_000))
    #expect(run.contractTime.map { $0 > Nanoseconds(250_000_000) } == true)
  }

  /// The result of many runs does not depend on the number of threads.
  @Test func batches() throws {
    var scenario = try Self.scenario("{by: 400 ms, contract: 9 V}")
    scenario.links[0].faults = .rough
    func batch(_ jobs: Int) -> BatchResult {
      ScenarioBatch(scenario, firstSeed: 5, runs: 60, jobs: jobs).run()
    }
    let (one, four) = (batch(1), batch(4))
    #expect(one.runs == 60 && one.failureCount > 0 && one.failures == four.failures)
    #expect(one.contracts == four.contracts && one.events == four.events && one.coverage == four.coverage)
    #expect("\(one.timings)" == "\(four.timings)")
  }
}
