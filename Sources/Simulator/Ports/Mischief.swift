import LineCode
import PowerDelivery
import Quantities

/// The filter through which a misbehaving port speaks, and what it sends by itself.
struct Mischief {
  var list: MisbehaviourList
  /// How many messages of its own it has put between those of the engine: their MessageIDs are shifted by so many.
  private var shift: UInt8 = 0
  /// The MessageID that was on the wire last.
  private var lastID: UInt8 = 7
  /// What the engine gave its last message as MessageID.
  private var engineID: UInt8 = 0
  /// The MessageID of an own message that is not acknowledged yet.
  private var pendingID: UInt8?
  private var acknowledged = 0
  /// How many Vendor_Defined messages the engine has sent, and the header of the last one, to know a retry.
  private var vendorCount = 0
  private var vendorHeader: MessageHeader?

  init(_ list: MisbehaviourList) { self.list = list }

  var isActive: Bool { list.count > 0 }

  enum Outgoing {
    case send(ShortMessage, delay: Nanoseconds)
    /// The wire never sees it; the engine believes that it was sent and acknowledged.
    case swallow
  }

  enum Incoming {
    case pass(ShortMessage)
    case drop
    /// Acknowledge it, but do not hand it on.
    case acknowledgeOnly
  }

  /// After a reset both sides count from zero.
  mutating func reset() {
    shift = 0
    lastID = 7
    pendingID = nil
  }

  // MARK: The filter

  mutating func filterOutgoing(
    _ message: ShortMessage, offered: PowerDataObjectList
  ) -> Outgoing {
    var message = message
    var delay = Nanoseconds.zero
    if message.kind == .control(.softReset), message.orderedSet == .sop { reset() }
    let isCounted = !message.isGoodCRC && message.orderedSet == .sop
    if isCounted {
      engineID = message.header.messageID
      message.header.messageID = (engineID &+ shift) & 7
    }
    if isCounted { countVendorMessage(message) }
    for index in 0..<list.count {
      switch list[index] {
      case .spoilsVDM(let number, let fault)
      where message.kind == .data(.vendorDefined) && (number == 255 || vendorCount == Int(number) &+ 1):
        switch fault {
        case .unsent: return .swallow
        case .late(let span): delay = delay + span
        default: message = Mischief.spoiled(message, fault)
        }
      case .answersLate(let kind, let span) where kind == message.kind: delay = delay + span
      case .neverSends(let kind) where kind == message.kind: return .swallow
      case .stopsGoodCRC(let limit) where message.isGoodCRC:
        acknowledged &+= 1
        if acknowledged > limit { return .swallow }
      default: change(&message, list[index], isCounted: isCounted, offered: offered)
      }
    }
    if isCounted { lastID = message.header.messageID }
    return .send(message, delay: delay)
  }

  private mutating func countVendorMessage(_ message: ShortMessage) {
    guard message.kind == .data(.vendorDefined) else { return vendorHeader = nil }
    if vendorHeader != message.header { vendorCount &+= 1 }
    vendorHeader = message.header
  }

  private static func spoiled(_ message: ShortMessage, _ fault: Misbehaviour.VDMFault) -> ShortMessage {
    if fault == .refused { return ShortMessage(.notSupported, header: message.header) }
    var spoiled = ShortMessage(.vendorDefined, header: message.header)
    let count = fault == .shortened ? max(1, message.objectCount &- 1) : message.objectCount
    for index in 0..<count {
      let word = message.object(index)
      switch fault {
      case .garbled where index > 0: spoiled.append(word ^ 0x10)
      case .otherCommand where index == 0: spoiled.append(word ^ 0x08)
      case .otherSVID where index == 0: spoiled.append(word ^ 0x0100_0000)
      case .otherType where index == 0: spoiled.append(word ^ 0x8000)
      default: spoiled.append(word)
      }
    }
    if fault == .lengthened { spoiled.append(0xA5A5_A5A5) }
    return spoiled
  }

