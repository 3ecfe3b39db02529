import LineCode
import PowerDelivery
import Quantities

/// What a filter asks of one entry; the explanation is made only when a field is asked for.
struct FilterLookup {
  let entry: ConversationEntry
  private var explanation: Explanation?

  init(_ entry: ConversationEntry) { self.entry = entry }

  /// The standard's name of the message; `nil` for what is not a message.
  var name: String? { entry.reading.map { MessageSummary.name(of: $0.message) } }

  func has(_ mark: FilterMark) -> Bool {
    switch (mark, entry.record.content) {
    case (.message, .packet(let packet)): packet.isSound
    case (.damaged, .packet(let packet)): !packet.isSound
    case (.reset, .reset), (.event, .event), (.measurement, .measurement): true
    case (.error, _): entry.severity == .error
    case (.warning, _): entry.severity == .warning
    case (.note, _): entry.severity == .note
    case (.retry, _): entry.reading?.isRetry ?? false
    case (.unacknowledged, _): entry.reading?.goodCRC == .missing
    case (.acknowledged, _): if case .received? = entry.reading?.goodCRC { true } else { false }
    default: false
    }
  }

  mutating func compare(
    _ operand: FilterOperand, _ comparison: FilterExpression.Comparison, _ value: FilterValue
  ) -> Bool {
    switch operand {
    case .attribute(let attribute): compare(attribute, comparison, value)
    case .field(let structure, let name): compareField(structure, name, comparison, value)
    }
  }

  private func compare(
    _ attribute: FilterAttribute, _ comparison: FilterExpression.Comparison, _ value: FilterValue
  ) -> Bool {
    if let number = number(attribute), case .number(let wanted, let unit, let written) = value {
      // Plain times are seconds, as on the command line; plain ids are hexadecimal, as everybody writes them.
      if attribute == .time && unit == nil, let seconds = Double(written) {
        return comparison.holds(number, Int64(seconds: seconds))
      }
      if attribute != .svid || written.lowercased().hasPrefix("0x") {
        return comparison.holds(number, wanted)
      }
    }
    if attribute == .code {
      guard let diagnostics = entry.reading?.diagnostics else { return comparison == .notEqual }
      let codes = (0..<diagnostics.count).compactMap { diagnostics[$0].map { "\($0.code.identifier)" } }
      let has = codes.contains { FilterExpression.Comparison.equal.holds($0, value.text) }
      return comparison == .notEqual ? !has : has
    }
    return text(attribute).map { comparison.holds($0, value.text) } ?? (comparison == .notEqual)
  }

  private func number(_ attribute: FilterAttribute) -> Int64? {
    switch attribute {
    case .id: entry.reading.map { Int64($0.message.header.messageID) }
    case .revision: entry.reading.map { Int64($0.message.header.specificationRevision.rawValue) + 1 }
    case .time: entry.record.time.rawValue
    case .number: Int64(entry.number)
    case .svid:
      if case .vendorDefined(let body)? = entry.reading?.body { Int64(body.header.svid) } else { nil }
    default: nil
    }
  }

  private func text(_ attribute: FilterAttribute) -> String? {
    switch attribute {
    case .name: name
    case .from: entry.reading.map { "\($0.message.senderName)" }
    case .line: entry.record.line
    case .summary: entry.reading.map { MessageSummary.text($0.message, $0.body, data: $0.data) }
    case .sop:
      if case .packet(let packet) = entry.record.content { packet.orderedSet?.label } else { nil }
    case .bytes:
      if case .packet(let packet) = entry.record.content { hexadecimal(packet.bytes) } else { nil }
    case .svid: number(.svid).map { hexadecimal($0, digits: 4) }
    default: number(attribute).map { "\($0)" }
    }
  }

  /// Whether any field of that name has such a value.
  private mutating func compareField(
    _ structure: String?, _ name: String, _ comparison: FilterExpression.Comparison, _ value: FilterValue
  ) -> Bool {
    guard let reading = entry.reading else { return false }
    let explanation =
      explanation ?? Explanation(reading.message, reading.body, data: reading.data)
    self.explanation = explanation
    return explanation.nodes.contains { node in
      guard let index = node.field else { return false }
      let layout = node.layout.description
      guard structure == nil || "\(layout.name)".lowercased() == structure,
        "\(layout.fields[index].identifier)".lowercased() == name
      else { return false }
      if case .number(let wanted, let unit, _) = value, let number = explanation.number(node) {
        guard let unit else { return comparison.holds(number.value, wanted) }
        guard let own = number.unit?.filterUnit, own.name == unit else { return false }
        return comparison.holds(number.value * own.factor, wanted)
      }
      return comparison.holds(explanation.valueText(node), value.text)
    }
  }
}

extension UnitSymbol {
  /// The base unit to which a filter brings numbers of this unit, and how many of it make one; `nil` for units that
  /// a filter does not know.
  var filterUnit: (name: String, factor: Int64)? {
    switch self {
    case .millivolts: ("mV", 1)
    case .milliamperes: ("mA", 1)
    case .milliwatts: ("mW", 1)
    case .milliseconds: ("ns", 1_000_000)
    case .microseconds: ("ns", 1_000)
    case .nanoseconds: ("ns", 1)
    case .milliwattHours, .milliohms, .degreesCelsius, .percent, .milliamperesPerMicrosecond: nil
    }
  }
}

extension FilterValue {
  var text: String {
    switch self {
    case .text(let text): text
    case .number(_, _, let text): text
    }
  }
}

extension FilterExpression.Comparison {
  func holds(_ left: Int64, _ right: Int64) -> Bool {
    switch self {
    case .equal: left == right
    case .notEqual: left != right
    case .below: left < right
    case .above: left > right
    case .atMost: left <= right
    case .atLeast: left >= right
    case .contains: String(left).contains(String(right))
    }
  }

  /// Upper and lower case are alike, and so are ′ and '.
  func holds(_ left: String, _ right: String) -> Bool {
    let left = Self.folded(left)
    let right = Self.folded(right)
    return switch self {
    case .equal: left == right
    case .notEqual: left != right
    case .below: left < right
    case .above: left > right
    case .atMost: left <= right
    case .atLeast: left >= right
    case .contains: left.contains(right)
    }
  }

  private static func folded(_ text: String) -> String {
    text.lowercased().replacing("″", with: "''").replacing("′", with: "'").replacing("\"", with: "''")
  }
}

extension Int64 {
  /// Seconds as nanoseconds; times that do not fit become the largest.
  fileprivate init(seconds: Double) {
    let nanoseconds = (seconds * 1e9).rounded()
    self = Int64(exactly: nanoseconds) ?? (nanoseconds < 0 ? .min : .max)
  }
}
