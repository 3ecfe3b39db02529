import Quantities
import Simulator
import Trace

/// What came of one run, for a person and as JSON.
public enum RunText {
  public static func text(_ verdict: Verdict) -> String {
    let lines = verdict.findings.map { finding in
      let mark = finding.isMet == true ? "✓" : "✗"
      let found = finding.isMet == true || finding.found.isEmpty ? "" : ": \(finding.found)"
      let line = finding.expectation.line > 0 ? " (line \(finding.expectation.line))" : ""
      return "  \(mark) \(finding.expectation)\(line)\(found)"
    }
    return (["", verdict.isGood ? "As expected:" : "Not as expected:"] + lines).joined(separator: "\n")
  }

  public static func json(_ verdict: Verdict, seed: UInt64) -> String {
    var json = JSONText()
    json.object { json in
      json.field("type", "verdict" as StaticString)
      json.field("seed", seed)
      json.field("good", verdict.isGood)
      json.array("expectations") { json in
        for finding in verdict.findings {
          json.object { json in
            json.field("expected", "\(finding.expectation)")
            if finding.expectation.line > 0 { json.field("line", finding.expectation.line) }
            json.field("port", finding.expectation.port)
            json.field("met", finding.isMet == true)
            if !finding.found.isEmpty { json.field("found", finding.found) }
          }
        }
      }
    }
    return json.text
  }
}

/// What came of many runs, for a person and as JSON.
public enum BatchText {
  public static func text(
    _ result: BatchResult, _ scenario: Scenario, file: String, firstSeed: UInt64, showsCoverage: Bool
  ) -> String {
    var lines = [
      "\(scenario.title): seeds \(firstSeed) to \(firstSeed &+ UInt64(result.runs) &- 1)", "",
      "\(result.runs) runs, \(result.contracts) contracts, \(result.events) events, "
        + "\(result.violations) rules broken, \(result.failureCount) runs not as expected",
    ]
    lines += ["", "response times", result.timings.description]
    for side in [Side.charger, .phone] {
      let steps = result.coverage.distinct(side)
      lines += ["", "\(side): \(steps) different steps of the policy engine"]
      if showsCoverage { lines += CoverageText.table(result.coverage, side).map { "  " + $0 } }
      lines.append("states never left\(showsCoverage ? "" : " (--coverage names them)"):")
      for (reason, states) in CoverageText.unvisited(result.coverage, side) {
        let names = states.map { "\($0.name)" }.joined(separator: ", ")
        lines.append("  \(reason): " + (showsCoverage ? names : "\(states.count)"))
      }
    }
    if !result.failures.isEmpty {
      lines += ["", "not as expected:"]
      for failure in result.failures {
        lines.append(
          "  seed \(failure.seed): \(failure.finding.expectation)"
            + (failure.finding.found.isEmpty ? "" : ": \(failure.finding.found)"))
      }
      lines += ["repeat the first with:", "  ofc simulate \(file) --seed \(result.failures[0].seed)"]
    }
    return lines.joined(separator: "\n")
  }

  public static func json(_ result: BatchResult, file: String, firstSeed: UInt64) -> String {
    var json = JSONText()
    json.object { json in
      json.field("type", "batch" as StaticString)
      json.field("scenario", file)
      json.field("first_seed", firstSeed)
      json.field("runs", result.runs)
      json.field("contracts", result.contracts)
      json.field("events", result.events)
      json.field("violations", result.violations)
      json.field("failed_runs", result.failureCount)
      json.array("failures") { json in
        for failure in result.failures {
          json.object { json in
            json.field("seed", failure.seed)
            json.field("expected", "\(failure.finding.expectation)")
            json.field("found", failure.finding.found)
            json.field("replay", "ofc simulate \(file) --seed \(failure.seed)")
          }
        }
      }
      writeTimings(result.timings, &json)
      for side in [Side.charger, .phone] { writeCoverage(result.coverage, side, &json) }
    }
    return json.text
  }

  private static func writeTimings(_ timings: ResponseTimings, _ json: inout JSONText) {
    json.array("timings") { json in
      for metric in TimingMetric.allCases where timings.count(metric) > 0 {
        json.object { json in
          json.field("metric", metric.name)
          json.field("count", timings.count(metric))
          json.field("min_ns", timings.minimum(metric)?.rawValue)
          json.field("p50_ns", timings.percentile(Percent(50), metric)?.rawValue)
          json.field("p99_ns", timings.percentile(Percent(99), metric)?.rawValue)
          json.field("max_ns", timings.maximum(metric)?.rawValue)
        }
      }
    }
  }

  private static func writeCoverage(_ coverage: Coverage, _ side: Side, _ json: inout JSONText) {
    json.array(side == .charger ? "charger_steps" : "phone_steps") { json in
      for state in CoverageText.states {
        for (stimulus, count) in CoverageText.stimuli(coverage, side, state) {
          json.object { json in
            json.field("state", state.name)
            json.field("stimulus", CoverageText.name(stimulus))
            json.field("count", count)
          }
        }
      }
    }
  }
}
