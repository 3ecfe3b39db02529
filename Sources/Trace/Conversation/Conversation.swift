import LineCode
import PowerDelivery
import Quantities
public import XiaomiCharge

/// Reads a recording as a conversation: messages in context, GoodCRC folded into what it acknowledges, retries marked.
///
/// Feed it every record in order; it hands on an entry as soon as it is known whether a GoodCRC follows, so it holds
/// back a few entries at most, however long the recording. Each wire has a context of its own.
public struct Conversation {
  /// What was seen so far, for the summary at the end.
  public private(set) var statistics = ConversationStatistics()
  private var lines: [String: LineFollower] = [:]
  /// The dialogues of Xiaomi's protocol, by wire.
  private var dialogues: [String: XiaomiDialogueFollower] = [:]
  private let xiaomiKeys: (any XiaomiDigestProvider)?
  private var waiting: [Waiting] = []
  private var count = 0
  private var previousEnd: Nanoseconds?

  /// A GoodCRC that comes later than this belongs to nothing (tReceive is 1.1 ms; meters count in milliseconds).
  private static let patience = Nanoseconds(Milliseconds(5))
  /// tTransmit, USB-PD R3.2 Table 6.70, with the tolerance of a sampled recording.
  private static let transmitLimit = Nanoseconds(Microseconds(196))

  /// Entries that may be held back; only recordings without times have so many within the patience.
  private static let mostWaiting = 256

  private struct Waiting {
    var entry: ConversationEntry
    var awaitsGoodCRC: Bool
  }

  /// - Parameter xiaomiKeys: checks the proofs in dialogues of Xiaomi's protocol; `nil`: they cannot be checked.
  public init(xiaomiKeys: (any XiaomiDigestProvider)? = nil) { self.xiaomiKeys = xiaomiKeys }

  /// What the recording tells of Xiaomi's protocol, one story for each wire that has to do with it; complete after
  /// `finish`.
  public var xiaomiStories: [XiaomiStory] {
    dialogues.keys.sorted().compactMap { dialogues[$0]?.result }
  }

  /// Takes the next record; calls `emit` for every entry that is complete.
  public mutating func add(_ record: TraceRecord, _ emit: (ConversationEntry) throws -> Void) rethrows {
    giveUp(before: record.time)
    var reading: ConversationEntry.Reading?
    switch record.content {
    case .packet(let packet):
      reading = read(packet, record)
      if let message = reading?.message, message.isGoodCRC, fold(message, record) {
        statistics.goodCRCCount += 1
        previousEnd = record.end ?? record.time
        try flush(all: false, emit)
        return
      }
      if reading?.message.isGoodCRC == true { settle(line: record.line) }
    case .reset(let set):
      settle(line: record.line)
      if set == .hardReset { lines[record.line]?.reset() }
    case .event(let event):
      if event.kind == .attach || event.kind == .detach {
        settle(line: nil)
        for line in lines.keys { lines[line]?.reset() }
      }
    case .measurement: break
    }
    append(record, reading)
    if waiting.count > Conversation.mostWaiting { settle(line: nil) }
    try flush(all: false, emit)
  }

  /// Ends the recording: hands on what was held back. Whether a GoodCRC follows the last message is not known.
  public mutating func finish(_ emit: (ConversationEntry) throws -> Void) rethrows {
    try flush(all: true, emit)
    for line in dialogues.keys { dialogues[line]?.finish() }
    statistics.lines = lines.keys.sorted().compactMap { name in
      lines[name].map { ConversationStatistics.Line(name: name, contracts: $0.contracts) }
    }
  }

  private mutating func append(_ record: TraceRecord, _ reading: ConversationEntry.Reading?) {
    count += 1
    var entry = ConversationEntry(number: count, record: record, reading: reading)
    if case .measurement = record.content {
    } else {
      entry.sincePrevious = previousEnd.map { record.time - $0 }
      previousEnd = record.end ?? record.time
    }
    let awaits = record.isSoundPacket && reading.map { !$0.message.isGoodCRC } ?? false
    waiting.append(Waiting(entry: entry, awaitsGoodCRC: awaits))
  }

