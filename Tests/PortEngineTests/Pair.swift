import LineCode
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities

/// Two engines on one line, in virtual time: packets take their time, supply and load answer at once or when told.
///
/// The smallest world in which two ports can negotiate; `Simulator` has the whole one.
struct Pair {
  var ports: [PortEngine]
  var now = Instant.zero
  /// What happened, oldest first: `S Source_Capabilities 0`, `K Request 0`, GoodCRCs left out.
  var log: [String] = []
  var notices: [[PortNotice]] = [[], []]
  /// What the second port, the sink of most tests, was allowed to draw.
  var draws: [SinkAllowance] = []
  var steps: [[PolicyState]] = [[], []]
  /// Asked for each packet before it is delivered; false loses it.
  var delivers: (Int, ShortMessage) -> Bool = { _, _ in true }
  /// Whether the supply of a port answers, and when.
  var supplyDelay = Nanoseconds(5_000_000)
  var supplyAnswers = true
  /// The cable's plug, answering on SOP′.
  var plug: (ShortMessage) -> [ShortMessage] = { _ in [] }
  var hasPlug = false
  /// A port that has stopped: nothing reaches it, nothing comes from it.
  var stopped: Int?

  private var pending: [(at: Instant, port: Int, event: PortEvent)] = []
  private var terminations: [Termination] = [.open, .open]
  private var vbus: (Int, Bool)?
  private var lastStep: [UInt32] = [0, 0]

  init(_ first: PortEngine, _ second: PortEngine) { ports = [first, second] }

  var source: PortEngine { ports[0] }
  var sink: PortEngine { ports[1] }

  mutating func plugIn() {
    handle(0, .enable)
    handle(1, .enable)
  }

  mutating func request(_ port: Int, _ request: PortRequest) { handle(port, .request(request)) }

  /// Runs until nothing happens any more within `span`, or `condition` holds.
  mutating func run(for span: Nanoseconds, until condition: (Pair) -> Bool = { _ in false }) {
    let end = now + span
    while !condition(self) {
      var next = end
      for port in 0..<2 where port != stopped { next = min(next, ports[port].nextDeadline ?? end) }
      if let first = pending.map(\.at).min() { next = min(next, first) }
      guard next < end else { break }
      now = max(now, next)
      if let index = pending.indices.filter({ pending[$0].at <= now }).min(by: {
        pending[$0].at < pending[$1].at
      }) {
        let item = pending.remove(at: index)
        handle(item.port, item.event)
      } else {
        for port in 0..<2 where port != stopped && ports[port].nextDeadline ?? .distantFuture <= now {
          handle(port, .timeout)
        }
      }
    }
    if !condition(self) { now = end }
  }

  mutating func post(_ port: Int, _ event: PortEvent, after delay: Nanoseconds) {
    pending.append((now + delay, port, event))
  }

  mutating func handle(_ port: Int, _ event: PortEvent) {
    guard port != stopped else { return }
    ports[port].handle(event, at: now)
    record(port)
    while let action = ports[port].nextAction() { perform(action, port) }
  }

  private mutating func record(_ port: Int) {
    let journal = ports[port].journal
    while lastStep[port] != journal.total {
      if let step = journal.step(lastStep[port]), step.from != step.to { steps[port].append(step.to) }
      lastStep[port] &+= 1
    }
  }

  private mutating func perform(_ action: PortAction, _ port: Int) {
    switch action {
    case .transmit(let message): transmit(message, port)
    case .sendHardReset:
      log.append("\(name(port)) Hard Reset")
      post(port, .hardResetSent, after: Nanoseconds(300_000))
      post(1 - port, .hardResetReceived, after: Nanoseconds(300_000))
    case .sendCableReset: log.append("\(name(port)) Cable Reset")
    case .terminate(let termination):
      terminations[port] = termination
      for each in 0..<2 { post(each, .cc(levels(each)), after: Nanoseconds(1_000)) }
    case .supply(let command): supply(command, port)
    case .notify(let notice): notices[port].append(notice)
    case .draw(let allowance) where port == 1: draws.append(allowance)
    default: break
    }
  }

