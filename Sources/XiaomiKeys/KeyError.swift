import Glibc

/// Why there are no digests to be had from a source. It never holds anything of a key or of a seed.
public struct KeyError: Error, Equatable, Sendable, CustomStringConvertible {
  /// One thing to put right.
  public struct Mistake: Equatable, Sendable {
    /// Counted from 1; `nil` where the whole source is meant.
    public var line: Int?
    /// What is wrong, and what to do.
    public var reason: String

    public init(line: Int? = nil, _ reason: String) {
      self.line = line
      self.reason = reason
    }
  }

  /// The file, program or socket.
  public var source: String
  public var mistakes: [Mistake]

  public init(source: String, mistakes: [Mistake]) {
    self.source = source
    self.mistakes = mistakes
  }

  init(_ source: String, _ reason: String) {
    self.init(source: source, mistakes: [Mistake(reason)])
  }

  /// One line for each mistake: `SOURCE:LINE: REASON`.
  public var description: String {
    mistakes.map { mistake in
      "\(source)\(mistake.line.map { ":\($0)" } ?? ""): \(mistake.reason)"
    }.joined(separator: "\n")
  }
}

/// What an error number of the system means, as text.
func systemText(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }
