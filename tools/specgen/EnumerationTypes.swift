import Foundation

/// Writes the Swift type of an enumeration: a struct over the code, so that a reserved code keeps its number.
func emit(_ enumeration: Enumeration, into text: inout SourceText) {
  text.comment("\(enumeration.title). \(sentence(enumeration.meaning))")
  text.comment(
    "\nCode of \(enumeration.bits) bits\(revisionsText(enumeration.revisions)); codes without a name are reserved. "
      + sentence(enumeration.clause))
  let values = enumeration.values.map {
    CodeMember(
      code: $0.code, name: $0.name, label: $0.label,
      comment:
        "\($0.label)\(revisionsText($0.revisions, unless: enumeration.revisions)). \(sentence($0.meaning))")
  }
  emitCodeType(
    enumeration.name, rawType: enumeration.rawType, bits: enumeration.bits, members: values, into: &text)
}

/// A value of a code type.
struct CodeMember {
  var code: UInt32
  var name: String
  var label: String
  var comment: String
}

/// The part that enumerations and message types share; `extra` adds members.
func emitCodeType(
  _ name: String, rawType: String, bits: Int, members: [CodeMember], into text: inout SourceText,
  extra: (inout SourceText) -> Void = { _ in }
) {
  text.block("public struct \(name): RawRepresentable, Hashable, Sendable {") { text in
    text.comment("The code as on the wire.")
    text.line("public var rawValue: \(rawType)")
    text.line("@inlinable public init(rawValue: \(rawType)) { self.rawValue = rawValue }")
    for member in members {
      text.line("")
      text.comment(member.comment.trimmingCharacters(in: .whitespaces))
      text.line(
        "@inlinable public static var \(member.name): Self { "
          + "Self(rawValue: \(hexadecimal(member.code, bits: bits))) }")
    }
    text.line("")
    text.comment("The standard's name of the code; `nil` for a reserved one.")
    text.block("public var name: StaticString? {") { text in
      if members.isEmpty { return text.line("nil") }
      text.line("switch rawValue {")
      for member in members {
        text.line("case \(hexadecimal(member.code, bits: bits)): \(quoted(member.label))")
      }
      text.line("default: nil")
      text.line("}")
    }
    extra(&text)
  }
}

/// ` (3.1+)`, or nothing when the revisions are not stated or those of the surrounding description.
func revisionsText(_ revisions: Revisions, unless surrounding: Revisions = .all) -> String {
  revisions == surrounding || revisions.text.isEmpty ? "" : " (revision \(revisions.text))"
}
