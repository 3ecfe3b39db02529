import LineCode
import PowerDelivery
import Quantities
import TestSupport
import Testing
import XiaomiCharge

/// A charger alone, asked word by word.
struct Asked {
  var charger: XiaomiCharger
  var keys = Keys.right
  var now = Instant.zero
  private(set) var offers: [XiaomiChargerAction] = []
  private(set) var notices: [XiaomiChargerNotice] = []
  private(set) var question: XiaomiDigestQuestion?

  init(
    _ enforcement: XiaomiChargerSettings.Enforcement = .strict,
    _ change: (inout XiaomiChargerSettings) -> Void = { _ in }
  ) {
    var settings = XiaomiChargerSettings(adapterID: XiaomiAdapterID(rawValue: 0xA819))
    settings.enforcement = enforcement
    change(&settings)
    charger = XiaomiCharger(settings)
  }

  static let seed: [UInt32] = [0x0960_4EB9, 0xAD37_E17B, 0xD6B2_A4F2, 0xA351_5984]
  static let challenge: [UInt32] = [0x7B00_768F, 0x9972_2A0C, 0xBCD4_13B2, 0x6A7B_7C56]
  /// Of the synthetic key, as published.
  static let chargerProof: [UInt32] = [0xF8B5_5C75, 0x89FF_0890, 0x785F_D800, 0xC55F_03F2]
  static let phoneProof: [UInt32] = [0x91E1_BD98, 0xB555_D8A6, 0x532F_A8FB, 0x7F82_5312]
  static let notSupported: [UInt32] = []

  /// The words of the answer; empty: Not_Supported; `nil`: none.
  mutating func ask(_ words: [UInt32]) -> [UInt32]? {
    charger.handle(.received(ShortMessage(words: words)), at: now)
    return drain()
  }

  mutating func tell(_ event: XiaomiChargerEvent) -> [UInt32]? {
    charger.handle(event, at: now)
    return drain()
  }

  private mutating func drain() -> [UInt32]? {
    var answer: [UInt32]?
    while let action = charger.nextAction() {
      switch action {
      case .answer(let message):
        answer =
          message.kind == .control(.notSupported) ? [] : (0..<message.objectCount).map(message.object)
      case .computeDigest(let asked):
        question = asked
        charger.handle(.digest(asked, keys.digest(asked)), at: now)
      case .notify(let notice): notices.append(notice)
      case .offer, .hardReset: offers.append(action)
      }
    }
    return answer
  }

  /// The dialogue up to a command that the phone sends.
  mutating func prove() {
    _ = ask([0x2717_0104] + Asked.seed)
    _ = ask([0x2717_0105] + Asked.challenge)
  }
}

@Suite("Charger") struct ChargerTests {
  @Test("Answers to the recorded dialogues", arguments: [0, 1])
  func recorded(_ index: Int) {
    let file = XiaomiVectorFile.shared
    var asked = Asked()
    asked.charger.reading = XiaomiReading(voltage: Millivolts(5_100), temperature: DegreesCelsius(31))
    let answers = file.dialogues[index].messages.compactMap { id in
      asked.ask(file.vectors.first { $0.id == id }?.words ?? [])
    }
    let digest = asked.question.flatMap { Keys.right.digest($0) }
    let proof =
      digest.map {
        [$0.chargerProof.first, $0.chargerProof.second, $0.chargerProof.third, $0.chargerProof.fourth]
      } ?? []
    let seed: [UInt32] =
      index == 0 ? [0xD6E9_7705, 0x06C7_F5F4, 0xDF7A_4000, 0x8C74_67B8] : Asked.seed
    let expected: [[UInt32]] = [
      [0x2717_0201, 0x0003_0001], [0x2717_0202, 0x33], [0x2717_0203, 31], [0x2717_0204] + seed,
      [0x2717_0205] + proof, [0x2717_0206, 1], [0x2717_0208, 0], [0x2717_0207, 1],
    ]
    #expect(
      answers
        == (index == 0 ? expected.filter { $0[0] != 0x2717_0208 } : expected.filter { $0[0] != 0x2717_0202 }))
    if index == 1 { #expect(proof == Asked.chargerProof) }
  }

