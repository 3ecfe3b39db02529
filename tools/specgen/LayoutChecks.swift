/// Rules over whole structures and over all layouts together.
struct LayoutChecks {
  let groups: [LayoutGroup]
  let problems: Problems

  func run() {
    checkUnique(groups.map { ($0.name, Place(file: $0.file, line: 1, subject: "")) }, what: "group")
    let types = groups.flatMap { group in
      group.enumerations.map { ($0.name, $0.place) } + group.structures.map { ($0.name, $0.place) }
    }
    checkUnique(types, what: "type")
    for group in groups {
      for enumeration in group.enumerations { check(enumeration) }
      for structure in group.structures { check(structure) }
    }
  }

  /// Reports each name that appears again.
  private func checkUnique(_ names: [(name: String, place: Place)], what: String) {
    var seen: [String: Place] = [:]
    for (name, place) in names where !name.isEmpty {
      if let first = seen[name] {
        problems.report("the \(what) name `\(name)` is taken by \(first.file):\(first.line)", at: place)
      } else {
        seen[name] = place
      }
    }
  }

  private func check(_ enumeration: Enumeration) {
    checkUnique(enumeration.values.map { ($0.name, $0.place) }, what: "value")
    var seen: [UInt32: String] = [:]
    for value in enumeration.values {
      if let other = seen[value.code] {
        problems.report("code \(value.code) is taken by `\(other)`", at: value.place)
      }
      seen[value.code] = value.name
    }
  }

  private func check(_ structure: Structure) {
    var members: [(name: String, place: Place)] = []
    for field in structure.fields {
      guard let name = field.name else { continue }
      members.append((name, field.place))
      if (structure.isBlock ? blockMembers : wordMembers).contains(name) {
        problems.report("`\(name)` is a member of every generated type", at: field.place)
      }
      if !field.codes.isEmpty { members.append(("\(name)Code", field.place)) }
    }
    checkUnique(members, what: "field")
    for field in structure.fields { check(field) }
    checkCoverage(structure)
    if let other = structure.overlays {
      guard let base = structures.first(where: { $0.name == other }) else {
        return problems.report("`overlays`: no structure is called `\(other)`", at: structure.place)
      }
      if base.size != structure.size {
        problems.report("`overlays`: `\(other)` has another size", at: structure.place)
      }
    }
  }

  private func check(_ field: Field) {
    switch field.kind {
    case .flag:
      if field.width != 1 { problems.report("a flag has one bit, not \(field.width)", at: field.place) }
    case .constant(let value):
      if value > field.mask {
        problems.report("the value \(value) is too wide for \(field.width) bits", at: field.place)
      }
    case .enumeration(let name):
      guard !name.isEmpty else { return }
      guard let enumeration = groups.lazy.flatMap(\.enumerations).first(where: { $0.name == name }) else {
        return problems.report("no enumeration is called `\(name)`", at: field.place)
      }
      if enumeration.bits != field.width {
        problems.report(
          "the field has \(field.width) bits, the enumeration `\(name)` has \(enumeration.bits)",
          at: field.place)
      }
    case .words(let name?):
      if !structures.contains(where: { $0.name == name && $0.size == .word(bits: 32) }) {
        problems.report("no structure of 32 bits is called `\(name)`", at: field.place)
      }
    case .quantity(let scale, let offset, let unit):
      if unit.rawType == "Int32", Int64(field.mask) * scale + offset > Int64(Int32.max) {
        problems.report("its largest value does not fit the 32 bits of \(unit.typeName)", at: field.place)
      }
    case .unsigned(let scale, let offset):
      if offset < 0 || Int64(field.mask) * scale + offset > Int64(UInt32.max) {
        problems.report("its values do not fit an unsigned integer of 32 bits", at: field.place)
      }
    default: break
    }
  }

  /// Every bit belongs to exactly one field.
  private func checkCoverage(_ structure: Structure) {
    let size: Int
    switch structure.size {
    case .word(let bits): size = bits
    case .block(_, let maximum): size = maximum * 8
    }
    var owners = [String?](repeating: nil, count: size)
    for field in structure.fields {
      let name = field.name ?? "reserved \(field.position(inBlock: structure.isBlock))"
      let end = field.width == 0 ? size : min(field.firstBit + field.width, size)
      guard field.firstBit < end else { continue }
      let doubles = (field.firstBit..<end).filter { owners[$0] != nil }
      for run in runs(doubles, separatedBy: { owners[$0] ?? "" }) {
        problems.report(
          "\(text(run, structure, "is", "are")) claimed by `\(owners[run.lowerBound] ?? "")` and "
            + "`\(name)`", at: structure.place)
      }
      for bit in field.firstBit..<end where owners[bit] == nil { owners[bit] = name }
    }
    let missing = owners.indices.filter { owners[$0] == nil }
    for run in runs(missing, separatedBy: { _ in "" }) {
      problems.report(
        "\(text(run, structure, "belongs", "belong")) to no field", at: structure.place)
    }
  }

  /// `bit 8 is`, `bits 8:7 are`, `byte 1 is`, with the verb that fits.
  private func text(_ run: Range<Int>, _ structure: Structure, _ one: String, _ many: String) -> String {
    let last = run.upperBound - 1
    let byte = run.lowerBound / 8
    if !structure.isBlock { return "\(bitsText(run.lowerBound, last)) \(run.count == 1 ? one : many)" }
    if run.lowerBound % 8 == 0 && run.upperBound % 8 == 0 {
      return byte == last / 8 ? "byte \(byte) \(one)" : "bytes \(byte):\(last / 8) \(many)"
    }
    let bits = "\(bitsText(run.lowerBound - byte * 8, last - byte * 8)) \(run.count == 1 ? one : many)"
    return byte == last / 8 ? "byte \(byte), \(bits)" : "bytes \(byte):\(last / 8), \(bits)"
  }

  /// Groups neighbouring bits with the same key.
  private func runs(_ bits: [Int], separatedBy key: (Int) -> String) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for bit in bits {
      if let last = result.last, last.upperBound == bit, key(last.lowerBound) == key(bit) {
        result[result.count - 1] = last.lowerBound..<bit + 1
      } else {
        result.append(bit..<bit + 1)
      }
    }
    return result
  }

  private var structures: [Structure] { groups.flatMap(\.structures) }
}
