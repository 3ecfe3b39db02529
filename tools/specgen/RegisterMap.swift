/// One file of `spec/chips`: the registers of a chip.
struct RegisterMap {
  /// The registers as words, with the enumerations of their fields.
  var group: LayoutGroup
  var registers: [Register]
}

/// What a register has beside its bits.
struct Register {
  var structure: Structure
  var bits: Int
  var address: UInt32
  var access: RegisterAccess
  /// The value after power-up; `nil` where it is not documented, or depends on what the chip sees.
  var reset: UInt32?
  /// How fields differ from the register, by their place in `structure.fields`.
  var fieldAccess: [RegisterAccess?]
}

/// What a host may do to a register, or to a field of it.
enum RegisterAccess: String, CaseIterable {
  case read = "R"
  case write = "W"
  case readWrite = "RW"
  /// Reading it sets it to 0.
  case readClears = "RC"
  /// Writing 1 to a bit sets it to 0.
  case oneClears = "W1C"
  /// Goes back to 0 by itself as soon as it was obeyed.
  case selfClearing = "SC"

  /// As a person reads it.
  var text: String {
    switch self {
    case .read: "read only"
    case .write: "write only"
    case .readWrite: "read and write"
    case .readClears: "read only, reading clears it"
    case .oneClears: "read, and write 1 to clear"
    case .selfClearing: "read and write, clears itself"
    }
  }
}

/// Reads one file of `spec/chips`; the fields are read as those of a layout.
struct RegisterMapReader {
  let problems: Problems

  func map(_ root: MappingReader) -> RegisterMap {
    let layouts = LayoutReader(problems: problems)
    var map = RegisterMap(group: layouts.head(root), registers: [])
    if root.has("structures") { root.report("a chip has `registers`, not `structures`") }
    map.group.enumerations = root.list("enumerations").map(layouts.enumeration)
    map.registers = root.list("registers").map { register($0, layouts) }
    map.group.structures = map.registers.map(\.structure)
    root.finish()
    checkAddresses(map)
    return map
  }

  private func register(_ entry: MappingReader, _ layouts: LayoutReader) -> Register {
    let name = typeName(entry)
    let entry = entry.about(name)
    let bits = Int(clamping: entry.integer("bits"))
    if bits != 8 && bits != 16 { entry.report("a register has 8 or 16 bits, not \(bits)") }
    let address = entry.integer("address")
    if !(0...0xFF).contains(address) { entry.report("`address` must be 0x00 to 0xFF") }
    let reset = entry.optionalInteger("reset")
    if let reset, reset < 0 || reset >= 1 << Int64(max(0, min(bits, 32))) {
      entry.report("`reset` does not fit \(bits) bits")
    }
    var structure = Structure(
      place: entry.place, name: name, title: entry.text("title"), size: .word(bits: bits),
      clause: entry.text("clause"), revisions: .all, meaning: entry.text("meaning"), overlays: nil, fields: []
    )
    let access = access(entry) ?? .readWrite
    if !entry.has("access") { entry.report("`access` is missing") }
    var fieldAccess: [RegisterAccess?] = []
    for field in entry.list("fields") {
      fieldAccess.append(self.access(field))
      structure.fields.append(layouts.field(field, of: structure))
    }
    entry.finish()
    return Register(
      structure: structure, bits: bits, address: UInt32(clamping: address), access: access,
      reset: reset.map { UInt32(clamping: $0) }, fieldAccess: fieldAccess)
  }

  private func access(_ entry: MappingReader) -> RegisterAccess? {
    guard let text = entry.optionalText("access") else { return nil }
    if let access = RegisterAccess(rawValue: text) { return access }
    let known = RegisterAccess.allCases.map(\.rawValue).joined(separator: ", ")
    entry.report("unknown access `\(text)`; known: \(known)")
    return nil
  }

  private func checkAddresses(_ map: RegisterMap) {
    var owners: [UInt32: String] = [:]
    for register in map.registers {
      for address in register.address..<register.address + UInt32(register.bits / 8) {
        if let owner = owners[address] {
          problems.report(
            "address \(hexadecimal(address, bits: 8)) is taken by `\(owner)`", at: register.structure.place)
        }
        owners[address] = register.structure.name
      }
    }
  }
}
