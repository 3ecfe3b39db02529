import Foundation

import Yams

/// Reads one file of `spec/layouts`. Rules that concern one key are checked here; rules that concern several fields,
/// structures or files are in `LayoutChecks.swift`.
struct LayoutReader {
  let problems: Problems

  func group(_ root: MappingReader) -> LayoutGroup {
    var group = head(root)
    group.enumerations = root.list("enumerations").map(enumeration)
    group.structures = root.list("structures").map(structure)
    root.finish()
    return group
  }

  /// What stands at the head of a file.
  func head(_ root: MappingReader) -> LayoutGroup {
    var group = LayoutGroup(
      file: root.place.file, name: root.text("group"), title: root.text("title"), source: root.text("source"))
    if let module = root.optionalText("module") {
      if !isIdentifier(module, firstUpper: true) {
        root.report("`\(module)` cannot name a Swift module: UpperCamelCase, letters and digits")
      }
      group.module = module
    }
    return group
  }

  func enumeration(_ entry: MappingReader) -> Enumeration {
    let name = typeName(entry)
    let entry = entry.about(name)
    let revisions = revisions(entry, inherited: .all)
    let bits = Int(clamping: entry.integer("bits"))
    if !(1...32).contains(bits) { entry.report("`bits` must be 1 to 32, not \(bits)") }
    let result = Enumeration(
      place: entry.place, name: name, title: entry.text("title"), bits: bits, clause: entry.text("clause"),
      meaning: entry.text("meaning"), revisions: revisions,
      values: entry.list("values").map { value($0, bits: bits, inherited: revisions) })
    entry.finish()
    return result
  }

  private func value(_ entry: MappingReader, bits: Int, inherited: Revisions) -> EnumerationValue {
    let name = memberName(entry) ?? ""
    let entry = entry.about(name)
    let code = entry.integer("code")
    if code < 0 || (bits < 64 && code >= 1 << Int64(bits)) {
      entry.report("code \(code) is too wide: the enumeration has \(bits) bits")
    }
    let label = entry.text("label")
    let result = EnumerationValue(
      place: entry.place, code: UInt32(clamping: code), name: name, label: label,
      revisions: revisions(entry, inherited: inherited), meaning: entry.optionalText("meaning") ?? "")
    entry.finish()
    return result
  }

  private func structure(_ entry: MappingReader) -> Structure {
    let name = typeName(entry)
    let entry = entry.about(name)
    var result = Structure(
      place: entry.place, name: name, title: entry.text("title"), size: size(entry),
      clause: entry.text("clause"),
      revisions: revisions(entry, inherited: .all), meaning: entry.text("meaning"),
      overlays: entry.optionalText("overlays"), fields: [])
    result.fields = entry.list("fields").map { field($0, of: result) }
    if !entry.has("fields") { entry.report("`fields` is missing") }
    entry.finish()
    return result
  }

  private func size(_ entry: MappingReader) -> Structure.Size {
    guard let size = entry.mapping("size") else {
      entry.report("`size` is missing")
      return .word(bits: 32)
    }
    defer { size.finish() }
    if size.has("bits") {
      let bits = Int(clamping: size.integer("bits"))
      if bits != 16 && bits != 32 { entry.report("`size` must be 16 or 32 bits, not \(bits)") }
      return .word(bits: bits)
    }
    guard let range = parseRange(size.text("bytes"), separator: "..") else {
      entry.report("`size` must be { bits: 16 }, { bits: 32 }, { bytes: N } or { bytes: N..M }")
      return .word(bits: 32)
    }
    guard (1...1024).contains(range.upperBound) else {
      entry.report("a block has 1 to 1024 bytes, not \(range.upperBound)")
      return .word(bits: 32)
    }
    return .block(minimum: range.lowerBound, maximum: range.upperBound)
  }

