import LineCode
import PowerDelivery
import Quantities
import XiaomiCharge

/// Follows the conversation on one wire and folds what Xiaomi's protocol is about into dialogues.
///
/// Who speaks is told by the power role in the message header, never by the direction bits of the private header, which
/// no receiver tests (Xiaomi 3.1).
struct XiaomiDialogueFollower: Sendable {
  /// What the last message asks for, and who asks.
  private enum Awaited {
    case swap, identity, svids, request, other
    /// A command of the protocol, by its index.
    case command(Int)
  }

  private(set) var story: XiaomiStory
  private var session = XiaomiSession()
  private var dialogue: XiaomiDialogue?
  private var checker: XiaomiProofChecker
  private var awaited: (what: Awaited, by: Sender)?
  private var sawSource = false
  private var sawSink = false
  private var namedXiaomi = false
  private var sessionStart: EntryPlace?
  private var isFirstSession = true
  private var latest = Nanoseconds.zero

  init(line: String, keys: (any XiaomiDigestProvider)?) {
    story = XiaomiStory(line: line)
    checker = XiaomiProofChecker(keys: keys)
  }

  /// The story; `nil` where the recording has nothing to do with the protocol.
  var result: XiaomiStory? { namedXiaomi ? story : nil }

  /// Takes the next entry of the wire, or of none (events, measurements).
  mutating func follow(_ entry: ConversationEntry) {
    switch entry.record.content {
    case .packet:
      latest = entry.reckonedEnd
      guard entry.record.isSoundPacket, let reading = entry.reading, reading.message.orderedSet == .sop,
        !reading.message.isGoodCRC
      else { return }
      follow(reading, entry)
    case .reset(.hardReset):
      latest = entry.record.time
      close(.hardReset(EntryPlace(entry)))
    case .event(let event) where event.kind == .attach || event.kind == .detach:
      close(.detach(EntryPlace(entry)))
    case .measurement(let measurement):
      guard session.contract != nil, measurement.cc1 != nil || measurement.cc2 != nil else { return }
      session.rp.add(measurement, at: EntryPlace(entry))
    case .reset, .event: break
    }
  }

  /// The recording ends.
  mutating func finish() { close(.recording) }

  // MARK: - Messages

  private mutating func follow(_ reading: ConversationEntry.Reading, _ entry: ConversationEntry) {
    let sender = reading.message.sender
    let place = EntryPlace(entry)
    if reading.isRetry {
      // The copy that arrives is the one that is answered.
      if case .command(let index)? = awaited?.what, sender == .sink {
        dialogue?.exchanges[index].requestEnd = latest
      }
      return
    }
    begin(reading, place)
    if sender == .source { sawSource = true } else { sawSink = true }
    let isDFP = reading.message.header.portDataRole == .downstreamFacing
    session.phoneIsDFP = sender == .sink ? isDFP : !isDFP
    if sender == .sink {
      session.rp.sinkSpoke()
      session.lastWordOfPhone = place
    }
    switch reading.body {
    case .control(let type): follow(type, sender, place)
    case .sourceCapabilities(let objects), .eprSourceCapabilities(let objects):
      learn(XiaomiSession.Offer(objects: objects, place: place))
    case .request(let request), .eprRequest(let request): follow(request, reading, sender, place)
    case .vendorDefined(let body):
      if let header = body.xiaomiHeader {
        follow(header, body, sender, place)
      } else {
        follow(body, sender, place)
      }
    case .sourceCapabilitiesExtended(let block): learn(block)
    case .sinkCapabilitiesExtended(let block): nameVendor(block.vendorID)
    case .chunk, .chunkRequest: break
    default: awaited = (.other, sender)
    }
  }

  private mutating func begin(_ reading: ConversationEntry.Reading, _ place: EntryPlace) {
    guard !session.hasMessage else { return }
    session.hasMessage = true
    sessionStart = place
    switch reading.body {
    case .sourceCapabilities, .control(.softReset), .control(.getSourceCap): break
    default: session.beganLate = isFirstSession
    }
  }

  private mutating func follow(
    _ request: RequestBody, _ reading: ConversationEntry.Reading, _ sender: Sender, _ place: EntryPlace
  ) {
    if session.requestPlace == nil {
      session.requestPlace = place
      session.revision = reading.message.header.specificationRevision
    }
    if dialogue != nil {
      dialogue?.power.ask(request, at: place)
    } else {
      session.power.ask(request, at: place)
    }
    awaited = (.request, sender)
  }

  // MARK: - Control messages

  private mutating func follow(_ type: ControlMessageType, _ sender: Sender, _ place: EntryPlace) {
    switch type {
    case .accept: answer(.accepted, sender, place)
    case .reject: answer(.rejected, sender, place)
    case .wait: answer(.wait, sender, place)
    case .notSupported: answer(.notSupported, sender, place)
    case .psRDY:
      guard dialogue?.power.activate() ?? session.power.activate() else { return }
      session.contract = session.contract ?? place
    case .drSwap:
      let tries = session.swap.map { $0.by == sender && $0.answer != .accepted ? $0.tries + 1 : 1 } ?? 1
      session.swap = XiaomiSession.Question(place: place, by: sender, tries: tries)
      awaited = (.swap, sender)
    case .getSourceCap:
      if sender == .sink, dialogue?.offerQuestion == nil { dialogue?.offerQuestion = place }
      awaited = (.other, sender)
    default: awaited = (.other, sender)
    }
  }

