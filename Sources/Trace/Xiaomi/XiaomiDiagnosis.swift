import PowerDelivery
import Quantities
import XiaomiCharge

/// Finds out why a phone stayed slow. It says nothing where the recording has no evidence.
struct XiaomiDiagnosis {
  private let dialogue: XiaomiDialogue
  private var session: XiaomiSession { dialogue.session }
  private(set) var findings: [XiaomiFinding] = []

  /// A goal and a limit for answers (Xiaomi 5.4); the limit with the millisecond that meters count in.
  private static let goal = Nanoseconds(Milliseconds(15))
  private static let limit = Nanoseconds(Milliseconds(26))
  /// A phone that says nothing for as long has given up, or may not speak.
  private static let silence = Nanoseconds(Milliseconds(1_000))
  /// How long after VERIFIED a charger offers by itself at the latest (Xiaomi 5.2).
  private static let offerWait = Nanoseconds(Milliseconds(2_000))

  init(_ dialogue: XiaomiDialogue) {
    self.dialogue = dialogue
    addRevision()
    addRp()
    if dialogue.exchanges.isEmpty { addPreparation() }
    for exchange in dialogue.exchanges { add(exchange) }
    addOutcome()
    addReset()
    if dialogue.isVerified {
      addOffer()
      addRequests()
    }
    findings = findings.filter { $0.severity == .reason } + findings.filter { $0.severity == .hint }
  }

  private mutating func add(
    _ code: XiaomiFinding.Code, _ place: EntryPlace?, _ text: String,
    _ severity: XiaomiFinding.Severity = .reason
  ) {
    findings.append(XiaomiFinding(code: code, severity: severity, place: place, text: text))
  }

  private var hasReason: Bool { findings.contains { $0.severity == .reason } }
  private var hearsBoth: Bool { dialogue.voices == .both }

  // MARK: - Before the dialogue

  /// Why there was no command at all.
  private mutating func addPreparation() {
    addSwap()
    addIdentity()
    addSVIDs()
    if session.namesXiaomi, !hasReason, session.revision != .revision2, hearsBoth, session.phoneIsDFP == true
    {
      add(.notStarted, session.lastWordOfPhone, "the phone sent no command, though nothing was refused to it")
    }
  }

  private mutating func addSwap() {
    guard session.phoneIsDFP == false else { return }
    guard let swap = session.swap else {
      if hearsBoth, !session.beganLate, session.contract != nil, session.namesXiaomi, !hasReason {
        add(
          .swapNotAsked, session.contract, "the phone is UFP, and nobody asked for DR_Swap after the contract"
        )
      }
      return
    }
    let asker = swap.by == .sink ? "the phone's" : "the charger's"
    let place = swap.answerPlace ?? swap.place
    switch swap.answer {
    case .accepted: break
    case .rejected: add(.swapRejected, place, "\(asker) DR_Swap was rejected; the phone stays UFP")
    case .wait:
      add(.swapRejected, place, "\(asker) DR_Swap was told to wait\(times(swap)); the phone stays UFP")
    case .notSupported: add(.swapNotSupported, place, "\(asker) DR_Swap was answered with Not_Supported")
    case .none:
      if isOver(swap) { add(.swapUnanswered, place, "\(asker) DR_Swap was not answered\(times(swap))") }
    }
  }

  private mutating func addIdentity() {
    guard let question = session.identity, session.vendorID == nil else { return }
    refusal(question, "Discover Identity", .identityRefused, .identityUnanswered)
  }

  private mutating func addSVIDs() {
    if !session.svids.isEmpty {
      guard !session.listsXiaomi else { return }
      let list = session.svids.map { hexadecimal($0, digits: 4) }.joined(separator: ", ")
      add(.svidMissing, session.svidQuestion?.answerPlace, "the charger lists \(list), not 2717")
    } else if let question = session.svidQuestion {
      if question.answer == .accepted {
        add(.svidMissing, question.answerPlace, "the charger's list of SVIDs is empty")
      } else {
        refusal(question, "Discover SVIDs", .svidMissing, .svidMissing)
      }
    }
  }

