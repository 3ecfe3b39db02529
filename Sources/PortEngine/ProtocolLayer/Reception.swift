import LineCode
import PowerDelivery

// Receiving: PRL_Rx (USB-PD R3.2 §6.12.2.3).

extension PortEngine {
  /// A packet with a good CRC has arrived.
  mutating func receive(_ message: ShortMessage) {
    // Half duplex: whatever was sent before is over, so its results have come or never will. A GoodCRC may come late,
    // with the next packet waiting for the line.
    if !message.isGoodCRC { protocolLayer.staleResults = 0 }
    guard connection.isAttached, !protocolLayer.isResetting, isListening(to: message) else { return }
    if message.isGoodCRC { return goodCRCReceived(message) }
    guard message.orderedSet != .sop || message.header.portDataRole != dataRole else {
      return errorRecovery(.dataRoleConflict)
    }
    guard configuration.goodCRC == .engine else { return checkMessageID(message) }
    protocolLayer.arriving = message
    protocolLayer.isAcknowledging = true
    actions.append(.transmit(goodCRC(for: message)))
    if !timers.isRunning(.crcReceive) { watchDriver() }
  }

  /// Whether the port takes packets of this kind at all.
  @inline(__always) private func isListening(to message: ShortMessage) -> Bool {
    switch message.orderedSet {
    // A sink that waits for VBUS to go and come back hears nothing: what comes was sent before the Hard Reset.
    case .sop:
      state != .srcDisabled && state != .detached && state != .srcStartup && state != .snkDiscovery
    // Only the VCONN source speaks to cable plugs, and only plugs answer it.
    case .sopPrime, .sopDoublePrime: isVCONNSource && message.header.portPowerRole == .source
    default: false
    }
  }

  /// PRL_Rx_Send_GoodCRC: the MessageID received, own roles; a Revision 2 message is answered in Revision 2 (§6.2.1.1.5).
  @inline(__always) func goodCRC(for message: ShortMessage) -> ShortMessage {
    var header = message.orderedSet == .sop ? headerTemplate : cableHeaderTemplate
    header.specificationRevision =
      message.header.specificationRevision.rawValue <= SpecificationRevision.revision2.rawValue
      ? .revision2 : header.specificationRevision
    header.messageID = message.header.messageID
    return ShortMessage(.goodCRC, header: header, orderedSet: message.orderedSet)
  }

  /// The GoodCRC has left, or could not be sent; then the message counts as not received and will be repeated.
  mutating func acknowledgementEnded(_ result: TransmissionResult) {
    protocolLayer.isAcknowledging = false
    if protocolLayer.transmitState != .waitForPHYResponse { timers.stop(.crcReceive) }
    if result != .discarded { checkMessageID(protocolLayer.arriving) }
    if protocolLayer.transmitState == .constructMessage { constructMessage() }
  }

  /// PRL_Rx_Check_MessageID and PRL_Rx_Store_MessageID.
  private mutating func checkMessageID(_ message: ShortMessage) {
    guard let place = place(of: message.orderedSet) else { return }
    let isSoftReset = message.kind == .control(.softReset)
    if isSoftReset {
      // PRL_Rx_Layer_Reset_for_Receive.
      resetProtocolLayer(place)
    } else if protocolLayer.storedID[place] == message.header.messageID {
      return
    }
    protocolLayer.storedID[place] = message.header.messageID
    // A deprecated Ping says nothing and ends nothing; Revision 3 answers it in Ready, as any unknown message.
    if message.kind == .control(.ping), revision == .revision2 || !isReady { return }
    if protocolLayer.transmitState != .waitForMessageRequest {
      // What a cable says gives way to whatever the own port is saying (Table 6.72).
      if message.orderedSet != .sop { return }
      discardOutgoing()
      if isSoftReset {
        // What was discarded was counted after the reset.
        protocolLayer.messageID[place] = 0
        protocolLayer.repeatsID = true
      }
    }
    takeMessage(message)
  }
}