  func field(_ entry: MappingReader, of structure: Structure) -> Field {
    let at = entry.optionalText("at")
    let bytes = entry.optionalText("bytes")
    let name = memberName(entry, required: false)
    let position = [bytes.map { "bytes \($0)" }, at.map { "bits \($0)" }].compactMap { $0 }
    let unnamed = position.isEmpty ? "field" : position.joined(separator: " ")
    let entry = entry.about(name ?? unnamed)
    let kind = FieldKindReader(entry: entry).kind()
    let bits = FieldPosition(entry: entry, structure: structure).bits(at: at, bytes: bytes, kind: kind)
    let plain = kind == .reserved || { if case .constant = kind { true } else { false } }()
    if name == nil && kind != .reserved { entry.report("`name` is missing") }
    let codes = codes(entry, width: bits.width)
    let result = Field(
      place: entry.place, name: name,
      label: kind == .reserved ? entry.optionalText("label") ?? "Reserved" : entry.text("label"), kind: kind,
      firstBit: bits.first, width: bits.width, revisions: revisions(entry, inherited: structure.revisions),
      clause: entry.optionalText("clause") ?? structure.clause,
      meaning: plain ? entry.optionalText("meaning") ?? "" : entry.text("meaning"), codes: codes,
      firstObjectOnly: entry.flag("firstObjectOnly"), deprecated: entry.flag("deprecated"),
      minBytes: Int(clamping: entry.optionalInteger("minBytes") ?? 0))
    entry.finish()
    return result
  }

  private func codes(_ entry: MappingReader, width: Int) -> [FieldCode] {
    guard let mapping = entry.mapping("codes") else { return [] }
    return mapping.pairs().compactMap { key, label in
      guard let code = parseInteger(key), code >= 0 else {
        entry.report("`codes`: `\(key)` is not a code")
        return nil
      }
      if width < 32 && code >= 1 << Int64(max(width, 0)) {
        entry.report("`codes`: code \(key) is too wide for \(width) bits")
      }
      return FieldCode(code: UInt32(clamping: code), label: label)
    }
    .sorted { $0.code < $1.code }
  }
}

/// The name of a type under `name`.
func typeName(_ entry: MappingReader) -> String {
  let name = entry.text("name")
  if !name.isEmpty && !isIdentifier(name, firstUpper: true) {
    entry.report("`\(name)` cannot name a Swift type: UpperCamelCase, letters and digits")
  }
  if typeNamesTaken.contains(name) { entry.report("`\(name)` is a type of Swift") }
  return name
}

/// The name of a property or value under `name`; `nil` when it is left out.
func memberName(_ entry: MappingReader, required: Bool = true) -> String? {
  guard let name = required ? entry.text("name") : entry.optionalText("name"), !name.isEmpty else {
    return nil
  }
  if !isIdentifier(name, firstUpper: false) {
    entry.report("`\(name)` cannot name a Swift property: lowerCamelCase, letters and digits")
  }
  if swiftKeywords.contains(name) {
    entry.report("`\(name)` is a keyword of Swift")
  }
  return name
}

/// The revisions under `revisions`, or the inherited ones.
func revisions(_ entry: MappingReader, inherited: Revisions) -> Revisions {
  guard let text = entry.optionalText("revisions") else { return inherited }
  if let revisions = parseRevisions(text) { return revisions }
  entry.report("`revisions` must be like `3.0+` or `2.0..3.0`, not `\(text)`")
  return inherited
}

func parseRevisions(_ text: String) -> Revisions? {
  if text == "all" || text == "any" { return .all }
  func number(_ text: Substring) -> UInt8? {
    let parts = text.split(separator: ".")
    guard parts.count == 2, let major = UInt8(parts[0]), let minor = UInt8(parts[1]), major < 16, minor < 16
    else { return nil }
    return major << 4 | minor
  }
  if text.hasSuffix("+") { return number(text.dropLast()).map { Revisions(introduced: $0) } }
  guard let dots = text.firstRange(of: "..") else {
    return number(text[...]).map { Revisions(introduced: $0, removedAfter: $0) }
  }
  guard let first = number(text[..<dots.lowerBound]), let last = number(text[dots.upperBound...]),
    first <= last
  else { return nil }
  return Revisions(introduced: first, removedAfter: last)
}

/// `4` or `4..260`, as a range from low to high.
func parseRange(_ text: String, separator: String) -> ClosedRange<Int>? {
  let parts = text.components(separatedBy: separator).map { parseInteger($0).map { Int(clamping: $0) } }
  guard let first = parts.first ?? nil, let last = parts.last ?? nil, parts.count <= 2, first <= last,
    first >= 0
  else { return nil }
  return first...last
}
