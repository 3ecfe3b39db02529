import PowerSupervision
import LineCode
import PowerDelivery
import Quantities

// What the user asks for: waits until Ready, is served, and ends with a notice.

/// The requests that wait, one of each kind, and the one that is being served.
struct RequestQueue: Sendable, Equatable {
  private var waiting: UInt32 = 0
  private(set) var current: PortRequest.Kind?
  /// Due by timers of the own port; served like requests, but nobody is told of their end.
  var wantsKeepAlive = false
  var wantsCableIdentity = false
  /// Whether the vendor's message that comes next answers one of this port.
  var hasAskedVendor = false

  var alert = AlertDataObject()
  var query = ControlMessageType(rawValue: 0)
  var batteryQuery = ExtendedMessageType(rawValue: 0)
  var batteryReference: UInt8 = 0
  var svid: UInt16 = 0
  var vendorMessage = ShortMessage(header: MessageHeader())
  var vendorAnswer = ShortMessage(header: MessageHeader())
  var bist = BISTDataObject()

  var isEmpty: Bool { waiting == 0 && !wantsKeepAlive && !wantsCableIdentity }
  /// Whether an answer waits; it needs no SinkTxOK.
  var hasAnswer: Bool { waiting & 1 &<< UInt32(PortRequest.Kind.answerVendorDefined.rawValue) != 0 }
  var isServing: Bool { current != nil }

  /// Lets a kind of request wait.
  mutating func add(_ kind: PortRequest.Kind) { waiting |= 1 &<< UInt32(kind.rawValue) }

  mutating func remove(_ kind: PortRequest.Kind) { waiting &= ~(1 &<< UInt32(kind.rawValue)) }

  /// Takes the waiting request that comes first, to serve it; those in `held` must wait longer.
  mutating func serveNext(holding held: UInt32) -> PortRequest.Kind? {
    guard let kind = takeNext(holding: held) else { return nil }
    current = kind
    return kind
  }

  /// Takes a waiting request off the list.
  mutating func takeNext(holding held: UInt32 = 0) -> PortRequest.Kind? {
    let ready = waiting & ~held
    guard ready != 0 else { return nil }
    let place = ready.trailingZeroBitCount
    waiting &= ~(1 &<< UInt32(truncatingIfNeeded: place))
    return PortRequest.Kind(rawValue: UInt8(truncatingIfNeeded: place))
  }

  /// Whether something can be served now.
  func canServe(holding held: UInt32) -> Bool { waiting & ~held != 0 || wantsKeepAlive || wantsCableIdentity }

  /// Role swaps: not asked for again within 100 ms of Wait (tDRSwapWait, tPRSwapWait, tVCONNSwapWait).
  static var swaps: UInt32 { bit(.dataRoleSwap) | bit(.powerRoleSwap) | bit(.vconnSwap) }
  /// Structured VDMs: not sent again within tVDMBusy of BUSY.
  static var discoveries: UInt32 { bit(.discoverIdentity) | bit(.discoverSVIDs) | bit(.discoverModes) }

  private static func bit(_ kind: PortRequest.Kind) -> UInt32 { 1 &<< UInt32(kind.rawValue) }

  /// The request that is being served waits again: its first message gave way.
  mutating func deferCurrent() {
    guard let kind = current else { return }
    add(kind)
    current = nil
  }

  mutating func endCurrent() -> PortRequest.Kind? {
    defer { current = nil }
    return current
  }
}

extension PortEngine {
  /// Takes a request of the user.
  mutating func take(_ request: PortRequest) {
    switch request {
    case .alert(let alert): requests.alert = alert
    case .get(let type): requests.query = type
    case .getBattery(let type, let reference):
      requests.batteryQuery = type
      requests.batteryReference = reference
    case .discoverModes(let svid): requests.svid = svid
    case .sendVendorDefined(let message): requests.vendorMessage = message
    case .answerVendorDefined(let message): requests.vendorAnswer = message
    case .sendBIST(let object): requests.bist = object
    default: break
    }
    guard connection.isAttached else {
      // A changed policy counts from the next attach on; everything else needs a partner.
      let isPolicy = request == .offerCapabilities || request == .choosePower
      actions.append(.notify(.requestEnded(request.kind, isPolicy ? .done : .notPossible)))
      return
    }
    requests.add(request.kind)
    stimulus = .request(request.kind)
    switch request {
    case .hardReset:
      requests.remove(.hardReset)
      hardReset(.requested)
      let isSignalled = protocolLayer.isResetting
      actions.append(.notify(.requestEnded(.hardReset, isSignalled ? .done : .notPossible)))
    case .answerVendorDefined: takeAnswer()
    case .offerCapabilities where state == .srcWaitNewCapabilities:
      requests.remove(.offerCapabilities)
      actions.append(.notify(.requestEnded(.offerCapabilities, .done)))
      srcSendCapabilities()
    default: break
    }
  }

