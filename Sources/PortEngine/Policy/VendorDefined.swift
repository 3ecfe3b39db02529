import LineCode
import PowerDelivery
import Quantities

// Vendor defined messages between the ports (USB-PD R3.2 §6.4.4, §8.3.3.21, §8.3.3.22).

extension PortEngine {
  // MARK: Responder

  mutating func receivedVendorDefined(_ message: ShortMessage) {
    guard message.objectCount > 0 else { return refuseVendorMessage() }
    let word = message.object(0)
    if configuration.vendorProtocols.contains(UInt16(truncatingIfNeeded: word >> 16)) {
      actions.append(.notify(.vendorDefined(message)))
      // Own sequences wait until the user has answered what the partner began, or would answer too late.
      if !requests.hasAskedVendor {
        timers.start(.vendorAnswer, Timing.receiverResponse.choiceOfMaximum, at: now)
      }
      requests.hasAskedVendor = false
      return
    }
    guard word & 0x8000 != 0 else { return refuseVendorMessage() }
    let header = StructuredVDMHeader(rawValue: word)
    // Answers that nobody asked for, and Attention of modes that are not entered, say nothing (§6.4.4.2.5).
    guard header.commandType == .request else { return }
    if header.command == .attention { return receiveAttention(message) }
    guard configuration.information.identity.count > 0 else { return refuseVendorMessage() }
    // In Revision 2.0 only the UFP answers (R2.0 §6.4.4.2).
    guard revision == .revision3 || dataRole == .upstreamFacing else { return }
    respond(to: header)
  }

  /// Not supported: Not_Supported says so, Revision 2.0 says nothing (§6.8.1).
  private mutating func refuseVendorMessage() {
    if revision == .revision3 { sendNotSupported() }
  }

  /// PE_RCV_VDM_Attention_Request.
  private mutating func receiveAttention(_ message: ShortMessage) {
    step(to: .rcvVDMAttentionRequest)
    actions.append(.notify(.vendorDefined(message)))
    ready()
  }

  private mutating func respond(to header: StructuredVDMHeader) {
    var answer = header
    answer.commandType = .acknowledge
    if revision == .revision2 || header.versionMajor == .version1 {
      answer.versionMajor = .version1
      answer.versionMinor = 0
    }
    var message = ShortMessage(.vendorDefined, header: headerTemplate)
    let information = configuration.information
    switch header.command {
    case .discoverIdentity where header.svid == 0xFF00:
      step(to: .respVDMGetIdentity)
      step(to: .respVDMSendIdentity)
      message.append(answer.rawValue)
      for index in 0..<information.identity.count { message.append(information.identity[index]) }
    case .discoverSVIDs where header.svid == 0xFF00 && information.svidCount > 0:
      step(to: .respVDMGetSVIDs)
      step(to: .respVDMSendSVIDs)
      message.append(answer.rawValue)
      // Pairs; a list that fills its last word ends with a word of zeros (§6.4.4.3.2).
      for index in 0...information.svidCount / 2 {
        message.append(
          UInt32(information.svid(2 &* index)) &<< 16 | UInt32(information.svid(2 &* index &+ 1)))
      }
    case .discoverModes where information.mode(of: header.svid) != nil:
      step(to: .respVDMGetModes)
      step(to: .respVDMSendModes)
      message.append(answer.rawValue)
      message.append(information.mode(of: header.svid) ?? 0)
    default:
      step(to: negativeState(for: header.command))
      answer.commandType = .negativeAcknowledge
      message.append(answer.rawValue)
    }
    transmit(message)
  }

  @inline(__always) private func negativeState(for command: VDMCommand) -> PolicyState {
    switch command {
    case .discoverIdentity: .respVDMGetIdentityNAK
    case .discoverSVIDs: .respVDMGetSVIDsNAK
    case .enterMode: .ufpVDMModeEntryNAK
    case .exitMode: .ufpVDMModeExitNAK
    default: .respVDMGetModesNAK
    }
  }

  // MARK: Initiator

