import PowerDelivery
import Quantities

// From the first contract to the first command (Xiaomi 5.1, S0 to S3).

extension XiaomiPhone {
  mutating func begin(_ revision: SpecificationRevision, _ role: PortDataRole, at now: Instant) {
    guard revision.rawValue >= SpecificationRevision.revision3.rawValue else {
      return fallBack(.revisionTooOld, at: now)
    }
    guard role != .downstreamFacing else { return discoverIdentity(at: now) }
    triesLeft = 3
    askForRole(at: now)
  }

  /// A Wait is taken twice (S1).
  mutating func askForRole(at now: Instant) {
    triesLeft &-= 1
    enter(.swappingRole, for: profile.requestWait, at: now)
    perform(.swapDataRole)
  }

  mutating func changeRole(_ role: PortDataRole, at now: Instant) {
    switch state {
    case .idle, .charging, .toppingUp, .waitingForFallback, .fallback, .readingCapabilities: return
    case .swappingRole, .waitingToSwap:
      if role == .downstreamFacing { discoverIdentity(at: now) }
    default:
      if role != .downstreamFacing { fallBack(.roleLost, at: now) }
    }
  }

  private mutating func discoverIdentity(at now: Instant) {
    enter(.discoveringIdentity, for: profile.requestWait, at: now)
    perform(.discoverIdentity)
  }

  mutating func takeIdentity(_ words: XiaomiWords, at now: Instant) {
    guard state == .discoveringIdentity else { return }
    guard words.count >= 3 else { return identityFailed(at: now) }
    let place = profile.adapterIDPlace == .third ? 2 : words.count &- 1
    adapterID = XiaomiAdapterID(ProductVDO(rawValue: words[place]))
    discoverSVIDs(at: now)
  }

  private mutating func identityFailed(at now: Instant) {
    guard profile.readsExtendedCapabilities else { return fallBack(.noIdentity, at: now) }
    enter(.readingExtendedCapabilities, for: profile.requestWait, at: now)
    perform(.getExtendedCapabilities)
  }

  mutating func discoverSVIDs(at now: Instant) {
    enter(.discoveringSVIDs, for: profile.requestWait, at: now)
    perform(.discoverSVIDs)
  }

  mutating func takeSVIDs(_ words: XiaomiWords, at now: Instant) {
    guard state == .discoveringSVIDs else { return }
    for index in 0..<words.count {
      let pair = SVIDPairVDO(rawValue: words[index])
      if accepts(pair.firstSVID) || accepts(pair.secondSVID) { return beginDialogue(at: now) }
    }
    fallBack(.noSVID, at: now)
  }

  func accepts(_ svid: UInt16) -> Bool {
    svid == XiaomiSVID.xiaomi || profile.acceptsZMI && svid == XiaomiSVID.zmi
  }

  private mutating func beginDialogue(at now: Instant) {
    earlierOffer = offer
    step = 0
    perform(.notify(.dialogueStarted(adapterID ?? XiaomiAdapterID(rawValue: 0))))
    guard profile.pause > .zero else { return beginCommand(at: now) }
    enter(.pausing, for: profile.pause, at: now)
  }

  /// What was asked of the port has no success; in the middle of a command that is like silence.
  mutating func fail(_ failure: XiaomiRequestFailure, at now: Instant) {
    switch state {
    case .swappingRole:
      guard failure == .wait, triesLeft > 0 else { return fallBack(.roleSwapRefused, at: now) }
      enter(.waitingToSwap, for: Timing.drSwapWait.minimum ?? Nanoseconds(100_000_000), at: now)
    case .discoveringIdentity: identityFailed(at: now)
    case .readingExtendedCapabilities: fallBack(.noIdentity, at: now)
    case .discoveringSVIDs: fallBack(.noSVID, at: now)
    case .commanding: commandExpired(at: now)
    case .rejecting: waitForFallback(at: now)
    case .readingCapabilities: capabilitiesExpired(at: now)
    case .idle, .waitingToSwap, .pausing, .drawingSession, .comparing, .charging, .toppingUp,
      .waitingForFallback, .fallback:
      return
    }
  }
}
