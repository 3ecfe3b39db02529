import PowerDelivery

/// Which entries of a conversation to show: `Request and operatingCurrent > 2 A`, `from == cable or error`.
///
/// An expression is made of message names (`Source_Capabilities`), marks (`error`, `retry` …), and comparisons of an
/// attribute (`sop`, `from`, `id`, `time` …) or of any field of the layouts with a value; `and`, `or`, `not` and
/// parentheses join them. `FilterExpression.help` lists all.
public struct FilterExpression: Sendable {
  public enum Comparison: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case below = "<"
    case above = ">"
    case atMost = "<="
    case atLeast = ">="
    /// Text that occurs anywhere, upper and lower case alike.
    case contains = "~"
  }

  indirect enum Node: Sendable {
    case mark(FilterMark)
    case message(String)
    case compare(FilterOperand, Comparison, FilterValue)
    case not(Node)
    case and([Node])
    case or([Node])
  }

  let root: Node

  /// Reads an expression.
  /// - Throws: `FilterError` with the place and what would be understood there.
  public init(_ text: String) throws(FilterError) {
    var parser = FilterParser(tokens: try FilterToken.split(text), end: text.count + 1)
    root = try parser.expression()
    try parser.expectEnd()
  }

  /// Whether an entry is shown.
  public func matches(_ entry: ConversationEntry) -> Bool {
    var lookup = FilterLookup(entry)
    return matches(root, &lookup)
  }

  private func matches(_ node: Node, _ lookup: inout FilterLookup) -> Bool {
    switch node {
    case .mark(let mark): lookup.has(mark)
    case .message(let name): lookup.name == name
    case .compare(let operand, let comparison, let value): lookup.compare(operand, comparison, value)
    case .not(let node): !matches(node, &lookup)
    case .and(let nodes): nodes.allSatisfy { matches($0, &lookup) }
    case .or(let nodes): nodes.contains { matches($0, &lookup) }
    }
  }

  /// What an expression may hold, for `--help`.
  public static var help: String {
    """
    message names  Request, Source_Capabilities, Vendor_Defined …
    marks          message, damaged, reset, event, measurement, error,
                   warning, note, retry, acknowledged, unacknowledged
    attributes     name, sop, from, id, revision, line, time, number,
                   summary, bytes, code, svid
    fields         any field of the layouts: objectPosition, outputVoltage,
                   PPSRDO.operatingCurrent …
    comparisons    == != < > <= >= and ~ (text that occurs in it)
    values         words, "quoted text", numbers, 0x numbers, numbers with
                   V, mV, A, mA, W, mW, s, ms, us, ns; a time without a
                   unit is in seconds, bytes and svid are in hexadecimal
    joined by      and, or, not, ( )
    """
  }
}

/// Words that are true or false of an entry.
enum FilterMark: String, CaseIterable, Sendable {
  case message, damaged, reset, event, measurement, error, warning, note, retry, acknowledged, unacknowledged
}

/// Properties of every entry.
enum FilterAttribute: String, CaseIterable, Sendable {
  case name, sop, from, id, revision, line, time, number, summary, bytes, code, svid
}

enum FilterOperand: Equatable, Sendable {
  case attribute(FilterAttribute)
  /// A field of a layout, with the name of the structure where it was given.
  case field(structure: String?, String)
}

enum FilterValue: Equatable, Sendable {
  case text(String)
  case number(Int64, unit: String?, text: String)
}

private struct FilterParser {
  let tokens: [FilterToken]
  let end: Int
  var index = 0

  private var current: FilterToken? { index < tokens.count ? tokens[index] : nil }
  private var column: Int { current?.column ?? end }

  func fail(_ reason: String) -> FilterError { FilterError(reason: reason, column: column) }

  func expectEnd() throws(FilterError) {
    if current != nil { throw fail("an `and` or `or` is missing here") }
  }

  mutating func expression() throws(FilterError) -> FilterExpression.Node {
    // A list, not a tree: a long row of `or` must not use up the stack when it is asked.
    var nodes = [try conjunction()]
    while current?.kind == .or {
      index += 1
      nodes.append(try conjunction())
    }
    return nodes.count == 1 ? nodes[0] : .or(nodes)
  }

