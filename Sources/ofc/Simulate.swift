import ArgumentParser
import Foundation
import Quantities
import Scenario
import Settings
import Simulator
import Trace

/// `ofc simulate`: a scenario in virtual time, once to be read, or many times to find what breaks.
struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs a scenario: chargers, cables and phones in virtual time.",
    discussion: """
      A scenario is a YAML file (spec/scenarios.md; examples in spec/scenarios/). One run prints the conversation as
      `ofc decode` does, with what happens to power, and whether what the scenario expects came. Many runs differ in
      their seeds only; what failed is told with the command that repeats it. The same seed gives the same run
      everywhere.

      examples
        ofc simulate spec/scenarios/pps-phone.yaml
        ofc simulate spec/scenarios/rough-wire.yaml --runs 100000
        ofc simulate spec/scenarios/rough-wire.yaml --seed 123 --write run.pcapng
      """)

  @Argument(help: "The scenario.", completion: .file(extensions: ["yaml"])) var scenario: String
  @Option(help: ArgumentHelp("The seed of the run, or of the first one.", valueName: "number")) var seed:
    UInt64?
  @Option(help: ArgumentHelp("So many runs, with the seeds that follow.", valueName: "count")) var runs = 1
  @Option(help: ArgumentHelp("Threads for many runs; all cores without it.", valueName: "count")) var jobs:
    Int?
  @Option(
    help: ArgumentHelp(
      "Also write the recording of the run (.pcapng, .jsonl, .csv, .sr).", valueName: "file"),
    completion: .file())
  var write: String?
  @Flag(help: "One JSON object a line instead of text.") var json = false
  @Flag(help: "Leave the conversation out, show the verdict only.") var quiet = false
  @Flag(help: "Many runs: show which steps of the policy engines were seen.") var coverage = false
  @Option(help: "Colours: auto, always or never.") var colour = Colour.auto

  func validate() throws {
    guard runs >= 1 else { throw ValidationError("--runs must be at least 1.") }
    guard jobs.map({ $0 >= 1 }) ?? true else { throw ValidationError("--jobs must be at least 1.") }
    guard runs == 1 || write == nil else {
      throw ValidationError("--write records one run; leave --runs out.")
    }
  }

  func run() throws {
    let scenario: Scenario
    do {
      scenario = try Scenario.read(file: self.scenario)
    } catch {
      for mistake in error.errors { Output.complain("\(mistake)") }
      throw error.kind == .unreadable ? ExitStatus.unusableFile : ExitStatus.unusableArgument
    }
    let keys: KeyRing
    do {
      keys = try KeyRing(scenario)
    } catch {
      Output.complain("\(error)")
      throw ExitStatus.unusableArgument
    }
    let seed = seed ?? scenario.seed
    let isGood =
      runs == 1 ? try single(scenario, keys, seed: seed) : batch(scenario, keys, seed: seed)
    if !isGood { throw ExitStatus.expectationNotMet }
  }

  // MARK: One run

  private func single(_ scenario: Scenario, _ keys: KeyRing, seed: UInt64) throws -> Bool {
    var run = ScenarioRun(scenario, seed: seed, isRecorded: true, keys: keys)
    var recording = try RunRecording(write)
    var printer = RunPrinter(
      names: scenario.links.map(\.port.name), isJSON: json, isQuiet: quiet, usesColour: colour.isOn)
    printer.begin(scenario, seed: seed)
    run.run { link, index in
      for record in printer.take(&link, index) { recording.add(record) }
    }
    printer.finish()
    try recording.finish()
    printer.output.line(json ? RunText.json(run.verdict, seed: seed) : RunText.text(run.verdict))
    for link in run.links {
      for violation in link.referee.violations where !json { printer.output.line("  \(violation)") }
    }
    printer.output.flush()
    return run.verdict.isGood
  }

  // MARK: Many runs

  private func batch(_ scenario: Scenario, _ keys: KeyRing, seed: UInt64) -> Bool {
    let jobs = jobs ?? ScenarioBatch.coreCount
    let meter = BatchProgress(self.scenario, runs: runs)
    let start = DispatchTime.now().uptimeNanoseconds
    let result = ScenarioBatch(scenario, firstSeed: seed, runs: runs, jobs: jobs, keys: keys).run(
      progress: meter.update)
    meter.finish()
    let span = Nanoseconds(Int64(clamping: DispatchTime.now().uptimeNanoseconds - start))
    var output = Output()
    if json {
      output.line(BatchText.json(result, file: self.scenario, firstSeed: seed))
    } else {
      output.line(
        BatchText.text(result, scenario, file: self.scenario, firstSeed: seed, showsCoverage: coverage))
      output.line("\(runs) runs in \(span.spanText) on \(min(jobs, runs)) threads")
    }
    output.flush()
    return result.failureCount == 0
  }
}

