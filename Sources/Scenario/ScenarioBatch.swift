import Glibc
import PortEngine
import Quantities
public import Simulator
import Threading

/// What many runs of a scenario came to.
public struct BatchResult: Sendable {
  public var runs = 0
  public var contracts = 0
  public var events = 0
  public var violations = 0
  /// Seeds of runs in which an expectation was not met, lowest first, with the first expectation that was not.
  public var failures: [Failure] = []
  public var failureCount = 0
  public var timings = ResponseTimings()
  public var coverage = Coverage()

  public struct Failure: Equatable, Sendable {
    public var seed: UInt64
    public var finding: Verdict.Finding
  }

  /// So many failures are kept; the count goes on.
  public static let mostFailures = 10

  public init() {}

  mutating func add(_ run: ScenarioRun, seed: UInt64) {
    runs += 1
    contracts += run.contractCount
    for link in run.links {
      events += link.eventCount
      violations += link.referee.violationCount
    }
    if let finding = run.verdict.findings.first(where: { $0.isMet != true }) {
      failureCount += 1
      if failures.count < BatchResult.mostFailures { failures.append(Failure(seed: seed, finding: finding)) }
    }
  }

  /// Adds what other runs came to. The result does not depend on which runs were done together.
  public mutating func merge(_ other: BatchResult) {
    runs += other.runs
    contracts += other.contracts
    events += other.events
    violations += other.violations
    failureCount += other.failureCount
    failures = Array(
      (failures + other.failures).sorted { $0.seed < $1.seed }.prefix(BatchResult.mostFailures))
    timings.merge(other.timings)
    coverage.merge(other.coverage)
  }
}

/// Runs a scenario with many seeds on all cores.
public struct ScenarioBatch: Sendable {
  public let scenario: Scenario
  public let firstSeed: UInt64
  public let runs: Int
  public let jobs: Int

  private let keys: KeyRing

  public init(
    _ scenario: Scenario, firstSeed: UInt64, runs: Int, jobs: Int, keys: KeyRing = KeyRing()
  ) {
    self.scenario = scenario
    self.keys = keys
    self.firstSeed = firstSeed
    self.runs = runs
    self.jobs = max(1, min(jobs, runs))
  }

  /// How many cores there are.
  public static var coreCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// Runs all; `progress` is told now and then, on any thread, how many are done.
  ///
  /// Run number n has the seed `firstSeed` + n whatever thread it falls to, and results are merged in the order of
  /// threads, so the outcome is the same for any number of jobs.
  public func run(progress: @escaping @Sendable (Int) -> Void = { _ in }) -> BatchResult {
    let counter = SharedCounter()
    let results = SharedResults(count: jobs)
    let threads = (0..<jobs).map { job in
      WorkThread(name: "simulate \(job)") {
        results.set(self.run(job: job, counter, progress), at: job)
      }
    }
    for thread in threads { thread.join() }
    var all = BatchResult()
    for result in results.all { all.merge(result) }
    return all
  }

  private func run(
    job: Int, _ counter: SharedCounter, _ progress: @Sendable (Int) -> Void
  ) -> BatchResult {
    var result = BatchResult()
    var run: ScenarioRun?
    for number in stride(from: job, to: runs, by: jobs) {
      let seed = firstSeed &+ UInt64(number)
      if run == nil {
        run = ScenarioRun(scenario, seed: seed, isRecorded: false, countsCoverage: true, keys: keys)
      } else {
        run?.restart(seed: seed)
      }
      run?.run()
      if let run { result.add(run, seed: seed) }
      let done = counter.increment()
      if done % 256 == 0 { progress(done) }
    }
    for link in run?.links ?? [] {
      result.coverage.merge(link.coverage)
      result.timings.merge(link.referee.timings)
    }
    return result
  }
}
