/// Reads a recording record by record, with memory that does not grow with the file.
///
/// A reader hands on everything that it can read before it reports what stopped it: a truncated, corrupt or hostile
/// file costs one `TraceFault`, never the records in front of the damage.
public protocol TraceReader {
  /// Calls `body` for each record in the order of time. Returns the fault that ended the reading early, or `nil`
  /// when the file was read to its end.
  /// - Throws: only what `body` throws.
  mutating func read(_ body: (TraceRecord) throws -> Void) rethrows -> TraceFault?
}

/// Why a file could not be read, or not to its end.
public struct TraceFault: Error, Equatable, Sendable, CustomStringConvertible {
  public var kind: Kind
  /// The file, as the user named it.
  public var file: String
  /// The byte in the file (or the line of a text file) at which the reader stopped; `nil` where no place applies.
  public var place: Place?
  /// What was wrong, and what to do where that can be said.
  public var reason: String

  public enum Kind: Equatable, Sendable {
    /// Nothing could be read: missing, a directory, empty, no known format.
    case unusable
    /// Records in front of the damage were read.
    case damaged
  }

  public enum Place: Equatable, Sendable {
    case byte(UInt64)
    case line(Int)
  }

  public init(_ kind: Kind, file: String, at place: Place? = nil, _ reason: String) {
    self.kind = kind
    self.file = file
    self.place = place
    self.reason = reason
  }

  /// One line: `file:line: reason` or `file: at byte N: reason`.
  public var description: String {
    switch place {
    case .byte(let offset): "\(file): at byte \(offset): \(reason)"
    case .line(let number): "\(file):\(number): \(reason)"
    case nil: "\(file): \(reason)"
    }
  }
}
