import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Command.isBuilt, Comment(rawValue: Command.absent)))
struct SimulateTests {
  private static let pps = "spec/scenarios/pps-phone.yaml"

  /// Every scenario of the specification comes to what it expects.
  @Test(
    arguments: try FileManager.default.contentsOfDirectory(atPath: ProjectFiles.url("spec/scenarios").path)
      .sorted())
  func scenarios(_ name: String) throws {
    let result = try Command.run("simulate", "spec/scenarios/\(name)", "--quiet")
    #expect(result.status == 0, "\(result.output)\(result.complaints)")
  }

  @Test func aRunIsAConversation() throws {
    let result = try Command.run("simulate", Self.pps)
    #expect(result.status == 0 && result.lines.first == "A phone follows its battery by PPS (seed 1)")
    #expect(result.output.contains("sink → source SOP    0 ✓ Request PPS 8.40 V 2.80 A"))
    #expect(result.output.contains("contract PPS 8.7 V 2.6 A") && result.output.contains("As expected:"))
    #expect(result.lines.last?.hasPrefix("  ✓") == true)
  }

  @Test func jsonLines() throws {
    let objects = try #require(try Command.run("simulate", Self.pps, "--json").objects)
    #expect(objects.last?["type"] as? String == "verdict" && objects.last?["good"] as? Bool == true)
    #expect(objects.contains { $0["name"] as? String == "PS_RDY" })
  }

  /// The recording of a run is one that `ofc decode` reads.
  @Test(arguments: ["run.pcapng", "run.jsonl", "run.sr"]) func recordings(_ name: String) throws {
    let folder = try TemporaryFolder()
    let written = try Command.run("simulate", Self.pps, "--quiet", "--write", folder.path(name))
    #expect(written.status == 0)
    let read = try Command.run("decode", folder.path(name))
    #expect(read.status == 0 && read.output.contains("Request PPS 8.40 V 2.80 A (object 5)"))
  }

  /// The same seeds give the same result, whatever the number of threads.
  @Test func manyRunsAreDeterministic() throws {
    let arguments = ["simulate", "spec/scenarios/rough-wire.yaml", "--runs", "40", "--seed", "7", "--json"]
    let one = try Command.run(arguments + ["--jobs", "1"])
    let three = try Command.run(arguments + ["--jobs", "3"])
    #expect(one.output == three.output && one.objects?.first?["runs"] as? Int == 40)
    #expect((one.objects?.first?["charger_steps"] as? [Any])?.isEmpty == false)
  }

  /// What fails is told with the command that repeats it, and that command fails in the same way.
  @Test func failuresCanBeRepeated() throws {
    let folder = try TemporaryFolder()
    let text = """
      title: Expects too much
      duration: 2 s
      ports: [{name: A, pdp: 15 W}]
      phones: [{phone: pd3, faults: {bit-error: 20 %}}]
      expect: [{by: 260 ms, contract: 5 V}]
      """
    let path = try folder.file("s.yaml", Array(text.utf8))
    let many = try Command.run("simulate", path, "--runs", "30", "--json")
    #expect(many.status == 4)
    let failures = try #require(many.objects?.first?["failures"] as? [[String: Any]])
    let seed = try #require(failures.first?["seed"] as? Int)
    #expect(failures.first?["replay"] as? String == "ofc simulate \(path) --seed \(seed)")
    let again = try Command.run("simulate", path, "--seed", "\(seed)")
    #expect(again.status == 4 && again.output.contains("✗ a contract of 5 V by 260 ms (line 5)"))
  }

  @Test func mistakes() throws {
    let folder = try TemporaryFolder()
    let text = """
      duration: 2
      ports: [{name: A, pdp: 15 W}]
      phones: [{phone: pd4, cable: thick, misbehaves: [{flood: {every: 5 ms}}]}]
      script: [{at: 3 s, do: unplugg}]
      expect: [{contract: 5 V}, {by: 1 s, hard-resets: 0}]
      """
    let path = try folder.file("s.yaml", Array(text.utf8))
    let result = try Command.run("simulate", path)
    #expect(result.status == 1 && result.output == "")
    let places = result.complaintLines.map { $0.dropFirst("ofc: \(path):".count).prefix { $0 != " " } }
    #expect(
      places == ["1:1:", "1:11:", "3:18:", "3:30:", "3:51:", "4:24:", "5:10:", "5:27:"],
      "\(result.complaints)")
    #expect(try Command.run("simulate", "nothing.yaml").status == 2)
    #expect(try Command.run("simulate", Self.pps, "--runs", "0").status == 64)
    #expect(try Command.run("simulate", Self.pps, "--write", "run.xyz").status == 1)
  }
}
