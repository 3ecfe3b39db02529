public import PowerDelivery

/// What happened at the phone's port.
public enum XiaomiPhoneEvent: Equatable, Sendable {
  /// The first contract holds; it is of 5 V and stays so until `choose`.
  case contract(SpecificationRevision, PortDataRole)
  /// The data role is now this.
  case dataRole(PortDataRole)
  /// The objects of a Discover Identity ACK, without its header.
  case identity(XiaomiWords)
  /// The objects of a Discover SVIDs ACK, without its header.
  case svids(XiaomiWords)
  /// VID and PID of Source_Capabilities_Extended.
  case extendedCapabilities(vendorID: UInt16, productID: UInt16)
  /// Source_Capabilities came, asked for or not.
  case capabilities(PowerDataObjectList)
  /// What was asked of the port last ended without success.
  case requestFailed(XiaomiRequestFailure)
  /// A vendor defined message of the charger, or its Not_Supported.
  case received(ShortMessage)
  /// The answer to `drawSession`.
  case session(XiaomiSession)
  /// The answer to `computeDigest`: the digest, or `nil` where there is no key for the seed.
  case digest(XiaomiDigestQuestion, XiaomiDigest?)
  /// The charger answered the request for `choose` with Reject.
  case choiceRejected
  /// The battery takes too little for its pump (`XiaomiRegulator.Step.leave`).
  case batteryNearlyFull
  /// Nothing but time: `nextDeadline` has come.
  case timeout
  case hardReset
  case detached
}

/// How a request of the port ended without success.
public enum XiaomiRequestFailure: UInt8, Equatable, Sendable {
  /// Reject, NAK, Not_Supported, silence, or not possible.
  case refused
  /// Wait or BUSY.
  case wait
}

/// What the phone's port has to do.
public enum XiaomiPhoneAction: Equatable, Sendable {
  case swapDataRole
  case discoverIdentity, discoverSVIDs
  case getExtendedCapabilities
  case getCapabilities
  /// Send this vendor defined message as a question. Roles, revision and MessageID are the port's.
  case send(ShortMessage)
  /// Choose a seed and draw a challenge; hand them back by `session`.
  case drawSession
  /// Compute this digest and hand it back by `digest`.
  case computeDigest(XiaomiDigestQuestion)
  /// Ask for this object.
  case choose(XiaomiPowerChoice)
  case notify(XiaomiPhoneNotice)
}

/// What the user of a phone may want to know.
public enum XiaomiPhoneNotice: Equatable, Sendable {
  /// The charger knows the protocol; the dialogue begins.
  case dialogueStarted(XiaomiAdapterID)
  /// The charger has proved itself.
  case verified
  /// The dialogue has come to its end without failure.
  case dialogueEnded
  case failed(XiaomiPhoneFailure)
}

/// Why a phone falls back.
public enum XiaomiPhoneFailure: Equatable, Sendable {
  case revisionTooOld
  case roleSwapRefused
  /// Neither Discover Identity nor Source_Capabilities_Extended gave an adapter id.
  case noIdentity
  /// Discover SVIDs gave nothing, or no SVID of the protocol.
  case noSVID
  /// Nobody answered this command.
  case silence(XiaomiCommand)
  /// No seed and challenge came.
  case noSession
  /// There is no key for the seed, or no digest came.
  case keyMissing
  /// The charger did not prove itself, or wrongly.
  case noProof, wrongProof
  /// The charger refused the phone's proof.
  case refusedByCharger
  /// No Source_Capabilities came.
  case noCapabilities
  /// The charger rejects what it offers.
  case choiceRejected
  /// The data role was taken away in the middle.
  case roleLost
}

/// Where the phone is (Xiaomi 5.1).
public enum XiaomiPhoneState: UInt8, Equatable, Sendable {
  case idle
  case swappingRole
  /// The charger said Wait; the swap is asked for again after tDRSwapWait.
  case waitingToSwap
  case discoveringIdentity, readingExtendedCapabilities, discoveringSVIDs
  case pausing
  case drawingSession
  /// A command was sent; its answer is awaited.
  case commanding
  /// The charger's proof is here, the own digest not yet.
  case comparing
  /// VERIFIED 0 was sent.
  case rejecting
  /// After a dialogue: Source_Capabilities are awaited.
  case readingCapabilities
  case charging
  /// The battery is nearly full: the rest comes from 5 V.
  case toppingUp
  case waitingForFallback
  case fallback
}
