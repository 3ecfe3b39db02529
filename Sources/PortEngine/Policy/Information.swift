import PowerDelivery
import Quantities

// Questions and answers about the ports themselves (USB-PD R3.2 §8.3.3.7 to §8.3.3.14).

extension PortEngine {
  // MARK: Asking

  /// PE_SRC_Get_Sink_Cap.
  mutating func srcGetSinkCap() {
    step(to: .srcGetSinkCap)
    if isInEPRMode { send(.eprGetSinkCap, startsAMS: true) } else { send(.getSinkCap, startsAMS: true) }
  }

  /// PE_DR_SRC_Get_Source_Cap: what the partner could offer if it were the source.
  mutating func drSRCGetSourceCap() {
    step(to: .drSRCGetSourceCap)
    send(.getSourceCap, startsAMS: true)
  }

  /// PE_DR_SNK_Get_Sink_Cap.
  mutating func drSNKGetSinkCap() {
    step(to: .drSNKGetSinkCap)
    send(.getSinkCap, startsAMS: true)
  }

  /// A Get_ message with one answer; false where the revision or the type does not allow it.
  mutating func beginQuery(_ kind: PortRequest.Kind) -> Bool {
    guard revision == .revision3 else { return false }
    if kind == .getBattery {
      chunking.sending.removeAll()
      if requests.batteryQuery == .getManufacturerInfo { chunking.sending.append(0) }
      chunking.sending.append(requests.batteryReference)
      step(to: .getInformation)
      transmitExtended(requests.batteryQuery, startsAMS: true)
      return true
    }
    switch requests.query {
    case .getSourceCapExtended, .getStatus, .getPPSStatus, .getCountryCodes, .getSinkCapExtended,
      .getSourceInfo, .getRevision:
      step(to: .getInformation)
      send(requests.query, startsAMS: true)
      return true
    default: return false
    }
  }

  /// An answer to what was asked.
  mutating func receivedInformation(_ message: ShortMessage) {
    let kind = message.kind
    if kind == .control(.notSupported) || kind == .control(.reject) && revision == .revision2 {
      return notSupportedReceived()
    }
    switch (state, kind) {
    case (.srcGetSinkCap, .data(.sinkCapabilities)), (.drSNKGetSinkCap, .data(.sinkCapabilities)),
      (.srcGetSinkCap, .extended(.eprSinkCapabilities)):
      partnerSinkCapabilities = powerDataObjects(of: message)
      actions.append(.notify(.sinkCapabilities))
      informationComplete()
    case (.snkGetSourceCap, .data(.sourceCapabilities)) where !isInEPRMode,
      (.snkGetSourceCap, .extended(.eprSourceCapabilities)) where isInEPRMode:
      endRequest(.done)
      snkEvaluateCapability(message)
    case (.snkGetSourceCap, .data(.sourceCapabilities)),
      (.snkGetSourceCap, .extended(.eprSourceCapabilities)),
      (.drSRCGetSourceCap, .data(.sourceCapabilities)):
      keepSourceCapabilities(message)
      actions.append(.notify(.sourceCapabilities))
      informationComplete()
    case (.srcWaitForGetStatus, .control(.getStatus)), (.snkWaitForGetStatus, .control(.getStatus)):
      endRequest(.done)
      giveInformation(message)
    case (.snkEPRKeepAlive, .extended(.extendedControl)) where extendedControl == .eprKeepAliveAck: snkReady()
    case (.getInformation, _) where isAnswer(kind):
      keepPartnerData(message)
      actions.append(.notify(.information(kind)))
      informationComplete()
    default: protocolError()
    }
  }

  private mutating func informationComplete() {
    endRequest(.done)
    ready()
  }

  /// Whether a message answers the question that was asked.
  private mutating func isAnswer(_ kind: MessageKind) -> Bool {
    if requests.current == .getBattery {
      switch (requests.batteryQuery, kind) {
      case (.getBatteryCap, .extended(.batteryCapabilities)), (.getBatteryStatus, .data(.batteryStatus)),
        (.getManufacturerInfo, .extended(.manufacturerInfo)):
        return true
      default: return false
      }
    }
    switch (requests.query, kind) {
    case (.getSourceCapExtended, .extended(.sourceCapabilitiesExtended)), (.getStatus, .extended(.status)),
      (.getPPSStatus, .extended(.ppsStatus)), (.getCountryCodes, .extended(.countryCodes)),
      (.getSinkCapExtended, .extended(.sinkCapabilitiesExtended)), (.getSourceInfo, .data(.sourceInfo)),
      (.getRevision, .data(.revision)):
      return true
    default: return false
    }
  }

