/// A data structure as the specification describes it: what a dissector needs to name, place and explain each bit.
///
/// All values are generated from `spec/layouts`; `all` holds every structure, and each is a static member as well.
/// A class, since a dissection looks at millions of them a second and must not copy them.
public final class LayoutDescription: Sendable {
  /// The Swift type of the typed view.
  public let name: StaticString
  /// The standard's name.
  public let title: StaticString
  /// What it is, for a reader who does not know USB-PD.
  public let meaning: StaticString
  public let clause: StaticString
  /// The name of the structure that describes the same bits in another context; empty without one.
  public let overlays: StaticString
  public let size: Size
  public let revisions: RevisionRange
  /// In the order of the description; together they cover every bit once.
  public let fields: [FieldDescription]
  /// For each field what stands in front of its value in a line of text: bits and label, in columns.
  let lineHeads: [[UInt8]]

  public enum Size: Equatable, Sendable {
    /// 16 or 32 bits.
    case word(bits: UInt16)
    /// Bytes from the smallest to the largest block.
    case block(minimum: UInt16, maximum: UInt16)
  }

  /// The bits of a word, or of the largest block.
  public var sizeInBits: Int {
    switch size {
    case .word(let bits): Int(bits)
    case .block(_, let maximum): Int(maximum) * 8
    }
  }

  /// Whether it is a block of bytes, whose fields are placed by byte and bit.
  public var isBlock: Bool {
    if case .block = size { true } else { false }
  }

  init(
    _ name: StaticString, title: StaticString, clause: StaticString, meaning: StaticString, size: Size,
    revisions: RevisionRange, overlays: StaticString = "", fields: [FieldDescription]
  ) {
    self.name = name
    self.title = title
    self.clause = clause
    self.meaning = meaning
    self.size = size
    self.revisions = revisions
    self.overlays = overlays
    self.fields = fields
    let isBlock = if case .block = size { true } else { false }
    lineHeads = fields.map { $0.lineHead(isBlock: isBlock) }
  }

  /// The structure with that Swift name (`FixedSupplySourcePDO`); `nil` when there is none.
  public static func named(_ name: String) -> LayoutDescription? { byName[name] }

  private static let byName = Dictionary(
    all.map { (String(describing: $0.name), $0) }, uniquingKeysWith: { first, _ in first })
}

extension LayoutID {
  public var description: LayoutDescription { LayoutDescription.all[Int(rawValue)] }

  /// The structure with that Swift name, upper and lower case alike; `nil` when there is none.
  public static func named(_ name: String) -> LayoutID? {
    allCases.first { "\($0.description.name)".lowercased() == name.lowercased() }
  }
}

/// The revisions of the specification for which something holds: 0x20 is 2.0, 0x32 is 3.2.
public struct RevisionRange: Equatable, Sendable {
  /// 0x00 where the specification states none.
  public var introducedIn: UInt8
  /// 0xFF while it is in force.
  public var removedAfter: UInt8

  init(_ introducedIn: UInt8, _ removedAfter: UInt8) {
    self.introducedIn = introducedIn
    self.removedAfter = removedAfter
  }

  public func contains(_ revision: UInt8) -> Bool { introducedIn <= revision && revision <= removedAfter }
}

/// One field of a structure.
public final class FieldDescription: Sendable {
  /// The property of the typed view; empty for a reserved field.
  public let identifier: StaticString
  /// The standard's name.
  public let label: StaticString
  public let meaning: StaticString
  public let clause: StaticString
  /// From bit 0 of the structure; in a block byte × 8 + bit.
  public let firstBit: UInt16
  /// 0: to the end of the block.
  public let width: UInt16
  public let kind: Kind
  /// Codes with a meaning of their own.
  public let codes: [CodeDescription]
  public let revisions: RevisionRange
  /// Meaningful in the first object of a list only.
  public let firstObjectOnly: Bool
  /// Later revisions took it out of use.
  public let deprecated: Bool
  /// The field exists only in a block of at least so many bytes.
  public let minBytes: UInt16

  /// How the bits are read.
  public enum Kind: Sendable {
    /// One bit, with the words for 1 and 0 where the specification has some.
    case flag(set: StaticString?, clear: StaticString?)
    /// A number without unit: code × scale + offset.
    case unsigned(scale: Int32, offset: Int32)
    /// A number that people read in hexadecimal.
    case hex
    /// The ASCII code of a letter.
    case letter
    /// Code × scale + offset, in the unit.
    case quantity(scale: Int32, offset: Int32, unit: UnitSymbol)
    case enumeration(EnumerationDescription)
    /// Bits that must have this value.
    case constant(UInt32)
    /// Bits that are sent as 0 and ignored when received.
    case reserved
    /// Bytes of ASCII; ends at a zero byte or with the block.
    case text
    /// Bytes that the standard does not divide further.
    case data
    /// Words of 32 bits to the end of the block, each of them that structure where it is named.
    case words(layout: StaticString?)
  }