  /// An answer belongs to the partner's sequence: once another has begun nobody waits for it any more.
  private mutating func takeAnswer() {
    guard !isReady else { return }
    requests.remove(.answerVendorDefined)
    actions.append(.notify(.requestEnded(.answerVendorDefined, .interrupted)))
  }

  /// The request that is being served has ended.
  mutating func endRequest(_ outcome: RequestOutcome) {
    guard let kind = requests.endCurrent() else { return }
    actions.append(.notify(.requestEnded(kind, outcome)))
  }

  /// A reset or a detach ends the request that is being served and all that wait.
  mutating func endAllRequests(_ outcome: RequestOutcome) {
    endRequest(outcome)
    while let kind = requests.takeNext() { actions.append(.notify(.requestEnded(kind, outcome))) }
    requests.wantsKeepAlive = false
    requests.wantsCableIdentity = false
    requests.hasAskedVendor = false
  }

  /// In Ready, with nothing under way: serves the next request.
  mutating func serveRequests() {
    if requests.isEmpty && rpCurrent != .sinkTxNG { return }
    // The user may be about to answer a vendor's message.
    if timers.isRunning(.vendorAnswer), !requests.hasAnswer { return }
    let held =
      (timers.isRunning(.swapWait) ? RequestQueue.swaps : 0)
      | (timers.isRunning(.vdmBusy) ? RequestQueue.discoveries : 0)
    while requests.canServe(holding: held), isReady, protocolLayer.transmitState == .waitForMessageRequest,
      !protocolLayer.isAcknowledging, !chunking.awaitsChunk, !chunking.awaitsRequest,
      powerRole == .source || sinkMayStart || requests.hasAnswer
    {
      if requests.wantsKeepAlive {
        requests.wantsKeepAlive = false
        stimulus = .timer(.sinkEPRKeepAlive)
        snkEPRKeepAlive()
      } else if let kind = requests.serveNext(holding: held) {
        stimulus = .request(kind)
        if !begin(kind) { endRequest(.notPossible) }
      } else {
        requests.wantsCableIdentity = false
        stimulus = .timer(.discoverIdentity)
        if mayAskCable { srcVDMIdentityRequest() }
      }
    }
    if !requests.canServe(holding: held), state == .srcReady, avoidsCollisions, rpCurrent == .sinkTxNG {
      // The last request needed no message: the sink may speak again.
      timers.stop(.sinkTx)
      advertise(.sinkTxOK)
    }
  }

  /// Begins a request; false where role, revision or mode do not allow it.
  private mutating func begin(_ kind: PortRequest.Kind) -> Bool {
    let isSource = powerRole == .source
    let isRevision3 = revision == .revision3
    switch kind {
    case .hardReset: hardReset(.requested)
    case .softReset: sendSoftReset()
    case .offerCapabilities where isSource: srcSendCapabilities()
    case .gotoMin where isSource && !isRevision3: return beginGotoMin()
    case .choosePower where !isSource: return beginChoice()
    case .getSourceCapabilities where !isSource: snkGetSourceCap()
    case .getSourceCapabilities where configuration.roles.canBeSink: drSRCGetSourceCap()
    case .getSinkCapabilities where isSource: srcGetSinkCap()
    case .getSinkCapabilities where configuration.roles.canBeSource: drSNKGetSinkCap()
    case .enterEPR where !isSource && isRevision3: return beginEPREntry()
    case .exitEPR where isInEPRMode: return beginEPRExit()
    case .dataRoleSwap: sendDataRoleSwap()
    case .powerRoleSwap where configuration.roles.isDualRole && !isInEPRMode: sendPowerRoleSwap()
    case .vconnSwap: sendVCONNSwap()
    case .alert where isRevision3: sendAlert()
    case .get, .getBattery: return beginQuery(kind)
    case .discoverIdentity, .discoverSVIDs, .discoverModes: beginDiscovery(kind)
    case .sendVendorDefined where canSend(to: requests.vendorMessage.orderedSet): sendVendorMessage()
    case .answerVendorDefined where canSend(to: requests.vendorAnswer.orderedSet): answerVendorMessage()
    case .sendBIST: sendBIST()
    default: return false
    }
    return true
  }

  /// Any port speaks to its partner, the VCONN source to the cable plugs, and nobody otherwise.
  @inline(__always) private func canSend(to orderedSet: OrderedSet) -> Bool {
    switch orderedSet {
    case .sop: true
    case .sopPrime, .sopDoublePrime: isVCONNSource
    default: false
    }
  }

  private mutating func beginGotoMin() -> Bool {
    guard var contract, hasExplicitContract else { return false }
    let request = FixedVariableGiveBackRDO(rawValue: contract.request)
    guard RequestDataObject(rawValue: contract.request).giveBack else { return false }
    contract.current = min(contract.current, request.minimumOperatingCurrent)
    nextContract = contract
    srcGotoMin()
    return true
  }

  /// Chooses again among what is offered. Without a list it is asked for first.
  private mutating func beginChoice() -> Bool {
    guard partnerSourceCapabilities.count > 0 else { return false }
    snkSelectCapability(startsAMS: true)
    return true
  }
}