  /// Gives an answer to what was asked last, by the other port.
  private mutating func answer(_ answer: XiaomiSession.Answer, _ sender: Sender, _ place: EntryPlace) {
    guard let question = awaited, question.by != sender else { return }
    switch question.what {
    case .swap: session.swap?.take(answer, place)
    case .identity: session.identity?.take(answer, place)
    case .svids: session.svidQuestion?.take(answer, place)
    case .request: answerRequest(answer)
    case .command(let index):
      guard answer == .notSupported else { return }
      dialogue?.exchanges[index].take(.notSupported, at: place)
    case .other: break
    }
    awaited = nil
  }

  private mutating func answerRequest(_ answer: XiaomiSession.Answer) {
    if dialogue != nil {
      if answer == .accepted { dialogue?.power.accept() } else { dialogue?.power.refuse() }
    } else {
      if answer == .accepted { session.power.accept() } else { session.power.refuse() }
    }
  }

  // MARK: - Discovery and offers

  private mutating func nameVendor(_ vendor: UInt16) {
    guard XiaomiSession.isXiaomi(vendor) else { return }
    session.namesXiaomi = true
    namedXiaomi = true
  }

  private mutating func learn(_ block: SourceCapabilitiesExtendedBlock) {
    nameVendor(block.vendorID)
    if session.vendorID == nil { session.vendorID = block.vendorID }
    if session.adapterIDs.isEmpty {
      session.adapterIDs = [XiaomiAdapterID(rawValue: UInt32(block.productID))]
    }
  }

  private mutating func learn(_ offer: XiaomiSession.Offer) {
    session.offer = offer
    awaited = (.other, .source)
    guard let old = dialogue else { return }
    let isLarger = old.offerAfter.map { $0.objects.highestPower < offer.objects.highestPower } ?? true
    if isLarger { dialogue?.offerAfter = offer }
  }

  /// Structured messages: what the phone asks of the charger, and whatever names a vendor.
  private mutating func follow(_ body: VendorDefinedBody, _ sender: Sender, _ place: EntryPlace) {
    guard case .structured(let header) = body.header else {
      awaited = (.other, sender)
      return
    }
    let isIdentity = header.command == .discoverIdentity
    guard isIdentity || header.command == .discoverSVIDs else { return }
    if header.commandType == .request {
      guard sender == .sink else { return }
      let old = isIdentity ? session.identity : session.svidQuestion
      let question = XiaomiSession.Question(place: place, by: sender, tries: (old?.tries ?? 0) + 1)
      if isIdentity { session.identity = question } else { session.svidQuestion = question }
      awaited = (isIdentity ? .identity : .svids, sender)
      return
    }
    if header.commandType == .acknowledge { learn(body, isIdentity, sender) }
    guard sender == .source else { return }
    let answer: XiaomiSession.Answer =
      header.commandType == .acknowledge ? .accepted : header.commandType == .busy ? .wait : .rejected
    if isIdentity { session.identity?.take(answer, place) } else { session.svidQuestion?.take(answer, place) }
    awaited = nil
  }

  private mutating func learn(_ body: VendorDefinedBody, _ isIdentity: Bool, _ sender: Sender) {
    guard isIdentity else {
      for index in 0..<body.objectCount {
        let pair = SVIDPairVDO(rawValue: body.object(index) ?? 0)
        for svid in [pair.firstSVID, pair.secondSVID] where svid != 0 {
          nameVendor(svid)
          if sender == .source, session.svids.count < XiaomiSession.mostSVIDs, !session.svids.contains(svid) {
            session.svids.append(svid)
          }
        }
      }
      return
    }
    guard let first = body.object(0) else { return }
    let vendor = IDHeaderVDO(rawValue: first).vendorID
    nameVendor(vendor)
    guard sender == .source else { return }
    session.vendorID = vendor
    guard body.objectCount >= 3 else { return }
    let ids = [body.object(2), body.object(body.objectCount - 1)].compactMap { $0 }
      .map { XiaomiAdapterID(ProductVDO(rawValue: $0)) }
    session.adapterIDs = ids[0] == ids[1] ? [ids[0]] : ids
  }

  // MARK: - The private protocol

  private mutating func follow(
    _ header: XiaomiVDMHeader, _ body: VendorDefinedBody, _ sender: Sender, _ place: EntryPlace
  ) {
    session.namesXiaomi = true
    namedXiaomi = true
    var words = XiaomiWords()
    for index in 0..<body.objectCount { words.append(body.object(index) ?? 0) }
    if sender == .sink { ask(header.command, words, place) } else { answer(header.command, words, place) }
  }

