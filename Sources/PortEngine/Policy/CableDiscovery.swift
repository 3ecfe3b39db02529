import LineCode
import PowerDelivery
import Quantities

// What is the cable? Discover Identity on SOP′ (USB-PD R3.2 §8.3.3.23.1, §6.6.15).

extension PortEngine {
  /// Whether the cable can and should be asked: its plug has VCONN, and it has not answered yet.
  @inline(__always) var mayAskCable: Bool {
    isVCONNSource && vconnIsOn && cable.wantsVCONN && configuration.discoversCable
      && cable.state == .unknown
  }

  /// PE_SRC_VDM_Identity_Request; a sink that supplies VCONN asks in the same way.
  mutating func srcVDMIdentityRequest() {
    step(to: .srcVDMIdentityRequest)
    cable.discoverIdentityCounter &+= 1
    // A plug that does not answer in Revision 3 may know Revision 2.0 only (§6.2.1.1.5).
    if cable.discoverIdentityCounter > 2 { cable.revision = .revision2 }
    var header = MessageHeader()
    header.specificationRevision = revision == .revision2 ? .revision2 : cable.revision
    cableHeaderTemplate = header
    var message = ShortMessage(.vendorDefined, header: header, orderedSet: .sopPrime)
    message.append(structuredHeader(.discoverIdentity, revision: header.specificationRevision).rawValue)
    transmit(message, startsAMS: hasExplicitContract && !eprEntry.isUnderWay)
  }

  /// A structured VDM header of a request, in the version that belongs to a revision.
  @inline(__always) func structuredHeader(
    _ command: VDMCommand, svid: UInt16 = 0xFF00, revision: SpecificationRevision
  ) -> StructuredVDMHeader {
    var header = StructuredVDMHeader()
    header.svid = svid
    header.versionMajor = revision == .revision2 ? .version1 : .version2
    header.versionMinor = revision == .revision2 ? 0 : 1
    header.command = command
    header.commandType = .request
    return header
  }

  /// A message on SOP′ or SOP″.
  mutating func receivedFromCable(_ message: ShortMessage) {
    guard state == .srcVDMIdentityRequest, message.kind == .data(.vendorDefined) else { return }
    let header = StructuredVDMHeader(rawValue: message.object(0))
    guard header.command == .discoverIdentity, header.rawValue & 0x8000 != 0 else { return }
    switch header.commandType {
    case .acknowledge where message.objectCount >= 5: cableIdentified(message)
    case .busy: cableDidNotAnswer()
    case .acknowledge, .negativeAcknowledge:
      step(to: .srcVDMIdentityNAKed)
      cable.state = .silent
      actions.append(.notify(.cableSilent))
      leaveCableExchange()
    default: return
    }
  }

  /// PE_SRC_VDM_Identity_ACKed.
  private mutating func cableIdentified(_ message: ShortMessage) {
    step(to: .srcVDMIdentityACKed)
    let before = (cable.current, cable.isEPR)
    cable.state = .identified
    cable.revision =
      message.header.specificationRevision == .revision2 ? .revision2 : configuration.revision
    cable.identity = VendorWords()
    for index in 1..<message.objectCount { cable.identity.append(message.object(index)) }
    learnCable(message.object(1), message.object(4), message.header.specificationRevision)
    actions.append(.notify(.cableIdentified))
    if hasExplicitContract, !eprEntry.isUnderWay, powerRole == .source, before != (cable.current, cable.isEPR)
    {
      requests.add(.offerCapabilities)
    }
    leaveCableExchange()
  }

  /// Current and voltage of the cable from its ID Header and its cable VDO (§6.4.4.3.1.9).
  private mutating func learnCable(_ identity: UInt32, _ object: UInt32, _ revision: SpecificationRevision) {
    let current: CableCurrent
    switch CableIDHeaderVDO(rawValue: identity).cableProductType {
    case .passiveCable where revision == .revision2, .activeCable where revision == .revision2:
      current = LegacyCableVDO(rawValue: object).currentCapability
    case .passiveCable:
      let passive = PassiveCableVDO(rawValue: object)
      current = passive.currentCapability
      cable.isEPR =
        passive.eprCapable && passive.maximumVBUS == .volts50 && passive.currentCapability == .amperes5
    case .activeCable:
      let active = ActiveCableVDO1(rawValue: object)
      current = active.currentCapability
      cable.isEPR =
        active.eprCapable && active.maximumVBUS == .volts50 && active.currentCapability == .amperes5
    default: return
    }
    cable.current = current == .amperes5 ? Milliamperes(5_000) : Milliamperes(3_000)
  }

  /// No GoodCRC, no answer, or BUSY; after nDiscoverIdentityCount attempts the cable counts as silent.
  mutating func cableDidNotAnswer() {
    if cable.discoverIdentityCounter >= Counters.discoverIdentityCount {
      cable.state = .silent
      actions.append(.notify(.cableSilent))
    }
    step(to: .srcVDMIdentityNAKed)
    leaveCableExchange()
  }

  /// A message to a cable plug was not acknowledged. That is no matter between the ports: a plug that has answered
  /// before is reset, which only the DFP may do (§6.8.3.3), and one that has not is left alone.
  mutating func cableFailed() {
    if cable.state == .identified, dataRole == .downstreamFacing, !configuration.hasCaptiveCable {
      actions.append(.sendCableReset)
      resetProtocolLayer(1)
      resetProtocolLayer(2)
    }
    ready()
  }

  private mutating func leaveCableExchange() {
    if eprEntry.isUnderWay { return srcEPRModeEvaluateCableEPR() }
    if hasExplicitContract { return ready() }
    if powerRole == .source { srcSendCapabilities() } else { snkWaitForCapabilities() }
  }

  /// The partner spoke first: its message is served, the cable is asked again later.
  mutating func cableExchangeInterrupted() {
    cable.discoverIdentityCounter &-= 1
    if eprEntry.isUnderWay {
      eprEntry.isUnderWay = false
      return step(to: .srcEPRModeDiscoverCable)
    }
    if hasExplicitContract { ready() } else { srcDiscovery() }
  }

  /// VCONN has been on for tVCONNStable: the plug can answer now.
  mutating func vconnIsSettled() {
    switch state {
    case .srcStartup: leaveStartup()
    case .srcEPRModeDiscoverCable: srcVDMIdentityRequest()
    default: break
    }
  }
}