/// The recording of a run for a file.
private struct RunRecording {
  private let path: String?
  private let format: TraceWriteFormat?
  private var records: [TraceRecord] = []

  init(_ path: String?) throws {
    self.path = path
    format = path.flatMap(TraceWriteFormat.init(fileName:))
    if let path, format == nil {
      Output.complain("`\(path)` does not tell the format; name it .pcapng, .jsonl, .csv or .sr")
      throw ExitStatus.unusableArgument
    }
  }

  mutating func add(_ record: TraceRecord) {
    if path != nil { records.append(record) }
  }

  /// Writes all, in the order of time.
  func finish() throws {
    guard let path, let format else { return }
    do {
      var writer = try TraceFile.create(path, format: format)
      let order = records.indices.sorted { (records[$0].time, $0) < (records[$1].time, $1) }
      for index in order { try writer.write(records[index]) }
      try writer.finish()
    } catch {
      Output.complain(error is TraceWriteError ? "\(error)" : "\(path): \(error)")
      throw ExitStatus.unusableArgument
    }
  }
}

/// Prints a run while it goes on.
private struct RunPrinter {
  var output = Output()
  private let names: [String]
  private let isJSON: Bool
  private let isQuiet: Bool
  private let text: EntryText
  private var conversations: [Conversation]

  init(names: [String], isJSON: Bool, isQuiet: Bool, usesColour: Bool) {
    self.names = names
    self.isJSON = isJSON
    self.isQuiet = isQuiet
    var text = EntryText(usesColour: usesColour, showsLine: names.count > 1)
    text.lineWidth = max(6, (names.map(\.count).max() ?? 0) + 1)
    self.text = text
    conversations = names.map { _ in Conversation() }
  }

  mutating func begin(_ scenario: Scenario, seed: UInt64) {
    guard !isJSON else { return }
    output.line("\(scenario.title) (seed \(seed))")
    if !isQuiet { output.line(text.heading) }
  }

  /// Shows what happened on a link; hands the records on.
  mutating func take(_ link: inout Link, _ index: Int) -> [TraceRecord] {
    let records = LinkRecords.drain(&link, name: names.count > 1 ? names[index] : nil)
    for record in records {
      var entries: [ConversationEntry] = []
      conversations[index].add(record) { entries.append($0) }
      for entry in entries { show(entry) }
    }
    return records
  }

  mutating func finish() {
    for index in conversations.indices {
      var entries: [ConversationEntry] = []
      conversations[index].finish { entries.append($0) }
      for entry in entries { show(entry) }
    }
  }

  private mutating func show(_ entry: ConversationEntry) {
    guard !isQuiet else { return }
    if isJSON {
      output.line(EntryJSON.text(entry, explains: false))
    } else if let line = text.text(entry) {
      output.line(line)
    }
  }
}

/// How many runs are done, on standard error, when a person looks at it.
private final class BatchProgress: @unchecked Sendable {
  private let name: String
  private let runs: Int
  private let isShown = isatty(STDERR_FILENO) != 0
  private let lock = NSLock()
  private var last = DispatchTime.now()
  private var hasWritten = false

  init(_ name: String, runs: Int) {
    self.name = name
    self.runs = runs
  }

  @Sendable func update(_ done: Int) {
    guard isShown else { return }
    lock.withLock {
      let now = DispatchTime.now()
      guard now.uptimeNanoseconds - last.uptimeNanoseconds > 250_000_000 else { return }
      last = now
      hasWritten = true
      FileHandle.standardError.write(Data("\r\(name): \(done) of \(runs) runs ".utf8))
    }
  }

  func finish() {
    lock.withLock {
      if hasWritten { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }
  }
}
