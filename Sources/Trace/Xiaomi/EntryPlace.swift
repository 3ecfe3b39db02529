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

extension ConversationEntry {
  /// When it ended; where the source does not tell, what a packet of that length takes at 300 kbit/s (USB-PD R3.2 §5.8).
  var reckonedEnd: Nanoseconds {
    if let end = record.end { return end }
    guard case .packet(let packet) = record.content else { return record.time }
    // Preamble, ordered set, bytes and CRC in 4b5b, EOP.
    let bits = 64 + 20 + 10 * (packet.bytes.count + 4) + 5
    return record.time + Nanoseconds(Int64(bits) * 10_000 / 3)
  }
}
