import LineCode
import PowerDelivery
import Quantities
import TestSupport
import XiaomiCharge

/// What happens to one message of the dialogue.
enum Fault: CaseIterable, Sendable {
  case lost, late, muchTooLate, doubled, truncated, garbled, foreign, refused
}

/// A charger and a phone on one virtual wire, with what is between them played: discovery, role swap, capabilities.
///
/// Every message takes 1 ms. The bench keeps a judgement of its own on what the charger may offer.
struct Bench {
  var charger: XiaomiCharger
  var phone: XiaomiPhone
  var plan = XiaomiCapabilityPlan(.watts120, cable: .captive(Milliamperes(6_200)))
  var chargerKeys = Keys.right
  var phoneKeys = Keys.right
  /// How long the charger's digest takes; `nil`: it never comes.
  var digestTime: Int64? = 0
  /// By the number of the vendor message, counted over both directions.
  var faults: [Int: Fault] = [:]
  var swapAnswer: XiaomiRequestFailure?
  var identity: [UInt32]? = [0x05C0_2717, 0, 0x1234_A819]
  var svids: [UInt32]? = [0x2717_0000]
  var isChargerMute = false
  /// Whether the port is asked again what it offers before it answers the phone.
  var answersCapabilities = true

  private(set) var now = Instant.zero
  private(set) var complaints: [String] = []
  /// The commands that the phone sent.
  private(set) var commands: [UInt8] = []
  /// The words of every vendor message, of both.
  private(set) var traffic: [[UInt32]] = []
  private(set) var choices: [XiaomiPowerChoice] = []
  private(set) var chargerNotices: [XiaomiChargerNotice] = []
  private(set) var phoneNotices: [XiaomiPhoneNotice] = []
  private(set) var stages: [XiaomiStage] = []
  private(set) var offered = XiaomiStage.standard
  private(set) var offersByItself = 0
  private(set) var hardResets = 0
  private(set) var events = 0
  private var queue: [(at: Instant, delivery: Delivery)] = []
  private var vendorMessages = 0
  /// What the bench itself has seen: the charger's proof after the last challenge, and that the phone took it.
  private var sawProof = false
  private var sawAcceptance = false

  enum Delivery {
    case toPhone(XiaomiPhoneEvent)
    case toCharger(XiaomiChargerEvent)
  }

  init(
    _ profile: XiaomiPhoneProfile, _ settings: XiaomiChargerSettings? = nil, battery: Int32 = 3_800
  ) {
    charger = XiaomiCharger(
      settings ?? XiaomiChargerSettings(adapterID: XiaomiAdapterID(rawValue: 0xA819)))
    phone = XiaomiPhone(profile, battery: Millivolts(battery))
  }

  mutating func post(_ delivery: Delivery, after milliseconds: Int64 = 1) {
    queue.append((now + Nanoseconds(Milliseconds(milliseconds)), delivery))
  }

  /// Attaches: a first contract of 5 V, and the public capabilities before it.
  mutating func attach(_ role: PortDataRole = .upstreamFacing, revision: SpecificationRevision = .revision3) {
    post(.toPhone(.capabilities(plan.standard.objects)))
    post(.toPhone(.contract(revision, role)), after: 2)
    run()
  }

  /// Runs until nothing is due any more, at most for a virtual hour and a hundred thousand events.
  mutating func run() {
    let end = now + Nanoseconds(Milliseconds(3_600_000))
    while events < 100_000 {
      let deadlines = [charger.nextDeadline, phone.nextDeadline, queue.map(\.at).min()].compactMap { $0 }
      guard let next = deadlines.min(), next <= end else { return }
      now = max(now, next)
      events += 1
      step()
    }
    complaints.append("it never ends")
  }

  private mutating func step() {
    if let index = queue.indices.filter({ queue[$0].at <= now }).min(by: { queue[$0].at < queue[$1].at }) {
      let delivery = queue.remove(at: index).delivery
      switch delivery {
      case .toPhone(let event): phone.handle(event, at: now)
      case .toCharger(let event):
        judge(event)
        charger.handle(event, at: now)
      }
    } else {
      charger.handle(.timeout, at: now)
      phone.handle(.timeout, at: now)
    }
    drain()
  }

  private mutating func drain() {
    while true {
      if let action = charger.nextAction() {
        perform(action)
      } else if let action = phone.nextAction() {
        perform(action)
      } else {
        break
      }
    }
    if charger.lostActions + phone.lostActions > 0 { complaints.append("actions are lost") }
    if charger.stage != offered { complaints.append("offers \(offered) at \(charger.stage)") }
  }

  // MARK: Charger

  private mutating func perform(_ action: XiaomiChargerAction) {
    switch action {
    case .answer(let message):
      guard !isChargerMute else { return }
      judge(answer: message)
      deliver(message) { .toPhone(.received($0)) }
    case .computeDigest(let question):
      guard let digestTime else { return }
      post(.toCharger(.digest(question, chargerKeys.digest(question))), after: digestTime)
    case .offer(let stage, let moment):
      judge(offer: stage)
      offered = stage
      stages.append(stage)
      if moment == .now {
        offersByItself += 1
        post(.toPhone(.capabilities(plan.offer(at: stage).objects)))
      }
    case .hardReset:
      hardResets += 1
      hardReset()
    case .notify(let notice): chargerNotices.append(notice)
    }
  }

