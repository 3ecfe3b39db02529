import Settings
import XiaomiKeys

/// Reads where digests come from. Keys themselves never stand in a file of settings.
enum KeySourceReader {
  /// The sources that are words.
  private static var words: [(String, KeySource)] {
    [("none", .none), ("synthetic", .synthetic), ("synthetic wrong", .syntheticWrong)]
  }

  /// - Parameter isPhone: a phone of the simulation has no agent: its keys are a word or a file.
  static func read(_ value: SettingsValue, isPhone: Bool = false) -> KeySource? {
    if value.isScalar { return value.word(of: words) }
    return value.mapping { keys -> KeySource? in
      let file = keys["file"].map { ($0, $0.text().map(KeySource.file)) }
      let program = isPhone ? nil : keys["program"].map { ($0, readProgram($0)) }
      let socket = isPhone ? nil : keys["socket"].map { ($0, $0.text().map(KeySource.socket)) }
      let found = [file, program, socket].compactMap { $0 }
      guard let first = found.first else {
        // Keys that are not known are reported already, and say enough.
        let places = isPhone ? ["file"] : ["file", "program", "socket"]
        if keys.keys.allSatisfy(places.contains) {
          value.report(
            "it is not said where the keys are",
            hint: isPhone ? "give `file`" : "give one of `file`, `program`, `socket`")
        }
        return nil
      }
      if found.count > 1 {
        value.report("keys come from one place, and \(found.count) are given", hint: "keep one of them")
      }
      return first.1
    }
  }

  /// A program and its arguments.
  private static func readProgram(_ value: SettingsValue) -> KeySource? {
    let values = value.list()
    let words = values.compactMap { $0.text() }
    if values.isEmpty, value.isList {
      value.report("no program is named", hint: "write for example `program: [/usr/bin/agent, --quiet]`")
    }
    return words.isEmpty || words.count < values.count ? nil : .program(words)
  }
}
