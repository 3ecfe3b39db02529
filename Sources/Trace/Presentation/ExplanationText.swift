/// A message taken apart for a person: each field on a line with its bits, value and meaning.
public struct ExplanationText {
  public var usesColour: Bool
  /// What stands in front of every line.
  public var indent: String

  public init(usesColour: Bool = false, indent: String = "") {
    self.usesColour = usesColour
    self.indent = indent
  }

  /// The lines, without a line feed at the end.
  public func text(_ explanation: Explanation) -> String {
    var buffer = TextBuffer(capacity: explanation.nodes.count * 128)
    append(explanation, to: &buffer)
    return String(decoding: buffer.bytes.dropLast(), as: UTF8.self)
  }

  /// Writes the lines, each with a line feed.
  public func append(_ explanation: Explanation, to buffer: inout TextBuffer) {
    // Nodes of one structure follow each other: it is looked up once.
    var layout = LayoutID.messageHeader.description
    for node in explanation.nodes {
      if !indent.isEmpty { buffer.append(indent) }
      if let index = node.field {
        appendField(index, node, layout, explanation, to: &buffer)
      } else {
        layout = node.layout.description
        appendHeading(node, layout, explanation, to: &buffer)
      }
      buffer.append(UInt8(ascii: "\n"))
    }
  }

  private func appendHeading(
    _ node: Explanation.Node, _ layout: LayoutDescription, _ explanation: Explanation,
    to buffer: inout TextBuffer
  ) {
    if usesColour { buffer.append("\u{1B}[1m") }
    if node.number > 0 {
      buffer.append("Object ")
      buffer.append(Int(node.number))
      buffer.append(": ")
    }
    buffer.append(layout.title)
    if usesColour { buffer.append("\u{1B}[0m") }
    buffer.append("  ")
    explanation.appendValue(node, to: &buffer)
    appendFaint("  ", layout.clause, to: &buffer)
  }

  private func appendField(
    _ index: Int, _ node: Explanation.Node, _ layout: LayoutDescription, _ explanation: Explanation,
    to buffer: inout TextBuffer
  ) {
    let field = layout.fields[index]
    let meaning = field.meaning
    buffer.append(layout.lineHeads[index])
    let start = buffer.bytes.count
    explanation.appendValue(node, field, to: &buffer)
    guard meaning.utf8CodeUnitCount > 0 else { return }
    buffer.pad(from: start, to: 23, least: 2)
    appendFaint("", meaning, to: &buffer)
  }

  private func appendFaint(_ space: StaticString, _ text: StaticString, to buffer: inout TextBuffer) {
    buffer.append(space)
    if usesColour { buffer.append("\u{1B}[2m") }
    buffer.append(text)
    if usesColour { buffer.append("\u{1B}[0m") }
  }
}

extension FieldDescription {
  /// Bits and label of the field, in the columns of `ExplanationText`.
  func lineHead(isBlock: Bool) -> [UInt8] {
    var buffer = TextBuffer(capacity: 64)
    buffer.append("  ")
    var start = buffer.bytes.count
    appendBits(isBlock: isBlock, to: &buffer)
    buffer.pad(from: start, to: 10)
    start = buffer.bytes.count
    buffer.append(label)
    buffer.pad(from: start, to: 37)
    return buffer.bytes
  }

  /// Bits as the standard numbers them: in the word, or as bytes (with bits) of a block.
  private func appendBits(isBlock: Bool, to buffer: inout TextBuffer) {
    let first = Int(firstBit)
    let count = Int(width)
    if !isBlock {
      appendRange(first, count, to: &buffer)
    } else if first % 8 == 0 && count % 8 == 0 {
      buffer.append("byte ")
      buffer.append(first / 8)
      guard count != 8 else { return }
      buffer.append("-")
      if count > 0 { buffer.append(first / 8 + count / 8 - 1) }
    } else {
      buffer.append(first / 8)
      buffer.append(".")
      appendRange(first % 8, count, to: &buffer)
    }
  }

  private func appendRange(_ first: Int, _ count: Int, to buffer: inout TextBuffer) {
    if count > 1 {
      buffer.append(first + count - 1)
      buffer.append(":")
    }
    buffer.append(first)
  }
}