  init(
    _ identifier: StaticString, _ label: StaticString, at firstBit: UInt16, _ width: UInt16, _ kind: Kind,
    clause: StaticString, meaning: StaticString = "", codes: [CodeDescription] = [], revisions: RevisionRange,
    firstObjectOnly: Bool = false, deprecated: Bool = false, minBytes: UInt16 = 0
  ) {
    self.identifier = identifier
    self.label = label
    self.firstBit = firstBit
    self.width = width
    self.kind = kind
    self.clause = clause
    self.meaning = meaning
    self.codes = codes
    self.revisions = revisions
    self.firstObjectOnly = firstObjectOnly
    self.deprecated = deprecated
    self.minBytes = minBytes
  }
}

extension FieldDescription {
  /// The label of a code with a meaning of its own; `nil` for the others.
  func codeLabel(_ code: UInt32) -> StaticString? { codes.first { $0.code == code }?.label }
}

/// A value of a field with a meaning of its own: 0xFFFF is `unknown`.
public struct CodeDescription: Sendable {
  public var code: UInt32
  public var label: StaticString

  init(_ code: UInt32, _ label: StaticString) {
    self.code = code
    self.label = label
  }
}

/// The units that fields are measured in.
public enum UnitSymbol: Sendable, CaseIterable {
  case millivolts, milliamperes, milliwatts, milliwattHours, milliohms, degreesCelsius, percent
  case milliseconds, microseconds, nanoseconds, milliamperesPerMicrosecond

  /// As it is printed behind a number.
  public var symbol: StaticString {
    switch self {
    case .millivolts: "mV"
    case .milliamperes: "mA"
    case .milliwatts: "mW"
    case .milliwattHours: "mWh"
    case .milliohms: "mΩ"
    case .degreesCelsius: "°C"
    case .percent: "%"
    case .milliseconds: "ms"
    case .microseconds: "µs"
    case .nanoseconds: "ns"
    case .milliamperesPerMicrosecond: "mA/µs"
    }
  }
}

/// The codes of an enumeration.
public final class EnumerationDescription: Sendable {
  /// The Swift type.
  public let name: StaticString
  /// The standard's name.
  public let title: StaticString
  public let clause: StaticString
  public let meaning: StaticString
  /// How many bits the code has.
  public let bits: UInt8
  /// The codes that are not reserved, ascending.
  public let values: [Value]
  /// Position in `values` plus 1 by code, 0 for a reserved one, for codes below 256.
  private let positions: [UInt16]

  public struct Value: Sendable {
    public var code: UInt32
    /// The static member of the Swift type.
    public var identifier: StaticString
    /// The standard's name.
    public var label: StaticString
    /// Empty where the label says all.
    public var meaning: StaticString
    public var revisions: RevisionRange

    init(
      _ code: UInt32, _ identifier: StaticString, _ label: StaticString, meaning: StaticString = "",
      revisions: RevisionRange
    ) {
      self.code = code
      self.identifier = identifier
      self.label = label
      self.meaning = meaning
      self.revisions = revisions
    }
  }

  init(
    _ name: StaticString, title: StaticString, clause: StaticString, meaning: StaticString, bits: UInt8,
    values: [Value]
  ) {
    self.name = name
    self.title = title
    self.clause = clause
    self.meaning = meaning
    self.bits = bits
    self.values = values
    var positions = [UInt16](repeating: 0, count: min((values.map { Int($0.code) }.max() ?? -1) + 1, 256))
    for (index, value) in values.enumerated() where value.code < 256 {
      positions[Int(value.code)] = UInt16(truncatingIfNeeded: index + 1)
    }
    self.positions = positions
  }

  /// What a code means; `nil` for a reserved one.
  public func value(_ code: UInt32) -> Value? {
    if code < 256 {
      guard code < positions.count, positions[Int(code)] > 0 else { return nil }
      return values[Int(positions[Int(code)]) - 1]
    }
    return values.first { $0.code == code }
  }

  /// The standard's name of a code; `nil` for a reserved one.
  public func label(_ code: UInt32) -> StaticString? { value(code)?.label }
}