  @Test("Every order of the eight commands: an answer to each, and trust only where it was earned")
  func everyOrder() {
    var faults: [String] = []
    var unlocked = (verified: 0, mutual: 0)
    var order: [UInt32] = [1, 2, 3, 4, 5, 6, 7, 8]
    permute(&order, 8) { order in
      var asked = Asked()
      var place: [UInt32: Int] = [:]
      for (index, command) in order.enumerated() {
        place[command] = index
        guard let answer = asked.ask(Self.request(command)) else {
          faults.append("\(order): no answer to \(command)")
          continue
        }
        let hasProof = place[5].map { (place[4] ?? 9) < $0 } ?? false
        let isRefused = command == 5 && place[4] == nil || command == 8 && !hasProof
        let head = answer.first
        if isRefused != answer.isEmpty || !isRefused && head != 0x2717_0200 | command {
          faults.append("\(order): \(answer) to \(command)")
        }
      }
      let isInOrder = (place[4] ?? 9) < (place[5] ?? 9)
      let isVerified = isInOrder && (place[5] ?? 9) < (place[6] ?? 9)
      let isMutual = isVerified && (place[5] ?? 9) < (place[8] ?? 9)
      let expected: XiaomiStage = isMutual ? .mutual : isVerified ? .verified : .standard
      if asked.charger.stage != expected { faults.append("\(order): \(asked.charger.stage)") }
      if isMutual { unlocked.mutual += 1 } else if isVerified { unlocked.verified += 1 }
    }
    #expect(faults == [])
    #expect(unlocked == (3_360, 3_360))
  }

  private static func request(_ command: UInt32) -> [UInt32] {
    let words: [UInt32] =
      switch command {
      case 4: Asked.seed
      case 5: Asked.challenge
      case 6, 7: [1]
      case 8: Asked.phoneProof
      default: []
      }
    return [0x2717_0100 | command] + words
  }

  private func permute(_ list: inout [UInt32], _ count: Int, _ body: ([UInt32]) -> Void) {
    guard count > 1 else { return body(list) }
    for index in 0..<count {
      permute(&list, count - 1, body)
      list.swapAt(count % 2 == 0 ? index : 0, count - 1)
    }
  }

  @Test("A wrong proof of the phone locks a strict charger, not a lenient one")
  func wrongProof() {
    var strict = Asked()
    strict.prove()
    _ = strict.ask([0x2717_0106, 1])
    #expect(strict.ask([0x2717_0108, 1, 2, 3, 4]) == [0x2717_0208, 0])
    #expect(strict.offers == [.offer(.verified, .whenAsked), .offer(.standard, .now)])
    // Nothing is left of the dialogue.
    #expect(strict.ask([0x2717_0106, 1]) == [0x2717_0206, 1])
    #expect(strict.ask([0x2717_0108] + Asked.phoneProof) == Asked.notSupported)
    #expect(strict.charger.stage == .standard)
    var lenient = Asked(.lenient)
    lenient.prove()
    _ = lenient.ask([0x2717_0106, 1])
    #expect(lenient.ask([0x2717_0108, 1, 2, 3, 4]) == [0x2717_0208, 0])
    #expect(lenient.offers == [.offer(.mutual, .whenAsked)] && lenient.charger.stage == .mutual)
  }

  @Test("Each single bit of the phone's proof counts") func everyBit() {
    let accepted = (0..<128).filter { bit in
      var asked = Asked()
      asked.prove()
      var proof = Asked.phoneProof
      proof[bit / 32] ^= 1 << UInt32(bit % 32)
      return asked.ask([0x2717_0108] + proof) != [0x2717_0208, 0]
    }
    #expect(accepted == [])
  }

