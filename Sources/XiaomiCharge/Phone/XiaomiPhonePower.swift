import PowerDelivery
import Quantities

// What the phone takes in the end (Xiaomi 5.1, S12, S13 and Fallback).

extension XiaomiPhone {
  mutating func readCapabilities(at now: Instant) {
    triesLeft = max(1, profile.capabilitiesTries)
    askForCapabilities(at: now)
  }

  private mutating func askForCapabilities(at now: Instant) {
    triesLeft &-= 1
    enter(.readingCapabilities, for: profile.capabilitiesWait, at: now)
    perform(.getCapabilities)
  }

  mutating func capabilitiesExpired(at now: Instant) {
    if triesLeft > 0 { return askForCapabilities(at: now) }
    fallBack(.noCapabilities, at: now)
  }

  /// Capabilities came. During the dialogue they are only kept: 5 V holds.
  mutating func takeCapabilities(at now: Instant) {
    switch state {
    case .readingCapabilities:
      if let interval = profile.largerOfferInterval, triesLeft > 0, isVerified, offer == earlierOffer {
        nextDeadline = now + interval
      } else {
        charge()
      }
    case .charging: charge()
    case .fallback: chooseFallback()
    case .toppingUp: topUp()
    default: break
    }
  }

  private mutating func charge() {
    enter(.charging)
    choose(limits)
  }

  /// What the phone takes now.
  public var limits: XiaomiPowerLimits {
    switch state {
    case .charging where isVerified || profile.isReplaying: profile.verifiedLimits
    case .toppingUp: .rest
    default: profile.fallbackLimits
    }
  }

  /// Leaves the programmable supply; 5 V and 3 A are enough for what is missing (Xiaomi 6.2).
  mutating func topUp() {
    guard state == .charging || state == .fallback || state == .toppingUp else { return }
    enter(.toppingUp)
    choose(limits)
  }

  mutating func choiceRejected(at now: Instant) {
    guard state == .charging else { return }
    rejections &+= 1
    // Offered again and rejected again: it is not worth a third time.
    if rejections < 3 { return readCapabilities(at: now) }
    fallBack(.choiceRejected, at: now)
  }

  /// Gives up; what everybody gets follows after a while.
  mutating func fallBack(_ failure: XiaomiPhoneFailure, at now: Instant) {
    isVerified = false
    perform(.notify(.failed(failure)))
    waitForFallback(at: now)
  }

  mutating func waitForFallback(at now: Instant) {
    forgetSession()
    enter(.waitingForFallback, for: profile.fallbackDelay, at: now)
  }

  mutating func chooseFallback() {
    enter(.fallback)
    choose(profile.fallbackLimits)
  }

  /// Asks for the best object; where nothing fits, the contract of 5 V stays.
  private mutating func choose(_ limits: XiaomiPowerLimits) {
    if let choice = limits.choice(from: offer, battery: battery, pump: profile.pump) {
      perform(.choose(choice))
    }
  }
}
