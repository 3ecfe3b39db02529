import PowerDelivery

/// What a message wants from its receiver (USB-PD R3.2 §8.3.2).
struct AnswerRules: Sendable {
  /// The answers. Not_Supported and Soft_Reset are answers to anything.
  var answers: KindSet
  /// Whether there must be an answer before the receiver begins something of its own.
  var isDue: Bool

  static let table: [AnswerRules] = (0..<UInt8(96)).map { AnswerRules(answeringTo: $0) }

  @inline(__always) static func of(_ code: MessageCode) -> AnswerRules { table[Int(min(95, code.rawValue))] }

  private init(answeringTo code: UInt8) {
    answers =
      code < 32
      ? AnswerRules.toControl(ControlMessageType(rawValue: code))
      : code < 64
        ? AnswerRules.toData(DataMessageType(rawValue: code & 31))
        : AnswerRules.toExtended(ExtendedMessageType(rawValue: code & 31))
    isDue = answers != .none
  }

  private static func toControl(_ type: ControlMessageType) -> KindSet {
    let swap = KindSet.of(ControlMessageType.accept, .reject, .wait)
    return switch type {
    case .getSourceCap:
      .of(DataMessageType.sourceCapabilities) | .of(ExtendedMessageType.eprSourceCapabilities) | refusal
    case .getSinkCap: .of(DataMessageType.sinkCapabilities) | refusal
    case .drSwap, .prSwap, .vconnSwap: swap
    case .softReset: .of(ControlMessageType.accept)
    case .dataReset, .frSwap: .of(ControlMessageType.accept)
    case .getSourceCapExtended: .of(ExtendedMessageType.sourceCapabilitiesExtended) | refusal
    case .getStatus: .of(ExtendedMessageType.status) | refusal
    case .getPPSStatus: .of(ExtendedMessageType.ppsStatus) | refusal
    case .getCountryCodes: .of(ExtendedMessageType.countryCodes) | refusal
    case .getSinkCapExtended: .of(ExtendedMessageType.sinkCapabilitiesExtended) | refusal
    case .getSourceInfo: .of(DataMessageType.sourceInfo) | refusal
    case .getRevision: .of(DataMessageType.revision) | refusal
    default: .none
    }
  }

  private static func toData(_ type: DataMessageType) -> KindSet {
    switch type {
    case .sourceCapabilities: .of(DataMessageType.request)
    case .request, .eprRequest: .of(ControlMessageType.accept, .reject, .wait)
    case .getCountryInfo: .of(ExtendedMessageType.countryInfo) | refusal
    case .enterUSB: .of(ControlMessageType.accept, .reject, .wait)
    case .eprMode: .of(DataMessageType.eprMode)
    default: .none
    }
  }

  private static func toExtended(_ type: ExtendedMessageType) -> KindSet {
    switch type {
    case .getBatteryCap: .of(ExtendedMessageType.batteryCapabilities) | refusal
    case .getBatteryStatus: .of(DataMessageType.batteryStatus) | refusal
    case .getManufacturerInfo: .of(ExtendedMessageType.manufacturerInfo) | refusal
    case .securityRequest: .of(ExtendedMessageType.securityResponse)
    case .firmwareUpdateRequest: .of(ExtendedMessageType.firmwareUpdateResponse)
    case .eprSourceCapabilities: .of(DataMessageType.eprRequest)
    // EPR_KeepAlive, and questions for EPR capabilities.
    case .extendedControl:
      .of(
        ExtendedMessageType.extendedControl, .eprSourceCapabilities, .eprSinkCapabilities)
        | .of(DataMessageType.sourceCapabilities, .sinkCapabilities)
    default: .none
    }
  }

  /// Reject is how Revision 2.0 says that a message is not supported.
  private static var refusal: KindSet { .of(ControlMessageType.reject) }

  /// Messages that are nothing but answers: without a question they make no sense.
  static let onlyAnswers: KindSet =
    .of(ControlMessageType.accept, .reject, .wait, .notSupported, .psRDY)
    | .of(DataMessageType.batteryStatus, .sourceInfo, .revision, .sinkCapabilities)
    | .of(
      ExtendedMessageType.sourceCapabilitiesExtended, .status, .batteryCapabilities, .manufacturerInfo,
      .ppsStatus, .countryInfo, .countryCodes, .sinkCapabilitiesExtended, .eprSinkCapabilities,
      .securityResponse, .firmwareUpdateResponse)
}