  @Test("VERIFIED 0, and every word but 1, locks", arguments: [0, 2, 0x0100_0000, 0xFFFF_FFFF] as [UInt32])
  func notVerified(_ word: UInt32) {
    var asked = Asked()
    asked.prove()
    #expect(asked.ask([0x2717_0106, word]) == [0x2717_0206, word])
    #expect(asked.charger.stage == .standard && asked.offers == [])
    asked.prove()
    _ = asked.ask([0x2717_0106, 1])
    _ = asked.ask([0x2717_0106, word])
    #expect(asked.charger.stage == .standard)
    #expect(asked.offers == [.offer(.verified, .whenAsked), .offer(.standard, .now)])
  }

  @Test("The same seed and challenge give the same proof, another challenge another; trust holds meanwhile")
  func secondDialogue() {
    var asked = Asked()
    asked.prove()
    _ = asked.ask([0x2717_0106, 1])
    #expect(asked.ask([0x2717_0105] + Asked.challenge) == [0x2717_0205] + Asked.chargerProof)
    let other = asked.ask([0x2717_0105, 0, 0, 0, 0])
    #expect(other == [0x2717_0205, 0x962F_D9D6, 0x87E6_9337, 0x16DD_DEC0, 0x25AA_71EB])
    #expect(asked.charger.stage == .verified)
    // The proof of the first challenge is no proof any more.
    #expect(asked.ask([0x2717_0108] + Asked.phoneProof) == [0x2717_0208, 0])
    #expect(asked.charger.stage == .standard)
  }

  @Test(
    "A new challenge has to be accepted anew before the phone's proof raises the stage; no offer comes twice")
  func acceptedAnew() {
    var asked = Asked()
    asked.prove()
    _ = asked.ask([0x2717_0106, 1])
    asked.prove()
    _ = asked.ask([0x2717_0106, 1])
    _ = asked.ask([0x2717_0105] + Asked.challenge)
    #expect(asked.ask([0x2717_0108] + Asked.phoneProof) == [0x2717_0208, 1])
    #expect(asked.charger.stage == .verified)
    _ = asked.ask([0x2717_0106, 1])
    #expect(asked.charger.stage == .mutual)
    asked.prove()
    _ = asked.ask([0x2717_0106, 1])
    #expect(asked.offers == [.offer(.verified, .whenAsked), .offer(.mutual, .whenAsked)])
    // An acceptance that comes before the proof is none.
    var early = Asked()
    _ = early.ask([0x2717_0104] + Asked.seed)
    _ = early.ask([0x2717_0106, 1])
    #expect(early.notices == [] && early.charger.stage == .standard)
  }

  @Test(
    "Hard Reset and detach lock; the next offer is the public one",
    arguments: [XiaomiChargerEvent.hardReset, .detached])
  func ends(_ event: XiaomiChargerEvent) {
    var asked = Asked()
    asked.prove()
    _ = asked.ask([0x2717_0106, 1])
    _ = asked.tell(event)
    #expect(asked.charger.stage == .standard && asked.offers.last == .offer(.standard, .whenAsked))
    #expect(asked.charger.nextDeadline == nil)
    #expect(asked.ask([0x2717_0105] + Asked.challenge) == Asked.notSupported)
  }

