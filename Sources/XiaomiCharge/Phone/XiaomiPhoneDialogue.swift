import LineCode
import PowerDelivery
import Quantities

// The commands and their answers (Xiaomi 5.1, S4 to S11).

extension XiaomiPhone {
  private var command: XiaomiCommand? { profile.commands[step] }

  /// Starts the command that is due; after the last one the capabilities are read again.
  mutating func beginCommand(at now: Instant) {
    guard let command else {
      perform(.notify(.dialogueEnded))
      return readCapabilities(at: now)
    }
    repetitionsLeft = profile.repetitions
    isRepeated = false
    if command == .sessionSeed, session == nil {
      enter(.drawingSession, for: profile.answerWait, at: now)
      return perform(.drawSession)
    }
    sendCommand(at: now)
  }

  mutating func sendCommand(at now: Instant) {
    guard let command, let content = content(of: command) else {
      // A command that this phone has nothing to say for: it lacks the digest or the session.
      step &+= 1
      return beginCommand(at: now)
    }
    enter(.commanding, for: wait(for: command), at: now)
    send(content)
    if command == .authentication, !isRepeated, let question {
      perform(.computeDigest(question))
    }
  }

  private func wait(for command: XiaomiCommand) -> Nanoseconds {
    if command == .verified || command == .removeCompensation { return profile.confirmationWait }
    return isRepeated ? profile.repetitionWait : profile.answerWait
  }

  private func content(of command: XiaomiCommand) -> XiaomiContent? {
    switch command {
    case .chargerVersion: return .versionRequest
    case .chargerVoltage: return .voltageRequest
    case .chargerTemperature: return .temperatureRequest
    case .sessionSeed: return session.map { .seed($0.seed) }
    case .authentication: return session.map { .challenge($0.challenge) }
    case .verified:
      // Never what is not so: one that replays says it without knowing.
      guard isVerified || profile.isReplaying else { return nil }
      return .verified(XiaomiVerified(rawValue: XiaomiVerdict.accepted.rawValue))
    case .removeCompensation: return .removeCompensation(XiaomiCompensation(rawValue: 1))
    case .reverseAuthentication:
      if case .replayed(_, let reverse) = profile.proof { return .reverseProof(reverse) }
      return digest.map { .reverseProof($0.phoneProof) }
    default: return nil
    }
  }

  /// The digest that this phone needs; `nil` where it has no keys.
  var question: XiaomiDigestQuestion? {
    guard !profile.isReplaying, let session, let adapterID else { return nil }
    return XiaomiDigestQuestion(seed: session.seed, challenge: session.challenge, adapterID: adapterID)
  }

  private mutating func send(_ content: XiaomiContent) {
    perform(.send(content.message().message(header: XiaomiPhone.header)))
  }

  /// Sink, DFP, Revision 3: the port fills in what it really is.
  private static var header: MessageHeader { MessageHeader(rawValue: 0x00A0) }

  mutating func receive(_ message: ShortMessage, at now: Instant) {
    guard message.orderedSet == .sop else { return }
    if message.kind == .control(.notSupported) { return notSupported(at: now) }
    guard let answer = try? XiaomiMessage(message), accepts(answer.header.svid) else { return }
    if state == .rejecting, answer.header.command == .verified { return waitForFallback(at: now) }
    guard state == .commanding, let command,
      profile.answers == .anyCommand || answer.header.command == command
    else { return }
    take(answer.words, of: command, at: now)
  }

  private mutating func take(_ words: XiaomiWords, of command: XiaomiCommand, at now: Instant) {
    switch command {
    case .authentication where !profile.isReplaying:
      guard let proof = XiaomiOctets(words) else { return reject(.noProof, at: now) }
      chargerProof = proof
      guard digest != nil else { return enter(.comparing, for: profile.answerWait, at: now) }
      compare(at: now)
    case .reverseAuthentication where words.count > 0 && !profile.isReplaying:
      let result = XiaomiReverseResult(rawValue: words[0])
      guard result.verdict != .refused else { return fallBack(.refusedByCharger, at: now) }
      goOn(at: now)
    default: goOn(at: now)
    }
  }

  private mutating func notSupported(at now: Instant) {
    switch state {
    case .commanding where command == .authentication && !profile.isReplaying: reject(.noProof, at: now)
    case .commanding: goOn(at: now)
    case .rejecting: waitForFallback(at: now)
    default: fail(.refused, at: now)
    }
  }

  private mutating func goOn(at now: Instant) {
    step &+= 1
    beginCommand(at: now)
  }

  mutating func commandExpired(at now: Instant) {
    guard let command else { return goOn(at: now) }
    if command == .verified || command == .removeCompensation { return goOn(at: now) }
    if repetitionsLeft > 0 {
      repetitionsLeft &-= 1
      isRepeated = true
      return sendCommand(at: now)
    }
    if command == .authentication, !profile.isReplaying { return reject(.silence(command), at: now) }
    if profile.silence == .goesOn { return goOn(at: now) }
    fallBack(.silence(command), at: now)
  }

  // MARK: Proof

  mutating func takeDigest(_ digest: XiaomiDigest?, for answered: XiaomiDigestQuestion, at now: Instant) {
    guard answered == question, state == .commanding || state == .comparing else { return }
    guard let digest else { return reject(.keyMissing, at: now) }
    self.digest = digest
    if state == .comparing { compare(at: now) }
  }

  private mutating func compare(at now: Instant) {
    guard let digest, let chargerProof, digest.chargerProof.matches(chargerProof) else {
      return reject(.wrongProof, at: now)
    }
    isVerified = true
    perform(.notify(.verified))
    goOn(at: now)
  }

  /// Tells the charger that it has not proved itself (S8).
  mutating func reject(_ failure: XiaomiPhoneFailure, at now: Instant) {
    isVerified = false
    perform(.notify(.failed(failure)))
    enter(.rejecting, for: profile.confirmationWait, at: now)
    send(.verified(XiaomiVerified(rawValue: XiaomiVerdict.notAccepted.rawValue)))
  }
}
