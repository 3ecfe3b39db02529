/// One mistake in a file of settings: where it is, what is wrong, and what to do.
public struct SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file, as the user named it.
  public var file: String
  /// Line and column, counted from 1; 0 where the file as a whole is meant.
  public var line: Int
  public var column: Int
  /// The way to the value through keys and positions: `ports[2].rp`; empty at the top.
  public var path: String
  /// What is wrong.
  public var reason: String
  /// What to do about it; `nil` where the reason says it.
  public var hint: String?

  public init(
    file: String, line: Int, column: Int, path: String = "", reason: String, hint: String? = nil
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.path = path
    self.reason = reason
    self.hint = hint
  }

  /// `charger.yaml:7:5: ports[0].rp: … : …`, in the form that editors and compilers share.
  public var description: String {
    var text = file
    if line > 0 { text += ":\(line):\(column)" }
    if !path.isEmpty { text += ": \(path)" }
    text += ": \(reason)"
    if let hint { text += "; \(hint)" }
    return text
  }
}

/// Why settings cannot be used: all mistakes at once, in the order of the file.
public struct SettingsFailure: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Kind: Equatable, Sendable {
    /// The file could not be read at all.
    case unreadable
    /// The file was read and holds mistakes.
    case mistaken
  }

  public var kind: Kind
  public var errors: [SettingsError]

  public init(_ kind: Kind, _ errors: [SettingsError]) {
    self.kind = kind
    self.errors = errors
  }

  public var description: String { errors.map(\.description).joined(separator: "\n") }
}

/// Collects the mistakes of one file while it is read.
public final class SettingsErrors {
  let file: String
  private var errors: [SettingsError] = []

  init(file: String) { self.file = file }

  /// No more than this are kept: a file that is wrong throughout needs no list of all its lines.
  static let most = 100

  func report(_ reason: String, hint: String? = nil, path: String, line: Int, column: Int) {
    guard errors.count < SettingsErrors.most else { return }
    let error = SettingsError(
      file: file, line: line, column: column, path: path, reason: reason, hint: hint)
    if !errors.contains(error) { errors.append(error) }
  }

  /// The mistakes in the order of the file; `nil` where there are none.
  var failure: SettingsFailure? {
    errors.isEmpty
      ? nil
      : SettingsFailure(.mistaken, errors.sorted { ($0.line, $0.column) < ($1.line, $1.column) })
  }
}
