public import Instruments
public import LineCode
public import Quantities

/// One thing that a recording holds: a packet, a reset signal, something that happened, or a measurement.
///
/// Every reader yields these and every writer takes them, whatever the format of the file.
public struct TraceRecord: Equatable, Sendable {
  /// When it began, counted from the start of the recording.
  public var time: Nanoseconds
  /// When it ended, where the source tells; `nil` otherwise.
  public var end: Nanoseconds?
  /// The wire it was seen on, as the source names it (`CC1`, `A0`); empty where the source does not say.
  public var line: String
  public var content: Content

  public enum Content: Equatable, Sendable {
    /// A packet, complete or damaged.
    case packet(TracePacket)
    /// Hard Reset or Cable Reset signalling.
    case reset(OrderedSet)
    /// Something that is not on the CC line, as the source reports it.
    case event(TraceEvent)
    /// What a meter measured at that time.
    case measurement(TraceMeasurement)
  }

  public init(time: Nanoseconds, end: Nanoseconds? = nil, line: String = "", content: Content) {
    self.time = time
    self.end = end
    self.line = line
    self.content = content
  }
}

/// A packet as it was seen on the wire.
public struct TracePacket: Equatable, Sendable {
  /// The ordered set that starts it; `nil` where it could not be recognised.
  public var orderedSet: OrderedSet?
  /// Message header, extended header and data in wire order, without the CRC. For a damaged packet: what was read.
  public var bytes: [UInt8]
  /// The CRC-32 that was received; `nil` where the source does not keep it.
  public var crc: UInt32?
  public var validity: Validity
  /// The mean bit rate, where the source tells.
  public var bitRate: BitsPerSecond?

  /// How far the bytes can be trusted.
  public enum Validity: Equatable, Sendable {
    /// The CRC was received and holds.
    case crcHolds
    /// The source reports the packet as good but keeps no CRC to check.
    case notChecked
    /// The bytes were received whole, but the CRC does not hold.
    case crcWrong
    /// The packet broke off or could not be read; the text says why and where.
    case damaged(reason: String)
  }

  public init(
    orderedSet: OrderedSet?, bytes: [UInt8], crc: UInt32? = nil, validity: Validity,
    bitRate: BitsPerSecond? = nil
  ) {
    self.orderedSet = orderedSet
    self.bytes = bytes
    self.crc = crc
    self.validity = validity
    self.bitRate = bitRate
  }
}

extension TracePacket {
  /// Whether a receiver would take the packet: the CRC holds, or the source says that it did.
  public var isSound: Bool { validity == .crcHolds || validity == .notChecked }
}

extension TraceRecord {
  var isSoundPacket: Bool {
    if case .packet(let packet) = content { packet.isSound } else { false }
  }
}

/// Something that the source of a recording reports beside the packets.
public struct TraceEvent: Equatable, Sendable {
  public var kind: Kind
  /// What the source said in its own words; empty where `kind` says all.
  public var text: String

  public enum Kind: String, CaseIterable, Sendable {
    case attach, detach, captureStarted, captureStopped, overvoltage, overcurrent, receiveError, other
  }

  public init(_ kind: Kind, text: String = "") {
    self.kind = kind
    self.text = text
  }
}

/// What a meter measured; `nil` where it does not measure that.
public struct TraceMeasurement: Equatable, Sendable {
  public var vbus: Millivolts?
  /// Positive from source to sink where the meter's orientation is known; otherwise as the meter signs it.
  public var current: Milliamperes?
  public var cc1: Millivolts?
  public var cc2: Millivolts?
  public var dPlus: Millivolts?
  public var dMinus: Millivolts?
  /// Of the meter or of its sensor.
  public var temperature: MillidegreesCelsius?

  public init(
    vbus: Millivolts? = nil, current: Milliamperes? = nil, cc1: Millivolts? = nil, cc2: Millivolts? = nil,
    dPlus: Millivolts? = nil, dMinus: Millivolts? = nil, temperature: MillidegreesCelsius? = nil
  ) {
    self.vbus = vbus
    self.current = current
    self.cc1 = cc1
    self.cc2 = cc2
    self.dPlus = dPlus
    self.dMinus = dMinus
    self.temperature = temperature
  }
}
