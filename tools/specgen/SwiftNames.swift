/// Words that cannot name a generated property or value.
let swiftKeywords: Set<String> = [
  "associatedtype", "class", "deinit", "enum", "extension", "fileprivate", "func", "import", "init", "inout",
  "internal", "let", "open", "operator", "private", "precedencegroup", "protocol", "public", "rethrows",
  "static",
  "struct", "subscript", "typealias", "var", "break", "case", "catch", "continue", "default", "defer", "do",
  "else",
  "fallthrough", "for", "guard", "if", "in", "repeat", "return", "throw", "switch", "where", "while", "Any",
  "as",
  "await", "false", "is", "nil", "self", "Self", "super", "throws", "true", "try",
]

/// Members that every generated view of a word has.
let wordMembers: Set<String> = ["rawValue", "hashValue", "unexpectedBits"]

/// Members that every generated view of a block has.
let blockMembers: Set<String> = [
  "bytes", "count", "capacity", "minimumCount", "tailOffset", "hasUnexpectedBits",
]

/// Types of Swift that a generated type would hide.
let typeNamesTaken: Set<String> = [
  "Any", "Self", "Type", "Protocol", "String", "Array", "Set", "Dictionary", "Bool", "Int", "Optional",
  "Result",
  "Error", "Character", "Range",
]

/// Whether the word is an identifier of ASCII letters and digits that starts with an upper-case or a lower-case letter.
func isIdentifier(_ word: String, firstUpper: Bool) -> Bool {
  guard let first = word.first, first.isASCII, first.isLetter, first.isUppercase == firstUpper else {
    return false
  }
  return word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
}