  private func change(
    _ message: inout ShortMessage, _ misbehaviour: Misbehaviour, isCounted: Bool,
    offered: PowerDataObjectList
  ) {
    switch misbehaviour {
    case .requestsTooMuch(let excess)
    where message.kind == .data(.request) || message.kind == .data(.eprRequest):
      message = excessive(message, excess, offered)
    case .wrongMessageID where isCounted: message.header.messageID = (message.header.messageID &+ 3) & 7
    case .repeatsMessageID where isCounted: message.header.messageID = 0
    case .wrongGoodCRCID where message.isGoodCRC:
      message.header.messageID = (message.header.messageID &+ 1) & 7
    case .wrongRevision: message.header.specificationRevision = SpecificationRevision(rawValue: 3)
    case .wrongDataRole where message.orderedSet == .sop:
      message.header.portDataRole =
        message.header.portDataRole == .upstreamFacing ? .downstreamFacing : .upstreamFacing
    case .claimsSource where message.orderedSet == .sop: message.header.portPowerRole = .source
    default: break
    }
  }

  private func excessive(
    _ message: ShortMessage, _ excess: Misbehaviour.ExcessiveRequest, _ offered: PowerDataObjectList
  ) -> ShortMessage {
    var request = RequestDataObject(rawValue: message.object(0))
    let object = offered.source(at: Int(request.objectPosition))
    switch (excess, object) {
    case (.position, _):
      request.objectPosition = UInt8(truncatingIfNeeded: min(15, offered.count &+ 1))
    case (.voltage, .sprPPS):
      var pps = PPSRDO(rawValue: request.rawValue)
      pps.outputVoltage = Millivolts(30_000)
      request = RequestDataObject(rawValue: pps.rawValue)
    case (.voltage, .sprAVS), (.voltage, .eprAVS):
      var avs = AVSRDO(rawValue: request.rawValue)
      avs.outputVoltage = Millivolts(60_000)
      request = RequestDataObject(rawValue: avs.rawValue)
    case (_, .sprPPS): request = RequestDataObject(rawValue: request.rawValue | 0x7F)
    case (_, .sprAVS), (_, .eprAVS): request = RequestDataObject(rawValue: request.rawValue | 0x7F)
    default: request = RequestDataObject(rawValue: request.rawValue | 0xF_FFFF)
    }
    var changed = ShortMessage(header: message.header, orderedSet: message.orderedSet)
    changed.append(request.rawValue)
    for index in 1..<max(1, message.objectCount) { changed.append(message.object(index)) }
    return changed
  }

  mutating func filterIncoming(_ message: ShortMessage) -> Incoming {
    guard message.orderedSet == .sop else { return .pass(message) }
    if message.isGoodCRC { return acknowledgement(message) }
    if message.kind == .control(.softReset) { reset() }
    for index in 0..<list.count
    where list[index] == .ignoresPSRDY && message.kind == .control(.psRDY) {
      return .acknowledgeOnly
    }
    return .pass(message)
  }

  /// A GoodCRC belongs to an own message, or to the engine's, which knows it by another MessageID.
  private mutating func acknowledgement(_ message: ShortMessage) -> Incoming {
    if let pending = pendingID, pending == message.header.messageID {
      pendingID = nil
      return .drop
    }
    var message = message
    if message.header.messageID == lastID { message.header.messageID = engineID }
    return .pass(message)
  }

  // MARK: Own messages

  /// How often the first of the misbehaviours that send something does so, and which one that is.
  var ownTraffic: (misbehaviour: Misbehaviour, interval: Nanoseconds)? {
    for index in 0..<list.count {
      if let interval = list[index].interval { return (list[index], interval) }
    }
    return nil
  }

  /// The next message of its own; `nil` for resets by signalling.
  mutating func ownMessage(
    _ misbehaviour: Misbehaviour, header: MessageHeader, random: inout SeededRandom
  ) -> ShortMessage? {
    var header = header
    if misbehaviour.isSoftReset {
      reset()
      header.messageID = 0
    } else {
      header.messageID = (lastID &+ 1) & 7
      shift = (shift &+ 1) & 7
    }
    guard var message = misbehaviour.message(header: header, random: &random) else { return nil }
    message.header.messageID = header.messageID
    lastID = header.messageID
    pendingID = header.messageID
    return message
  }
}