  /// The message of a packet; `nil` where it has no readable header.
  private mutating func read(_ packet: TracePacket, _ record: TraceRecord) -> ConversationEntry.Reading? {
    guard let message = try? Message(wireBytes: packet.bytes.span, orderedSet: packet.orderedSet ?? .sop)
    else {
      settle(line: record.line)
      return nil
    }
    guard packet.isSound else {
      settle(line: record.line)
      return readDamaged(message, packet, record)
    }
    if !message.isGoodCRC { settle(line: record.line) }
    // A recording of the wire shows GoodCRC wherever there is one; other sources may leave it out.
    if packet.validity == .crcHolds { lines[record.line, default: LineFollower()].showsGoodCRC = true }
    return lines[record.line, default: LineFollower()].read(message, at: record.time)
  }

  /// A damaged packet is read for the eye only: the conversation goes on as if it had not been there.
  private func readDamaged(
    _ message: Message, _ packet: TracePacket, _ record: TraceRecord
  ) -> ConversationEntry.Reading {
    let line = lines[record.line] ?? LineFollower()
    var context = line.context
    let body = context.read(message).value
    // What else is wrong with such bytes follows from the damage.
    var diagnostics = Diagnostics()
    diagnostics.append(packet.validity == .crcWrong ? .crcMismatch : .damagedPacket)
    return ConversationEntry.Reading(
      message: message, body: body, data: context.dataBlock, diagnostics: diagnostics,
      goodCRC: .notApplicable, isRetry: false, contract: line.contracts.current)
  }

  /// Folds a GoodCRC into the message on the same wire that waits for it; `false` where none does.
  private mutating func fold(_ goodCRC: Message, _ record: TraceRecord) -> Bool {
    guard
      let index = waiting.lastIndex(where: { $0.awaitsGoodCRC && $0.entry.record.line == record.line }),
      let message = waiting[index].entry.reading?.message,
      message.orderedSet == goodCRC.orderedSet, message.header.messageID == goodCRC.header.messageID
    else { return false }
    let delay = waiting[index].entry.record.end.map { record.time - $0 }
    waiting[index].awaitsGoodCRC = false
    waiting[index].entry.reading?.goodCRC = .received(delay: delay)
    if let delay, delay > Conversation.transmitLimit {
      waiting[index].entry.reading?.diagnostics.append(.lateGoodCRC)
    }
    lines[record.line]?.acknowledge()
    return true
  }

  /// No GoodCRC will come any more for what waits on a wire (`nil`: on any).
  private mutating func settle(line: String?) {
    for index in waiting.indices where waiting[index].awaitsGoodCRC {
      let name = waiting[index].entry.record.line
      guard line == nil || line == name else { continue }
      waiting[index].awaitsGoodCRC = false
      if lines[name]?.showsGoodCRC == true {
        waiting[index].entry.reading?.goodCRC = .missing
        waiting[index].entry.reading?.diagnostics.append(.noGoodCRC)
      }
    }
  }

  private mutating func giveUp(before time: Nanoseconds) {
    let isOverdue = waiting.contains {
      $0.awaitsGoodCRC && time - ($0.entry.record.end ?? $0.entry.record.time) > Conversation.patience
    }
    if isOverdue { settle(line: nil) }
  }

  private mutating func flush(all: Bool, _ emit: (ConversationEntry) throws -> Void) rethrows {
    while let next = waiting.first, all || !next.awaitsGoodCRC {
      waiting.removeFirst()
      var entry = next.entry
      if entry.reading?.message.isGoodCRC == true, entry.severity != .error {
        entry.reading?.diagnostics.append(.strayGoodCRC)
      }
      statistics.count(entry)
      followDialogues(entry)
      try emit(entry)
    }
  }

  /// Packets and resets belong to their wire; events, and measurements whose wire has no name, to all.
  private mutating func followDialogues(_ entry: ConversationEntry) {
    let line = entry.record.line
    switch entry.record.content {
    case .packet, .reset:
      if dialogues[line] == nil { dialogues[line] = XiaomiDialogueFollower(line: line, keys: xiaomiKeys) }
      dialogues[line]?.follow(entry)
    case .measurement where !line.isEmpty: dialogues[line]?.follow(entry)
    case .event, .measurement: for name in dialogues.keys { dialogues[name]?.follow(entry) }
    }
  }
}
