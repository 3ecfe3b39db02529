import LineCode
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities

/// One engine on a bench, in virtual time: the test plays the partner with messages of its own making.
///
/// The bench reports what a good driver and a good supply would. Every part of that can be switched off or changed, so
/// that a test can play the bad ones too.
struct SinglePort {
  var engine: PortEngine
  private(set) var now = Instant.zero

  /// What the engine asked for, with the time, oldest first.
  private(set) var actions: [(at: Instant, action: PortAction)] = []
  private(set) var steps: [(at: Instant, state: PolicyState)] = []
  private(set) var connections: [(at: Instant, state: ConnectionState)] = []
  /// The most actions that one event has made.
  private(set) var mostActions = 0

  /// What the engine's comparators see under a termination.
  var levels: (Termination) -> CCLevels = { _ in CCLevels(.open, .open) }
  /// Whether the driver says `.sent` for a packet.
  var reports: (ShortMessage) -> Bool = { _ in true }
  /// Whether the partner acknowledges a packet.
  var acknowledges: (ShortMessage) -> Bool = { _ in true }
  /// Answers `.transmit` with `.acknowledged` or `.notAcknowledged` in place of `.sent` and a GoodCRC.
  var isSilicon = false
  var reportsHardReset = true
  var supplyAnswers = true
  var supplyDelay = Nanoseconds(5_000_000)
  private var partnerID: UInt8 = 0
  /// What is on its way; `nil` reports the pins as they are then.
  private var pending: [(at: Instant, event: PortEvent?)] = []
  private var lastStep: UInt32 = 0

  init(_ engine: PortEngine) { self.engine = engine }

  // MARK: Time

  /// Runs the engine's timers and what is on its way for `span`.
  mutating func run(for span: Nanoseconds) { run(for: span) { _ in false } }

  /// Runs until `condition` holds, or `span` is over; says which.
  @discardableResult
  mutating func run(for span: Nanoseconds, until condition: (SinglePort) -> Bool) -> Bool {
    let end = now + span
    while !condition(self) {
      let event = pending.indices.min { pending[$0].at < pending[$1].at }
      let arrival = event.map { pending[$0].at } ?? .distantFuture
      let deadline = engine.nextDeadline ?? .distantFuture
      guard min(arrival, deadline) <= end else {
        now = end
        return condition(self)
      }
      now = max(now, min(arrival, deadline))
      if let event, arrival <= deadline {
        let event = pending.remove(at: event).event
        handle(event ?? .cc(levels(termination)))
      } else {
        handle(.timeout)
      }
    }
    return true
  }

  mutating func post(_ event: PortEvent, after delay: Nanoseconds) { pending.append((now + delay, event)) }

  /// Forgets what is on its way to the engine.
  mutating func dropPending() { pending.removeAll() }

  // MARK: Events

  mutating func handle(_ event: PortEvent) {
    let connection = engine.connection
    engine.handle(event, at: now)
    if engine.connection != connection { connections.append((now, engine.connection)) }
    record()
    var count = 0
    while let action = engine.nextAction() {
      count += 1
      actions.append((now, action))
      perform(action)
    }
    mostActions = max(mostActions, count)
  }

  /// The partner changes what is on the pins, or the plug is pulled.
  mutating func plug(_ levels: @escaping (Termination) -> CCLevels) {
    self.levels = levels
    handle(.cc(levels(termination)))
  }

  /// A header of the partner, with roles opposite to the engine's.
  func partnerHeader(_ id: UInt8, _ revision: SpecificationRevision = .revision3) -> MessageHeader {
    var header = MessageHeader()
    header.messageID = id
    header.specificationRevision = revision
    header.portPowerRole = engine.powerRole == .source ? .sink : .source
    header.portDataRole = engine.dataRole == .downstreamFacing ? .upstreamFacing : .downstreamFacing
    return header
  }

  /// The partner sends a message with its next MessageID; returns when the engine's GoodCRC has left.
  mutating func receive(
    _ type: ControlMessageType, revision: SpecificationRevision = .revision3, id: UInt8? = nil
  ) {
    if type == .softReset { partnerID = 0 }
    arrive(ShortMessage(type, header: partnerHeader(nextID(id), revision)))
  }

  mutating func receive(
    _ type: DataMessageType, _ words: [UInt32], revision: SpecificationRevision = .revision3,
    id: UInt8? = nil
  ) {
    var message = ShortMessage(type, header: partnerHeader(nextID(id), revision))
    for word in words { message.append(word) }
    arrive(message)
  }

  /// One chunk of an extended message whose bytes count up from 0.
  mutating func receive(_ type: ExtendedMessageType, chunk number: UInt8, of size: Int) {
    var block = DataBlock()
    for byte in 0..<min(size, DataBlock.capacity) { block.append(UInt8(truncatingIfNeeded: byte)) }
    var header = ExtendedMessageHeader()
    header.chunked = true
    header.chunkNumber = number
    header.dataSize = UInt16(size)
    arrive(ShortMessage(type, chunk: header, of: block, header: partnerHeader(nextID(nil))))
  }

