public import PowerDelivery
public import Quantities

/// What a recording held, counted while it was read; its size does not grow with the recording.
public struct ConversationStatistics: Sendable {
  /// Messages that were read whole, without GoodCRC.
  public internal(set) var messageCount = 0
  public internal(set) var goodCRCCount = 0
  public internal(set) var retryCount = 0
  public internal(set) var unacknowledgedCount = 0
  public internal(set) var damagedCount = 0
  public internal(set) var hardResetCount = 0
  public internal(set) var cableResetCount = 0
  public internal(set) var softResetCount = 0
  public internal(set) var measurementCount = 0
  public internal(set) var firstTime: Nanoseconds?
  public internal(set) var lastTime: Nanoseconds?
  /// How often each finding came, and when first.
  public internal(set) var findings: [DiagnosticCode: (count: Int, first: Nanoseconds)] = [:]
  /// Data role of the source, and revision, as the last message told.
  public internal(set) var sourceIsDFP: Bool?
  public internal(set) var revision: SpecificationRevision?
  /// Swaps that were accepted, by name.
  public internal(set) var swaps: [String: Int] = [:]
  /// What the cable said of itself on SOP′, last answer.
  public internal(set) var cable: VendorDefinedBody?
  /// Whether anybody asked for the identity of the cable.
  public internal(set) var cableWasAsked = false
  /// The wires with the contracts that were made on them.
  var lines: [Line] = []

  struct Line: Sendable {
    var name: String
    var contracts: ContractFollower
  }

  private var pendingSwap: String?

  public init() {}

  /// The contract that is in force at the end; `nil` where there is none or it is not known.
  public var contract: Contract? { lines.lazy.compactMap(\.contracts.current).first }

  mutating func count(_ entry: ConversationEntry) {
    if case .measurement = entry.record.content {
      measurementCount += 1
      return
    }
    if firstTime == nil { firstTime = entry.record.time }
    lastTime = entry.record.end ?? entry.record.time
    switch entry.record.content {
    case .reset(let set):
      if set == .hardReset { hardResetCount += 1 } else { cableResetCount += 1 }
    case .packet(let packet): count(packet, entry)
    case .event, .measurement: break
    }
  }

  private mutating func count(_ packet: TracePacket, _ entry: ConversationEntry) {
    switch packet.validity {
    case .damaged, .crcWrong: damagedCount += 1
    case .crcHolds, .notChecked:
      if entry.reading?.message.isGoodCRC == true { goodCRCCount += 1 } else { messageCount += 1 }
    }
    guard let reading = entry.reading else {
      note(.damagedPacket, entry.record.time)
      return
    }
    for index in 0..<reading.diagnostics.count {
      if let diagnostic = reading.diagnostics[index] { note(diagnostic.code, entry.record.time) }
    }
    if reading.isRetry { retryCount += 1 }
    if reading.goodCRC == .missing { unacknowledgedCount += 1 }
    guard packet.isSound else { return }
    learn(reading)
  }

  private mutating func note(_ code: DiagnosticCode, _ time: Nanoseconds) {
    findings[code, default: (0, time)].count += 1
  }

  private mutating func learn(_ reading: ConversationEntry.Reading) {
    let message = reading.message
    if message.orderedSet == .sop && !message.isGoodCRC {
      revision = message.header.specificationRevision
      let isDFP = message.header.portDataRole == .downstreamFacing
      sourceIsDFP = message.sender == .source ? isDFP : !isDFP
    }
    switch reading.body {
    case .control(.softReset): softResetCount += 1
    case .control(.drSwap), .control(.prSwap), .control(.vconnSwap), .control(.frSwap):
      pendingSwap = MessageSummary.name(of: message)
    case .control(.accept):
      if let swap = pendingSwap { swaps[swap, default: 0] += 1 }
      pendingSwap = nil
    case .control(.reject), .control(.wait), .control(.notSupported): pendingSwap = nil
    case .vendorDefined(let body) where message.orderedSet == .sopPrime:
      guard case .structured(let header) = body.header, header.command == .discoverIdentity else { return }
      if header.commandType == .acknowledge { cable = body } else { cableWasAsked = true }
    default: break
    }
  }
}
