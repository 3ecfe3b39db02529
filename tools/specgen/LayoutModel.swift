/// One file of `spec/layouts`.
struct LayoutGroup {
  var file: String
  /// Stem of the generated files, as written: `power-data-objects`.
  var name: String
  var title: String
  var source: String
  /// The module that gets the Swift types.
  var module = Self.standardModule
  var enumerations: [Enumeration] = []
  var structures: [Structure] = []

  /// The module of the types that the standard defines; every other module builds on it.
  static let standardModule = "PowerDelivery"

  /// `PowerDataObjects`.
  var typeName: String { name.split(separator: "-").map { capitalised(String($0)) }.joined() }
}

/// A span of revisions: `3.0+` is 0x30 to 0xFF, `2.0..3.0` is 0x20 to 0x30, none stated is 0x00 to 0xFF.
struct Revisions: Equatable {
  var introduced: UInt8 = 0x00
  var removedAfter: UInt8 = 0xFF

  static let all = Revisions()

  /// As a person reads it; empty when nothing is stated.
  var text: String {
    if self == .all { return "" }
    if removedAfter == 0xFF { return "\(Self.dotted(introduced))+" }
    return introduced == removedAfter
      ? Self.dotted(introduced) : "\(Self.dotted(introduced))..\(Self.dotted(removedAfter))"
  }

  static func dotted(_ revision: UInt8) -> String { "\(revision >> 4).\(revision & 15)" }
}

struct Enumeration {
  var place: Place
  var name: String
  var title: String
  var bits: Int
  var clause: String
  var meaning: String
  var revisions: Revisions
  var values: [EnumerationValue]

  var rawType: String { unsignedType(bits: bits) }
}

struct EnumerationValue {
  var place: Place
  var code: UInt32
  var name: String
  var label: String
  var revisions: Revisions
  var meaning: String
}

struct Structure {
  var place: Place
  var name: String
  var title: String
  var size: Size
  var clause: String
  var revisions: Revisions
  var meaning: String
  /// The structure that describes the same bits in another context.
  var overlays: String?
  var fields: [Field]

  enum Size: Equatable {
    /// 16 or 32 bits.
    case word(bits: Int)
    case block(minimum: Int, maximum: Int)
  }

  var isBlock: Bool { if case .block = size { true } else { false } }

  /// The fields that the typed views give access to: named, with a value of their own.
  var accessibleFields: [Field] { fields.filter { $0.name != nil && $0.kind.hasAccessor } }
}

struct Field {
  var place: Place
  /// `nil` for a reserved field without name.
  var name: String?
  var label: String
  var kind: FieldKind
  /// From bit 0 of the structure; in a block byte × 8 + bit.
  var firstBit: Int
  /// 0: to the end of the block.
  var width: Int
  var revisions: Revisions
  var clause: String
  var meaning: String
  var codes: [FieldCode]
  var firstObjectOnly: Bool
  var deprecated: Bool
  /// 0 when the field exists in every block of its structure.
  var minBytes: Int

  var lastBit: Int { firstBit + width - 1 }
  var mask: UInt32 { width >= 32 ? .max : (1 << UInt32(width)) - 1 }

  /// `bits 19:10`, `bit 29`, `bytes 0:1`, `byte 4, bits 7:4`, `bytes 4 to the end`.
  func position(inBlock: Bool) -> String {
    guard inBlock else { return bitsText(firstBit, lastBit) }
    if width == 0 { return "bytes \(firstBit / 8) to the end" }
    let bytes = firstBit / 8 == lastBit / 8 ? "byte \(firstBit / 8)" : "bytes \(firstBit / 8):\(lastBit / 8)"
    if firstBit % 8 == 0 && width % 8 == 0 { return bytes }
    let base = firstBit / 8 * 8
    return "\(bytes), \(bitsText(firstBit - base, lastBit - base))"
  }
}

struct FieldCode {
  var code: UInt32
  var label: String
}

enum FieldKind: Equatable {
  case flag(set: String?, clear: String?)
  case unsigned(scale: Int64, offset: Int64)
  case hex
  /// The ASCII code of a letter.
  case letter
  case quantity(scale: Int64, offset: Int64, unit: Unit)
  case enumeration(String)
  case constant(UInt32)
  case reserved
  case text
  case data
  case words(structure: String?)

  /// Whether a typed view has a property for it.
  var hasAccessor: Bool {
    switch self {
    case .constant, .reserved, .text, .data, .words: false
    default: true
    }
  }

  /// Whether it is bytes rather than a number.
  var isBytes: Bool {
    switch self {
    case .text, .data, .words: true
    default: false
    }
  }
}

/// A unit of the schema, and the type of module Quantities that stands for it.
enum Unit: String, CaseIterable {
  case mV, mA, mW, mWh, mOhm, degC, percent, ms, us, ns
  case mAPerMicrosecond = "mA/us"

  var typeName: String {
    switch self {
    case .mV: "Millivolts"
    case .mA: "Milliamperes"
    case .mW: "Milliwatts"
    case .mWh: "MilliwattHours"
    case .mOhm: "Milliohms"
    case .degC: "DegreesCelsius"
    case .percent: "Percent"
    case .ms: "Milliseconds"
    case .us: "Microseconds"
    case .ns: "Nanoseconds"
    case .mAPerMicrosecond: "MilliamperesPerMicrosecond"
    }
  }

  /// The integer behind that type.
  var rawType: String {
    switch self {
    case .ms, .us, .ns: "Int64"
    default: "Int32"
    }
  }

  /// As a person reads it.
  var symbol: String {
    switch self {
    case .mOhm: "mΩ"
    case .degC: "°C"
    case .percent: "%"
    case .us: "µs"
    case .mAPerMicrosecond: "mA/µs"
    default: rawValue
    }
  }

  /// The case of `UnitSymbol` in module Trace.
  var caseName: String { lowerFirst(typeName) }
}

/// The smallest unsigned integer type that holds so many bits.
func unsignedType(bits: Int) -> String { bits <= 8 ? "UInt8" : bits <= 16 ? "UInt16" : "UInt32" }

/// `bit 29` or `bits 19:10`.
func bitsText(_ low: Int, _ high: Int) -> String { low == high ? "bit \(low)" : "bits \(high):\(low)" }

func capitalised(_ word: String) -> String { word.prefix(1).uppercased() + word.dropFirst() }

/// Abbreviations that stand in front of another one in a type name, so that upper case does not show where they end.
private let leadingAbbreviations = ["SPR", "EPR", "PPS", "AVS", "UFP", "DFP", "VPD"]

/// Lower-cases the first word of a type name: `EPRModeAction` → `eprModeAction`, `PPSRDO` → `ppsRDO`.
func lowerFirst(_ name: String) -> String {
  if let word = leadingAbbreviations.first(where: { name.hasPrefix($0) && name != $0 }) {
    return word.lowercased() + name.dropFirst(word.count)
  }
  let letters = Array(name)
  var upper = 0
  while upper < letters.count, letters[upper].isUppercase || (upper > 0 && letters[upper].isNumber) {
    upper += 1
  }
  if upper > 1 && upper < letters.count { upper -= 1 }
  return String(letters[..<upper]).lowercased() + String(letters[upper...])
}
