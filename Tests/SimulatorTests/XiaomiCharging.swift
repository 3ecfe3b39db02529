import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import XiaomiCharge

@testable import Simulator

/// Digests that need no hash function: what is right is what both ends compute alike.
struct PlainDigests: XiaomiDigestProvider {
  var secret: UInt32 = 0x1234_5678

  func digest(_ question: XiaomiDigestQuestion) -> XiaomiDigest? {
    var word = secret &* 0x9E37_79B9 ^ question.adapterID.rawValue
    var words: [UInt32] = []
    for index in 0..<8 {
      word = (word ^ UInt32(question.seed[index]) << 8 ^ UInt32(question.challenge[index])) &* 0x85EB_CA6B
      word ^= word >> 13
      words.append(word)
    }
    return XiaomiDigest(
      chargerProof: XiaomiOctets(words[0], words[1], words[2], words[3]),
      phoneProof: XiaomiOctets(words[4], words[5], words[6], words[7]))
  }
}

/// The families of phones.
enum XiaomiFamily: String, CaseIterable, Sendable {
  case reference, qualcomm, mediaTek, maxim, xiaomi17, tester, daemon

  var profile: XiaomiPhoneProfile {
    switch self {
    case .reference: XiaomiPhoneProfile()
    case .qualcomm: .qualcomm
    case .mediaTek: .mediaTek
    case .maxim: .maxim
    case .xiaomi17: .xiaomi17
    case .tester: .communityTester
    case .daemon: .communityDaemon
    }
  }
}

/// Which keys the charger has; the phone always has the right ones.
enum XiaomiKeyCase: CaseIterable, Sendable {
  case right, wrong, none

  var keys: XiaomiChargerSetup.Keys {
    switch self {
    case .right: .provider(PlainDigests())
    case .wrong: .provider(PlainDigests(secret: 1))
    case .none: .none
    }
  }
}

/// A charger and a phone of Xiaomi's, watched for what must hold at every moment.
struct XiaomiCharging {
  var link: Link
  private(set) var complaints: [String] = []
  /// Whether Rp must stay at SinkTxOK through the dialogue: the charger has nothing to say of its own.
  var watchesRp = false
  private let configuration: LinkConfiguration
  /// Until when a contract of more trust may go on after the trust has ended.
  private var tolerance = Instant.zero
  private var lastTrust = XiaomiStage.standard

  init(_ configuration: LinkConfiguration, seed: UInt64 = 1) {
    self.configuration = configuration
    link = Link(configuration, seed: seed)
    link.perform(.plugIn)
  }

  init(
    _ family: XiaomiFamily, _ powerClass: XiaomiPowerClass = .watts120, keys: XiaomiKeyCase = .right,
    seed: UInt64 = 1, change: (inout LinkConfiguration) -> Void = { _ in }
  ) {
    var configuration = LinkConfiguration.xiaomi(
      powerClass, keys: keys.keys, phone: family.profile, phoneKeys: PlainDigests())
    change(&configuration)
    self.init(configuration, seed: seed)
  }

  /// Lets time pass; everything is looked at after every event.
  mutating func run(until end: Instant, or isDone: (borrowing Link) -> Bool = { _ in false }) {
    while let time = link.nextEventTime, time <= end {
      guard link.step() else { break }
      look()
      if isDone(link) { return }
    }
    link.run(until: end)
  }

  /// Until the phone has what it wants or what it settles for, at most half a minute.
  mutating func runToRest() {
    let start = link.now
    run(until: start + Nanoseconds(30_000_000_000)) { link in
      guard link.isAtRest, let state = link.xiaomiPhoneState else { return false }
      return state == .charging && link.ports[1].engine.contract?.supply == .sprPPS
        || state == .fallback && link.ports[1].engine.contract?.position != 1
    }
  }

  private var rp: Termination { link.terminations.values[0] }

  var contract: PowerContract? {
    link.ports[0].engine.hasExplicitContract ? link.ports[0].engine.contract : nil
  }
  var power: Milliwatts { contract?.power ?? .zero }
  var isResting: Bool { link.xiaomiPhoneState == .charging || link.xiaomiPhoneState == .fallback }

  /// What must hold at every moment.
  private mutating func look() {
    let trust = link.trust ?? .standard
    if trust < lastTrust { tolerance = link.now + Nanoseconds(1_500_000_000) }
    lastTrust = trust
    if link.isStuck { complaints.append("\(link.now): it is stuck") }
    // The phone may begin to speak at any time of its dialogue (Xiaomi 2.3): SinkTxOK.
    if watchesRp, link.xiaomiPhoneState == .commanding, rp != .rp(.sinkTxOK) {
      complaints.append("\(link.now.nanoseconds) ns: \(rp) during the dialogue")
    }
    guard let contract, contract.supply != .typeC else { return }
    var offer = configuration.charger.source
    if trust == .verified || link.now < tolerance { offer = configuration.xiaomiCharger?.verified ?? offer }
    if trust == .mutual || link.now < tolerance { offer = configuration.xiaomiCharger?.mutual ?? offer }
    let words = (1...7).compactMap { offer.capabilities.word(at: $0) }
    let object = SourcePDO(rawValue: contract.object)
    // Flags of the first object are filled in by the port.
    if contract.position != 1, !words.contains(contract.object) {
      complaints.append("\(link.now.nanoseconds) ns: a contract of \(object) at \(trust)")
    }
    if link.vbus() > Millivolts(contract.highestVoltage.rawValue * 105 / 100 + 500), link.now > tolerance,
      link.ports[0].engine.state == .srcReady
    {
      complaints.append("\(link.now.nanoseconds) ns: VBUS at \(link.vbus()) of \(contract.highestVoltage)")
    }
  }
}
