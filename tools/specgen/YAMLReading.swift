import Yams

/// One mapping of a YAML file while it is read: hands out the values by key and reports what is missing, malformed
/// or left over.
final class MappingReader {
  let place: Place
  let problems: Problems
  private var entries: [String: Node] = [:]
  private var order: [String] = []
  private var known: [String] = []

  /// Reads `node`; anything but a mapping is reported and read as an empty one.
  init(_ node: Node, at place: Place, problems: Problems) {
    self.place = Place(file: place.file, line: node.mark?.line ?? place.line, subject: place.subject)
    self.problems = problems
    guard case .mapping(let mapping) = node else {
      problems.report("a mapping (`key: value`) is expected here", at: self.place)
      return
    }
    for (key, value) in mapping {
      guard case .scalar(let scalar) = key else {
        problems.report("a key must be a plain word", at: self.place)
        continue
      }
      entries[scalar.string] = value
      order.append(scalar.string)
    }
  }

  private init(_ entries: [String: Node], _ place: Place, _ problems: Problems) {
    self.entries = entries
    self.place = place
    self.problems = problems
  }

  /// The same mapping under another subject, for errors that name what they are about.
  func about(_ name: String) -> MappingReader {
    let reader = MappingReader(entries, place.inside(name, line: place.line), problems)
    reader.order = order
    reader.known = known
    return reader
  }

  func report(_ text: String) { problems.report(text, at: place) }

  func has(_ key: String) -> Bool { entries[key] != nil }

  func node(_ key: String) -> Node? {
    known.append(key)
    return entries[key]
  }

  func optionalText(_ key: String) -> String? {
    guard let node = node(key) else { return nil }
    guard case .scalar(let scalar) = node else {
      report("`\(key)` must be a single value")
      return nil
    }
    return scalar.string
  }

  /// The text under `key`; a missing or empty one is reported.
  func text(_ key: String) -> String {
    let text = optionalText(key)
    if text == nil, !has(key) { report("`\(key)` is missing") }
    if text == "" { report("`\(key)` is empty") }
    return text ?? ""
  }

  func optionalInteger(_ key: String) -> Int64? {
    guard let text = optionalText(key) else { return nil }
    guard let value = parseInteger(text) else {
      report("`\(key)` must be an integer, not `\(text)`")
      return nil
    }
    guard value.magnitude < 1 << 33 else {
      report("`\(key)` is too large: \(text)")
      return nil
    }
    return value
  }

  func integer(_ key: String) -> Int64 {
    if !has(key) { report("`\(key)` is missing") }
    return optionalInteger(key) ?? 0
  }

  func flag(_ key: String) -> Bool {
    switch optionalText(key) {
    case nil, "false": return false
    case "true": return true
    case let text?:
      report("`\(key)` must be true or false, not `\(text)`")
      return false
    }
  }

  /// The mappings of the list under `key`; none when it is left out.
  func list(_ key: String) -> [MappingReader] {
    nodes(key).map { MappingReader($0, at: place, problems: problems) }
  }

  /// The items of the list under `key`; a single value counts as a list of one.
  func nodes(_ key: String) -> [Node] {
    guard let node = node(key) else { return [] }
    if case .sequence(let sequence) = node { return Array(sequence) }
    if case .scalar(let scalar) = node, scalar.string.isEmpty || scalar.string == "null" { return [] }
    return [node]
  }

  func texts(_ key: String) -> [String] {
    nodes(key).compactMap {
      if case .scalar(let scalar) = $0 { return scalar.string }
      report("`\(key)` must be a list of words")
      return nil
    }
  }

  /// The mapping under `key`.
  func mapping(_ key: String) -> MappingReader? {
    node(key).map { MappingReader($0, at: place.inside(key, line: place.line), problems: problems) }
  }

  /// All keys with their values as text, in the order of the file.
  func pairs() -> [(key: String, value: String)] {
    order.map { ($0, optionalText($0) ?? "") }
  }

  /// Reports every key that nothing asked for.
  func finish() {
    for key in order where !known.contains(key) {
      let hint = key.contains(" ") ? " (quote a text that contains a comma)" : ""
      report("unknown key `\(key)`\(hint); known here: \(unique(known).joined(separator: ", "))")
    }
  }
}

/// Reads an integer in decimal, `0x`, `0b` or `0o` notation, with `_` between digits and a sign.
func parseInteger(_ text: String) -> Int64? {
  var digits = text.filter { $0 != "_" }
  var negative = false
  if let sign = digits.first, sign == "-" || sign == "+" {
    negative = sign == "-"
    digits.removeFirst()
  }
  let radix: Int
  switch digits.prefix(2).lowercased() {
  case "0x": radix = 16
  case "0b": radix = 2
  case "0o": radix = 8
  default: radix = 10
  }
  if radix != 10 { digits.removeFirst(2) }
  guard digits.first?.isHexDigit == true, let value = Int64(digits, radix: radix) else { return nil }
  return negative ? -value : value
}

/// The values without repetitions, in the order of their first appearance.
func unique(_ values: [String]) -> [String] {
  var seen: Set<String> = []
  return values.filter { seen.insert($0).inserted }
}
