import Yams

/// Runs the YAML parser and turns what it says into mistakes with a place.
///
/// The parser gives up at the first key that stands twice. So that the other mistakes of the file are found too, that
/// key is renamed in the text and the text is parsed again.
struct YAMLComposer {
  struct Duplicate: Equatable {
    var key: String
    var line: Int
    var column: Int
  }

  private(set) var duplicates: [Duplicate] = []
  private var text: String
  private let file: String
  /// A character of the private use area, in place of the first of a key that stands twice.
  static let renamed: Unicode.Scalar = "\u{F8FF}"
  private static let mostDuplicates = 50

  init(_ text: String, file: String) {
    self.text = text
    self.file = file
  }

  /// The document; an empty file gives an empty mapping.
  mutating func node() throws(SettingsFailure) -> Node {
    while true {
      do {
        return try Parser(yaml: text, encoding: .utf8).singleRoot() ?? Node([(Node, Node)]())
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        guard duplicates.count < YAMLComposer.mostDuplicates, rename(keyAt: TextPlace(context.mark)) else {
          throw failure(
            TextPlace(context.mark), "keys are given more than once: \(keys.joined(separator: ", "))",
            "keep one of each")
        }
      } catch {
        throw failure(error)
      }
    }
  }

  /// Replaces the first character of the key at `mark`; `false` where there is none to replace.
  private mutating func rename(keyAt mark: TextPlace) -> Bool {
    var scalars = Array(text.unicodeScalars)
    var line = 1
    var index = 0
    while line < mark.line, index < scalars.count {
      if scalars[index] == "\n" { line += 1 }
      index += 1
    }
    index += mark.column - 1
    if index < scalars.count, scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
    guard index < scalars.count, scalars[index] != "\n", scalars[index] != YAMLComposer.renamed,
      scalars[index] != "\"", scalars[index] != "'"
    else { return false }
    let end = scalars[index...].firstIndex { ":\n\"'".unicodeScalars.contains($0) } ?? scalars.endIndex
    var key = String.UnicodeScalarView()
    key.append(contentsOf: scalars[index..<end])
    duplicates.append(Duplicate(key: String(key), line: mark.line, column: mark.column))
    scalars[index] = YAMLComposer.renamed
    var changed = String.UnicodeScalarView()
    changed.append(contentsOf: scalars)
    text = String(changed)
    return true
  }

  private func failure(_ error: any Error) -> SettingsFailure {
    switch error {
    case YamlError.scanner(let context, let problem, let mark, _),
      YamlError.parser(let context, let problem, let mark, _),
      YamlError.composer(let context, let problem, let mark, _):
      let begin = context.map { " (\($0.text), which began in line \($0.mark.line))" } ?? ""
      return failure(
        TextPlace(mark), "this is no YAML: \(problem)\(begin)", hint(problem, TextPlace(mark)))
    case YamlError.reader(let problem, _, _, _):
      return failure(TextPlace(line: 1, column: 1), "this is no YAML: \(problem)", nil)
    default:
      return failure(TextPlace(line: 1, column: 1), "this is no YAML", nil)
    }
  }

  /// What to do about the mistakes that are made most.
  private func hint(_ problem: String, _ mark: TextPlace) -> String? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let isInside = mark.line >= 1 && mark.line <= lines.count
    let line = isInside ? lines[mark.line - 1] : ""
    if line.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") {
      return "indent with spaces, not with tabs"
    }
    if problem.contains("mapping values are not allowed") {
      return "put a text that holds a colon and a space in quotes, and check the indentation"
    }
    if problem.contains("did not find expected") || problem.contains("could not find expected") {
      return "check the indentation, and that every bracket and quote is closed"
    }
    return nil
  }

  private func failure(_ mark: TextPlace, _ reason: String, _ hint: String?) -> SettingsFailure {
    SettingsFailure(
      .mistaken,
      [SettingsError(file: file, line: mark.line, column: mark.column, reason: reason, hint: hint)])
  }
}

/// A place in a text: line and column, counted from 1.
struct TextPlace: Equatable {
  var line: Int
  var column: Int

  init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }
}

extension Node {
  var place: TextPlace? { mark.map(TextPlace.init) }
}
