import PowerDelivery
import Quantities

// The conversation: who may say what after what (USB-PD R3.2 §8.3.2).

extension Referee {
  /// Judges a new message that begins.
  mutating func judge(_ message: ShortMessage, _ code: MessageCode, by side: Side, at now: Instant) {
    let index = side.index
    if code == .softReset {
      ports[index].question = nil
      ports[index].unanswered = nil
      ports[index].awaitsSince = nil
      ports[index].storedID = 8
      // A partner that has heard Accept to its VCONN_Swap goes on until it hears of this.
      let goesOn = exchange.kind == .vconnSwap && exchange.isAcceptHeard
      if side == source && !goesOn { exchange.end() }
      return
    }
    if isContinuation(message) { return }
    // An EPR_Mode Exit that came at the wrong time was a protocol error: the source shows that it is in EPR mode still.
    if code == .eprSourceCapabilities && side == source && ports[index].question != .extendedControl {
      isEPR = true
    }
    checkKind(code, message, side, at: now)
    let question = ports[index].question
    let isAnswer = answers(message, code, side)
    if code == .psRDY {
      readyStarted(by: side, at: now)
    } else if isAnswer {
      answered(question, with: code, by: side, at: now)
      if ports[index].unanswered == .vendorDefined, code == .notSupported || VDM.isAnswer(message) {
        measure(now - ports[index].unansweredSince, .vendorAnswer, .responseTime, side, at: now)
      }
    } else if AnswerRules.onlyAnswers.contains(code) || isResponse(message, code) {
      report(.answerWithoutQuestion, side, at: now, found: Int64(code.rawValue))
    } else if !hasContract && !ports[index].mayHearReset && (code == .request || code == .eprRequest) {
      report(.answerWithoutQuestion, side, at: now, found: Int64(code.rawValue))
    } else {
      begin(code, by: side, at: now)
    }
    ports[index].question = nil
    ports[index].unanswered = nil
  }

  /// A new sequence: nothing else may be open.
  private mutating func begin(_ code: MessageCode, by side: Side, at now: Instant) {
    let port = ports[side.index]
    if let question = port.question, now - port.questionSince < Referee.longestWait {
      report(
        .sequenceInterrupted, side, at: now, found: Int64(code.rawValue), wanted: Int64(question.rawValue))
    } else if let since = port.awaitsSince, now - since < Referee.shortestWait {
      report(
        .sequenceInterrupted, side, at: now, found: Int64(code.rawValue),
        wanted: Int64(MessageCode(port.sent.header).rawValue))
    } else if exchange.isInTransition && !exchange.isSwappedForAsker {
      report(.sequenceInterrupted, side, at: now, found: Int64(code.rawValue))
    }
    if code == .gotoMin {
      exchange.kind = .gotoMin
      exchange.stage = .accepting
      exchange.number &+= 1
      exchange.next = exchange.current
    }
  }

  /// For so long an asker waits at least, and at most, before it gives up (tSenderResponse of both revisions).
  private static var shortestWait: Nanoseconds { Timing.senderResponse(.revision2).minimum ?? .zero }
  private static var longestWait: Nanoseconds { Timing.senderResponse(.revision3).maximum ?? .zero }

  /// Whether a message answers the last one that was received.
  private func answers(_ message: ShortMessage, _ code: MessageCode, _ side: Side) -> Bool {
    let port = ports[side.index]
    if code == .notSupported { return port.unanswered != nil }
    if code == .reject && negotiated == .revision2 && port.unanswered != nil { return true }
    if code == .eprMode { return isResponse(message, code) && exchange.isEPREntryOpen(for: side) }
    if code == .vendorDefined {
      guard port.unanswered == .vendorDefined else { return false }
      return isResponse(message, code) || !VDM.isStructured(message)
    }
    guard let question = port.question else { return false }
    return AnswerRules.of(question).answers.contains(code)
  }

  /// Whether a message of a type that asks and answers can only be an answer.
  private func isResponse(_ message: ShortMessage, _ code: MessageCode) -> Bool {
    if code == .vendorDefined { return VDM.isResponse(message) }
    guard code == .eprMode else { return false }
    switch EPRModeDataObject(rawValue: message.object(0)).action {
    case .enterAcknowledged, .enterSucceeded, .enterFailed: return true
    default: return false
    }
  }

  private mutating func answered(
    _ question: MessageCode?, with code: MessageCode, by side: Side, at now: Instant
  ) {
    if let question {
      let metric: TimingMetric =
        switch question {
        case .request, .eprRequest: .requestAnswer
        case .sourceCapabilities, .eprSourceCapabilities: .capabilitiesAnswer
        default: .otherAnswer
        }
      measure(now - ports[side.index].questionSince, metric, .responseTime, side, at: now)
    }
    if question == .request { negotiateRevision(by: side) }
    if code == .accept, let question { accepting(question, by: side, at: now) }
    // An EPR mode entry outlives the VCONN_Swap within it.
    if code == .reject || code == .wait { exchange.stage = .none }
  }

  /// The lower of both revisions holds once the source has answered a Request; the reserved one counts as the highest
  /// (§6.2.1.1.5).
  private mutating func negotiateRevision(by side: Side) {
    guard negotiated == nil else { return }
    let lower = min(requestRevision.rawValue, ports[side.index].highestRevision.rawValue)
    negotiated = lower <= SpecificationRevision.revision2.rawValue ? .revision2 : .revision3
  }

