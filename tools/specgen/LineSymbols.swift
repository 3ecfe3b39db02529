/// Writes the 4b5b tables, the K-codes and the ordered sets.
struct LineSymbolsEmitter {
  let catalogue: LineCatalogue

  func emit() -> String {
    SourceText.swift(from: catalogue.file) { text in
      text.comment("The 4b5b code and the ordered sets. \(sentence(catalogue.source))", "//")
      text.line("")
      text.block("extension LineSymbol {") { text in
        for code in catalogue.kCodes {
          text.comment("\(code.label), a K-code.")
          text.line(
            "@inlinable public static var \(code.name): Self { Self(rawValue: \(binary(code.symbol))) }")
        }
      }
      text.line("")
      emitTables(into: &text)
      text.line("")
      text.block("extension OrderedSet {") { text in
        text.comment("The four K-codes of the set; the bit that is sent first is the least significant one.")
        text.block("public var symbols: SymbolQuadruple {") { text in
          text.line("switch self {")
          for set in catalogue.orderedSets {
            text.line(
              "case .\(set.name): SymbolQuadruple(rawValue: \(hexadecimal(catalogue.pattern(set), bits: 20)))"
            )
          }
          text.line("}")
        }
      }
    }
  }

  private func emitTables(into text: inout SourceText) {
    text.block("enum LineSymbolTables {") { text in
      text.comment("Symbol by nibble.")
      text.list("static let encode: InlineArray<16, UInt8> = [", catalogue.dataSymbols.map(binary))
      text.comment(
        "Nibble by symbol; 0x10 and more is a K-code (in the order above), 0xFF a symbol that nothing sends.")
      var decode = [UInt32](repeating: 0xFF, count: 32)
      for (nibble, symbol) in catalogue.dataSymbols.enumerated() { decode[Int(symbol & 31)] = UInt32(nibble) }
      for (index, code) in catalogue.kCodes.enumerated() {
        decode[Int(code.symbol & 31)] = 0x10 + UInt32(index)
      }
      text.list("static let decode: InlineArray<32, UInt8> = [", decode.map { hexadecimal($0, bits: 8) })
    }
  }

  private func binary(_ symbol: UInt32) -> String {
    let digits = String(symbol, radix: 2)
    return "0b" + String(repeating: "0", count: max(5 - digits.count, 0)) + digits
  }
}
