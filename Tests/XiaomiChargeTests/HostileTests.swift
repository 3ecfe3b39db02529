import LineCode
import PowerDelivery
import Quantities
import TestSupport
import Testing
import XiaomiCharge

/// Whatever arrives, in whatever order: nothing traps, nothing grows, nothing is unlocked that was not earned.
@Suite("Hostile partners") struct HostileTests {
  #if DEBUG
    static let seeds = UInt64(0)..<40
  #else
    static let seeds = UInt64(0)..<400
  #endif

  /// Any message, most of them nearly right.
  private static func message(_ random: inout SeededGenerator) -> ShortMessage {
    let commands: [UInt32] = [1, 2, 3, 4, 4, 5, 5, 6, 6, 7, 8, 8, 9, 10, 0xFF]
    let words: [[UInt32]] = [
      [], [0], [1], Asked.seed, Asked.challenge, Asked.chargerProof, [0, 0, 0, 0], [1, 2, 3, 4, 5, 6],
    ]
    let heads: [UInt32] = [
      0x2717_0100, 0x2717_0100, 0x2717_0200, 0x2717_0000, 0x2B01_0100, 0x2717_8100, 0xFF00_8000,
    ]
    var message = ShortMessage(
      words: [
        heads.randomElement(using: &random).map { $0 | (commands.randomElement(using: &random) ?? 0) } ?? 0
      ]
        + (words.randomElement(using: &random) ?? []))
    switch UInt8.random(in: 0..<12, using: &random) {
    case 0: message.header = MessageHeader(rawValue: .random(in: 0...(.max), using: &random))
    case 1: message.orderedSet = .sopPrime
    case 2: message = ShortMessage(words: (0..<7).map { _ in .random(in: 0...(.max), using: &random) })
    case 3: message = ShortMessage(.notSupported, header: MessageHeader())
    default: break
    }
    return message
  }

  @Test(
    "A charger without the key that the partner guesses at: the offer never changes",
    arguments: [Keys.none, .right])
  func charger(_ keys: Keys) {
    var complaints: [String] = []
    for seed in Self.seeds {
      var random = SeededGenerator(seed: seed)
      var charger = XiaomiCharger(XiaomiChargerSettings(adapterID: XiaomiAdapterID(rawValue: 0xA819)))
      var now = Instant.zero
      var sawProof = false
      for _ in 0..<2_000 {
        now = now + Nanoseconds(.random(in: 0...30_000_000, using: &random))
        // VERIFIED 1 is left out unless a proof was sent: then it is not hostile but what a phone does.
        let message = Self.message(&random)
        let isAcceptance = message.object(0) & 0xFF == 6 && message.object(1) == 1
        let event: XiaomiChargerEvent =
          switch UInt8.random(in: 0..<20, using: &random) {
          case 0: .timeout
          case 1: .contract
          case 2:
            .digest(XiaomiDigestQuestion(seed: .zero, challenge: .zero, adapterID: .init(rawValue: 0)), nil)
          case 3 where Bool.random(using: &random): .hardReset
          default: .received(message)
          }
        if isAcceptance, sawProof { continue }
        charger.handle(event, at: now)
        var count = 0
        var answers = 0
        while let action = charger.nextAction() {
          count += 1
          switch action {
          case .answer(let answer):
            answers += 1
            if answer.object(0) == 0x2717_0205 { sawProof = true }
          case .computeDigest(let question):
            if Bool.random(using: &random) {
              charger.handle(.digest(question, keys.digest(question)), at: now)
            }
          case .offer(let stage, _): complaints.append("\(seed): offers \(stage)")
          case .hardReset: complaints.append("\(seed): resets")
          case .notify: break
          }
        }
        if count > 6 || answers > 2 || charger.lostActions > 0 {
          complaints.append("\(seed): \(count) actions")
        }
      }
      if charger.stage != .standard { complaints.append("\(seed): \(charger.stage)") }
      if MemoryLayout.size(ofValue: charger) > 2_048 { complaints.append("too large") }
      if keys == .right, !sawProof { complaints.append("\(seed): the events lead nowhere") }
    }
    #expect(complaints == [])
  }

