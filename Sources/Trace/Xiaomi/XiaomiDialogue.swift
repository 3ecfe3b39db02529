public import PowerDelivery
public import Quantities
public import XiaomiCharge

/// One dialogue of the private protocol: how it came about, what was said, what it led to, and why it did not.
public struct XiaomiDialogue: Sendable {
  /// What ended it.
  public enum End: Equatable, Sendable {
    /// The recording.
    case recording
    case hardReset(EntryPlace)
    case detach(EntryPlace)
    /// The phone began anew.
    case nextDialogue(EntryPlace)
  }

  /// Whose messages the recording has.
  public enum Voices: String, Sendable {
    case both
    case phoneOnly = "phone"
    case chargerOnly = "charger"
  }

  /// Counted from 1 on its wire.
  public internal(set) var number = 0
  /// The first command; where there is none, the first message of the attachment.
  public internal(set) var start: EntryPlace
  /// What the attachment was like when the dialogue began.
  public internal(set) var session: XiaomiSession
  /// The commands in order, the first 32 of them.
  public internal(set) var exchanges: [XiaomiExchange] = []
  /// How many more there were.
  public internal(set) var furtherCount = 0
  /// The last offer in front of VERIFIED; in front of the dialogue, where there is none.
  public internal(set) var offerBefore: XiaomiSession.Offer?
  /// The offer of most power after it.
  public internal(set) var offerAfter: XiaomiSession.Offer?
  /// Where the phone asked for a new offer.
  public internal(set) var offerQuestion: EntryPlace?
  /// Requests and contracts from the start of the dialogue on.
  public internal(set) var power = XiaomiPowerTrack()
  public internal(set) var end = End.recording
  public internal(set) var voices = Voices.both
  /// When the last entry on the wire came that belongs to the dialogue.
  var lastTime: Nanoseconds
  /// Why the phone stayed slow, as far as the recording shows it; hints come last.
  public internal(set) var findings: [XiaomiFinding] = []

  static let mostExchanges = 32

  init(start: EntryPlace, session: XiaomiSession) {
    self.start = start
    self.session = session
    offerBefore = session.offer
    lastTime = start.time
  }

  /// The last exchange of a command; `nil` where it was not sent.
  public func last(_ command: XiaomiCommand) -> XiaomiExchange? {
    exchanges.last { $0.command == command }
  }

  /// What the phone said in its last VERIFIED; `nil` where it said nothing.
  public var verdictOfPhone: XiaomiVerdict? {
    guard let exchange = last(.verified), exchange.request != nil, exchange.requestWords.count > 0 else {
      return nil
    }
    return XiaomiVerified(rawValue: exchange.requestWords[0]).verdict
  }

  /// Whether the phone said that it takes the charger for a genuine one.
  public var isVerified: Bool { verdictOfPhone == .accepted }

  /// From the first command to the phone's VERIFIED 1; `nil` where either is missing and in recordings without times.
  public var timeToVerified: Nanoseconds? {
    guard isVerified, let first = exchanges.first?.request, let verified = last(.verified)?.request,
      verified.time > first.time
    else { return nil }
    return verified.time - first.time
  }

  /// Objects of the new offer that were not there before, or of less power, by position.
  public var newObjects: [(position: Int, object: SourcePDO, before: SourcePDO?)] {
    guard let offerAfter else { return [] }
    return (1...max(1, offerAfter.objects.count)).compactMap { position in
      guard let object = offerAfter.objects.source(at: position), object != .empty else { return nil }
      let old = offerBefore.flatMap { $0.objects.closest(to: object) }
      if let old, old.highestPower >= object.highestPower { return nil }
      return (position, object, old)
    }
  }

  /// The dialogue in one line: `verified in 46.00 ms, then PPS 20.00 V 6.00 A = 120 W`.
  public var verdict: String {
    if isVerified {
      let span = timeToVerified.map { "verified in \($0.spanText)" } ?? "verified"
      guard let contract = power.highest else {
        return voices == .phoneOnly
          ? span + " (what followed is not recorded)" : span + ", but no contract followed"
      }
      return span + ", then \(contract.text)"
    }
    return notVerified + (power.highest.map { "; it charges with \($0.text)" } ?? "")
  }

  private var notVerified: String {
    if verdictOfPhone != nil { return "not verified: the phone did not accept the proof of the charger" }
    if exchanges.isEmpty { return "the dialogue never began" }
    let known = exchanges.contains { $0.command == .verified }
    if known { return "the verdict of the phone is not recorded" }
    return "not verified: the dialogue ended after \(exchanges.last?.command.text ?? "")"
  }
}

extension XiaomiPowerTrack.Demand {
  /// `PPS 20.00 V 6.00 A = 120 W`.
  public var text: String { request.demand + (power.map { " = \($0.text)" } ?? "") }
}

extension XiaomiCommand {
  /// The name, or the number of a command that has none.
  var text: String { name.map { "\($0)" } ?? "command 0x\(hexadecimal(rawValue, digits: 2))" }
}

extension PowerDataObjectList {
  /// The object of most power of the same kind and range as `object`; `nil` where there is none.
  fileprivate func closest(to object: SourcePDO) -> SourcePDO? {
    (1...max(1, count)).compactMap { source(at: $0) }
      .filter { $0.kindName == object.kindName && $0.voltages == object.voltages }
      .max { $0.highestPower < $1.highestPower }
  }
}
