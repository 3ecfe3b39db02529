import PowerDelivery

// The value of a field as text: by the kind that its layout gives.

extension Explanation {
  /// What a person reads for the value of a node; headings give their number in hexadecimal.
  public func valueText(_ node: Node) -> String {
    var buffer = TextBuffer(capacity: 32)
    appendValue(node, to: &buffer)
    return buffer.text
  }

  /// Writes what `valueText` gives.
  func appendValue(_ node: Node, to buffer: inout TextBuffer) {
    appendValue(node, node.fieldDescription, to: &buffer)
  }

  /// Writes the value of a node whose field is at hand; `nil` for a heading.
  func appendValue(_ node: Node, _ field: FieldDescription?, to buffer: inout TextBuffer) {
    guard let field else {
      if node.bitCount <= 32 {
        appendHexadecimal(node, to: &buffer)
      } else {
        buffer.append(Int(node.bitCount) / 8)
        buffer.append(" bytes")
      }
      return
    }
    if !field.codes.isEmpty, let label = field.codeLabel(node.raw) {
      buffer.append(label)
      return
    }
    switch field.kind {
    case .flag(let set, let clear): buffer.append(node.raw != 0 ? set ?? "yes" : clear ?? "no")
    case .unsigned(let scale, let offset): buffer.append(Int64(node.raw) * Int64(scale) + Int64(offset))
    case .hex, .reserved, .constant:
      appendHexadecimal(node, to: &buffer)
      if node.isMessageType, node.raw == message.header.messageType, let name = message.kind.name {
        buffer.append(" ")
        buffer.append(name)
      }
    case .letter:
      let letter = UInt8(truncatingIfNeeded: node.raw)
      buffer.append((0x20..<0x7F).contains(letter) ? letter : UInt8(ascii: "."))
    case .quantity(let scale, let offset, let unit):
      unit.append(Int64(node.raw) * Int64(scale) + Int64(offset), to: &buffer)
    case .enumeration(let enumeration):
      if let label = enumeration.label(node.raw) {
        buffer.append(label)
      } else {
        buffer.append("reserved (")
        buffer.append(node.raw)
        buffer.append(")")
      }
    case .text:
      buffer.append("\"")
      buffer.append(MessageSummary.text(data, from: Int(node.firstBit) / 8))
      buffer.append("\"")
    case .data, .words:
      let first = Int(node.firstBit) / 8
      for index in first..<first + Int(node.bitCount) / 8 {
        buffer.append(wireByte: data[index])
      }
    }
  }

  private func appendHexadecimal(_ node: Node, to buffer: inout TextBuffer) {
    buffer.append("0x")
    buffer.append(hexadecimal: UInt64(node.raw), digits: (Int(node.bitCount) + 3) / 4)
  }

  /// The physical value of a node as a number, with its unit; `nil` for what is not a number.
  public func number(_ node: Node) -> (value: Int64, unit: UnitSymbol?)? {
    guard let field = node.fieldDescription else { return nil }
    switch field.kind {
    case .quantity(let scale, let offset, let unit):
      return (Int64(node.raw) * Int64(scale) + Int64(offset), unit)
    case .unsigned(let scale, let offset): return (Int64(node.raw) * Int64(scale) + Int64(offset), nil)
    case .text, .data, .words: return nil
    default: return (Int64(node.raw), nil)
    }
  }
}

extension Explanation.Node {
  /// The field that the node shows; `nil` for a heading.
  public var fieldDescription: FieldDescription? { field.map { layout.description.fields[$0] } }
}

extension Explanation.Node {
  /// The lowest five bits of a message header.
  fileprivate var isMessageType: Bool {
    (layout == .messageHeader || layout == .cablePlugMessageHeader) && field != nil && firstBit == 0
  }
}

extension UnitSymbol {
  /// A number with the unit that people use: `9.00 V` for 9000 mV.
  func append(_ value: Int64, to buffer: inout TextBuffer) {
    switch self {
    case .millivolts:
      buffer.append(decimal: value, places: 3, keep: 2)
      buffer.append(" V")
    case .milliamperes:
      buffer.append(decimal: value, places: 3, keep: 2)
      buffer.append(" A")
    case .milliwatts:
      buffer.append(decimal: value, places: 3, keep: 0)
      buffer.append(" W")
    case .milliwattHours:
      buffer.append(decimal: value, places: 3, keep: 1)
      buffer.append(" Wh")
    default:
      buffer.append(value)
      buffer.append(" ")
      buffer.append(symbol)
    }
  }
}
