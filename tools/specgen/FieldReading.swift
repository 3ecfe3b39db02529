/// Reads what a field is: its type and the keys that belong to the type.
struct FieldKindReader {
  let entry: MappingReader

  func kind() -> FieldKind {
    let type = entry.text("type")
    switch type {
    case "flag": return .flag(set: entry.optionalText("set"), clear: entry.optionalText("clear"))
    case "unsigned":
      if format() { return .letter }
      return .unsigned(scale: scale(required: false), offset: entry.optionalInteger("offset") ?? 0)
    case "hex": return format() ? .letter : .hex
    case "letter": return .letter
    case "quantity":
      return .quantity(
        scale: scale(required: true), offset: entry.optionalInteger("offset") ?? 0, unit: unit())
    case "enumeration": return .enumeration(entry.text("enumeration"))
    case "constant": return .constant(UInt32(clamping: entry.integer("value")))
    case "reserved": return .reserved
    case "text": return .text
    case "data": return .data
    case "words": return .words(structure: entry.optionalText("structure"))
    case "": return .reserved
    default:
      entry.report(
        "unknown type `\(type)`; known: flag, unsigned, hex, quantity, enumeration, constant, reserved, text, "
          + "data, words")
      return .reserved
    }
  }

  /// Whether `format` asks for a letter.
  private func format() -> Bool {
    switch entry.optionalText("format") {
    case nil: return false
    case "letter": return true
    case let text?:
      entry.report("unknown format `\(text)`; known: letter")
      return false
    }
  }

  private func scale(required: Bool) -> Int64 {
    guard entry.has("scale") || required else { return 1 }
    let scale = entry.integer("scale")
    if scale < 1 && entry.has("scale") { entry.report("`scale` must be at least 1, not \(scale)") }
    if scale > 1_000_000 { entry.report("`scale` must be at most 1000000, not \(scale)") }
    return min(max(scale, 1), 1_000_000)
  }

  private func unit() -> Unit {
    let text = entry.text("unit")
    if let unit = Unit(rawValue: text) { return unit }
    if !text.isEmpty {
      let known = Unit.allCases.map(\.rawValue).joined(separator: ", ")
      entry.report("unknown unit `\(text)`; known: \(known)")
    }
    return .mV
  }
}

/// Reads where a field is: `at` in a word; `bytes` and `at` in a block.
struct FieldPosition {
  let entry: MappingReader
  let structure: Structure

  func bits(at: String?, bytes: String?, kind: FieldKind) -> (first: Int, width: Int) {
    switch structure.size {
    case .word(let bits): inWord(at: at, bytes: bytes, kind: kind, size: bits)
    case .block(_, let maximum): inBlock(at: at, bytes: bytes, kind: kind, size: maximum)
    }
  }

  private func inWord(at: String?, bytes: String?, kind: FieldKind, size: Int) -> (first: Int, width: Int) {
    if bytes != nil { entry.report("`bytes` belongs to blocks; a field of a word has `at`") }
    if kind.isBytes { entry.report("a field of a word cannot be text, data or words") }
    guard let at else {
      entry.report("`at` is missing")
      return (0, 1)
    }
    guard let range = bitRange(at) else { return (0, 1) }
    if range.upperBound >= size { entry.report("`at: \(at)` is outside of the \(size) bits") }
    return (range.lowerBound, range.count)
  }

  private func inBlock(at: String?, bytes: String?, kind: FieldKind, size: Int) -> (first: Int, width: Int) {
    guard let bytes else {
      entry.report("`bytes` is missing")
      return (0, 8)
    }
    if bytes.hasSuffix(":") {
      if !kind.isBytes && kind != .reserved {
        entry.report("only text, data, words and reserved reach to the end")
      }
      guard at == nil, let first = parseInteger(String(bytes.dropLast())), (0...Int64(size)).contains(first)
      else {
        entry.report("`bytes: \(bytes)` must be like `4:`, inside of the block and without `at`")
        return (0, 0)
      }
      return (Int(first) * 8, 0)
    }
    guard let range = parseRange(bytes, separator: ":") else {
      entry.report("`bytes` must be like 4, `0:1` (first:last) or `4:`, not `\(bytes)`")
      return (0, 8)
    }
    if range.upperBound >= size {
      entry.report("`bytes: \(bytes)` is outside of the \(size) bytes")
      return (0, 8)
    }
    var first = range.lowerBound * 8
    var width = range.count * 8
    if let at, let bits = bitRange(at) {
      if bits.upperBound >= width { entry.report("`at: \(at)` is outside of bytes \(bytes)") }
      first += bits.lowerBound
      width = bits.count
    }
    if width <= 32 && first / 8 + 4 <= (first + width - 1) / 8 && !kind.isBytes {
      entry.report("a number lies in at most 4 bytes")
    }
    if width > 32 && !kind.isBytes && kind != .reserved {
      entry.report("a number has at most 32 bits, not \(width)")
    }
    return (first, width)
  }

  private func bitRange(_ text: String) -> ClosedRange<Int>? {
    let parts = text.split(separator: ":").map { parseInteger(String($0)) }
    guard let high = parts.first ?? nil, let low = parts.last ?? nil, parts.count <= 2, low >= 0, high >= low,
      high < 1 << 16
    else {
      entry.report("`at` must be like 29 or `19:10` (high:low), not `\(text)`")
      return nil
    }
    return Int(low)...Int(high)
  }
}
