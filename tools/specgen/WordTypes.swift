/// Writes the Swift type of a structure of 8, 16 or 32 bits: a struct over the word with a property per field.
struct WordTypeEmitter {
  let structure: Structure
  let enumerations: [String: Enumeration]
  /// Where the word is a register of a chip.
  var register: Register?

  private var bits: Int { if case .word(let bits) = structure.size { bits } else { 32 } }
  private var rawType: String { "UInt\(bits)" }

  func emit(into text: inout SourceText) {
    text.comment("\(structure.title). \(sentence(structure.meaning))")
    text.comment(
      "\n\(bits) bits\(register.map { ", \($0.access.text)" } ?? "")\(revisionsText(structure.revisions)). "
        + sentence(structure.clause))
    text.block("public struct \(structure.name): \(conformances) {") { text in
      text.comment("The bits as \(register == nil ? "on the wire" : "in the chip"), reserved ones included.")
      text.line("public var rawValue: \(rawType)")
      text.line("@inlinable public init(rawValue: \(rawType)) { self.rawValue = rawValue }")
      text.line("")
      text.comment(
        constants.mask == 0 ? "All bits 0." : "All fields 0, and the bits that are constant as they must be.")
      text.line("@inlinable public init() { rawValue = \(hexadecimal(constants.value, bits: bits)) }")
      if let register { emit(register, into: &text) }
      for field in structure.accessibleFields { emit(field, into: &text) }
      emitUnexpectedBits(into: &text)
    }
  }

  private var conformances: String {
    "RawRepresentable, Hashable, Sendable" + (register == nil ? "" : ", ChipRegister")
  }

  private func emit(_ register: Register, into text: inout SourceText) {
    text.line("")
    text.comment("Where the register is.")
    text.line(
      "@inlinable public static var address: UInt8 { \(hexadecimal(register.address, bits: 8)) }")
    guard let reset = register.reset else { return }
    text.comment("The value after power-up.")
    text.line(
      "@inlinable public static var resetValue: Self { Self(rawValue: \(hexadecimal(reset, bits: bits))) }")
  }

  private func emit(_ field: Field, into text: inout SourceText) {
    let access = FieldAccess(field: field, enumerationRawTypes: enumerations.mapValues(\.rawType))
    emitProperties(
      of: field, access, documentation: documentation(of: field, in: structure), into: &text,
      read: "BitAccess.read(rawValue, \(field.firstBit), \(access.mask))",
      write: { "BitAccess.write(\($0), to: &rawValue, \(field.firstBit), \(access.mask))" })
  }

  private func emitUnexpectedBits(into text: inout SourceText) {
    text.line("")
    text.comment(
      "The reserved bits that are 1 and the constant bits that are not as they must be; 0 in a word that keeps the "
        + "rules.")
    let reserved = reservedMask
    var terms: [String] = []
    if reserved != 0 { terms.append("rawValue & \(hexadecimal(reserved, bits: bits))") }
    if constants.mask != 0 {
      let difference =
        constants.value == 0 ? "rawValue" : "(rawValue ^ \(hexadecimal(constants.value, bits: bits)))"
      terms.append("\(difference) & \(hexadecimal(constants.mask, bits: bits))")
    }
    let expression = terms.count == 2 ? "(\(terms[0])) | (\(terms[1]))" : terms.first ?? "0"
    let single = "@inlinable public var unexpectedBits: \(rawType) { \(expression) }"
    if single.count + 2 <= SourceText.lineLength { return text.line(single) }
    text.block("@inlinable public var unexpectedBits: \(rawType) {") { $0.line(expression) }
  }

  /// The bits that must have one value, and that value.
  private var constants: (mask: UInt32, value: UInt32) {
    structure.fields.reduce(into: (0, 0)) { result, field in
      guard case .constant(let value) = field.kind else { return }
      result.0 |= field.mask << UInt32(field.firstBit)
      result.1 |= value << UInt32(field.firstBit)
    }
  }

  private var reservedMask: UInt32 {
    structure.fields.filter { $0.kind == .reserved }
      .reduce(0) { $0 | $1.mask << UInt32($1.firstBit) }
  }
}
