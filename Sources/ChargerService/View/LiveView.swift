import PortEngine
public import Quantities
import Scenario
import Trace

/// One block for each port that is drawn over itself: what the port is like, and what was said last.
///
/// ```
/// driver     PE_SRC_Ready                  PPS 8.40 V 2.80 A
///            VBUS 8.42 V  2.79 A  23.5 W   offers 45.0 W  ████████████████······· of 60 W
///              12.345678  source → sink  SOP  3 ✓ PS_RDY
/// ```
public struct LiveView: DaemonView {
  /// How many messages of each port are shown.
  static let messageCount = 5
  private let output: ViewOutput
  private let width: @Sendable () -> Int
  private let text = EntryText()
  private var conversations = PortConversations()
  private var lines: [String: [String]] = [:]
  /// How many lines stand on the screen and are drawn over.
  private var drawn = 0

  /// - Parameters:
  ///   - width: the columns of the terminal; longer lines are cut.
  ///   - output: takes text as it is, control sequences included.
  public init(width: @escaping @Sendable () -> Int, output: @escaping ViewOutput) {
    self.width = width
    self.output = output
  }

  public mutating func show(
    _ reports: [PortReport], _ statuses: [PortStatus], budget: Milliwatts, lost: Int
  ) {
    for report in reports {
      guard case .record(var record) = report.content else { continue }
      record.line = ""
      conversations.add(record, port: report.port) { entry in
        guard let line = text.text(entry) else { return }
        lines[report.port, default: []].append(contentsOf: line.split(separator: "\n").map(String.init))
      }
      lines[report.port] = lines[report.port].map { $0.suffix(LiveView.messageCount) }
    }
    draw(statuses, budget)
  }

  public mutating func finish(_ statuses: [PortStatus], budget: Milliwatts) { draw(statuses, budget) }

  private mutating func draw(_ statuses: [PortStatus], _ budget: Milliwatts) {
    let columns = max(20, width())
    let ports = statuses.count == 1 ? "1 port has" : "\(statuses.count) ports share"
    var block = ["ofc serve: \(ports) \(budget.wattText), Ctrl-C stops"]
    for status in statuses { block += LiveView.block(status, budget, lines[status.name] ?? []) }
    var screen = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
    for line in block { screen += "\r\u{1B}[K" + LiveView.cut(line, to: columns - 1) + "\n" }
    // What stood below a block that has become shorter.
    screen += "\u{1B}[J"
    drawn = block.count
    output(screen)
  }

  static func block(_ status: PortStatus, _ budget: Milliwatts, _ messages: [String]) -> [String] {
    let isAttached = status.connection.isAttached
    let state = isAttached ? "\(status.state.name)" : "\(status.connection.name)"
    let contract =
      status.contract.map { contract in
        "\(NoticeText.supply(contract.supply)) \(contract.voltage.voltText) \(contract.current.ampereText)"
      } ?? "no contract"
    let trust = isAttached ? status.trust.map { "  Xiaomi: \($0)" } ?? "" : ""
    let share =
      status.isClosed
      ? "closed" : "offers \(status.offered.wattText)  \(bar(status.offered, budget)) of \(budget.wattText)"
    var block = [
      "", pad(status.name, 11) + pad(state, 32) + contract + trust,
      pad("", 11)
        + pad("VBUS \(status.vbus.voltText)  \(status.current.ampereText)  \(status.power.wattText)", 32)
        + share,
    ]
    block += messages.suffix(messageCount).map { "  " + $0 }
    block += Array(repeating: "", count: max(0, messageCount - messages.count))
    return block
  }

  /// A line that is too long ends in an ellipsis.
  static func cut(_ line: String, to width: Int) -> String {
    line.count <= width ? line : line.prefix(width - 1) + "…"
  }

  /// The share of the budget, in 24 steps.
  private static func bar(_ power: Milliwatts, _ budget: Milliwatts) -> String {
    let steps = 24
    let filled = budget > .zero ? min(steps, max(0, Int(power.rawValue) * steps / Int(budget.rawValue))) : 0
    return String(repeating: "█", count: filled) + String(repeating: "·", count: steps - filled)
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}

extension Millivolts {
  /// `8.42 V`.
  var voltText: String { hundredths(rawValue) + " V" }
}

extension Milliamperes {
  /// `2.79 A`.
  var ampereText: String { hundredths(rawValue) + " A" }
}

extension Milliwatts {
  /// `23.5 W`.
  var wattText: String {
    let tenths = (rawValue + 50) / 100
    return tenths % 10 == 0 ? "\(tenths / 10) W" : "\(tenths / 10).\(tenths % 10) W"
  }
}

private func hundredths(_ thousandths: Int32) -> String {
  let rounded = (thousandths.magnitude + 5) / 10
  let rest = rounded % 100
  return (thousandths < 0 && rounded > 0 ? "-" : "") + "\(rounded / 100).\(rest < 10 ? "0" : "")\(rest)"
}