  /// PE_INIT_PORT_VDM_Identity_Request, PE_INIT_VDM_SVIDs_Request, PE_INIT_VDM_Modes_Request.
  mutating func beginDiscovery(_ kind: PortRequest.Kind) {
    var message = ShortMessage(.vendorDefined, header: headerTemplate)
    switch kind {
    case .discoverSVIDs:
      step(to: .initVDMSVIDsRequest)
      message.append(structuredHeader(.discoverSVIDs, revision: revision).rawValue)
    case .discoverModes:
      step(to: .initVDMModesRequest)
      message.append(structuredHeader(.discoverModes, svid: requests.svid, revision: revision).rawValue)
    default:
      step(to: .initPortVDMIdentityRequest)
      message.append(structuredHeader(.discoverIdentity, revision: revision).rawValue)
    }
    transmit(message, startsAMS: true)
  }

  /// Sends the user's Vendor_Defined message.
  mutating func sendVendorMessage() {
    step(to: .vdmVendorMessage)
    requests.hasAskedVendor = true
    transmit(withPortHeader(requests.vendorMessage), startsAMS: true)
  }

  /// Sends the user's answer to a vendor's message: part of the partner's sequence.
  mutating func answerVendorMessage() {
    guard requests.vendorAnswer.kind != .control(.notSupported) else {
      endRequest(.done)
      return sendNotSupported()
    }
    step(to: .vdmVendorMessage)
    transmit(withPortHeader(requests.vendorAnswer))
  }

  /// Type and object count are the message's, everything else is the port's.
  private mutating func withPortHeader(_ vendorMessage: ShortMessage) -> ShortMessage {
    var message = vendorMessage
    let template = message.orderedSet == .sop ? headerTemplate : cableHeaderTemplate
    message.header = MessageHeader(rawValue: message.header.rawValue & 0xF01F | template.rawValue & 0x0FE0)
    return message
  }

  /// A message of a VDM exchange was acknowledged.
  mutating func sentVDM() {
    switch state {
    case .srcVDMIdentityRequest, .initPortVDMIdentityRequest, .initVDMSVIDsRequest, .initVDMModesRequest:
      startTimer(.vdmResponse, Timing.vdmSenderResponse)
    case .vdmVendorMessage:
      let header = StructuredVDMHeader(rawValue: protocolLayer.outgoing.object(0))
      let isVendorDefined = protocolLayer.outgoing.kind == .data(.vendorDefined)
      if isVendorDefined, header.rawValue & 0x8000 != 0, header.commandType == .request,
        header.command != .attention
      {
        startTimer(.vdmResponse, Timing.vdmSenderResponse)
      } else {
        // What an unstructured message calls for is the vendor's affair.
        endRequest(.done)
        ready()
      }
    default: ready()
    }
  }

  /// An answer to a request of this port.
  mutating func receivedVDMResponse(_ message: ShortMessage) {
    if message.kind == .control(.notSupported) || message.kind == .control(.reject) && revision == .revision2
    {
      return notSupportedReceived()
    }
    guard message.kind == .data(.vendorDefined), message.object(0) & 0x8000 != 0 else {
      return protocolError()
    }
    let header = StructuredVDMHeader(rawValue: message.object(0))
    actions.append(.notify(.vendorDefined(message)))
    switch (state, header.commandType) {
    case (.initPortVDMIdentityRequest, .acknowledge): step(to: .initPortVDMIdentityACKed)
    case (.initVDMSVIDsRequest, .acknowledge): step(to: .initVDMSVIDsACKed)
    case (.initVDMModesRequest, .acknowledge): step(to: .initVDMModesACKed)
    case (.initPortVDMIdentityRequest, .negativeAcknowledge): step(to: .initPortVDMIdentityNAKed)
    case (.initVDMSVIDsRequest, .negativeAcknowledge): step(to: .initVDMSVIDsNAKed)
    case (.initVDMModesRequest, .negativeAcknowledge): step(to: .initVDMModesNAKed)
    default: break
    }
    switch header.commandType {
    case .acknowledge: endRequest(.done)
    case .busy:
      startTimer(.vdmBusy, Timing.vdmBusy)
      endRequest(.wait)
    default: endRequest(.rejected)
    }
    ready()
  }
}

extension PortInformation {
  /// SVID `index`; 0 past the end.
  func svid(_ index: Int) -> UInt16 { index < min(svidCount, 4) ? svids[index] : 0 }

  /// The mode of an SVID; `nil` for one that the port does not have.
  func mode(of svid: UInt16) -> UInt32? {
    for index in 0..<min(svidCount, 4) where svids[index] == svid { return modes[index] }
    return nil
  }
}