  private mutating func keepPartnerData(_ message: ShortMessage) {
    guard !message.header.extended else {
      partnerData = chunking.assembler.block
      return
    }
    partnerData.removeAll()
    for index in 0..<message.objectCount { partnerData.append(word: message.object(index)) }
  }

  /// The type of the Extended_Control message that was received last.
  @inline(__always) var extendedControl: ExtendedControlType {
    ExtendedControlType(rawValue: chunking.assembler.block[0])
  }

  // MARK: Answering

  /// PE_SRC_Give_Source_Cap: the capabilities of the other mode, for information.
  mutating func srcGiveSourceCap(isEPR: Bool) {
    step(to: .srcGiveSourceCap)
    let offer = offeredCapabilities
    let mode = isInEPRMode
    isInEPRMode = isEPR
    buildOffer()
    isInEPRMode = mode
    if isEPR {
      loadOffer()
      offeredCapabilities = offer
      transmitExtended(.eprSourceCapabilities)
    } else {
      send(.sourceCapabilities, offeredCapabilities)
      offeredCapabilities = offer
    }
  }

  /// PE_DR_SRC_Give_Sink_Cap.
  mutating func drSRCGiveSinkCap() {
    step(to: .drSRCGiveSinkCap)
    send(.sinkCapabilities, sinkOffer())
  }

  /// PE_DR_SNK_Give_Source_Cap.
  mutating func drSNKGiveSourceCap() {
    step(to: .drSNKGiveSourceCap)
    buildOffer()
    send(.sourceCapabilities, offeredCapabilities)
  }

  mutating func receivedExtendedControlAsSource(_ message: ShortMessage) {
    switch extendedControl {
    case .eprGetSourceCap where isInEPRMode: srcSendCapabilities(asAnswer: true)
    case .eprGetSourceCap where offersEPR: srcGiveSourceCap(isEPR: true)
    case .eprKeepAlive where isInEPRMode:
      step(to: .srcEPRKeepAlive)
      send(.eprKeepAliveAck)
    default: sendNotSupported()
    }
  }

  mutating func receivedExtendedControlAsSink(_ message: ShortMessage) {
    guard extendedControl == .eprGetSinkCap, sinkPolicy.eprCapabilities.count > 0 else {
      return sendNotSupported()
    }
    step(to: .snkGiveSinkCap)
    chunking.sending.removeAll()
    let offer = sinkOffer()
    for position in 1...7 { chunking.sending.append(word: offer.word(at: position) ?? 0) }
    for position in 1...4 {
      guard let word = sinkPolicy.eprCapabilities.word(at: position) else { break }
      chunking.sending.append(word: word)
    }
    transmitExtended(.eprSinkCapabilities)
  }

  /// Answers a question about the port from its configuration; Not_Supported where that says nothing.
  mutating func giveInformation(_ message: ShortMessage) {
    guard revision == .revision3 else { return sendNotSupported() }
    let information = configuration.information
    let isSource = powerRole == .source
    switch message.kind {
    case .control(.getSourceCapExtended) where isSource:
      give(.sourceCapabilitiesExtended, information.sourceCapabilitiesExtended)
    case .control(.getSinkCapExtended) where !isSource:
      give(.sinkCapabilitiesExtended, information.sinkCapabilitiesExtended)
    case .control(.getStatus): giveStatus()
    case .control(.getPPSStatus) where isSource && sourcePolicy.capabilities.hasPPS: givePPSStatus()
    case .control(.getCountryCodes): give(.countryCodes, information.countryCodes)
    case .data(.getCountryInfo): give(.countryInfo, information.countryInfo)
    case .extended(.getBatteryCap): give(.batteryCapabilities, information.batteryCapabilities)
    case .extended(.getManufacturerInfo): give(.manufacturerInfo, information.manufacturerInfo)
    case .extended(.getBatteryStatus): give(.batteryStatus, information.batteryStatus)
    case .control(.getSourceInfo) where isSource: give(.sourceInfo, sourceInfo())
    case .control(.getRevision): give(.revision, information.revision)
    default: sendNotSupported()
    }
  }

