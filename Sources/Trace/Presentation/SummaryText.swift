import LineCode
import PowerDelivery
import Quantities

/// The end of a decoded recording in a few lines: contract and how it came about, roles, resets, errors, cable.
public struct SummaryText {
  /// A label and what it says; a label with several lines repeats empty.
  public private(set) var lines: [(label: String, text: String)] = []

  public init(_ statistics: ConversationStatistics) {
    add("messages", messages(statistics))
    addContracts(statistics)
    addRoles(statistics)
    addResets(statistics)
    addCable(statistics)
    addFindings(statistics)
  }

  /// The lines with aligned labels under a heading.
  public var text: String {
    (["Summary"]
      + lines.map {
        "  " + $0.label + String(repeating: " ", count: max(1, 11 - $0.label.count)) + $0.text
      }).joined(separator: "\n")
  }

  private mutating func add(_ label: String, _ texts: String...) {
    for (index, text) in texts.enumerated() { lines.append((index == 0 ? label : "", text)) }
  }

  private func messages(_ statistics: ConversationStatistics) -> String {
    var parts = ["\(statistics.messageCount)", "\(statistics.goodCRCCount) GoodCRC"]
    if statistics.retryCount > 0 { parts.append("\(statistics.retryCount) repeated") }
    if statistics.unacknowledgedCount > 0 {
      parts.append("\(statistics.unacknowledgedCount) not acknowledged")
    }
    if statistics.damagedCount > 0 { parts.append("\(statistics.damagedCount) damaged") }
    if statistics.measurementCount > 0 { parts.append("\(statistics.measurementCount) measurements") }
    if let first = statistics.firstTime, let last = statistics.lastTime {
      parts.append("over \((last - first).spanText)")
    }
    return parts.joined(separator: ", ")
  }

  private mutating func addContracts(_ statistics: ConversationStatistics) {
    for line in statistics.lines {
      let contracts = line.contracts
      guard contracts.sawMessage else { continue }
      let place = statistics.lines.count > 1 ? "on \(line.name): " : ""
      add("contract", place + state(contracts))
      if let contract = contracts.current {
        add("", contract.history)
        if let offer = contract.request.selected { add("", "the object offers \(offer.summary)") }
      }
      if contracts.current != nil, let pending = contracts.pending {
        add("", "a further request was not settled: \(unsettled(pending))")
      }
      if contracts.beganLate && contracts.contractCount > 0 {
        add("", "the recording begins in the middle; what was agreed before its first request is not known")
      }
      if contracts.contractCount > 1 || (contracts.contractCount > 0 && contracts.current == nil) {
        addHistory(contracts)
      }
      if contracts.rejectedCount > 0 {
        add("", "\(contracts.rejectedCount) requests rejected or told to wait")
      }
    }
  }

  private func state(_ contracts: ContractFollower) -> String {
    if let contract = contracts.current { return contract.summary }
    if contracts.contractCount > 0 { return "none at the end: a reset or a detach ended it" }
    if let pending = contracts.pending { return "none; the last request was \(unsettled(pending))" }
    return contracts.beganLate
      ? "carried over: it was made before the recording began, so its values are not known" : "none"
  }

  private func unsettled(_ pending: Contract) -> String { "\(pending.summary), \(pending.answer.rawValue)" }

  private mutating func addHistory(_ follower: ContractFollower) {
    let shown = follower.first + follower.last
    let left = follower.contractCount + follower.rejectedCount - shown.count
    add(
      "history", "\(follower.contractCount) contracts" + (left > 0 ? "; \(left) in the middle left out" : ""))
    for contract in shown {
      let state = contract.isActive ? "" : " — \(contract.answer.rawValue)"
      add("", "\(contract.requestedAt.secondsText) s  \(contract.summary)\(state)")
    }
  }

