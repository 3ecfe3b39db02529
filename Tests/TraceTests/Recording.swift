import Foundation
import LineCode
import PowerDelivery
import Quantities
import TestSupport
import XiaomiCharge

@testable import Trace

/// A recording read as a conversation, all of it.
struct Recording {
  var entries: [ConversationEntry] = []
  var statistics = ConversationStatistics()
  var fault: TraceFault?
  /// What it tells of Xiaomi's protocol.
  var stories: [XiaomiStory] = []
  /// The most entries that the conversation held back at a time.
  var mostHeldBack = 0

  /// Reads a file by its path from the root of the project.
  init(_ path: String, keys: (any XiaomiDigestProvider)? = nil) throws {
    var reader = try TraceFile.open(ProjectFiles.url(path).path)
    var conversation = Conversation(xiaomiKeys: keys)
    fault = reader.read { record in conversation.add(record) { entries.append($0) } }
    conversation.finish { entries.append($0) }
    statistics = conversation.statistics
    stories = conversation.xiaomiStories
  }

  /// Reads records that a test made.
  init(_ records: [TraceRecord], keys: (any XiaomiDigestProvider)? = nil) {
    var conversation = Conversation(xiaomiKeys: keys)
    var added = 0
    for record in records {
      conversation.add(record) { entries.append($0) }
      added += 1
      mostHeldBack = max(mostHeldBack, added - entries.count - conversation.statistics.goodCRCCount)
    }
    conversation.finish { entries.append($0) }
    statistics = conversation.statistics
    stories = conversation.xiaomiStories
  }

  var readings: [ConversationEntry.Reading] { entries.compactMap(\.reading) }

  /// The contracts of each wire.
  var contracts: [ContractFollower] { statistics.lines.map(\.contracts) }

  /// How many findings there were of a severity.
  func count(_ severity: DiagnosticSeverity) -> Int {
    statistics.findings.filter { $0.key.severity == severity }.values.map(\.count).reduce(0, +)
  }

  /// The contract in force at the end; one that was lost before the end, or made before the beginning, says so.
  var contract: String {
    if let contract = statistics.contract { return contract.summary }
    if let lost = contracts.lazy.compactMap({ ($0.first + $0.last).last(where: \.isActive) }).first {
      return "lost: \(lost.summary)"
    }
    let isLate = contracts.contains { $0.beganLate && $0.contractCount == 0 }
    return isLate ? "carried over" : "none"
  }
}

/// Puts records on a wire, one after the other.
struct Script {
  private(set) var records: [TraceRecord] = []
  /// When the last record ended.
  private(set) var now = Nanoseconds.zero
  var line = "CC1"
  /// How the packets are marked: a recording of the wire checks the CRC, a meter's list does not.
  var validity = TracePacket.Validity.crcHolds

  /// A packet of 500 µs, `gap` microseconds after the last one.
  mutating func say(
    _ hex: String, _ orderedSet: OrderedSet = .sop, after gap: Int64 = 2_000,
    validity: TracePacket.Validity? = nil
  ) {
    add(
      .packet(
        TracePacket(orderedSet: orderedSet, bytes: bytes(hex), validity: validity ?? self.validity)),
      after: gap, lasting: 500)
  }

  /// The GoodCRC for a message, 100 µs after it unless said otherwise.
  mutating func goodCRC(_ id: UInt8, _ orderedSet: OrderedSet = .sop, after gap: Int64 = 100) {
    say("\(byte(0x41))\(byte(id << 1))", orderedSet, after: gap)
  }

  /// A packet and its GoodCRC.
  mutating func exchange(_ hex: String, _ orderedSet: OrderedSet = .sop, after gap: Int64 = 2_000) {
    say(hex, orderedSet, after: gap)
    goodCRC(bytes(hex)[1] >> 1 & 7, orderedSet)
  }

  mutating func signal(_ orderedSet: OrderedSet) { add(.reset(orderedSet), after: 2_000, lasting: 280) }
  mutating func measure(cc1: Millivolts, after gap: Int64) {
    add(.measurement(TraceMeasurement(cc1: cc1)), after: gap, lasting: 0)
  }
  mutating func wait(_ milliseconds: Int64) { now = now + Nanoseconds(milliseconds * 1_000_000) }
  mutating func event(_ kind: TraceEvent.Kind) { add(.event(TraceEvent(kind)), after: 2_000, lasting: 0) }

  private mutating func add(_ content: TraceRecord.Content, after gap: Int64, lasting span: Int64) {
    let start = now + Nanoseconds(gap * 1_000)
    now = start + Nanoseconds(span * 1_000)
    records.append(TraceRecord(time: start, end: now, line: line, content: content))
  }

  private func byte(_ value: UInt8) -> String { (value < 16 ? "0" : "") + String(value, radix: 16) }
}

/// Messages that the tests put together to conversations.
enum Hex {
  /// 5 V 3 A, 9 V 3 A, 15 V 3 A, 20 V 3.25 A, PPS 3.3-21 V 3 A, SPR AVS; MessageID 1 (vector C18).
  static let capabilities = "a1632c91012f2cd102002cb10400454106003c21a4c945b104e0"
  /// Object 5, 9.00 V, 3 A; MessageID 0.
  static let requestPPS = "82103c840353"
  /// Object 6, 12.0 V, 3 A; MessageID 0.
  static let requestAVS = "82103cc00363"
  /// Object 2, 3 A; MessageID 0.
  static let requestFixed = "82102cb10423"
  /// MessageIDs 2 and 3.
  static let accept = "a305"
  static let psRDY = "a607"
  /// MessageID 2.
  static let reject = "a405"
  static let wait = "ac05"
}
