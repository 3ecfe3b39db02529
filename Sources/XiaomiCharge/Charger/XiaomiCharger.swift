import PowerDelivery
public import Quantities

/// The charger's side of the private protocol (Xiaomi 5.2): it answers, and it tells what may be offered.
///
/// Commands are taken in any order, as often as they come; only AUTHENTICATION needs a seed before it, and REVERSE_AUTHEN a
/// challenge. What is offered changes in two cases: up when the phone accepts a proof that was really sent, down when
/// trust ends. Everything else that arrives costs at most one answer.
public struct XiaomiCharger: Equatable, Sendable {
  public let settings: XiaomiChargerSettings
  /// How far both sides trust each other now.
  public private(set) var stage: XiaomiStage = .standard
  /// What the charger tells when it is asked; keep it fresh.
  public var reading: XiaomiReading
  var dialogue: Dialogue = .none
  /// Whether the phone has accepted the proof of the present dialogue, and whether it has proved itself in it.
  var isAccepted = false
  var isPhoneProved = false
  /// When to offer by itself, because the phone has not asked.
  var offerDeadline: Instant?
  private var actions = ActionQueue<XiaomiChargerAction>()

  /// What is known of the present dialogue.
  enum Dialogue: Equatable, Sendable {
    case none
    case seeded(XiaomiOctets)
    /// The digest is asked for; it is of no use after the deadline.
    case computing(XiaomiDigestQuestion, svid: UInt16, deadline: Instant)
    /// The challenge was answered.
    case proved(XiaomiDigestQuestion, XiaomiDigest)
  }

  public init(_ settings: XiaomiChargerSettings) {
    self.settings = settings
    reading = XiaomiReading(voltage: Millivolts(5_000), temperature: DegreesCelsius(25))
  }

  /// How long a digest may take. The answer must have begun at tReceiverResponse (USB-PD R3.2 §6.6.2), and the way to
  /// the wire takes some of it, as for every decision of a port's user.
  public static var digestWait: Nanoseconds {
    (Timing.receiverResponse.maximum ?? Nanoseconds(15_000_000)) - Nanoseconds(3_000_000)
  }

  /// How long after an unlocking message the charger waits for Get_Source_Cap before it offers by itself (Xiaomi 5.2).
  public static var offerWait: Nanoseconds { Nanoseconds(2_000_000_000) }

  /// Whether a larger offer waits for the phone to ask for it.
  public var isOfferPending: Bool { offerDeadline != nil }

  /// When `timeout` is due; `nil`: nothing is awaited.
  public var nextDeadline: Instant? {
    guard case .computing(_, _, let deadline) = dialogue else { return offerDeadline }
    guard let offerDeadline else { return deadline }
    return min(deadline, offerDeadline)
  }

  /// The next thing to do; `nil`: all is done. Drain after every event.
  public mutating func nextAction() -> XiaomiChargerAction? { actions.take() }

  /// How many actions were lost because nobody took them; 0 where they are drained.
  public var lostActions: UInt32 { actions.lost }

  public mutating func handle(_ event: XiaomiChargerEvent, at now: Instant) {
    switch event {
    case .received(let message): receive(message, at: now)
    case .digest(let question, let digest): take(digest, for: question)
    case .timeout: break
    case .contract: offerDeadline = nil
    case .hardReset, .detached:
      if stage != .standard { perform(.offer(.standard, .whenAsked)) }
      stage = .standard
      offerDeadline = nil
      forget()
    }
    expire(at: now)
  }

  private mutating func expire(at now: Instant) {
    if case .computing(_, _, let deadline) = dialogue, now >= deadline {
      drop()
      refuse()
      perform(.notify(.digestLate))
    }
    if let deadline = offerDeadline, now >= deadline {
      offerDeadline = nil
      perform(.offer(stage, .now))
    }
  }

  /// Ends the dialogue; the stage stays.
  mutating func forget() {
    dialogue = .none
    isAccepted = false
    isPhoneProved = false
  }

  /// Raises the stage to what the dialogue has earned; it never falls here.
  mutating func raiseStage(at now: Instant) {
    guard case .proved = dialogue, isAccepted else { return }
    let earned: XiaomiStage = isPhoneProved || settings.enforcement == .lenient ? .mutual : .verified
    guard earned > stage else { return }
    stage = earned
    offerDeadline = now + XiaomiCharger.offerWait
    perform(.offer(stage, .whenAsked))
  }

  /// Ends all trust and takes back what was offered.
  mutating func lock() {
    forget()
    offerDeadline = nil
    if stage != .standard { perform(.offer(.standard, .now)) }
    stage = .standard
  }

  /// Leaves the challenge that is being worked on without an answer; the seed holds.
  mutating func drop() {
    if case .computing(let question, _, _) = dialogue { dialogue = .seeded(question.seed) }
  }

  mutating func perform(_ action: XiaomiChargerAction) { actions.append(action) }

  mutating func refuse() {
    perform(.answer(ShortMessage(.notSupported, header: XiaomiCharger.header)))
  }

  /// Source, UFP, Revision 3: the port fills in what it really is.
  static var header: MessageHeader { MessageHeader(rawValue: 0x0180) }
}
