public import PortEngine
import PowerDelivery

// How the phone's machine stands at a port. The port's sink policy asks when capabilities come (`Evaluation.ask`), and
// the phone chooses: first the 5 V of everybody, then what it has found.

extension XiaomiPhoneEvent {
  /// What a notice of the port means to the phone; `nil`: nothing.
  public init?(_ notice: PortNotice, _ port: borrowing PortEngine) {
    switch notice {
    case .contract: self = .contract(port.revision, port.dataRole)
    case .rolesChanged: self = .dataRole(port.dataRole)
    case .decisionNeeded(.capabilities): self = .capabilities(port.partnerSourceCapabilities)
    case .vendorDefined(let message): self = XiaomiPhoneEvent(message)
    case .notSupported(let message): self = .received(message)
    case .information(.extended(.sourceCapabilitiesExtended)):
      let word = port.partnerData.word(at: 0)
      self = .extendedCapabilities(
        vendorID: UInt16(truncatingIfNeeded: word), productID: UInt16(truncatingIfNeeded: word >> 16))
    case .requestRejected: self = .choiceRejected
    case .requestEnded(let kind, let outcome):
      guard kind.isOfDialogue, let failure = XiaomiRequestFailure(outcome) else { return nil }
      self = .requestFailed(failure)
    case .hardReset: self = .hardReset
    case .detached, .errorRecovery: self = .detached
    default: return nil
    }
  }

  /// An answer to a discovery is its objects; everything else is a message of the dialogue.
  private init(_ message: ShortMessage) {
    let header = StructuredVDMHeader(rawValue: message.object(0))
    guard header.rawValue & 0x8000 != 0, header.commandType == .acknowledge else {
      self = .received(message)
      return
    }
    var words = XiaomiWords()
    for index in 1..<max(1, message.objectCount) { words.append(message.object(index)) }
    switch header.command {
    case .discoverIdentity: self = .identity(words)
    case .discoverSVIDs: self = .svids(words)
    default: self = .received(message)
    }
  }
}

extension XiaomiPhoneAction {
  /// What the port has to be asked for; `nil` where the action is for whoever drives both.
  public var request: PortRequest? {
    switch self {
    case .swapDataRole: .dataRoleSwap
    case .discoverIdentity: .discoverIdentity
    case .discoverSVIDs: .discoverSVIDs
    case .getExtendedCapabilities: .get(.getSourceCapExtended)
    case .getCapabilities: .getSourceCapabilities
    case .send(let message): .sendVendorDefined(message)
    case .drawSession, .computeDigest, .choose, .notify: nil
    }
  }
}

extension PortRequest.Kind {
  /// Whether the phone's machine asks for it.
  fileprivate var isOfDialogue: Bool {
    switch self {
    case .dataRoleSwap, .discoverIdentity, .discoverSVIDs, .get, .getSourceCapabilities, .sendVendorDefined:
      true
    default: false
    }
  }
}

extension XiaomiRequestFailure {
  /// `nil` for success.
  fileprivate init?(_ outcome: RequestOutcome) {
    switch outcome {
    case .done: return nil
    case .wait: self = .wait
    case .rejected, .notSupported, .noAnswer, .interrupted, .notPossible: self = .refused
    }
  }
}
