/// Everything else that `spec/` says: messages, timing, symbols of the line, diagnostics.

struct MessageCatalogue {
  var file: String
  var source: String
  var classes: [MessageClass]
}

/// Control, data or extended messages: their codes count on their own.
struct MessageClass {
  enum Kind: String, CaseIterable { case control, data, extended }
  var kind: Kind
  var messages: [Message]

  var typeName: String { "\(capitalised(kind.rawValue))MessageType" }
}

struct Message {
  var place: Place
  var code: UInt32
  var name: String
  var label: String
  var meaning: String
  var clause: String
  var revisions: Revisions
  var deprecated: Bool
  var senders: [String]
  var sop: [String]
  var answers: [String]
  /// Data messages: how many objects.
  var objects: ClosedRange<Int>?
  /// Extended messages: Data Size in bytes, from a port and from a cable plug.
  var dataSize: ClosedRange<Int>?
  var plugDataSize: ClosedRange<Int>?
  var block: String?
  var plugBlock: String?
}

struct TimingCatalogue {
  var file: String
  var source: String
  var timers: [TimingEntry]
  var counters: [TimingEntry]
  var limits: [TimingEntry]
}

/// A timer, a counter or an electrical limit.
struct TimingEntry {
  var place: Place
  /// The standard's name: `tSenderResponse`.
  var name: String
  /// The name of the timer or counter that uses it.
  var user: String
  var kind: String
  var owner: String
  var clause: String
  var meaning: String
  var starts: String
  var stops: String
  /// What happens when it runs out; for a counter also what puts it back.
  var expiry: String
  var note: String
  var limits: [TimingLimit]
}

struct TimingLimit {
  var revisions: Revisions
  var mode: String
  var condition: String
  var of: String
  var minimum: Int64?
  var nominal: Int64?
  var maximum: Int64?
  var value: Int64?
  var unit: String
}

struct LineCatalogue {
  var file: String
  var source: String
  /// Symbol by nibble.
  var dataSymbols: [UInt32]
  var kCodes: [LineCode]
  var orderedSets: [LineSet]

  struct LineCode {
    var name: String
    var label: String
    var symbol: UInt32
  }

  struct LineSet {
    var place: Place
    var name: String
    var label: String
    var meaning: String
    var kCodes: [String]
  }

  /// The 20 bits of a set; the bit that is sent first is the least significant one.
  func pattern(_ set: LineSet) -> UInt32 {
    set.kCodes.enumerated().reduce(0) { word, item in
      word | (kCodes.first { $0.name == item.element }?.symbol ?? 0) << UInt32(5 * item.offset)
    }
  }
}

struct Diagnostic {
  var place: Place
  /// `PD0101`.
  var code: String
  var number: UInt32
  var name: String
  var severity: String
  var clause: String
  var message: String
  var advice: String
}