  /// Roles and revisions that have the message at all.
  private mutating func checkKind(
    _ code: MessageCode, _ message: ShortMessage, _ side: Side, at now: Instant
  ) {
    if source != nil {
      let isSource = ports[side.index].powerRole == .source
      let isWrong: Bool =
        switch code {
        case .gotoMin: !isSource
        case .request, .eprRequest: isSource
        case .sourceCapabilities, .eprSourceCapabilities: !isSource && ports[side.index].question == nil
        case .eprMode:
          isSource == (EPRModeDataObject(rawValue: message.object(0)).action == .enter)
            && EPRModeDataObject(rawValue: message.object(0)).action != .exit
        default: false
        }
      if isWrong { report(.kindNotOfRole, side, at: now, found: Int64(code.rawValue)) }
    }
    guard let negotiated else { return }
    let isMissing: Bool
    switch message.kind {
    case .control(let type): isMissing = Referee.lacks(negotiated, type.introducedIn, type.removedAfter)
    case .data(let type): isMissing = Referee.lacks(negotiated, type.introducedIn, type.removedAfter)
    case .extended(let type): isMissing = Referee.lacks(negotiated, type.introducedIn, type.removedAfter)
    }
    if isMissing {
      report(
        .kindNotOfRevision, side, at: now, found: Int64(code.rawValue), wanted: Int64(negotiated.rawValue))
    }
  }

  private static func lacks(
    _ revision: SpecificationRevision, _ introduced: UInt8?, _ removed: UInt8?
  ) -> Bool {
    guard let introduced, let removed else { return true }
    return revision == .revision2 ? introduced > 0x20 : removed < 0x30
  }

  // MARK: Reception

  /// What a message that was received for the first time changes.
  mutating func take(_ message: ShortMessage, _ code: MessageCode, by side: Side, at now: Instant) {
    let receiver = side.other.index
    if code == .softReset {
      ports[receiver].forgetConversationKeepingGoodCRC()
      ports[receiver].restartIDs(certainly: true)
      ports[receiver].question = .softReset
      ports[receiver].questionSince = now
      ports[receiver].unanswered = .softReset
      if exchange.kind == .vconnSwap && exchange.isInTransition { isVCONNUnclear = true }
      exchange.end()
      return
    }
    // A port that wants a Soft Reset hears nothing but the answer to it.
    let isDeaf =
      ports[receiver].state == .srcSendSoftReset || ports[receiver].state == .snkSendSoftReset
    ports[receiver].unanswered = code == .notSupported || isDeaf ? nil : code
    ports[receiver].unansweredSince = now
    if isDeaf && code == .accept { ports[receiver].question = nil }
    guard isComplete(message), !isDeaf || code == .psRDY else { return }
    takePower(message, code, by: side, at: now)
    // It has heard PS_RDY and holds no contract: a new one is to come.
    if isDeaf { exchange.completed = nil }
    guard AnswerRules.of(code).isDue, wantsAnswer(message, side) else { return }
    ports[receiver].question = code
    ports[receiver].questionSince = now
  }

  /// Whether a message of a kind that can be answered is one that must be.
  func wantsAnswer(_ message: ShortMessage, _ side: Side) -> Bool {
    switch MessageCode(message.header) {
    // Capabilities that were asked for across roles or modes are for information only.
    case .sourceCapabilities: ports[side.index].powerRole == .source && !isEPR
    case .eprSourceCapabilities: ports[side.index].powerRole == .source && isEPR
    case .eprMode: EPRModeDataObject(rawValue: message.object(0)).action == .enter
    case .extendedControl: VDM.asks(message)
    default: true
    }
  }

  /// A chunk after the first, or a request for one.
  private func isContinuation(_ message: ShortMessage) -> Bool {
    guard let header = message.extendedHeader, header.chunked else { return false }
    return header.requestChunk || header.chunkNumber > 0
  }

  /// Whether nothing more of the message is to come.
  private func isComplete(_ message: ShortMessage) -> Bool {
    guard let header = message.extendedHeader, header.chunked else { return true }
    if header.requestChunk { return false }
    return (Int(header.chunkNumber) + 1) * DataBlock.chunkSize >= Int(header.dataSize)
  }
}

/// What the referee looks at in messages that ask and answer with the same type.
private enum VDM {
  static func isStructured(_ message: ShortMessage) -> Bool { message.object(0) & 0x8000 != 0 }

  /// A structured ACK, NAK or BUSY (§6.4.4.2).
  static func isResponse(_ message: ShortMessage) -> Bool {
    isStructured(message) && message.object(0) >> 6 & 3 != 0
  }

  /// A structured answer, or an unstructured one as Xiaomi codes it: 2 in bits 14 to 8 (Xiaomi 3.1).
  static func isAnswer(_ message: ShortMessage) -> Bool {
    isStructured(message) ? isResponse(message) : message.object(0) >> 8 & 0x7F == 2
  }

  /// Extended_Control: everything but EPR_KeepAlive_Ack, type 4, asks (§6.5.14).
  static func asks(_ message: ShortMessage) -> Bool { message.object(0) >> 16 & 0xFF != 4 }
}