  private mutating func conjunction() throws(FilterError) -> FilterExpression.Node {
    var nodes = [try negation()]
    while current?.kind == .and {
      index += 1
      nodes.append(try negation())
    }
    return nodes.count == 1 ? nodes[0] : .and(nodes)
  }

  private mutating func negation() throws(FilterError) -> FilterExpression.Node {
    // Counted, not recursive: a long row of `not` must not use up the stack.
    var isNegative = false
    while current?.kind == .not {
      index += 1
      isNegative.toggle()
    }
    let node = try primary()
    return isNegative ? .not(node) : node
  }

  private var depth = 0

  init(tokens: [FilterToken], end: Int) {
    self.tokens = tokens
    self.end = end
  }

  private mutating func primary() throws(FilterError) -> FilterExpression.Node {
    guard let token = current else { throw fail("something is missing at the end") }
    switch token.kind {
    case .open:
      guard depth < 100 else { throw fail("too many parentheses") }
      index += 1
      depth += 1
      let node = try expression()
      depth -= 1
      guard current?.kind == .close else { throw fail("a `)` is missing") }
      index += 1
      return node
    case .word(let word):
      index += 1
      if case .comparison(let comparison)? = current?.kind {
        index += 1
        let operand = try operand(word, at: token)
        let column = column
        let value = try value()
        try checkUnit(of: value, for: operand, named: word, at: column)
        return .compare(operand, comparison, value)
      }
      return try single(word, at: token)
    default: throw fail("a message name, a mark, an attribute or a field belongs here")
    }
  }

  private func single(_ word: String, at token: FilterToken) throws(FilterError) -> FilterExpression.Node {
    if let mark = FilterMark(rawValue: word.lowercased()) { return .mark(mark) }
    if let name = MessageDescription.all.first(where: { "\($0.name)".lowercased() == word.lowercased() }) {
      return .message("\(name.name)")
    }
    if (try? operand(word, at: token)) != nil {
      throw FilterError(reason: "`\(word)` needs a comparison, as in `\(word) == 1`", column: token.column)
    }
    throw FilterError(
      reason:
        "`\(word)` is neither a message nor a mark (\(FilterMark.allCases.map(\.rawValue).joined(separator: ", ")))",
      column: token.column)
  }

  private func operand(_ word: String, at token: FilterToken) throws(FilterError) -> FilterOperand {
    if let attribute = FilterAttribute(rawValue: word.lowercased()) { return .attribute(attribute) }
    let parts = word.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let structure = parts.count == 2 ? parts[0].lowercased() : nil
    let name = (parts.last ?? word).lowercased()
    let isKnown = LayoutDescription.all.contains { layout in
      (structure == nil || "\(layout.name)".lowercased() == structure)
        && layout.fields.contains { "\($0.identifier)".lowercased() == name }
    }
    guard parts.count <= 2, isKnown else {
      throw FilterError(
        reason:
          "no attribute and no field is called `\(word)`; the tables in spec/text/tables list the fields",
        column: token.column)
    }
    return .field(structure: structure, name)
  }

  /// Volts are not compared with amperes.
  private func checkUnit(
    of value: FilterValue, for operand: FilterOperand, named word: String, at column: Int
  ) throws(FilterError) {
    guard case .number(_, let unit?, _) = value else { return }
    let fits =
      switch operand {
      case .attribute(let attribute): attribute == .time && unit == "ns"
      case .field(let structure, let name):
        LayoutDescription.all.contains { layout in
          (structure == nil || "\(layout.name)".lowercased() == structure)
            && layout.fields.contains { field in
              guard case .quantity(_, _, let symbol) = field.kind else { return false }
              return "\(field.identifier)".lowercased() == name && symbol.filterUnit?.name == unit
            }
        }
      }
    if !fits { throw FilterError(reason: "`\(word)` is not measured in that unit", column: column) }
  }

  private mutating func value() throws(FilterError) -> FilterValue {
    guard let token = current else { throw fail("a value is missing") }
    index += 1
    switch token.kind {
    case .word(let text), .quoted(let text): return .text(text)
    case .number(let number, let unit, let text): return .number(number, unit: unit, text: text)
    default:
      index -= 1
      throw fail("a value belongs here")
    }
  }
}
