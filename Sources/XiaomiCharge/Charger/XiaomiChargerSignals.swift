public import PowerDelivery

/// What happened at the charger's port.
public enum XiaomiChargerEvent: Equatable, Sendable {
  /// A vendor defined message of the partner, handed over by the port.
  case received(ShortMessage)
  /// The answer to `computeDigest`: the digest, or `nil` where there is no key for the seed.
  case digest(XiaomiDigestQuestion, XiaomiDigest?)
  /// Nothing but time: `nextDeadline` has come.
  case timeout
  /// A contract holds: what was offered last has been seen.
  case contract
  /// A Hard Reset, by whomever: trust ends. A Soft Reset is no event: it changes nothing (Xiaomi 5.2).
  case hardReset
  /// The partner is gone, or the port is no source any more.
  case detached
}

/// What the charger's port has to do.
public enum XiaomiChargerAction: Equatable, Sendable {
  /// Send this as the answer to the message that came last, at once, whatever Rp says; a vendor defined message or
  /// Not_Supported. Roles, revision and MessageID are the port's.
  case answer(ShortMessage)
  /// Compute this digest and hand it back by `digest`, within tReceiverResponse.
  case computeDigest(XiaomiDigestQuestion)
  /// Offer what the plan has for this stage.
  case offer(XiaomiStage, XiaomiOfferMoment)
  /// Signal a Hard Reset, which takes VBUS through vSafe0V: a verified phone suspects a hot contact.
  case hardReset
  case notify(XiaomiChargerNotice)
}

/// When an offer goes out.
public enum XiaomiOfferMoment: UInt8, Equatable, Sendable {
  /// In the next Source_Capabilities, whoever asks for them.
  case whenAsked
  /// Now.
  case now
}

/// What the user of a charger may want to know.
public enum XiaomiChargerNotice: UInt8, Equatable, Sendable {
  /// The proof was sent; whether it is right the phone decides.
  case proofSent
  /// There is no key for the seed of the phone.
  case keyMissing
  /// The digest did not come in time; the challenge was refused.
  case digestLate
  case verified, notVerified
  /// The phone has proved itself, or failed to.
  case phoneProved, phoneRefused
  /// A verified phone asked for the output without compensation of the cable's drop.
  case compensationRemoved
  /// The phone asked for more current than a PPS object can state; refused.
  case tenAmperesRefused
  case resetRequested
}
