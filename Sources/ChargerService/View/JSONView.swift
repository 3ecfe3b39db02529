public import Quantities
import PortEngine
import Scenario
import Trace

/// One JSON object a line; spec/json-lines.md describes them.
public struct JSONView: DaemonView {
  private let output: ViewOutput
  private var conversations = PortConversations()
  private var shown: [String: PortStatus] = [:]

  public init(output: @escaping ViewOutput) { self.output = output }

  public mutating func show(
    _ reports: [PortReport], _ statuses: [PortStatus], budget: Milliwatts, lost: Int
  ) {
    if lost > 0 {
      line {
        $0.field("type", "lost" as StaticString); $0.field("count", lost)
      }
    }
    for report in reports {
      switch report.content {
      case .record(let record):
        conversations.add(record, port: report.port) { output(EntryJSON.text($0, explains: false)) }
      case .contract(let contract):
        line { json in
          head("contract", report, &json)
          json.field("supply", NoticeText.supply(contract.supply))
          json.field("voltage_mv", contract.voltage.rawValue)
          json.field("current_ma", contract.current.rawValue)
          json.field("object_position", contract.position)
        }
      case .trust(let stage):
        line { json in
          head("trust", report, &json)
          json.field("stage", "\(stage)")
        }
      case .attached: line { head("attached", report, &$0) }
      case .detached: line { head("detached", report, &$0) }
      case .closed(let vbus):
        line { json in
          head("closed", report, &json)
          json.field("vbus_mv", vbus.rawValue)
        }
      }
    }
    for status in statuses where isNews(status) { output(JSONView.text(status)) }
  }

  public mutating func finish(_ statuses: [PortStatus], budget: Milliwatts) {
    conversations.finish { output(EntryJSON.text($0, explains: false)) }
    for status in statuses { output(JSONView.text(status)) }
  }

  /// Measurements alone are no news: states, contracts and offers are.
  private mutating func isNews(_ status: PortStatus) -> Bool {
    var comparable = status
    comparable.vbus = .zero
    comparable.current = .zero
    guard shown[status.name] != comparable else { return false }
    shown[status.name] = comparable
    return true
  }

  private func head(_ type: StaticString, _ report: PortReport, _ json: inout JSONText) {
    json.field("type", type)
    json.field("time_ns", report.time.nanoseconds)
    json.field("port", report.port)
  }

  private func line(_ body: (inout JSONText) -> Void) {
    var json = JSONText()
    json.object(body)
    output(json.text)
  }

  static func text(_ status: PortStatus) -> String {
    var json = JSONText()
    json.object { json in
      json.field("type", "status" as StaticString)
      json.field("port", status.name)
      json.field("connection", status.connection.name)
      json.field("state", status.state.name)
      json.field("explicit_contract", status.hasExplicitContract)
      if let contract = status.contract {
        json.field("contract_mv", contract.voltage.rawValue)
        json.field("contract_ma", contract.current.rawValue)
      }
      json.field("vbus_mv", status.vbus.rawValue)
      json.field("current_ma", status.current.rawValue)
      json.field("offered_mw", status.offered.rawValue)
      if let trust = status.trust { json.field("trust", "\(trust)") }
      json.field("closed", status.isClosed)
    }
    return json.text
  }
}
