import PowerDelivery

// The value of a field as text: by the kind that its layout gives.

extension Explanation {
  /// What a person reads for the value of a node; headings give their number in hexadecimal.
  public func valueText(_ node: Node) -> String {
    let layout = node.layout.description
    guard let index = node.field, index < layout.fields.count else {
      return node.bitCount <= 32
        ? "0x" + hexadecimal(node.raw, digits: Int(node.bitCount + 3) / 4) : "\(node.bitCount / 8) bytes"
    }
    let field = layout.fields[index]
    if let label = field.codeLabel(node.raw) { return "\(label)" }
    switch field.kind {
    case .flag(let set, let clear):
      return node.raw != 0 ? set.map { "\($0)" } ?? "yes" : clear.map { "\($0)" } ?? "no"
    case .unsigned(let scale, let offset): return String(Int64(node.raw) * Int64(scale) + Int64(offset))
    case .hex, .reserved, .constant: return "0x" + hexadecimal(node.raw, digits: Int(node.bitCount + 3) / 4)
    case .letter: return MessageSummary.letters(UInt8(truncatingIfNeeded: node.raw), 0).prefix(1).description
    case .quantity(let scale, let offset, let unit):
      return unit.text(Int64(node.raw) * Int64(scale) + Int64(offset))
    case .enumeration(let id):
      return id.label(node.raw).map { "\($0)" } ?? "reserved (\(node.raw))"
    case .text: return "\"" + MessageSummary.text(data, from: Int(node.firstBit) / 8) + "\""
    case .data, .words:
      let first = Int(node.firstBit) / 8
      return hexadecimal((first..<first + Int(node.bitCount) / 8).map { data[$0] })
    }
  }

  /// The physical value of a node as a number, with its unit; `nil` for what is not a number.
  public func number(_ node: Node) -> (value: Int64, unit: String?)? {
    guard let index = node.field else { return nil }
    switch node.layout.description.fields[index].kind {
    case .quantity(let scale, let offset, let unit):
      return (Int64(node.raw) * Int64(scale) + Int64(offset), "\(unit.symbol)")
    case .unsigned(let scale, let offset): return (Int64(node.raw) * Int64(scale) + Int64(offset), nil)
    case .text, .data, .words: return nil
    default: return (Int64(node.raw), nil)
    }
  }
}

extension UnitSymbol {
  /// A number with the unit that people use: `9.00 V` for 9000 mV.
  func text(_ value: Int64) -> String {
    switch self {
    case .millivolts: decimal(value, places: 3, keep: 2) + " V"
    case .milliamperes: decimal(value, places: 3, keep: 2) + " A"
    case .milliwatts: decimal(value, places: 3, keep: 0) + " W"
    case .milliwattHours: decimal(value, places: 3, keep: 1) + " Wh"
    default: "\(value) \(symbol)"
    }
  }
}
