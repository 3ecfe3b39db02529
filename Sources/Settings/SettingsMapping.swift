import Yams

/// A mapping while it is read: remembers which keys were asked for, so that the others can be reported.
public final class SettingsMapping {
  /// The mapping itself, for mistakes that concern it as a whole.
  public let value: SettingsValue
  private var entries: [(key: String, keyMark: TextPlace, node: Node)] = []
  private var known: [String] = []

  init?(_ value: SettingsValue) {
    self.value = value
    switch value.node {
    case .mapping(let mapping):
      for (key, node) in mapping {
        let mark = key.place ?? value.mark
        guard case .scalar(let scalar) = key else {
          value.errors.report(
            "a key must be a plain word", path: value.path, line: mark.line, column: mark.column)
          continue
        }
        guard scalar.string.unicodeScalars.first != YAMLComposer.renamed else { continue }
        if entries.contains(where: { $0.key == scalar.string }) {
          // The parser tells a key in quotes from one without; a reader does not.
          value.errors.report(
            "`\(scalar.string)` is given more than once here", hint: "keep one of them", path: value.path,
            line: mark.line, column: mark.column)
        } else {
          entries.append((scalar.string, mark, node))
        }
      }
    case .scalar where value.isEmpty: break
    default:
      value.report("a mapping is expected here", hint: "write `key: value` lines")
      return nil
    }
  }

  /// The value under `key`; `nil` where the key is absent or nothing stands behind it.
  public subscript(key: String) -> SettingsValue? {
    if !known.contains(key) { known.append(key) }
    guard let entry = entries.first(where: { $0.key == key }) else { return nil }
    let found = SettingsValue(
      entry.node, path: path(key), errors: value.errors, mark: entry.node.place ?? entry.keyMark)
    return found.isEmpty ? nil : found
  }

  /// The value under `key`; its absence is reported.
  public func required(_ key: String, hint: String? = nil) -> SettingsValue? {
    if let found = self[key] { return found }
    if let entry = entries.first(where: { $0.key == key }) {
      value.errors.report(
        "nothing stands behind `\(key):`", hint: hint, path: path(key), line: entry.keyMark.line,
        column: entry.keyMark.column)
    } else {
      value.report("`\(key)` is missing", hint: hint)
    }
    return nil
  }

  /// Whether the key is there, with or without a value.
  public func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

  /// The keys in the order of the file.
  public var keys: [String] { entries.map(\.key) }

  private func path(_ key: String) -> String { value.path.isEmpty ? key : "\(value.path).\(key)" }

  func reportUnknownKeys() {
    for entry in entries where !known.contains(entry.key) {
      let nearest = Spelling.nearest(to: entry.key, among: known)
      let allowed = "allowed here: \(known.joined(separator: ", "))"
      value.errors.report(
        "`\(entry.key)` is not known here", hint: nearest.map { "did you mean `\($0)`?" } ?? allowed,
        path: value.path, line: entry.keyMark.line, column: entry.keyMark.column)
    }
  }
}