  private mutating func give(_ type: ExtendedMessageType, _ data: DataBytes?) {
    guard let data else { return sendNotSupported() }
    startGiving()
    for index in 0..<data.count { chunking.sending.append(data[index]) }
    transmitExtended(type)
  }

  /// Source_Info: what the port is made for, what it can give now, and what its fixed objects say (§6.4.11).
  private mutating func sourceInfo() -> UInt32? {
    guard let word = configuration.information.sourceInfo else { return nil }
    var info = SourceInfoDataObject(rawValue: word)
    if info.portMaximumPDP == .zero { info.portMaximumPDP = sourcePolicy.pdp }
    info.portPresentPDP = min(sourcePolicy.budget ?? sourcePolicy.pdp, sourcePolicy.pdp)
    info.portReportedPDP = offeredCapabilities.highestFixedPower
    return info.rawValue
  }

  private mutating func startGiving() {
    step(to: .giveInformation)
    chunking.sending.removeAll()
  }

  private mutating func give(_ type: DataMessageType, _ word: UInt32?) {
    guard let word else { return sendNotSupported() }
    step(to: .giveInformation)
    send(type, word)
  }

  /// Status with what happened since it was asked for last (§6.5.2).
  private mutating func giveStatus() {
    guard var status = configuration.information.status else { return sendNotSupported() }
    // Event Flags mirror the events of the last Alert.
    let alert = AlertDataObject(rawValue: lastAlert)
    if alert.ocpEvent { status.ocpEvent = true }
    if alert.otpEvent { status.otpEvent = true }
    if alert.ovpEvent { status.ovpEvent = true }
    if let measuredOutput { status.currentLimitMode = measuredOutput.isCurrentLimited }
    status.temperatureStatus = isTemperatureWarning ? .warning : .normal
    lastAlert = 0
    startGiving()
    for index in 0..<status.count { chunking.sending.append(status.bytes[index]) }
    transmitExtended(.status)
  }

  /// PPS_Status: what is measured, or that nothing is (§6.5.10).
  private mutating func givePPSStatus() {
    var status = PPSStatusBlock()
    if let measuredOutput {
      status.outputVoltage = measuredOutput.voltage
      status.outputCurrent = measuredOutput.current
      status.currentLimitMode = measuredOutput.isCurrentLimited
    } else {
      status.outputVoltageCode = 0xFFFF
      status.outputCurrentCode = 0xFF
    }
    status.presentTemperature = isTemperatureWarning ? .warning : .normal
    startGiving()
    for index in 0..<status.count { chunking.sending.append(status.bytes[index]) }
    transmitExtended(.ppsStatus)
  }

  // MARK: Alert

  /// PE_SRC_Send_Source_Alert, PE_SNK_Send_Sink_Alert.
  mutating func sendAlert() {
    step(to: powerRole == .source ? .srcSendSourceAlert : .snkSendSinkAlert)
    lastAlert = requests.alert.rawValue
    send(.alert, requests.alert.rawValue, startsAMS: true)
  }

  /// PE_SRC_Wait_for_Get_Status, PE_SNK_Wait_for_Get_Status.
  mutating func sentAlert() {
    step(to: powerRole == .source ? .srcWaitForGetStatus : .snkWaitForGetStatus)
    awaitResponse()
  }
}

extension PowerDataObjectList {
  /// The power of the fixed object that gives most.
  var highestFixedPower: Milliwatts {
    var highest: Int32 = 0
    for position in 1...PowerDataObjectList.capacity {
      guard case .fixed(let object)? = source(at: position) else { continue }
      let power = Int64(object.voltage.rawValue) &* Int64(object.maximumCurrent.rawValue) / 1_000
      highest = max(highest, Int32(truncatingIfNeeded: power))
    }
    return Milliwatts(highest)
  }

  /// Whether a source with these objects has PPS.
  var hasPPS: Bool {
    for position in 1...7 {
      if case .sprPPS? = source(at: position) { return true }
    }
    return false
  }
}
