public import PowerDelivery
public import XiaomiCharge

/// What is known of an attachment: everything that a dialogue is built on. Hard Reset and detach begin a new one.
public struct XiaomiSession: Sendable {
  /// How somebody answered.
  public enum Answer: String, Sendable {
    case none = "not answered"
    case accepted, rejected
    case wait = "told to wait"
    case notSupported = "answered with Not_Supported"
  }

  /// Something that one port asked the other.
  public struct Question: Equatable, Sendable {
    public var place: EntryPlace
    public var by: Sender
    public var answer = Answer.none
    public var answerPlace: EntryPlace?
    public var tries = 1
  }

  /// A list of power data objects that the source offered.
  public struct Offer: Equatable, Sendable {
    public var objects: PowerDataObjectList
    public var place: EntryPlace
  }

  /// Whether the phone is DFP, as the last header told; `nil` before the first.
  public internal(set) var phoneIsDFP: Bool?
  /// The last DR_Swap.
  public internal(set) var swap: Question?
  /// Discover Identity and Discover SVIDs, as the phone asked for them last.
  public internal(set) var identity: Question?
  public internal(set) var svidQuestion: Question?
  /// The vendor id that the charger names, by Discover Identity or Source_Capabilities_Extended.
  public internal(set) var vendorID: UInt16?
  /// What phones take for the adapter id: low half of the third object of the identity, then of the last one where that
  /// differs; or the PID of Source_Capabilities_Extended (Xiaomi 2.2).
  public internal(set) var adapterIDs: [XiaomiAdapterID] = []
  /// The SVIDs that the charger listed, the first 24 of them; empty where no list was seen.
  public internal(set) var svids: [UInt16] = []
  /// The revision of the first Request, and where it stands.
  public internal(set) var revision: SpecificationRevision?
  var requestPlace: EntryPlace?
  /// Where the first contract became active.
  public internal(set) var contract: EntryPlace?
  public internal(set) var offer: Offer?
  /// Whether the recording has no beginning of the attachment.
  public internal(set) var beganLate = false
  /// Whether either port names Xiaomi or ZMI as its vendor, or the SVID was listed.
  var namesXiaomi = false
  var hasMessage = false
  var rp = RpWatch()
  /// When the phone spoke last.
  var lastWordOfPhone: EntryPlace?
  var power = XiaomiPowerTrack()

  static let mostSVIDs = 24

  /// Whether `vendor` is one whose chargers and phones speak the protocol (Xiaomi 2.1).
  static func isXiaomi(_ vendor: UInt16) -> Bool { vendor == XiaomiSVID.xiaomi || vendor == XiaomiSVID.zmi }

  /// Whether the charger lists the protocol.
  public var listsXiaomi: Bool { svids.contains(where: Self.isXiaomi) }

  /// Whether something is known that keeps a phone from starting, though nothing names Xiaomi.
  var hasFailure: Bool {
    for question in [swap, identity, svidQuestion].compactMap({ $0 }) where question.answer != .accepted {
      return true
    }
    return !svids.isEmpty && !listsXiaomi
  }
}
