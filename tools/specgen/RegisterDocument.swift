/// The tables of one chip: its registers, then each of them field by field.
func registerDocument(_ map: RegisterMap) -> String {
  var document = Markdown(title: map.group.title, source: map.group.source, from: map.group.file)
  document.table(
    ["Address", "Register", "Bits", "Access", "Reset", "Meaning"],
    map.registers.map { register in
      [
        hexadecimal(register.address, bits: 8), "\(register.structure.title): `\(register.structure.name)`",
        "\(register.bits)", register.access.text, resetText(register), sentence(register.structure.meaning),
      ]
    })
  for register in map.registers {
    let structure = register.structure
    document.heading("\(hexadecimal(register.address, bits: 8)) \(structure.title): `\(structure.name)`")
    document.paragraph(sentence("\(capitalised(register.access.text)). \(structure.clause)"))
    document.table(
      ["Bits", "Field", "Identifier", "Type", "Access", "Reset", "Meaning"],
      structure.fields.enumerated().map { index, field in
        [
          position(of: field, in: structure), field.label, field.name.map { "`\($0)`" } ?? "",
          typeText(field), register.fieldAccess[index]?.text ?? "",
          register.reset.map { "\($0 >> UInt32(field.firstBit) & field.mask)" } ?? "", meaningText(field),
        ]
      })
  }
  addEnumerations(of: map.group, to: &document)
  return document.text
}

private func resetText(_ register: Register) -> String {
  register.reset.map { hexadecimal($0, bits: register.bits) } ?? "not fixed"
}