  private mutating func transmit(_ message: ShortMessage, _ port: Int) {
    let byteCount = 6 + 4 * Int(message.wordCount)
    let bitCount = 89 + 10 * byteCount
    let length = Nanoseconds(Int64(bitCount) * 3_333)
    let isDelivered = delivers(port, message)
    if !message.isGoodCRC {
      log.append("\(name(port)) \(text(message)) \(message.header.messageID)\(isDelivered ? "" : " lost")")
    }
    let start = Nanoseconds(40_000)
    post(port, .transmitted(.sent), after: start + length)
    guard isDelivered else { return }
    if message.orderedSet == .sop {
      post(1 - port, .received(message), after: start + length)
    } else if hasPlug {
      var delay = start + length
      for answer in plug(message) {
        delay = delay + Nanoseconds(600_000)
        post(port, .received(answer), after: delay)
      }
    }
  }

  private mutating func supply(_ command: SupplyCommand, _ port: Int) {
    guard supplyAnswers else { return }
    switch command {
    case .off:
      guard vbus?.0 == port || vbus == nil else { return }
      vbus = nil
      post(port, .supply(.safe0V), after: supplyDelay)
      for each in 0..<2 { post(each, .vbus(.safe0V), after: supplyDelay) }
    case .on:
      vbus = (port, true)
      post(port, .supply(.ready), after: supplyDelay)
      for each in 0..<2 { post(each, .vbus(.present), after: supplyDelay) }
    case .transition: post(port, .supply(.ready), after: supplyDelay)
    }
  }

  /// What a port sees on its pins: the partner on CC1; Ra of a marked cable on the source's CC2.
  private func levels(_ port: Int) -> CCLevels {
    let ra: CCLevel = hasPlug ? .ra : .open
    switch (terminations[port], terminations[1 - port]) {
    case (.rp, .rd): return CCLevels(.rd, ra)
    case (.rp, _): return CCLevels(.open, ra)
    case (.rd, .rp(.usbDefault)): return CCLevels(.rpDefault, .open)
    case (.rd, .rp(.current1500)): return CCLevels(.rp1500, .open)
    case (.rd, .rp(.current3000)): return CCLevels(.rp3000, .open)
    default: return CCLevels(.open, .open)
    }
  }

  private func name(_ port: Int) -> String { port == 0 ? "S" : "K" }

  private func text(_ message: ShortMessage) -> String {
    let prefix = message.orderedSet == .sop ? "" : "\(message.orderedSet) "
    return prefix + (message.kind.name.map { "\($0)" } ?? "reserved")
  }
}

// MARK: - Ports to try

enum Sample {
  static func fixed(_ volts: Int32, _ milliamperes: Int32) -> UInt32 {
    var object = FixedSupplySourcePDO()
    object.voltage = Millivolts(volts * 1_000)
    object.maximumCurrent = Milliamperes(milliamperes)
    return object.rawValue
  }

  static func pps(_ from: Int32, _ to: Int32, _ milliamperes: Int32) -> UInt32 {
    var object = SPRPPSSourceAPDO()
    object.minimumVoltage = Millivolts(from)
    object.maximumVoltage = Millivolts(to)
    object.maximumCurrent = Milliamperes(milliamperes)
    return object.rawValue
  }

  static func list(_ words: [UInt32]) -> PowerDataObjectList {
    var list = PowerDataObjectList()
    for word in words { list.append(word) }
    return list
  }

  static var charger: SourcePolicy {
    SourcePolicy(
      capabilities: list([fixed(5, 3_000), fixed(9, 3_000), fixed(15, 3_000), pps(3_300, 11_000, 3_000)]),
      pdp: Milliwatts(45_000))
  }

  static func phone(_ strategy: SinkStrategy, _ power: Int32 = 27_000) -> SinkPolicy {
    SinkPolicy(
      capabilities: list([fixed(5, 3_000), fixed(9, 3_000)]), strategy: strategy,
      operatingPower: Milliwatts(power))
  }

  static func pair(
    _ strategy: SinkStrategy = .fixed(maximumVoltage: Millivolts(9_000)), source: SourcePolicy = charger,
    change: (inout PortConfiguration, inout PortConfiguration) -> Void = { _, _ in }
  ) -> Pair {
    var charger = PortConfiguration(roles: .sourceOnly)
    var phone = PortConfiguration(roles: .sinkOnly)
    change(&charger, &phone)
    return Pair(
      PortEngine(charger, source: source, sink: Sample.phone(strategy)),
      PortEngine(phone, source: source, sink: Sample.phone(strategy)))
  }
}
