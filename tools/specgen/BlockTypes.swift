/// Writes the Swift type of a block of bytes: a struct over inline storage with a property per field at a fixed place.
struct BlockTypeEmitter {
  let structure: Structure
  let enumerations: [String: Enumeration]
  let shape: BlockShape

  init(structure: Structure, enumerations: [String: Enumeration]) {
    self.structure = structure
    self.enumerations = enumerations
    shape = BlockShape(structure)
  }

  func emit(into text: inout SourceText) {
    text.comment("\(structure.title). \(sentence(structure.meaning))")
    let size = shape.minimum == shape.maximum ? "\(shape.maximum)" : "\(shape.minimum) to \(shape.maximum)"
    var facts = "\(size) bytes\(revisionsText(structure.revisions)). \(sentence(structure.clause))"
    if shape.capacity < shape.maximum {
      facts += " Holds the fixed part; what follows from byte \(shape.capacity) on stays in the message."
    }
    text.comment("\n\(facts)")
    text.block("public struct \(structure.name): Equatable, Sendable {") { text in
      emitStorage(into: &text)
      for field in shape.accessibleFields { emit(field, into: &text) }
      for field in structure.fields where field.kind.isBytes { emitRange(field, into: &text) }
      emitUnexpectedBits(into: &text)
      emitEquality(into: &text)
    }
  }

  private func emitStorage(into text: inout SourceText) {
    text.comment("The bytes in wire order, reserved ones included; those from `count` on mean nothing.")
    text.line("public var bytes: InlineArray<\(shape.capacity), UInt8>")
    text.comment("How many bytes are there; fields beyond read as 0 and cannot be set.")
    text.line("public var count: Int")
    text.line("")
    text.comment("How many bytes a block holds here at most.")
    text.line("@inlinable public static var capacity: Int { \(shape.capacity) }")
    text.comment("How many bytes the standard asks for at least.")
    text.line("@inlinable public static var minimumCount: Int { \(shape.minimum) }")
    text.line("")
    let initial = shape.tail.map { min($0.firstBit / 8, shape.capacity) } ?? shape.capacity
    text.comment("\(initial) bytes: all fields 0, and the bits that are constant as they must be.")
    text.block("@inlinable public init() {") { text in
      text.line("bytes = InlineArray(repeating: 0)")
      text.line("count = \(initial)")
      for (index, byte) in constants.sorted(by: { $0.key < $1.key }) where byte.value != 0 {
        text.line("bytes[\(index)] = \(hexadecimal(UInt32(byte.value), bits: 8))")
      }
    }
    text.line("")
    text.comment("Copies as many of the bytes as there are, at most `capacity`.")
    text.block("@inlinable public init(bytes source: Span<UInt8>) {") { text in
      text.line("bytes = InlineArray(repeating: 0)")
      text.line("count = min(source.count, \(shape.capacity))")
      text.line("for index in 0..<count { bytes[index] = source[index] }")
    }
  }

  private func emit(_ field: Field, into text: inout SourceText) {
    let access = FieldAccess(field: field, enumerationRawTypes: enumerations.mapValues(\.rawType))
    let first = field.firstBit / 8
    let size = field.lastBit / 8 - first + 1
    let place = "\(first), \(size), \(field.firstBit - first * 8), \(access.mask), limit: \(limit(field))"
    emitProperties(
      of: field, access, documentation: documentation(of: field, in: structure), into: &text,
      read: "bytes.read(\(place))", write: { "bytes.write(\($0), \(place))" })
  }

  /// The bytes that must be there for the field to exist.
  private func limit(_ field: Field) -> String {
    field.minBytes > field.lastBit / 8 + 1 ? "count < \(field.minBytes) ? 0 : count" : "count"
  }

  private func emitRange(_ field: Field, into text: inout SourceText) {
    text.line("")
    text.comment(documentation(of: field, in: structure))
    let first = field.firstBit / 8
    if field.width == 0 {
      text.line("@inlinable public static var tailOffset: Int { \(first) }")
    } else {
      let end = first + field.width / 8
      text.line("@inlinable public static var \(field.name ?? "data")Range: Range<Int> { \(first)..<\(end) }")
    }
  }

  private func emitUnexpectedBits(into text: inout SourceText) {
    text.line("")
    text.comment("Whether a reserved bit is 1 or a constant one is not as it must be.")
    let conditions = expectations.sorted { $0.key < $1.key }.map { index, expected in
      let byte = "bytes.read(\(index), 1, 0, \(hexadecimal(UInt32(expected.mask), bits: 8)), limit: count)"
      return expected.value == 0
        ? "\(byte) != 0" : "\(index) < count && \(byte) != \(hexadecimal(UInt32(expected.value), bits: 8))"
    }
    text.block("public var hasUnexpectedBits: Bool {") { text in
      for condition in conditions { text.line("if \(condition) { return true }") }
      text.line("return false")
    }
  }

  private func emitEquality(into text: inout SourceText) {
    text.line("")
    text.comment("Whether both have the same bytes.")
    text.block("public static func == (left: Self, right: Self) -> Bool {") { text in
      text.line("guard left.count == right.count else { return false }")
      text.line(
        "for index in 0..<max(0, min(left.count, capacity)) where left.bytes[index] != right.bytes[index] {")
      text.line("  return false")
      text.line("}")
      text.line("return true")
    }
  }

  private typealias Bits = (mask: UInt8, value: UInt8)

  /// The constant bits by byte.
  private var constants: [Int: Bits] {
    bitsByByte { if case .constant(let value) = $0.kind { value } else { nil } }
  }

  /// The constant and the reserved bits by byte.
  private var expectations: [Int: Bits] {
    bitsByByte {
      switch $0.kind {
      case .constant(let value): value
      case .reserved: 0
      default: nil
      }
    }
  }

  private func bitsByByte(_ value: (Field) -> UInt32?) -> [Int: Bits] {
    var result: [Int: Bits] = [:]
    for field in structure.fields {
      guard let value = value(field), field.width > 0 else { continue }
      for bit in 0..<field.width where (field.firstBit + bit) / 8 < shape.capacity {
        let position = field.firstBit + bit
        let flag: UInt8 = 1 << UInt8(position % 8)
        result[position / 8, default: (0, 0)].mask |= flag
        if bit < 32, value >> UInt32(bit) & 1 == 1 { result[position / 8, default: (0, 0)].value |= flag }
      }
    }
    return result
  }
}

/// How much of a block its type holds.
struct BlockShape {
  let minimum: Int
  let maximum: Int
  /// The field that reaches to the end of the block.
  let tail: Field?
  /// The bytes that are stored: all of a short block, the fixed part of a long one.
  let capacity: Int
  let accessibleFields: [Field]

  init(_ structure: Structure) {
    var sizes = (minimum: 1, maximum: 1)
    if case .block(let minimum, let maximum) = structure.size { sizes = (minimum, maximum) }
    minimum = sizes.minimum
    maximum = sizes.maximum
    tail = structure.fields.first { $0.width == 0 }
    let fixed = tail.map { $0.firstBit / 8 } ?? maximum
    let capacity = maximum <= 32 ? maximum : max(fixed, 1)
    self.capacity = capacity
    accessibleFields = structure.accessibleFields.filter { $0.width > 0 && $0.lastBit / 8 < capacity }
  }
}
