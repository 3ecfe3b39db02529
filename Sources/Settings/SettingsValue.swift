import Yams

/// One value of a document: a scalar, a list or a mapping, with its place.
///
/// Every getter gives what was asked for, or reports the mistake and gives `nil`.
public struct SettingsValue {
  /// The way to the value through keys and positions.
  public let path: String
  let node: Node
  let errors: SettingsErrors
  let mark: TextPlace

  init(_ node: Node, path: String, errors: SettingsErrors, mark: TextPlace) {
    self.node = node
    self.path = path
    self.errors = errors
    self.mark = mark
  }

  /// Where the value begins, counted from 1.
  public var line: Int { mark.line }
  public var column: Int { mark.column }

  /// Says that something is wrong with this value.
  public func report(_ reason: String, hint: String? = nil) {
    errors.report(reason, hint: hint, path: path, line: mark.line, column: mark.column)
  }

  // MARK: Scalars

  /// The text of a scalar that is not empty.
  public func text() -> String? {
    guard let scalar = scalar("a text") else { return nil }
    guard !scalar.isEmpty else {
      report("a text is expected here, and there is nothing")
      return nil
    }
    return scalar
  }

  /// A whole number without a unit, decimal or hexadecimal: `27`, `0xA819`.
  public func integer(in range: ClosedRange<Int>) -> Int? {
    guard let scalar = scalar("a whole number") else { return nil }
    guard let number = WholeNumber(scalar) else {
      report("`\(scalar)` is no whole number")
      return nil
    }
    guard range.contains(number.value) else {
      let bounds = [range.lowerBound, range.upperBound].map {
        number.isHexadecimal ? $0.hexadecimal : "\($0)"
      }
      report("\(scalar) is outside \(bounds[0]) to \(bounds[1])")
      return nil
    }
    return number.value
  }

  /// `true` or `false`, also `yes`, `no`, `on`, `off`.
  public func flag() -> Bool? {
    guard let scalar = scalar("`true` or `false`") else { return nil }
    switch scalar.lowercased() {
    case "true", "yes", "on": return true
    case "false", "no", "off": return false
    default:
      report("`\(scalar)` is neither `true` nor `false`")
      return nil
    }
  }

  /// One of the words of an enumeration, in any case.
  public func word<Word: CaseIterable & RawRepresentable>(_ type: Word.Type = Word.self) -> Word?
  where Word.RawValue == String {
    word(of: Word.allCases.map { ($0.rawValue, $0) })
  }

  /// One of these words, in any case; gives what stands beside it.
  public func word<Meaning>(of words: [(String, Meaning)]) -> Meaning? {
    let list = words.map(\.0).joined(separator: ", ")
    guard let scalar = scalar("one of \(list)") else { return nil }
    if let match = words.first(where: { $0.0.lowercased() == scalar.lowercased() }) { return match.1 }
    report(
      "`\(scalar)` is none of \(list)",
      hint: Spelling.nearest(to: scalar, among: words.map(\.0)).map { "did you mean `\($0)`?" })
    return nil
  }

  /// A quantity with its unit: `9 V`, `150 ms`.
  public func quantity<Value: SettingsQuantity>(
    _ type: Value.Type = Value.self, in range: ClosedRange<Value>? = nil
  ) -> Value? {
    guard let scalar = scalar("a number with its unit, such as \(Value.example)") else { return nil }
    do {
      let value = try Value.parse(scalar)
      if let range, !range.contains(value) {
        report(
          "\(value.settingsText) is outside \(range.lowerBound.settingsText) to \(range.upperBound.settingsText)"
        )
        return nil
      }
      return value
    } catch {
      report(error.reason, hint: error.hint)
      return nil
    }
  }

  /// Several amounts in one text, in the order in which they stand: `5 V 3 A`, `3.3–11 V 3 A`.
  public func amounts(example: String) -> [Amount]? {
    guard let scalar = scalar("a text such as \(example)") else { return nil }
    do {
      return try Amount.list(scalar)
    } catch {
      report(error.reason, hint: error.hint ?? "write it as in `\(example)`")
      return nil
    }
  }

  /// Whether this is a scalar, and not a list or a mapping.
  public var isScalar: Bool {
    if case .scalar = node { true } else { false }
  }

  public var isList: Bool {
    if case .sequence = node { true } else { false }
  }

  /// Whether nothing stands here: `key:` without a value.
  public var isEmpty: Bool {
    if case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any {
      return ["", "~", "null"].contains(scalar.string)
    }
    return false
  }

  private func scalar(_ expected: String) -> String? {
    switch node {
    case .scalar(let scalar): return scalar.string
    case .sequence: report("\(expected) is expected here, not a list")
    case .mapping: report("\(expected) is expected here, not a mapping")
    case .alias: report("\(expected) is expected here, not an alias")
    }
    return nil
  }

  // MARK: Lists and mappings

  /// The values of a list. A single scalar counts as a list of one.
  public func list() -> [SettingsValue] {
    switch node {
    case .sequence(let sequence):
      return sequence.enumerated().map { index, node in
        SettingsValue(node, path: "\(path)[\(index)]", errors: errors, mark: node.place ?? mark)
      }
    case .scalar where !isEmpty: return [self]
    default:
      report("a list is expected here", hint: "write each value behind a `-` on a line of its own")
      return []
    }
  }

  /// Reads a mapping: `body` takes what it knows by key; what is left over is reported.
  public func mapping<Value>(_ body: (SettingsMapping) -> Value?) -> Value? {
    guard let mapping = SettingsMapping(self) else { return nil }
    let value = body(mapping)
    mapping.reportUnknownKeys()
    return value
  }
}
