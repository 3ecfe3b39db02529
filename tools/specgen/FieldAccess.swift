/// The Swift type and conversions of a field that a typed view gives access to.
struct FieldAccess {
  let field: Field
  let enumerationRawTypes: [String: String]

  /// The type of the property.
  var type: String {
    switch field.kind {
    case .flag: return "Bool"
    case .quantity(_, _, let unit): return unit.typeName
    case .enumeration(let name): return name
    case .unsigned(let scale, let offset):
      let largest = Int64(field.mask) * scale + offset
      return largest <= 0xFF ? "UInt8" : largest <= 0xFFFF ? "UInt16" : "UInt32"
    default: return unsignedType(bits: field.width)
    }
  }

  /// The property's value from the code (an expression of type UInt32).
  func value(fromCode code: String) -> String {
    switch field.kind {
    case .flag: return "\(code) != 0"
    case .quantity(let scale, let offset, let unit):
      return
        "\(unit.typeName)(\(linear("\(unit.rawType)(truncatingIfNeeded: \(code))", scale, offset)))"
    case .enumeration(let name):
      let raw = enumerationRawTypes[name] ?? "UInt8"
      return raw == "UInt32"
        ? "\(name)(rawValue: \(code))" : "\(name)(rawValue: \(raw)(truncatingIfNeeded: \(code)))"
    case .unsigned(let scale, let offset):
      return narrowed(linear(code, scale, offset))
    default: return narrowed(code)
    }
  }

  /// The code from `newValue`.
  var codeFromNewValue: String {
    switch field.kind {
    case .flag: return "newValue ? 1 : 0"
    case .quantity(let scale, let offset, _): return code("newValue.rawValue", scale, offset)
    case .enumeration: return "UInt32(newValue.rawValue)"
    case .unsigned(let scale, let offset) where scale != 1 || offset != 0:
      return code(type == "UInt32" ? "newValue" : "UInt32(newValue)", scale, offset)
    default: return type == "UInt32" ? "newValue" : "UInt32(newValue)"
    }
  }

  /// The code above which a quantity stays: the largest one without a meaning of its own.
  var saturatedCode: UInt32 {
    var code = field.mask
    while code > 0, field.codes.contains(where: { $0.code == code }) { code -= 1 }
    return code
  }

  var isQuantity: Bool { if case .quantity = field.kind { true } else { false } }

  var mask: String { hexadecimal(field.mask, bits: max(field.width, 4)) }

  private func code(_ value: String, _ scale: Int64, _ offset: Int64) -> String {
    var arguments = "\(value), mask: \(mask), scale: \(decimal(scale))"
    if offset != 0 { arguments += ", offset: \(decimal(offset))" }
    if saturatedCode != field.mask {
      arguments += ", saturated: \(hexadecimal(saturatedCode, bits: max(field.width, 4)))"
    }
    return "BitAccess.code(\(arguments))"
  }

  private func narrowed(_ code: String) -> String {
    type == "UInt32" ? code : "\(type)(truncatingIfNeeded: \(code))"
  }

  private func linear(_ code: String, _ scale: Int64, _ offset: Int64) -> String {
    let product = scale == 1 ? code : "\(code) &* \(decimal(scale))"
    if offset == 0 { return product }
    return offset < 0 ? "\(product) &- \(decimal(-offset))" : "\(product) &+ \(decimal(offset))"
  }
}

/// Writes a field's property, and the property of its code where codes have a meaning of their own. `read` and `write`
/// make the expressions that get and set the code.
func emitProperties(
  of field: Field, _ access: FieldAccess, documentation: String, into text: inout SourceText,
  read: String, write: (String) -> String
) {
  let name = field.name ?? ""
  text.line("")
  text.comment(documentation)
  text.block("@inlinable public var \(name): \(access.type) {") { text in
    let single = "get { \(access.value(fromCode: read)) }"
    if single.count + 4 <= SourceText.lineLength {
      text.line(single)
    } else {
      text.block("get {") { text in
        text.line("let code = \(read)")
        text.line("return \(access.value(fromCode: "code"))")
      }
    }
    emitSetter(access.codeFromNewValue, into: &text, write: write)
  }
  guard !field.codes.isEmpty else { return }
  let type = unsignedType(bits: field.width)
  text.line("")
  text.comment("The code of `\(name)` as it is, for the values that have a meaning of their own.")
  text.block("@inlinable public var \(name)Code: \(type) {") { text in
    text.line("get { \(type == "UInt32" ? read : "\(type)(truncatingIfNeeded: \(read))") }")
    emitSetter(type == "UInt32" ? "newValue" : "UInt32(newValue)", into: &text, write: write)
  }
}

private func emitSetter(_ code: String, into text: inout SourceText, write: (String) -> String) {
  let single = "set { \(write(code)) }"
  if single.count + 4 <= SourceText.lineLength { return text.line(single) }
  text.block("set {") { text in
    text.line("let code: UInt32 = \(code)")
    text.line(write("code"))
  }
}

/// The documentation of a field: position, label, meaning, scale and range, special values, revisions, clause.
func documentation(of field: Field, in structure: Structure) -> String {
  var parts = ["\(capitalised(field.position(inBlock: structure.isBlock))): \(sentence(field.label))"]
  if !field.meaning.isEmpty { parts.append(sentence(field.meaning)) }
  let range = rangeText(of: field)
  if !range.isEmpty { parts.append(sentence(range)) }
  for code in field.codes { parts.append("\(code.code): \(sentence(code.label))") }
  if field.firstObjectOnly { parts.append("Only the first object of a list carries it.") }
  if field.deprecated { parts.append("Out of use in later revisions.") }
  if field.minBytes > 0 { parts.append("Only in a block of at least \(field.minBytes) bytes.") }
  if field.revisions != structure.revisions { parts.append("Revision \(field.revisions.text).") }
  if field.clause != structure.clause { parts.append(sentence(field.clause)) }
  return parts.joined(separator: " ")
}

/// What the values of a field stand for: step, range and unit; the words of a flag.
func rangeText(of field: Field) -> String {
  let largest = Int64(field.mask)
  switch field.kind {
  case .quantity(let scale, let offset, let unit):
    let step = scale == 1 && offset == 0 ? "" : "Steps of \(scale) \(unit.symbol): "
    return "\(step)\(offset) to \(largest * scale + offset) \(unit.symbol)"
  case .unsigned(let scale, let offset) where scale != 1 || offset != 0:
    return "Steps of \(scale): \(offset) to \(largest * scale + offset)"
  case .flag(let set, let clear):
    return [set.map { "1: \($0)" }, clear.map { "0: \($0)" }].compactMap { $0 }.joined(separator: "; ")
  case .letter: return "The ASCII code of a letter"
  case .constant(let value): return "Always \(value)"
  default: return ""
  }
}
