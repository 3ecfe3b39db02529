public import PowerDelivery

/// What the user of the engine (the device policy manager of the standard) can ask for.
///
/// A request waits until the port is ready for it; it ends with `PortNotice.requestEnded`. One request of each kind
/// waits at a time: a later one of the same kind replaces it.
public enum PortRequest: Equatable, Sendable {
  /// Source: `sourcePolicy` was changed; offer again.
  case offerCapabilities
  /// Source, Revision 2.0 contract with GiveBack: ask the sink to go down to its minimum.
  case gotoMin
  /// Sink: `sinkPolicy` was changed; choose again.
  case choosePower
  /// Sink: ask for the capabilities again (Get_Source_Cap, in EPR mode EPR_Get_Source_Cap).
  case getSourceCapabilities
  case getSinkCapabilities
  case enterEPR, exitEPR
  case dataRoleSwap, powerRoleSwap, vconnSwap
  case hardReset, softReset
  /// Send an Alert with this object.
  case alert(AlertDataObject)
  /// Ask for information: one of the Get_ control messages that is answered by one message.
  case get(ControlMessageType)
  /// Get_Battery_Cap, Get_Battery_Status, Get_Manufacturer_Info for a reference, as the standard numbers them.
  case getBattery(ExtendedMessageType, reference: UInt8)
  /// Ask for what the partner (or on SOP′ the cable) is, SVIDs, or modes of an SVID.
  case discoverIdentity, discoverSVIDs
  case discoverModes(svid: UInt16)
  /// Send this Vendor_Defined message as it is; header roles and MessageID are filled in. Vendor protocols use it.
  case sendVendorDefined(ShortMessage)
  /// The same as an answer to a Vendor_Defined message that was handed over (`PortNotice.vendorDefined`): it belongs to
  /// the partner's sequence, so it goes at once, whatever Rp says.
  case answerVendorDefined(ShortMessage)
  /// Tester only: send BIST with this object.
  case sendBIST(BISTDataObject)

  /// A number for the kind of request.
  public var kind: Kind {
    switch self {
    case .hardReset: .hardReset
    case .softReset: .softReset
    case .offerCapabilities: .offerCapabilities
    case .gotoMin: .gotoMin
    case .choosePower: .choosePower
    case .getSourceCapabilities: .getSourceCapabilities
    case .getSinkCapabilities: .getSinkCapabilities
    case .enterEPR: .enterEPR
    case .exitEPR: .exitEPR
    case .dataRoleSwap: .dataRoleSwap
    case .powerRoleSwap: .powerRoleSwap
    case .vconnSwap: .vconnSwap
    case .alert: .alert
    case .get: .get
    case .getBattery: .getBattery
    case .discoverIdentity: .discoverIdentity
    case .discoverSVIDs: .discoverSVIDs
    case .discoverModes: .discoverModes
    case .sendVendorDefined: .sendVendorDefined
    case .answerVendorDefined: .answerVendorDefined
    case .sendBIST: .sendBIST
    }
  }

  /// The kinds in the order in which waiting requests are served.
  public enum Kind: UInt8, Equatable, Sendable {
    case hardReset, softReset, answerVendorDefined, offerCapabilities, gotoMin, choosePower,
      getSourceCapabilities
    case getSinkCapabilities, enterEPR, exitEPR, dataRoleSwap, powerRoleSwap, vconnSwap, alert, get,
      getBattery
    case discoverIdentity, discoverSVIDs, discoverModes, sendVendorDefined, sendBIST
  }
}

/// How a request ended.
public enum RequestOutcome: UInt8, Equatable, Sendable {
  case done
  /// The partner answered Reject, or NAK.
  case rejected
  /// The partner answered Wait, or BUSY. The same may be asked for again at once: it is held back for as long as the
  /// standard says (tPRSwapWait and the like, tVDMBusy).
  case wait
  /// The partner answered Not_Supported.
  case notSupported
  /// No answer came, or the message was never acknowledged.
  case noAnswer
  /// A reset, a detach or another message of the partner ended it.
  case interrupted
  /// The port is in no state, role, revision or mode for it.
  case notPossible
}

/// An answer that the user gives where the policy says `.ask`.
public enum PortDecision: UInt8, Equatable, Sendable {
  case accept, reject, wait
}