  private mutating func refusal(
    _ question: XiaomiSession.Question, _ name: String, _ refused: XiaomiFinding.Code,
    _ unanswered: XiaomiFinding.Code
  ) {
    let place = question.answerPlace ?? question.place
    switch question.answer {
    case .accepted: break
    case .rejected: add(refused, place, "\(name) was answered with NAK")
    case .wait: add(refused, place, "\(name) was answered with BUSY, and that was all")
    case .notSupported: add(refused, place, "\(name) was answered with Not_Supported")
    case .none: if isOver(question) { add(unanswered, place, "\(name) was not answered\(times(question))") }
    }
  }

  private func times(_ question: XiaomiSession.Question) -> String {
    question.tries > 1 ? ", \(question.tries) times" : ""
  }

  /// Whether the recording shows that no answer came any more.
  private func isOver(_ question: XiaomiSession.Question) -> Bool {
    hearsBoth && (dialogue.end != .recording || dialogue.lastTime - question.place.time > Self.limit)
  }

  private mutating func addRevision() {
    guard session.revision == .revision2, !dialogue.isVerified else { return }
    add(.revision2, session.requestPlace, "the contract was made under revision 2.0; the protocol needs 3.x")
  }

  // MARK: - Rp

  private mutating func addRp() {
    guard session.revision != .revision2 else { return }
    if let low = session.rp.longest {
      add(
        .rpLow, low.start,
        "Rp stood at \(low.level.rawValue) for \(low.span.spanText) while the phone had nothing to answer; "
          + "it may start a message at 3.0 A only", dialogue.isVerified ? .hint : .reason)
    } else if !session.rp.hasSamples, dialogue.exchanges.isEmpty, session.swap == nil,
      session.identity == nil,
      hearsBoth, let contract = session.contract, let word = session.lastWordOfPhone,
      word.time < contract.time, dialogue.lastTime - contract.time >= Self.silence
    {
      add(
        .rpSilence, contract,
        "the phone said nothing more after the contract; where Rp is not at 3.0 A it may not (CC is not recorded)",
        .hint)
    }
  }

  // MARK: - Commands

  private mutating func add(_ exchange: XiaomiExchange) {
    let name = exchange.command.text
    switch exchange.answer {
    case .none:
      if hearsBoth, exchange.isOver, exchange.command != .resetToSafe0V {
        let tries = exchange.tries > 1 ? ", \(exchange.tries) times" : ""
        add(
          .commandUnanswered, exchange.request, "\(name) was not answered\(tries)",
          dialogue.isVerified ? .hint : .reason)
      }
    case .notSupported where exchange.command == .authentication:
      add(
        .noKey, exchange.answerPlace, "AUTHENTICATION was answered with Not_Supported: the charger has no key"
      )
    case .notSupported:
      add(.commandNotSupported, exchange.answerPlace, "\(name) was answered with Not_Supported", .hint)
    case .words: addTries(exchange)
    }
    addDelay(exchange)
    addProof(exchange)
  }

  private mutating func addTries(_ exchange: XiaomiExchange) {
    guard exchange.tries > 1 else { return }
    add(
      .commandUnanswered, exchange.request,
      "\(exchange.command.text) was answered only when it was sent \(exchange.tries) times", .hint)
  }

  private mutating func addDelay(_ exchange: XiaomiExchange) {
    guard let delay = exchange.delay, delay > Self.goal else { return }
    let text = "the answer to \(exchange.command.text) came after \(delay.spanText)"
    if delay > Self.limit {
      add(
        .answerLate, exchange.answerPlace, text + "; some phones wait no longer than 26 ms",
        dialogue.isVerified ? .hint : .reason)
    } else {
      add(.answerSlow, exchange.answerPlace, text + "; 15 ms are the goal", .hint)
    }
  }

  private mutating func addProof(_ exchange: XiaomiExchange) {
    guard exchange.proof == .wrong else { return }
    if exchange.command == .authentication {
      add(.proofWrong, exchange.answerPlace, "the charger's proof does not fit the keys that were given")
    } else {
      add(
        .phoneProofWrong, exchange.request, "the phone's proof does not fit the keys that were given",
        exchange.answerWord.map { $0 & 0xFFFF == 1 } ?? false ? .hint : .reason)
    }
  }

