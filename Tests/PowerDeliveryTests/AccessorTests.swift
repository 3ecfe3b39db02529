import Testing

/// Numbers that look random and are the same in each run.
struct Xorshift {
  var state: UInt64
  mutating func next() -> UInt32 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return UInt32(truncatingIfNeeded: state >> 16)
  }
}

/// The rules of every generated accessor: it reads the bits of its place, changes no others, and stays in its range.
@Suite struct AccessorTests {
  /// The first thing that is wrong with an accessor; `nil` when nothing is.
  private func fault<Raw: Sendable>(
    _ accessor: FieldAccessor<Raw>, _ raw: Raw, anyCode: UInt32, code: (Raw) -> UInt64,
    rest: (Raw) -> [UInt64]
  ) -> String? {
    let mask: Int64 = (1 << Int64(accessor.width)) - 1
    func value(_ code: Int64) -> Int64 { code * accessor.scale + accessor.offset }
    if accessor.get(raw) != value(Int64(code(raw))) { return "reads other bits" }
    for wanted in [0, 1, mask / 2, mask - 1, mask, Int64(anyCode) & mask] where wanted >= 0 {
      let changed = accessor.set(raw, value(wanted))
      if Int64(code(changed)) != wanted { return "setting \(value(wanted)) gives code \(code(changed))" }
      if rest(changed) != rest(raw) { return "setting \(value(wanted)) changes other bits" }
    }
    let below = accessor.set(raw, value(0) - 1)
    if code(below) != 0 && accessor.width > 1 { return "a value below the range gives code \(code(below))" }
    let above = accessor.set(raw, value(mask) + accessor.scale)
    if UInt64(accessor.saturatedCode) != code(above) && mask < Int64(UInt32.max) && accessor.width > 1 {
      return "a value above the range gives code \(code(above))"
    }
    if accessor.scale > 1, mask > 1, code(accessor.set(raw, value(2) - 1)) != 1 {
      return "does not round down"
    }
    return nil
  }

  @Test(arguments: fieldAccessors) func word(_ accessor: FieldAccessor<UInt32>) {
    var random = Xorshift(state: 0x9E37_79B9_7F4A_7C15)
    let mask = UInt64((1 << UInt64(accessor.width)) - 1) << UInt64(accessor.firstBit)
    var faults: [String] = []
    for _ in 0..<50 {
      var word = random.next()
      if accessor.structure.hasSuffix("Header") && accessor.set(.max, 0) <= 0xFFFF { word &= 0xFFFF }
      let found = fault(
        accessor, word, anyCode: random.next(), code: { (UInt64($0) & mask) >> UInt64(accessor.firstBit) },
        rest: { [UInt64($0) & ~mask] })
      if let found { faults.append(found) }
    }
    #expect(faults == [])
  }

  @Test(arguments: blockFieldAccessors) func block(_ accessor: FieldAccessor<[UInt8]>) {
    var random = Xorshift(state: 0xD1B5_4A32_D192_ED03)
    let bits = accessor.firstBit..<accessor.firstBit + accessor.width
    func code(_ bytes: [UInt8]) -> UInt64 {
      bits.reversed().reduce(0) { $0 << 1 | UInt64(bytes[$1 / 8] >> UInt8($1 % 8) & 1) }
    }
    func rest(_ bytes: [UInt8]) -> [UInt64] {
      bytes.indices.map { index in
        (0..<8).reduce(UInt64(0)) {
          bits.contains(index * 8 + $1) ? $0 : $0 | UInt64(bytes[index] >> UInt8($1) & 1) << UInt64($1)
        }
      }
    }
    var faults: [String] = []
    for _ in 0..<20 {
      let bytes = (0..<accessor.minimumBytes).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      if let found = fault(accessor, bytes, anyCode: random.next(), code: code, rest: rest) {
        faults.append(found)
      }
      let short = Array(bytes.dropLast())
      if accessor.get(short) != accessor.offset { faults.append("a missing field does not read as code 0") }
      if accessor.set(short, accessor.scale + accessor.offset) != short {
        faults.append("a missing field is set")
      }
    }
    #expect(faults == [])
  }
}
