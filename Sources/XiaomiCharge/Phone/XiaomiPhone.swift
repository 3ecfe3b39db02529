public import PowerDelivery
public import Quantities

/// The phone's side of the private protocol (Xiaomi 5.1): it starts every step, judges the charger, and chooses.
///
/// Until it has chosen, the contract of 5 V holds. Whatever the charger does or leaves undone, the phone comes to a choice
/// in bounded time: of what was verified, or of what everybody gets.
public struct XiaomiPhone: Equatable, Sendable {
  public let profile: XiaomiPhoneProfile
  /// The voltage of the battery; keep it fresh.
  public var battery: Millivolts
  public internal(set) var state: XiaomiPhoneState = .idle
  /// Whether the charger has proved itself since the last attach or Hard Reset. A phone that replays never finds out.
  public internal(set) var isVerified = false
  /// What the charger says it is, once it has.
  public internal(set) var adapterID: XiaomiAdapterID?
  /// The last Source_Capabilities.
  public internal(set) var offer = PowerDataObjectList()
  /// When `timeout` is due; `nil`: nothing is awaited.
  public internal(set) var nextDeadline: Instant?

  var session: XiaomiSession?
  var digest: XiaomiDigest?
  var chargerProof: XiaomiOctets?
  /// The command that is due, by its place in the profile.
  var step = 0
  var isRepeated = false
  var repetitionsLeft: UInt8 = 0
  var triesLeft: UInt8 = 0
  var rejections: UInt8 = 0
  /// What the offer was worth before the dialogue.
  var earlierOffer = PowerDataObjectList()
  private var actions = ActionQueue<XiaomiPhoneAction>()

  public init(_ profile: XiaomiPhoneProfile, battery: Millivolts) {
    self.profile = profile
    self.battery = battery
    startOver()
  }

  /// The next thing to do; `nil`: all is done. Drain after every event.
  public mutating func nextAction() -> XiaomiPhoneAction? { actions.take() }

  /// How many actions were lost because nobody took them; 0 where they are drained.
  public var lostActions: UInt32 { actions.lost }

  public mutating func handle(_ event: XiaomiPhoneEvent, at now: Instant) {
    switch event {
    case .contract(let revision, let role):
      rejections = 0
      if state == .idle { begin(revision, role, at: now) }
    case .dataRole(let role): changeRole(role, at: now)
    case .identity(let words): takeIdentity(words, at: now)
    case .extendedCapabilities(_, let product):
      guard state == .readingExtendedCapabilities else { break }
      adapterID = XiaomiAdapterID(rawValue: UInt32(product))
      discoverSVIDs(at: now)
    case .svids(let words): takeSVIDs(words, at: now)
    case .capabilities(let list):
      offer = list
      takeCapabilities(at: now)
    case .requestFailed(let failure): fail(failure, at: now)
    case .received(let message): receive(message, at: now)
    case .session(let session):
      guard state == .drawingSession else { break }
      self.session = session
      sendCommand(at: now)
    case .digest(let question, let digest): takeDigest(digest, for: question, at: now)
    case .choiceRejected: choiceRejected(at: now)
    case .batteryNearlyFull: topUp()
    case .timeout: break
    case .hardReset, .detached: startOver()
    }
    if let deadline = nextDeadline, now >= deadline {
      nextDeadline = nil
      expire(at: now)
    }
  }

  private mutating func expire(at now: Instant) {
    switch state {
    case .idle, .charging, .toppingUp, .fallback: break
    case .waitingToSwap: askForRole(at: now)
    case .swappingRole, .discoveringIdentity, .readingExtendedCapabilities, .discoveringSVIDs:
      fail(.refused, at: now)
    case .pausing: beginCommand(at: now)
    case .drawingSession: fallBack(.noSession, at: now)
    case .commanding: commandExpired(at: now)
    case .comparing: reject(.keyMissing, at: now)
    case .rejecting: waitForFallback(at: now)
    case .readingCapabilities: capabilitiesExpired(at: now)
    case .waitingForFallback: chooseFallback()
    }
  }

  /// Forgets the charger.
  private mutating func startOver() {
    state = .idle
    nextDeadline = nil
    isVerified = false
    adapterID = nil
    offer = PowerDataObjectList()
    earlierOffer = PowerDataObjectList()
    forgetSession()
    step = 0
    rejections = 0
  }

  /// Forgets what belongs to one dialogue.
  mutating func forgetSession() {
    digest = nil
    chargerProof = nil
    session = nil
    if case .replayed(let recorded, _) = profile.proof { session = recorded }
  }

  mutating func perform(_ action: XiaomiPhoneAction) { actions.append(action) }

  /// Enters a state that ends by itself after `wait`.
  mutating func enter(_ state: XiaomiPhoneState, for wait: Nanoseconds, at now: Instant) {
    self.state = state
    nextDeadline = now + wait
  }

  /// Enters a state that lasts.
  mutating func enter(_ state: XiaomiPhoneState) {
    self.state = state
    nextDeadline = nil
  }
}
