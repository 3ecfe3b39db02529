public import Quantities

/// Where in a recording something stands.
public struct EntryPlace: Equatable, Sendable {
  /// The number of the entry, as `ofc decode` lists it.
  public var entry: Int
  /// When it began, counted from the start of the recording.
  public var time: Nanoseconds

  public init(entry: Int, time: Nanoseconds) {
    self.entry = entry
    self.time = time
  }

  init(_ entry: ConversationEntry) { self.init(entry: entry.number, time: entry.record.time) }
}