  mutating func hardReset() {
    post(.toCharger(.hardReset))
    post(.toPhone(.hardReset))
  }

  private mutating func judge(answer message: ShortMessage) {
    guard message.object(0) == 0x2717_0205 else { return }
    sawProof = true
    sawAcceptance = false
  }

  /// The phone's word counts when it arrives as such.
  private mutating func judge(_ event: XiaomiChargerEvent) {
    guard case .received(let message) = event, message.object(1) == 1 else { return }
    if message.object(0) & 0xFFFF_80FF == 0x2717_0006, message.object(0) & 0x7F00 != 0x0200 {
      sawAcceptance = true
    }
  }

  /// A larger offer needs a proof that was sent, and a phone that took it.
  private mutating func judge(offer stage: XiaomiStage) {
    if stage > .standard && !(sawProof && sawAcceptance) {
      complaints.append("offers \(stage) without verification")
    }
    if stage == .standard {
      sawProof = false
      sawAcceptance = false
    }
  }

  // MARK: Phone

  private mutating func perform(_ action: XiaomiPhoneAction) {
    switch action {
    case .swapDataRole:
      post(.toPhone(swapAnswer.map { .requestFailed($0) } ?? .dataRole(.downstreamFacing)), after: 3)
    case .discoverIdentity: answer(identity) { .identity($0) }
    case .discoverSVIDs: answer(svids) { .svids($0) }
    case .getExtendedCapabilities:
      post(.toPhone(.extendedCapabilities(vendorID: 0x2717, productID: 0xA819)), after: 3)
    case .getCapabilities:
      if answersCapabilities { post(.toPhone(.capabilities(plan.offer(at: offered).objects)), after: 3) }
    case .send(let message):
      commands.append(UInt8(truncatingIfNeeded: message.object(0)))
      deliver(message) { .toCharger(.received($0)) }
    case .drawSession:
      let seed = XiaomiOctets(0x0102_0304, 5, 6, 7)
      post(.toPhone(.session(XiaomiSession(seed: seed, challenge: XiaomiOctets(8, 9, 10, 11)))))
    case .computeDigest(let question):
      post(.toPhone(.digest(question, phoneKeys.digest(question))), after: 2)
    case .choose(let choice): perform(choice)
    case .notify(let notice): phoneNotices.append(notice)
    }
  }

  private mutating func answer(_ words: [UInt32]?, _ event: (XiaomiWords) -> XiaomiPhoneEvent) {
    guard let words else { return post(.toPhone(.requestFailed(.refused)), after: 3) }
    post(.toPhone(event(XiaomiWords(words))), after: 3)
  }

  /// The charger's port grants what its offer holds.
  private mutating func perform(_ choice: XiaomiPowerChoice) {
    choices.append(choice)
    let object = plan.offer(at: offered).objects.source(at: Int(choice.position))
    switch object {
    case .fixed(let fixed)
    where !choice.isProgrammable && fixed.voltage == choice.voltage && fixed.maximumCurrent >= choice.current:
      post(.toCharger(.contract))
    case .sprPPS(let pps)
    where choice.isProgrammable && pps.maximumCurrent >= choice.current
      && pps.minimumVoltage <= choice.voltage && pps.maximumVoltage >= choice.voltage:
      post(.toCharger(.contract))
    default: post(.toPhone(.choiceRejected))
    }
  }

  // MARK: Wire

  private mutating func deliver(_ message: ShortMessage, _ delivery: (ShortMessage) -> Delivery) {
    traffic.append((0..<message.objectCount).map(message.object))
    let fault = faults[vendorMessages]
    vendorMessages += 1
    var arriving = message
    var delay: Int64 = 1
    switch fault {
    case nil: break
    case .lost: return
    case .late: delay = 40
    case .muchTooLate: delay = 3_000
    case .doubled: post(delivery(message), after: 2)
    case .truncated: arriving = message.truncated
    case .garbled: arriving = message.garbled
    case .foreign: arriving = message.foreign
    case .refused: arriving = ShortMessage(.notSupported, header: message.header)
    }
    post(delivery(arriving), after: delay)
  }
}

extension XiaomiWords {
  init(_ words: [UInt32]) {
    self.init()
    for word in words { append(word) }
  }
}

extension ShortMessage {
  /// A vendor defined message of these words.
  init(words: [UInt32]) {
    self.init(.vendorDefined, header: MessageHeader(rawValue: 0x00A0))
    for word in words { append(word) }
  }

  fileprivate var truncated: ShortMessage {
    ShortMessage(words: (0..<max(1, objectCount - 1)).map(object))
  }

  /// One bit of each word behind the header is another.
  fileprivate var garbled: ShortMessage {
    ShortMessage(words: (0..<objectCount).map { $0 == 0 ? object(0) : object($0) ^ 0x10 })
  }

  fileprivate var foreign: ShortMessage {
    ShortMessage(words: (0..<objectCount).map { $0 == 0 ? 0x1234_0000 | object(0) & 0xFFFF : object($0) })
  }
}
