public import PowerDelivery
public import Quantities

/// Something that a partner does wrong, on purpose: a filter between a good engine and the wire, or traffic of its own.
public enum Misbehaviour: Equatable, Sendable {
  // What it sends, or does not.

  /// Sends messages of this kind so much later.
  case answersLate(MessageKind, Nanoseconds)
  /// Never sends messages of this kind.
  case neverSends(MessageKind)
  /// Asks for what was not offered.
  case requestsTooMuch(ExcessiveRequest)
  /// Acknowledges so many packets and none after.
  case stopsGoodCRC(after: Int)
  /// MessageIDs jump by three.
  case wrongMessageID
  /// GoodCRCs carry the next MessageID.
  case wrongGoodCRCID
  /// Every message has MessageID 0.
  case repeatsMessageID
  /// The header says a reserved revision.
  case wrongRevision
  /// The header claims the data role of the partner.
  case wrongDataRole
  /// The header claims to be the source, and Source_Capabilities are sent every so often.
  case claimsSource(Nanoseconds)
  /// PS_RDY is acknowledged and not understood.
  case ignoresPSRDY

  /// Its Vendor_Defined message of this number, counted from 0, is not what it should be; 255 means all of them.
  case spoilsVDM(UInt8, VDMFault)

  // What it sends of its own accord, every so often.

  /// Get_Source_Cap.
  case floods(Nanoseconds)
  case hardResetStorm(Nanoseconds)
  case softResetStorm(Nanoseconds)
  /// Random words under a random header, with a right CRC.
  case garbageMessages(Nanoseconds)
  /// Messages of types that no revision defines.
  case reservedMessages(Nanoseconds)
  /// Unstructured and structured Vendor_Defined messages.
  case vdmFlood(Nanoseconds)
  /// Requests, whether anything was offered or not.
  case requestsWithoutCapabilities(Nanoseconds)
  /// Chunks that belong to no message, chunk requests that nobody waits for, sizes that do not fit.
  case chunkNonsense(Nanoseconds)

  // What it does with the cable and with VBUS.

  /// Pulls the plug so long after an Accept was received.
  case detachesMidTransition(after: Nanoseconds)
  /// Draws this much as soon as it may draw anything but nothing.
  case drawsTooMuch(Milliamperes)
  /// Draws on what it drew before, whatever it is told, while VBUS is there.
  case neverSinksDown
  /// The stage is so far off what it was told.
  case wrongVoltage(Millivolts)

  /// What is wrong with a request.
  public enum ExcessiveRequest: UInt8, Equatable, Sendable {
    /// A position that the offer does not have.
    case position
    /// More current than any object offers.
    case current
    /// A voltage outside a PPS or AVS object; for other objects, more current.
    case voltage
  }

  /// What is wrong with a Vendor_Defined message.
  public enum VDMFault: Equatable, Sendable {
    /// It believes that it has sent it.
    case unsent
    case late(Nanoseconds)
    /// Without its last object, or with one more.
    case shortened, lengthened
    /// One bit of each object behind the header is another.
    case garbled
    /// Another command, another SVID, a structured header instead of an unstructured one or the other way round.
    case otherCommand, otherSVID, otherType
    /// Not_Supported instead.
    case refused
  }

  /// A charger that agrees and never says that the supply is ready.
  public static var neverPSRDY: Misbehaviour { .neverSends(.control(.psRDY)) }
  /// A charger that takes its time to agree.
  public static func acceptsLate(_ delay: Nanoseconds) -> Misbehaviour {
    .answersLate(.control(.accept), delay)
  }

  /// How often it sends something of its own accord; `nil` where it does not.
  var interval: Nanoseconds? {
    switch self {
    case .claimsSource(let span), .floods(let span), .hardResetStorm(let span), .softResetStorm(let span),
      .garbageMessages(let span), .reservedMessages(let span), .vdmFlood(let span),
      .requestsWithoutCapabilities(let span), .chunkNonsense(let span):
      span
    default: nil
    }
  }
}

/// Up to four misbehaviours of one port.
public struct MisbehaviourList: Equatable, Sendable {
  public private(set) var count = 0
  private var places = InlineArray<4, Misbehaviour>(repeating: .wrongMessageID)

  public init() {}
  public init(_ one: Misbehaviour) { append(one) }

  /// Adds one; ignored when there are four.
  public mutating func append(_ one: Misbehaviour) {
    guard count < 4 else { return }
    places[count] = one
    count &+= 1
  }

  public subscript(index: Int) -> Misbehaviour { places[index] }

  public static func == (left: Self, right: Self) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left.places[index] != right.places[index] { return false }
    return true
  }
}
