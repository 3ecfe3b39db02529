/// Writes a recording record by record, with memory that does not grow with it.
public protocol TraceWriter {
  /// Takes the next record, in the order of time.
  /// - Throws: `TraceWriteError` where the file cannot be written.
  mutating func write(_ record: TraceRecord) throws
  /// Writes what is still held and closes the file. Nothing may be written afterwards.
  mutating func finish() throws
}

/// Why a recording could not be written.
public struct TraceWriteError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file, as the user named it.
  public var file: String
  public var reason: String

  public init(file: String, reason: String) {
    self.file = file
    self.reason = reason
  }

  public var description: String { "\(file): \(reason)" }
}

/// The formats in which a recording can be written. The raw value names the format on the command line.
public enum TraceWriteFormat: String, CaseIterable, Sendable {
  /// pcapng of link type 147: holds every record without loss, opens in Wireshark.
  case pcapng
  /// Comma-separated values: one row a record, for spreadsheets.
  case csv
  /// A sigrok session: the packets as samples of a CC line, for PulseView and sigrok-cli.
  case sigrok = "sr"
  /// One JSON object a line: holds every record without loss.
  case jsonLines = "jsonl"

  /// The format that the ending of a file name stands for; `nil` where it stands for none.
  public init?(fileName: String) {
    guard let dot = fileName.lastIndex(of: ".") else { return nil }
    self.init(rawValue: fileName[fileName.index(after: dot)...].lowercased())
  }
}
