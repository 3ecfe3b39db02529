import Bridges
import ChargerService
import ChargerSettings
import HardwareAccess
import HardwarePorts
import PortControllers
import PowerDelivery
import PowerSupervision
import Quantities
import Settings
import SinkService
import Trace

/// CLOCK_MONOTONIC, counted from when the sink was made.
struct SinkClock: PortClock {
  private let clock = MonotonicClock()
  private let start: Instant

  init() { start = clock.now }

  var now: Instant { .zero + (clock.now - start) }
}

/// Shows what a sink is offered and given.
struct SinkView {
  let json: Bool
  let messages: Bool
  private let text: EntryText
  private let bus: PortBus
  private var writer: (any TraceWriter)?
  private var conversation = Conversation()
  private var output = Output()
  /// The last words about the chips.
  private var condition: String?

  init(json: Bool, messages: Bool, usesColour: Bool, bus: PortBus, writer: (any TraceWriter)?) {
    self.json = json
    self.messages = messages
    self.bus = bus
    self.writer = writer
    text = EntryText(usesColour: usesColour)
  }

  /// Why nothing happened, where the chips say so.
  var reason: String { condition.map { ": \($0)" } ?? "" }

  mutating func begin(_ hardware: HardwareSettings) {
    guard !json else { return }
    output.line("sink on \(hardware); waiting for a charger")
    output.flush()
  }

  /// - Throws: `TraceWriteError`.
  mutating func take(_ events: [SinkEvent]) throws {
    for event in events { try take(event) }
    output.flush()
  }

  private mutating func take(_ event: SinkEvent) throws {
    switch event {
    case .record(let record):
      try writer?.write(record)
      var entries: [ConversationEntry] = []
      conversation.add(record) { entries.append($0) }
      show(entries)
    case .condition(let condition):
      let words = HardwareText.text(condition, bus)
      if case .failed = condition { self.condition = words }
      if condition == .running { self.condition = nil }
      if case .failed = condition, let words, !json { output.line("-- \(words)") }
    case .job(.offer(let offer)): show(offer)
    case .job(.report(let result)): output.line(json ? Self.json(result) : Self.text(result))
    case .job(.choose): break
    }
  }

  /// Completes the recording and sums up.
  mutating func finish(_ job: SinkJob) throws {
    var entries: [ConversationEntry] = []
    conversation.finish { entries.append($0) }
    show(entries)
    if !json, job.results.count > 1 {
      let met = job.results.count { $0.isMet }
      output.line("\(met) of \(job.results.count) given\(Self.slowest(job.results))")
    }
    output.flush()
    try writer?.finish()
  }

  private mutating func show(_ entries: [ConversationEntry]) {
    guard messages else { return }
    for entry in entries {
      if json { output.line(EntryJSON.text(entry)) } else if let line = text.text(entry) { output.line(line) }
    }
  }

  private mutating func show(_ offer: PowerDataObjectList) {
    let objects = (1...max(1, offer.count)).compactMap { offer.source(at: $0) }
    guard json else {
      for (index, object) in objects.enumerated() { output.line("  \(index + 1)  \(object.summary)") }
      return
    }
    var json = JSONText()
    json.object {
      $0.field("type", "offer" as StaticString)
      $0.array("objects") { list in
        for object in objects {
          list.object {
            $0.field("text", object.summary)
            $0.field("raw", UInt64(object.rawValue))
          }
        }
      }
    }
    output.line(json.text)
  }

  // MARK: Results

  private static func text(_ result: SinkJob.Result) -> String {
    let wish = pad(words(result.wish), 18)
    guard let ready = result.ready else { return "  \(wish)✗ \(words(result.outcome))" }
    let accepted = result.accepted.map { "Accept after \($0.spanText), " } ?? ""
    return
      "  \(wish)\(result.isMet ? "✓" : "✗") \(pad(words(result.outcome), 24))\(accepted)ready after \(ready.spanText)"
  }

  private static func words(_ wish: SinkWish) -> String {
    switch wish {
    case .fixed(let voltage, _): "Fixed \(voltage.settingsText)"
    case .pps(let voltage, _): "PPS \(voltage.settingsText)"
    case .avs(let voltage, _): "AVS \(voltage.settingsText)"
    }
  }

  private static func words(_ outcome: SinkJob.Result.Outcome) -> String {
    switch outcome {
    case .met(let contract): "\(contract.voltage.settingsText) \(contract.current.settingsText)"
    case .other(let contract):
      "given \(contract.voltage.settingsText) \(contract.current.settingsText) instead"
    case .notOffered: "not offered"
    case .rejected: "Reject"
    case .deferred: "Wait"
    case .noAnswer: "no answer"
    case .reset: "the connection was reset"
    }
  }

  private static func json(_ result: SinkJob.Result) -> String {
    var json = JSONText()
    json.object {
      $0.field("type", "result" as StaticString)
      $0.field("wish", words(result.wish))
      $0.field("voltage_mv", Int64(result.wish.voltage.rawValue))
      $0.field("given", result.isMet)
      $0.field("outcome", words(result.outcome))
      switch result.outcome {
      case .met(let contract), .other(let contract):
        $0.field("contract_mv", Int64(contract.voltage.rawValue))
        $0.field("contract_ma", Int64(contract.current.rawValue))
      default: break
      }
      $0.field("accept_after_ns", result.accepted?.rawValue)
      $0.field("ready_after_ns", result.ready?.rawValue)
    }
    return json.text
  }

  private static func slowest(_ results: [SinkJob.Result]) -> String {
    let accepted =
      results.compactMap(\.accepted).max().map { "; the slowest Accept after \($0.spanText)" } ?? ""
    let ready = results.compactMap(\.ready).max().map { ", PS_RDY after \($0.spanText)" } ?? ""
    return accepted + ready
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
