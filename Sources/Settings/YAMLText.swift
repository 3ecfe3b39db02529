/// The text of a YAML file, looked at before the parser gets it: what would cost too much, or what these files have no
/// use for, is refused here with its place.
struct YAMLText {
  /// The largest file that is read. The largest sensible one has a hundredth of that.
  static let byteLimit = 1 << 20
  /// How deep lists and mappings may stand in each other.
  static let depthLimit = 32

  struct Fault: Error, Equatable {
    var line: Int
    var column: Int
    var reason: String
    var hint: String?
  }

  let text: String

  init(_ bytes: [UInt8]) throws(Fault) {
    guard bytes.count <= YAMLText.byteLimit else {
      throw Fault(
        line: 0, column: 0, reason: "the file has more than \(YAMLText.byteLimit >> 20) MiB",
        hint: "settings are short texts; is this the right file?")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let place = YAMLText.place(ofInvalidByteIn: bytes)
      throw Fault(
        line: place.line, column: place.column, reason: "this is no text in UTF-8",
        hint: "save the file as UTF-8")
    }
    self.text = text
    var scan = Scan()
    for scalar in text.unicodeScalars { try scan.take(scalar) }
  }

  /// Line and column (in bytes) of the first byte that belongs to no UTF-8 character.
  private static func place(ofInvalidByteIn bytes: [UInt8]) -> (line: Int, column: Int) {
    var line = 1
    var column = 1
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
      if scalar == "\n" {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
    return (line, column)
  }

  /// Follows quotes, comments and brackets, so that what stands in them is told from what counts.
  private struct Scan {
    private var line = 1
    private var column = 0
    private var quote: Unicode.Scalar?
    private var isEscaped = false
    private var isComment = false
    private var depth = 0
    private var indents = 0
    /// The character before, spaces left out: a name begins only behind one of `:-,[{?` or at the start of a line.
    private var before: Unicode.Scalar = "\n"
    private var previous: Unicode.Scalar = "\n"
    private var mark: Unicode.Scalar?

    mutating func take(_ scalar: Unicode.Scalar) throws(Fault) {
      if scalar == "\n" { return startLine() }
      column += 1
      guard scalar.isPrintable else {
        throw fault("a control character (U+\(String(scalar.value, radix: 16, uppercase: true)))", nil)
      }
      if isComment { return }
      if let open = quote {
        if isEscaped {
          isEscaped = false
        } else if scalar == "\\", open == "\"" {
          isEscaped = true
        } else if scalar == open {
          quote = nil
        }
        previous = scalar
        before = scalar
        return
      }
      try takePlain(scalar)
      if scalar != " ", scalar != "\t" { before = scalar }
      previous = scalar
    }

    private mutating func startLine() {
      line += 1
      column = 0
      isComment = false
      mark = nil
      indents = 0
      if quote == nil { before = "\n" }
      previous = "\n"
    }

    private mutating func takePlain(_ scalar: Unicode.Scalar) throws(Fault) {
      let beginsToken = "\n:-,[{?".unicodeScalars.contains(before)
      if mark != nil, scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
        throw fault(
          "anchors (&name) and aliases (*name) are not read here",
          "write the value out; a text that begins with & or * goes in quotes")
      }
      mark = nil
      switch scalar {
      case "#" where previous == " " || previous == "\t" || previous == "\n": isComment = true
      case "\"" where beginsToken, "'" where beginsToken: quote = scalar
      case "&" where beginsToken, "*" where beginsToken: mark = scalar
      case "[" where beginsToken, "{" where beginsToken: depth += 1
      case "]", "}": depth = max(0, depth - 1)
      case "-" where beginsToken, "?" where beginsToken: indents += 1
      default: break
      }
      if depth + indents > YAMLText.depthLimit {
        throw fault("lists and mappings stand more than \(YAMLText.depthLimit) deep in each other", nil)
      }
    }

    private func fault(_ reason: String, _ hint: String?) -> Fault {
      Fault(line: line, column: column, reason: reason, hint: hint)
    }
  }
}

extension Unicode.Scalar {
  /// What YAML 1.2 §5.1 allows in a text.
  fileprivate var isPrintable: Bool {
    switch value {
    case 0x09, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x1_0000...0x10_FFFF: true
    default: false
    }
  }
}
