import LineCode
import PowerDelivery
import Quantities

// What the charger answers (Xiaomi 3.2, 5.2).

extension XiaomiCharger {
  mutating func receive(_ message: ShortMessage, at now: Instant) {
    guard message.orderedSet == .sop else { return }
    do throws(XiaomiMessageError) {
      let request = try XiaomiMessage(message)
      guard settings.answers(request.header.svid) else { return }
      // An answer is never answered. Everything else is a request: phones do not agree on these bits, nor test them.
      guard request.header.direction != .answer else { return }
      drop()
      answer(request, at: now)
    } catch {
      guard case .structured(let header) = error, settings.answers(header.svid) else { return }
      refuse(header)
    }
  }

  /// There are no modes: every structured request is answered with NAK, except Attention, which nobody answers
  /// (USB-PD R3.2 §6.4.4.2.5).
  private mutating func refuse(_ header: StructuredVDMHeader) {
    guard header.commandType == .request, header.command != .attention else { return }
    var answer = header
    answer.commandType = .negativeAcknowledge
    var message = ShortMessage(.vendorDefined, header: XiaomiCharger.header)
    message.append(answer.rawValue)
    perform(.answer(message))
  }

  /// A request with too few words is refused; words too many are not read.
  private mutating func answer(_ request: XiaomiMessage, at now: Instant) {
    let svid = request.header.svid
    switch request.header.command {
    case .chargerVersion: say(.version(settings.version), svid)
    case .chargerVoltage: say(.voltage(voltage), svid)
    case .chargerTemperature:
      var word = XiaomiChargerTemperature()
      word.temperature = reading.temperature
      say(.temperature(word), svid)
    case .sessionSeed:
      guard let seed = XiaomiOctets(request.words) else { return refuse() }
      forget()
      dialogue = .seeded(seed)
      say(.seedAnswer(seed.words), svid)
    case .authentication: answerChallenge(request, at: now)
    case .verified: answerVerified(request, at: now)
    case .removeCompensation:
      guard request.words.count > 0 else { return refuse() }
      say(.removeCompensationAnswer(XiaomiWords(request.words[0])), svid)
      if stage != .standard, request.words[0] == 1 { perform(.notify(.compensationRemoved)) }
    case .reverseAuthentication: answerReverse(request, at: now)
    case .tenAmpereAuthentication:
      refuse()
      perform(.notify(.tenAmperesRefused))
    case .resetToSafe0V where settings.obeysReset && stage != .standard:
      perform(.notify(.resetRequested))
      perform(.hardReset)
    default: refuse()
    }
  }

  private var voltage: XiaomiChargerVoltage {
    switch settings.voltageStep {
    case .hundredMillivolts:
      var word = XiaomiChargerVoltage()
      word.voltage = reading.voltage
      return word
    case .tenMillivolts:
      var word = XiaomiFineChargerVoltage()
      word.voltage = reading.voltage
      return XiaomiChargerVoltage(rawValue: word.rawValue)
    }
  }

  private mutating func answerChallenge(_ request: XiaomiMessage, at now: Instant) {
    guard let challenge = XiaomiOctets(request.words), let seed = dialogue.seed else { return refuse() }
    let question = XiaomiDigestQuestion(seed: seed, challenge: challenge, adapterID: settings.adapterID)
    isAccepted = false
    isPhoneProved = false
    dialogue = .computing(
      question, svid: request.header.svid, deadline: now + XiaomiCharger.digestWait)
    perform(.computeDigest(question))
  }

  /// A digest counts only for the question that is open.
  mutating func take(_ digest: XiaomiDigest?, for question: XiaomiDigestQuestion) {
    guard case .computing(let open, let svid, _) = dialogue, open == question else { return }
    guard let digest else {
      drop()
      refuse()
      return perform(.notify(.keyMissing))
    }
    dialogue = .proved(question, digest)
    say(.proof(digest.chargerProof), svid)
    perform(.notify(.proofSent))
  }

  private mutating func answerVerified(_ request: XiaomiMessage, at now: Instant) {
    guard request.words.count > 0 else { return refuse() }
    say(.verifiedAnswer(XiaomiWords(request.words[0])), request.header.svid)
    guard XiaomiVerified(rawValue: request.words[0]).verdict == .accepted else {
      lock()
      return perform(.notify(.notVerified))
    }
    guard case .proved = dialogue, !isAccepted else { return }
    isAccepted = true
    perform(.notify(.verified))
    raiseStage(at: now)
  }

  private mutating func answerReverse(_ request: XiaomiMessage, at now: Instant) {
    guard let proof = XiaomiOctets(request.words), case .proved(_, let digest) = dialogue else {
      return refuse()
    }
    let isRight = digest.phoneProof.matches(proof)
    var result = XiaomiReverseResult()
    result.verdict = isRight ? .accepted : .refused
    say(.reverseResult(result), request.header.svid)
    if isRight {
      isPhoneProved = true
      perform(.notify(.phoneProved))
      raiseStage(at: now)
    } else {
      if settings.enforcement == .strict { lock() }
      perform(.notify(.phoneRefused))
    }
  }

  private mutating func say(_ content: XiaomiContent, _ svid: UInt16) {
    perform(.answer(content.message(svid: svid).message(header: XiaomiCharger.header)))
  }
}

extension XiaomiCharger.Dialogue {
  /// The seed that names the key, as long as a challenge may follow it.
  fileprivate var seed: XiaomiOctets? {
    switch self {
    case .none: nil
    case .seeded(let seed): seed
    case .computing(let question, _, _): question.seed
    case .proved(let question, _): question.seed
    }
  }
}

extension XiaomiChargerSettings {
  fileprivate func answers(_ svid: UInt16) -> Bool {
    svid == XiaomiSVID.xiaomi || answersZMI && svid == XiaomiSVID.zmi
  }
}