  @Test("A phone that is told anything: it never believes without a proof, and always comes to an end")
  func phone() {
    var complaints: [String] = []
    var reached: Set<UInt8> = []
    for seed in Self.seeds {
      for family in Family.all {
        var random = SeededGenerator(seed: seed)
        var phone = XiaomiPhone(family.profile, battery: Millivolts(.random(in: 0...20_000, using: &random)))
        var now = Instant.zero
        var digests: [XiaomiDigestQuestion] = []
        for _ in 0..<300 {
          now = now + Nanoseconds(.random(in: 0...200_000_000, using: &random))
          phone.handle(Self.event(&random, digests, phone.state), at: now)
          while let action = phone.nextAction() {
            if case .computeDigest(let question) = action { digests = [question] }
          }
          reached.insert(phone.state.rawValue)
          if phone.isVerified { complaints.append("\(seed): verified") }
          if phone.lostActions > 0 { complaints.append("\(seed): actions are lost") }
        }
        // Left alone it comes to rest.
        var steps = 0
        while let deadline = phone.nextDeadline, steps < 200 {
          steps += 1
          now = max(now, deadline)
          phone.handle(.timeout, at: now)
          while phone.nextAction() != nil {}
        }
        let end = phone.state
        if steps == 200 || end != .idle && end != .charging && end != .fallback && end != .toppingUp {
          complaints.append("\(seed) \(family): rests in \(end)")
        }
      }
    }
    #expect(complaints == [])
    // Every state is reached but the two that are for those who have seen a proof.
    let all = XiaomiPhoneState.idle.rawValue...XiaomiPhoneState.fallback.rawValue
    #expect(
      all.filter { !reached.contains($0) }
        == [XiaomiPhoneState.readingCapabilities.rawValue, XiaomiPhoneState.charging.rawValue])
  }

  private static func event(
    _ random: inout SeededGenerator, _ digests: [XiaomiDigestQuestion], _ state: XiaomiPhoneState
  ) -> XiaomiPhoneEvent {
    // Half of the time what leads on, so that every state is reached.
    if Bool.random(using: &random) {
      switch state {
      case .idle: return .contract(.revision3, .upstreamFacing)
      case .swappingRole where Bool.random(using: &random): return .requestFailed(.wait)
      case .swappingRole: return .dataRole(.downstreamFacing)
      case .discoveringIdentity:
        return .identity(XiaomiWords(Bool.random(using: &random) ? [0x2717, 0, 1] : []))
      case .discoveringSVIDs: return .svids(XiaomiWords([0x2717_0000]))
      case .drawingSession: return .session(XiaomiSession(seed: .zero, challenge: .zero))
      case .commanding:
        let command = UInt32.random(in: 1...5, using: &random)
        return .received(ShortMessage(words: [0x2717_0200 | command, 1, 2, 3, 4]))
      default: break
      }
    }
    let list = XiaomiCapabilityPlan(.watts120, cable: .captive(Milliamperes(6_000))).mutual.objects
    switch UInt8.random(in: 0..<30, using: &random) {
    case 0: return .timeout
    case 1: return .contract(.revision3, .upstreamFacing)
    case 2: return .dataRole(.downstreamFacing)
    case 3: return .dataRole(Bool.random(using: &random) ? .upstreamFacing : .downstreamFacing)
    case 4: return .identity(XiaomiWords([0x2717, 0, 0xA819]))
    case 5: return .identity(XiaomiWords())
    case 6, 7: return .svids(XiaomiWords([0x2717_0000]))
    case 8: return .svids(XiaomiWords([.random(in: 0...(.max), using: &random)]))
    case 9: return .capabilities(list)
    case 10: return .capabilities(PowerDataObjectList())
    case 11: return .requestFailed(Bool.random(using: &random) ? .wait : .refused)
    case 12, 13: return .session(XiaomiSession(seed: .zero, challenge: .zero))
    case 14:
      // The right digest, which the charger's words do not contain.
      guard let question = digests.first else { return .timeout }
      return .digest(question, Keys.wrong.digest(question))
    case 15: return .choiceRejected
    case 16: return Int.random(in: 0..<6, using: &random) == 0 ? .hardReset : .timeout
    case 18: return .batteryNearlyFull
    case 17: return .extendedCapabilities(vendorID: 0, productID: 0xFFFF)
    default:
      let message = Self.message(&random)
      return .received(message)
    }
  }
}
