import PowerDelivery

/// A message taken apart for a person: each field on a line with its bits, value and meaning.
public struct ExplanationText {
  public var usesColour: Bool

  public init(usesColour: Bool = false) { self.usesColour = usesColour }

  /// - Parameter indent: what stands in front of every line.
  public func text(_ explanation: Explanation, indent: String = "") -> String {
    explanation.nodes.map { node in
      indent + (node.field == nil ? heading(node, explanation) : line(node, explanation))
    }.joined(separator: "\n")
  }

  private func heading(_ node: Explanation.Node, _ explanation: Explanation) -> String {
    let layout = node.layout.description
    let number = node.number > 0 ? "Object \(node.number): " : ""
    let title = "\(number)\(layout.title)"
    let value = explanation.valueText(node)
    return paint(title, "1") + "  " + value + paint("  \(layout.clause)", "2")
  }

  private func line(_ node: Explanation.Node, _ explanation: Explanation) -> String {
    let layout = node.layout.description
    guard let index = node.field else { return "" }
    let field = layout.fields[index]
    let label = pad("\(field.label)", 36)
    return "  " + pad(bits(field, layout, node), 9) + label + " " + pad(explanation.valueText(node), 22)
      + paint(" \(field.meaning)", "2")
  }

  /// Bits as the standard numbers them: in the word, or as bytes (with bits) of a block.
  private func bits(_ field: FieldDescription, _ layout: LayoutDescription, _ node: Explanation.Node)
    -> String
  {
    let first = Int(field.firstBit)
    let count = Int(node.bitCount)
    guard layout.isBlock else { return count == 1 ? "\(first)" : "\(first + count - 1):\(first)" }
    let byte = first / 8
    if first % 8 == 0 && count % 8 == 0 {
      return count == 8 ? "byte \(byte)" : "\(byte)-\(byte + count / 8 - 1)"
    }
    let low = first % 8
    return count == 1 ? "\(byte).\(low)" : "\(byte).\(low + count - 1):\(low)"
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private func paint(_ text: String, _ style: String) -> String {
    usesColour ? "\u{1B}[\(style)m\(text)\u{1B}[0m" : text
  }
}
