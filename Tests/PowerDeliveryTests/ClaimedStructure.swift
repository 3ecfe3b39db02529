import TestSupport

/// A word or a data block with what a vector claims about it, held against the typed accessors.
struct ClaimedStructure {
  enum Raw: Equatable {
    case word(UInt32)
    case block([UInt8])
  }

  let name: String
  let raw: Raw
  let claims: [FieldClaim]

  private static let words = index(fieldAccessors)
  private static let blocks = index(blockFieldAccessors)

  private static func index<Raw: Sendable>(_ accessors: [FieldAccessor<Raw>]) -> [String: FieldAccessor<Raw>]
  {
    Dictionary(accessors.map { ($0.description, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The accessors of the claims that are numbers.
  private func claimed<Raw: Sendable>(_ table: [String: FieldAccessor<Raw>]) -> [(FieldAccessor<Raw>, Int64)]
  {
    claims.compactMap { claim in
      guard case .number(let value) = claim.value, let accessor = table["\(name).\(claim.field)"] else {
        return nil
      }
      return (accessor, value)
    }
  }

  /// The bytes of the claims that are text or data; text ends with a zero byte.
  private var tail: [UInt8] {
    claims.flatMap { claim -> [UInt8] in
      guard case .text(let text) = claim.value else { return [] }
      return claim.field == "manufacturerString" ? Array(text.utf8) + [0] : bytes(text)
    }
  }

  /// The structure as the setters make it from the claimed values, all others left as in a new one.
  var rebuilt: Raw {
    switch raw {
    case .word:
      let fields = claimed(Self.words)
      return .word(fields.reduce(fields.first?.0.blank ?? 0) { $1.0.set($0, $1.1) })
    case .block(let data):
      let fields = claimed(Self.blocks)
      var block = [UInt8](repeating: 0, count: data.count)
      let blank = (fields.first?.0.blank ?? []).prefix(data.count)
      block.replaceSubrange(..<blank.count, with: blank)
      // A view may hold fewer bytes than the message; what it does not hold is left to the tail.
      let made = fields.reduce(block) { $1.0.set($0, $1.1) }
      block.replaceSubrange(..<made.count, with: made)
      if tail.count <= data.count { block.replaceSubrange((data.count - tail.count)..., with: tail) }
      return .block(block)
    }
  }

  /// Whether the claimed values alone make every bit.
  var isWhole: Bool { rebuilt == raw }

  /// What is wrong: values that the getters give otherwise, and bits that the setters make otherwise.
  var faults: [String] {
    switch (raw, rebuilt) {
    case (.word(let word), .word(let rebuilt)):
      let fields = claimed(Self.words)
      var faults = valueFaults(word, fields)
      let mask = fields.reduce(UInt32(0)) { $0 | $1.0.bits }
      let blank = fields.first?.0.blank ?? 0
      if rebuilt != word & mask | blank & ~mask {
        faults.append("\(name) is made as \(rebuilt), not \(word)")
      }
      return faults
    case (.block(let data), .block(let rebuilt)):
      var faults = valueFaults(data, claimed(Self.blocks)) + valueFaults(rebuilt, claimed(Self.blocks))
      if !data.suffix(tail.count).elementsEqual(tail) { faults.append("\(name) does not end with \(tail)") }
      return faults
    default: return ["\(name) is no word"]
    }
  }

  private func valueFaults<Raw: Sendable>(_ raw: Raw, _ fields: [(FieldAccessor<Raw>, Int64)]) -> [String] {
    let numbers = claims.count { if case .number = $0.value { true } else { false } }
    return (fields.count == numbers ? [] : ["\(name) has not all of the claimed fields"])
      + fields.compactMap { accessor, value in
        let found = accessor.get(raw)
        return found == value ? nil : "\(accessor) is \(found), not \(value)"
      }
  }
}

extension FieldAccessor<UInt32> {
  /// The bits of the field.
  fileprivate var bits: UInt32 {
    UInt32(truncatingIfNeeded: (UInt64(1) << UInt64(width) - 1) << UInt64(firstBit))
  }
}