  private mutating func ask(_ command: XiaomiCommand, _ words: XiaomiWords, _ place: EntryPlace) {
    if let dialogue, dialogue.isBegunAnew(by: command) { close(.nextDialogue(place)) }
    start(at: place)
    remember(command, words)
    if command == .verified, words[0] == 1 {
      dialogue?.offerBefore = session.offer
      dialogue?.offerAfter = nil
    }
    guard var current = dialogue else { return }
    let last = current.exchanges.count - 1
    if last >= 0, current.exchanges[last].isRepeated(by: command, words) {
      current.exchanges[last].tries += 1
      current.exchanges[last].requestEnd = latest
      awaited = (.command(last), .sink)
    } else if current.exchanges.count < XiaomiDialogue.mostExchanges {
      var exchange = XiaomiExchange(command)
      exchange.request = place
      exchange.requestEnd = latest
      exchange.requestWords = words
      if command == .reverseAuthentication, let proof = XiaomiOctets(words) {
        exchange.proof = checker.check(phone: proof, session.adapterIDs)
      }
      current.exchanges.append(exchange)
      awaited = (.command(last + 1), .sink)
    } else {
      current.furtherCount += 1
      awaited = (.other, .sink)
    }
    dialogue = current
  }

  private mutating func answer(_ command: XiaomiCommand, _ words: XiaomiWords, _ place: EntryPlace) {
    start(at: place)
    awaited = nil
    guard var current = dialogue else { return }
    let open = current.exchanges.lastIndex { $0.command == command && !$0.isAnswered }
    if open == nil {
      // An answer to nothing: the command is not in the recording, or it was answered twice.
      guard !current.exchanges.contains(where: { $0.command == command }),
        current.exchanges.count < XiaomiDialogue.mostExchanges
      else { return }
      current.exchanges.append(XiaomiExchange(command))
    }
    let index = open ?? current.exchanges.count - 1
    current.exchanges[index].take(.words(words), at: place)
    if command == .authentication, let proof = XiaomiOctets(words) {
      current.exchanges[index].proof = checker.check(charger: proof, session.adapterIDs)
    }
    dialogue = current
  }

  private mutating func remember(_ command: XiaomiCommand, _ words: XiaomiWords) {
    if command == .sessionSeed { checker.seed = XiaomiOctets(words) }
    if command == .authentication { checker.challenge = XiaomiOctets(words) }
  }

  // MARK: - Beginning and end

  private mutating func start(at place: EntryPlace) {
    if dialogue == nil { dialogue = XiaomiDialogue(start: place, session: session) }
  }

  private mutating func close(_ end: XiaomiDialogue.End) {
    if dialogue == nil, session.namesXiaomi || session.hasFailure, let sessionStart {
      var silent = XiaomiDialogue(start: sessionStart, session: session)
      silent.power = session.power
      dialogue = silent
    }
    if var closed = dialogue {
      closed.end = end
      closed.lastTime = latest
      closed.session.rp = session.rp
      closed.session.lastWordOfPhone = session.lastWordOfPhone
      closed.voices = sawSource ? sawSink ? .both : .chargerOnly : .phoneOnly
      closed.settle()
      closed.findings = XiaomiDiagnosis(closed).findings
      story.append(closed)
    }
    dialogue = nil
    awaited = nil
    checker.seed = nil
    checker.challenge = nil
    if case .nextDialogue = end { return }
    isFirstSession = false
    session = XiaomiSession()
    sessionStart = nil
  }
}

extension XiaomiSession.Question {
  fileprivate mutating func take(_ answer: XiaomiSession.Answer, _ place: EntryPlace) {
    self.answer = answer
    answerPlace = place
  }
}

extension XiaomiExchange {
  fileprivate mutating func take(_ answer: Answer, at place: EntryPlace) {
    self.answer = answer
    answerPlace = place
    if let end = requestEnd, place.time > end { delay = place.time - end }
  }

  /// Whether the phone asks the same once more because no answer came.
  fileprivate func isRepeated(by command: XiaomiCommand, _ words: XiaomiWords) -> Bool {
    !isAnswered && self.command == command && requestWords == words
  }
}

extension XiaomiDialogue {
  /// tReceiverResponse with the tolerance of a meter: a command that is older was not answered.
  private static let patience = Nanoseconds(Milliseconds(27))

  /// Whether a command begins another dialogue: the version again or late, or a seed after a proof was asked for.
  fileprivate func isBegunAnew(by command: XiaomiCommand) -> Bool {
    switch command {
    case .chargerVersion:
      exchanges.last?.command != .chargerVersion && last(.chargerVersion) != nil || last(.sessionSeed) != nil
        || last(.authentication) != nil
    case .sessionSeed: exchanges.contains { $0.command == .authentication || $0.command == .verified }
    default: false
    }
  }

  /// Tells commands that were not answered from those behind which the recording ends.
  fileprivate mutating func settle() {
    for index in exchanges.indices {
      let isLast = index == exchanges.count - 1
      let age = exchanges[index].requestEnd.map { lastTime - $0 } ?? .zero
      exchanges[index].isOver = !isLast || end != .recording || age > Self.patience
    }
  }
}