  // MARK: - Outcome

  private mutating func addOutcome() {
    if let verified = dialogue.last(.verified), let verdict = dialogue.verdictOfPhone, verdict != .accepted {
      add(
        .notVerified, verified.request,
        "the phone sent VERIFIED \(verdict.rawValue): it did not accept the proof")
    }
    let hasSecond = dialogue.exchanges.contains { $0.command == .verified }
    if !hasSecond, let last = dialogue.exchanges.last, last.isOver, dialogue.voices != .chargerOnly,
      !hasReason
    {
      add(
        .brokeOff, last.answerPlace ?? last.request,
        "no VERIFIED followed: the last command is \(last.command.text)")
    }
    if let reverse = dialogue.last(.reverseAuthentication), let word = reverse.answerWord, word & 0xFFFF != 1
    {
      add(.reverseRefused, reverse.answerPlace, "the charger refused the proof of the phone")
    }
  }

  private mutating func addReset() {
    guard case .hardReset(let place) = dialogue.end, !dialogue.exchanges.isEmpty else { return }
    // One that comes when the new contract stands has nothing to do with the dialogue.
    guard dialogue.power.highest == nil else { return }
    add(.hardReset, place, "a Hard Reset ended the dialogue before a contract followed")
  }

  private mutating func addOffer() {
    guard hearsBoth, let verified = dialogue.last(.verified)?.request else { return }
    guard let offer = dialogue.offerAfter else {
      let since = dialogue.lastTime - (dialogue.offerQuestion ?? verified).time
      let isOver = since > (dialogue.offerQuestion == nil ? Self.offerWait : Self.limit)
      guard isOver else { return }
      let text =
        dialogue.offerQuestion == nil ? "and the phone did not ask for one" : "though the phone asked for one"
      add(.noNewOffer, dialogue.offerQuestion ?? verified, "no new Source_Capabilities followed, \(text)")
      return
    }
    if let before = dialogue.offerBefore, dialogue.newObjects.isEmpty {
      add(
        .offerNotLarger, offer.place,
        "the offer after the dialogue is no larger than the one before it (entry \(before.place.entry)): "
          + "\(offer.objects.highestPower.text)")
    }
    addObjects(offer)
  }

  /// A phone takes a PPS object of at least 10 V and 2 A (Xiaomi 6.2).
  private mutating func addObjects(_ offer: XiaomiSession.Offer) {
    var best: SPRPPSSourceAPDO?
    for position in 1...max(1, offer.objects.count) {
      guard case .sprPPS(let object) = offer.objects.source(at: position),
        object.maximumVoltage >= Millivolts(10_000), object.maximumCurrent >= Milliamperes(2_000)
      else { continue }
      if SourcePDO.sprPPS(object).highestPower >= (best.map { SourcePDO.sprPPS($0).highestPower } ?? .zero) {
        best = object
      }
    }
    guard let best else {
      add(.objectTooSmall, offer.place, "no PPS object reaches 10 V and 2 A, which phones want at least")
      return
    }
    if best.maximumCurrent == Milliamperes(3_000) || best.maximumCurrent == Milliamperes(5_000) {
      add(
        .currentLimited, offer.place,
        "the best PPS object ends at \(best.maximumCurrent.text), which is what a cable "
          + "\(best.maximumCurrent == Milliamperes(3_000) ? "without an e-marker" : "of 5 A") allows", .hint)
    }
  }

  private mutating func addRequests() {
    if let refused = dialogue.power.refused {
      let count = dialogue.power.refusedCount
      add(
        .requestRejected, refused.place,
        "\(refused.text) was refused" + (count > 1 ? ", and \(count - 1) more requests" : ""),
        dialogue.power.highest == nil ? .reason : .hint)
    }
    if let offer = dialogue.offerAfter, let highest = dialogue.power.highestRequest,
      let power = highest.power,
      Int64(power.rawValue) * 2 < Int64(offer.objects.highestPower.rawValue)
    {
      add(
        .asksForLess, highest.place,
        "the phone asked for \(highest.text) at most, of \(offer.objects.highestPower.text) that are offered",
        .hint)
    }
  }
}