  @Test("What is refused, and what is ignored")
  func refusals() {
    var asked = Asked { $0.answersZMI = true }
    #expect(asked.ask([0x2B01_0101]) == [0x2B01_0201, 0x0003_0001])
    // Bits 14 to 8 are not tested, except that an answer is never answered.
    #expect(asked.ask([0x2717_0001]) == [0x2717_0201, 0x0003_0001])
    #expect(asked.ask([0x2717_7F01, 9, 9]) == [0x2717_0201, 0x0003_0001])
    #expect(asked.ask([0x2717_0201]) == nil)
    #expect(asked.ask([0x2717_0105] + Asked.challenge) == Asked.notSupported)
    #expect(asked.ask([0x2717_0104, 1, 2, 3]) == Asked.notSupported)
    #expect(asked.ask([0x2717_0106]) == Asked.notSupported)
    #expect(asked.ask([0x2717_0107]) == Asked.notSupported)
    for command in [0, 9, 10, 11, 0x7F, 0xFF] as [UInt32] {
      #expect(asked.ask([0x2717_0100 | command, 1]) == Asked.notSupported)
    }
    // Structured messages of the vendor: there are no modes.
    #expect(asked.ask([0x2717_A003]) == [0x2717_A083])
    #expect(asked.ask([0x2717_A043]) == nil)
    #expect(asked.ask([0x2717_A106]) == nil)
    #expect(asked.ask([0x1234_0101]) == nil)
    #expect(Asked { $0.answersZMI = false }.charger.nextDeadline == nil)
    var plain = Asked()
    #expect(plain.ask([0x2B01_0101]) == nil)
    var prime = ShortMessage(words: [0x2717_0101])
    prime.orderedSet = .sopPrime
    #expect(asked.tell(.received(prime)) == nil)
    #expect(asked.offers == [])
  }

  @Test("RESET_VSAFE0V is for verified phones only") func reset() {
    var asked = Asked()
    #expect(asked.ask([0x2717_01FF, 1]) == Asked.notSupported)
    asked.prove()
    #expect(asked.ask([0x2717_01FF, 1, 0, 0, 0]) == Asked.notSupported && asked.offers == [])
    _ = asked.ask([0x2717_0106, 1])
    #expect(asked.ask([0x2717_01FF, 1, 0, 0, 0]) == nil)
    #expect(asked.offers.last == .hardReset)
    var stubborn = Asked { $0.obeysReset = false }
    stubborn.prove()
    _ = stubborn.ask([0x2717_0106, 1])
    #expect(stubborn.ask([0x2717_01FF, 1]) == Asked.notSupported)
  }

  @Test("Compensation is taken off for verified phones only") func compensation() {
    var asked = Asked()
    #expect(asked.ask([0x2717_0107, 1]) == [0x2717_0207, 1] && asked.notices == [])
    asked.prove()
    _ = asked.ask([0x2717_0106, 1])
    _ = asked.ask([0x2717_0107, 1])
    #expect(asked.notices.last == .compensationRemoved)
  }

  @Test("A digest for a question that is not open is not used") func foreignDigest() {
    var asked = Asked()
    let foreign = XiaomiDigestQuestion(
      seed: .zero, challenge: .zero, adapterID: XiaomiAdapterID(rawValue: 1))
    #expect(asked.tell(.digest(foreign, Keys.right.digest(foreign))) == nil)
    var charger = asked.charger
    charger.handle(.received(ShortMessage(words: [0x2717_0104] + Asked.seed)), at: .zero)
    charger.handle(.received(ShortMessage(words: [0x2717_0105] + Asked.challenge)), at: .zero)
    while charger.nextAction() != nil {}
    charger.handle(.digest(foreign, Keys.right.digest(foreign)), at: .zero)
    #expect(charger.nextAction() == nil)
    // Something else came in between: the challenge is not answered any more, but can be asked again.
    charger.handle(.received(ShortMessage(words: [0x2717_0103])), at: .zero)
    while charger.nextAction() != nil {}
    let open = XiaomiDigestQuestion(
      seed: XiaomiOctets(0x0960_4EB9, 0xAD37_E17B, 0xD6B2_A4F2, 0xA351_5984),
      challenge: XiaomiOctets(0x7B00_768F, 0x9972_2A0C, 0xBCD4_13B2, 0x6A7B_7C56),
      adapterID: XiaomiAdapterID(rawValue: 0xA819))
    charger.handle(.digest(open, Keys.right.digest(open)), at: .zero)
    #expect(charger.nextAction() == nil)
    charger.handle(.received(ShortMessage(words: [0x2717_0105] + Asked.challenge)), at: .zero)
    #expect(charger.nextAction() == .computeDigest(open))
  }
}