  private mutating func addRoles(_ statistics: ConversationStatistics) {
    guard let sourceIsDFP = statistics.sourceIsDFP else { return }
    var text = sourceIsDFP ? "the source is DFP, the sink is UFP" : "the source is UFP, the sink is DFP"
    if let revision = statistics.revision?.name { text += "; \(revision)" }
    add("roles", text)
    if !statistics.swaps.isEmpty {
      add(
        "",
        "swapped: "
          + statistics.swaps.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)×" }.joined(
            separator: ", "))
    }
  }

  private mutating func addResets(_ statistics: ConversationStatistics) {
    let counts = [
      (statistics.hardResetCount, "Hard Reset"), (statistics.softResetCount, "Soft_Reset"),
      (statistics.cableResetCount, "Cable Reset"),
    ].filter { $0.0 > 0 }
    guard !counts.isEmpty else { return }
    add("resets", counts.map { "\($0.0) × \($0.1)" }.joined(separator: ", "))
  }

  private mutating func addCable(_ statistics: ConversationStatistics) {
    guard let identity = statistics.cable, let report = CableReport(identity) else {
      if statistics.cableWasAsked {
        add("cable", "asked on SOP′, but nothing answered: without an e-marker it carries 3 A, 60 W at most")
      }
      return
    }
    add("cable", report.headline)
    if !report.facts.isEmpty { add("", report.facts.joined(separator: "; ")) }
    for remark in report.remarks { add("", "note: \(remark.text)") }
  }

  private mutating func addFindings(_ statistics: ConversationStatistics) {
    let shown = statistics.findings
      .filter { $0.key.severity > .note }
      .sorted {
        ($1.key.severity.rawValue, $0.key.rawValue) < ($0.key.severity.rawValue, $1.key.rawValue)
      }
    if shown.isEmpty {
      add("findings", "no errors, no warnings")
      return
    }
    for (index, finding) in shown.enumerated() {
      add(
        index == 0 ? "findings" : "",
        "\(finding.value.count) × \(finding.key.severity) \(finding.key.identifier): \(finding.key.message), "
          + "first at \(finding.value.first.secondsText) s")
    }
  }
}

extension SummaryText {
  /// The summary as one JSON object.
  public static func json(_ statistics: ConversationStatistics) -> String {
    var json = JSONText()
    json.object { json in
      json.field("type", "summary" as StaticString)
      json.field("messages", statistics.messageCount)
      json.field("good_crc", statistics.goodCRCCount)
      json.field("retries", statistics.retryCount)
      json.field("not_acknowledged", statistics.unacknowledgedCount)
      json.field("damaged", statistics.damagedCount)
      json.field("hard_resets", statistics.hardResetCount)
      json.field("cable_resets", statistics.cableResetCount)
      json.field("soft_resets", statistics.softResetCount)
      json.field("measurements", statistics.measurementCount)
      if let isDFP = statistics.sourceIsDFP { json.field("source_is_dfp", isDFP) }
      json.array("contracts") { json in
        for line in statistics.lines { write(line, &json) }
      }
      if let identity = statistics.cable, let report = CableReport(identity) { write(report, &json) }
      json.array("findings") { json in
        for (code, finding) in statistics.findings.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
          json.object { json in
            json.field("code", code.identifier)
            json.field("severity", "\(code.severity)")
            json.field("count", finding.count)
            json.field("first_ns", finding.first.rawValue)
          }
        }
      }
    }
    return json.text
  }

  private static func write(_ line: ConversationStatistics.Line, _ json: inout JSONText) {
    let follower = line.contracts
    json.object { json in
      if !line.name.isEmpty { json.field("line", line.name) }
      json.field("count", follower.contractCount)
      json.field("rejected", follower.rejectedCount)
      json.field("carried_over", follower.beganLate && follower.contractCount == 0)
      guard let contract = follower.current else { return }
      json.field("summary", contract.summary)
      json.field("object_position", contract.request.request.common.objectPosition)
      json.field("rdo", contract.request.request.rawValue)
      json.field("pdo", contract.request.selected?.rawValue)
      json.field("offered_ns", contract.offeredAt?.rawValue)
      json.field("requested_ns", contract.requestedAt.rawValue)
      json.field("answered_ns", contract.answeredAt?.rawValue)
      json.field("active_ns", contract.activeAt?.rawValue)
    }
  }

  private static func write(_ report: CableReport, _ json: inout JSONText) {
    json.object("cable") { json in
      json.field("headline", report.headline)
      json.field("facts", report.facts.joined(separator: "; "))
      json.array("remarks") { json in
        for remark in report.remarks {
          json.object { json in
            json.field("code", remark.code)
            json.field("text", remark.text)
          }
        }
      }
    }
  }
}