  mutating func receiveChunkRequest(_ type: ExtendedMessageType, _ number: UInt8) {
    var header = ExtendedMessageHeader()
    header.chunked = true
    header.requestChunk = true
    header.chunkNumber = number
    arrive(ShortMessage(type, chunk: header, of: DataBlock(), header: partnerHeader(nextID(nil))))
  }

  mutating func receive(_ control: ExtendedControlType) {
    var block = DataBlock()
    block.append(control.rawValue)
    block.append(0)
    var header = ExtendedMessageHeader()
    header.chunked = true
    header.dataSize = 2
    arrive(ShortMessage(.extendedControl, chunk: header, of: block, header: partnerHeader(nextID(nil))))
  }

  /// A packet arrives; the engine's GoodCRC takes its time.
  mutating func arrive(_ message: ShortMessage) {
    handle(.received(message))
    run(for: Nanoseconds(700_000)) { $0.pending.isEmpty }
  }

  private mutating func nextID(_ id: UInt8?) -> UInt8 {
    if let id { return id }
    defer { partnerID = (partnerID + 1) & 7 }
    return partnerID
  }

  mutating func resetPartnerID() { partnerID = 0 }

  // MARK: The driver and the supply

  var termination: Termination {
    for (_, action) in actions.reversed() {
      if case .terminate(let termination) = action { return termination }
    }
    return .open
  }

  private mutating func record() {
    while lastStep != engine.journal.total {
      if let step = engine.journal.step(lastStep), step.from != step.to { steps.append((now, step.to)) }
      lastStep &+= 1
    }
  }

  private mutating func perform(_ action: PortAction) {
    switch action {
    case .transmit(let message): transmit(message)
    case .sendHardReset: if reportsHardReset { post(.hardResetSent, after: SinglePort.hardResetLength) }
    case .terminate: pending.append((now + Nanoseconds(1_000), nil))
    case .supply(let command): supply(command)
    default: break
    }
  }

  static var hardResetLength: Nanoseconds { Nanoseconds(300_000) }

  /// How long a packet takes from the order to its EOP.
  static func length(_ message: ShortMessage) -> Nanoseconds {
    Nanoseconds(40_000 + Int64(89 + 10 * (6 + 4 * Int(message.wordCount))) * 3_333)
  }

  private mutating func transmit(_ message: ShortMessage) {
    guard reports(message) else { return }
    let length = SinglePort.length(message)
    let isAcknowledged = message.isGoodCRC || acknowledges(message)
    if isSilicon {
      post(.transmitted(isAcknowledged ? .acknowledged : .notAcknowledged), after: length)
      return
    }
    post(.transmitted(.sent), after: length)
    guard !message.isGoodCRC, isAcknowledged else { return }
    post(.received(goodCRC(message)), after: length + Nanoseconds(550_000))
  }

  /// The partner's (or the cable's) GoodCRC for a packet of the engine.
  func goodCRC(_ message: ShortMessage, id: UInt8? = nil) -> ShortMessage {
    var header = partnerHeader(id ?? message.header.messageID)
    if message.orderedSet != .sop { header.portPowerRole = .source }
    return ShortMessage(.goodCRC, header: header, orderedSet: message.orderedSet)
  }

  private mutating func supply(_ command: SupplyCommand) {
    guard supplyAnswers else { return }
    switch command {
    case .off:
      post(.supply(.safe0V), after: supplyDelay)
      post(.vbus(.safe0V), after: supplyDelay)
    case .on:
      post(.supply(.ready), after: supplyDelay)
      post(.vbus(.present), after: supplyDelay)
    case .transition: post(.supply(.ready), after: supplyDelay)
    }
  }

  // MARK: What was seen

  /// Packets that the engine sent since `start`, GoodCRCs left out.
  func sent(since start: Instant = .zero) -> [(at: Instant, message: ShortMessage)] {
    actions.compactMap { item in
      guard item.at >= start, case .transmit(let message) = item.action, !message.isGoodCRC else {
        return nil
      }
      return (item.at, message)
    }
  }

  /// Their names with their MessageIDs: `Source_Capabilities 0`.
  func names(since start: Instant = .zero) -> [String] {
    sent(since: start).map { text($0.message) }
  }

  var goodCRCs: [(at: Instant, message: ShortMessage)] {
    actions.compactMap { item in
      guard case .transmit(let message) = item.action, message.isGoodCRC else { return nil }
      return (item.at, message)
    }
  }

  /// When an action was asked for last; the distant future where it never was.
  func time(of action: PortAction) -> Instant { actions.last { $0.action == action }?.at ?? .distantFuture }

  func count(of action: PortAction) -> Int { actions.count { $0.action == action } }

  func count(of notice: PortNotice) -> Int { count(of: .notify(notice)) }

  /// When a state was entered last; the distant future where it never was.
  func entry(_ state: PolicyState) -> Instant { steps.last { $0.state == state }?.at ?? .distantFuture }

  func entry(_ state: ConnectionState) -> Instant {
    connections.last { $0.state == state }?.at ?? .distantFuture
  }

  private func text(_ message: ShortMessage) -> String {
    "\(message.kind.name.map { "\($0)" } ?? "reserved") \(message.header.messageID)"
  }
}
