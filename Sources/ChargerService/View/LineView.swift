public import Quantities
import Trace

/// One line for each message and each event, as `ofc decode` prints them: for files and for those who scroll.
public struct LineView: DaemonView {
  private let output: ViewOutput
  private let text: EntryText
  private var conversations = PortConversations()

  /// - Parameter names: the ports, for the width of their column.
  public init(names: [String], usesColour: Bool, output: @escaping ViewOutput) {
    self.output = output
    var text = EntryText(usesColour: usesColour, showsLine: true)
    text.lineWidth = max(6, (names.map(\.count).max() ?? 0) + 1)
    self.text = text
    output(text.heading)
  }

  public mutating func show(
    _ reports: [PortReport], _ statuses: [PortStatus], budget: Milliwatts, lost: Int
  ) {
    if lost > 0 { output("-- \(lost) lines were not shown") }
    for report in reports {
      guard case .record(let record) = report.content else {
        if case .closed(let vbus) = report.content {
          output("-- \(report.port): closed, VBUS \(vbus.voltText)")
        }
        continue
      }
      conversations.add(record, port: report.port) { if let line = text.text($0) { output(line) } }
    }
  }

  public mutating func finish(_ statuses: [PortStatus], budget: Milliwatts) {
    conversations.finish { if let line = text.text($0) { output(line) } }
  }
}
