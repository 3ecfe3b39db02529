public import LineCode
public import Quantities

/// The answer to `MEAS:ALL?`. Potentials and currents are cut, not rounded, to 10 mV and 10 mA.
public struct DrPDMeasurement: Equatable, Sendable {
  /// When it was sampled, since boot.
  public var time: Microseconds
  public var vbus: Millivolts
  public var current: Milliamperes
  public var dutCC1: Millivolts
  public var dutCC2: Millivolts
  /// The port towards the partner (US/DS).
  public var partnerCC1: Millivolts
  public var partnerCC2: Millivolts
  public var adcReference: Millivolts
  public var groundReference: Millivolts
  public var currentReference: Millivolts
  /// Over which charge and energy were summed up.
  public var accumulated: Microseconds
  /// mAh, of the absolute value of the current.
  public var chargeCount: UInt32
  public var energy: MilliwattHours

  /// - Throws: `DrPDTextError` unless there are thirteen numbers.
  public init(_ text: String) throws(DrPDTextError) {
    let fields = DrPDFields(text)
    let potentials = (3...9).compactMap { fields.millivolts($0) }
    guard fields.fields.count == 13, let time = fields.microseconds(0), let vbus = fields.millivolts(1),
      let current = fields.milliamperes(2), potentials.count == 7,
      let accumulated = fields.microseconds(10), let charge = UInt32(fields[11]),
      let energy = UInt32(fields[12])
    else { throw DrPDTextError("a measurement of thirteen numbers", text) }
    self.time = time
    self.vbus = vbus
    self.current = current
    dutCC1 = potentials[0]
    dutCC2 = potentials[1]
    partnerCC1 = potentials[2]
    partnerCC2 = potentials[3]
    adcReference = potentials[4]
    groundReference = potentials[5]
    currentReference = potentials[6]
    self.accumulated = accumulated
    chargeCount = charge
    self.energy = MilliwattHours(Int32(clamping: energy))
  }
}

/// The answer to `BUS:CC:ROLE?`: one field, or six.
public struct DrPDRole: Equatable, Sendable {
  public var role: Role
  public var attachment: DrPDAttachment?
  /// Where the source is.
  public var source: Place?
  public var sink: Place?

  /// What the device does on CC; a word that is not known is carried.
  public struct Role: RawRepresentable, Hashable, Sendable {
    public var rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let disabled = Self(rawValue: "DISABLED")
    public static let observer = Self(rawValue: "OBSERVER")
    public static let sink = Self(rawValue: "SINK")
    /// Newer firmware only.
    public static let cableTest = Self(rawValue: "CABLE_TEST")
  }

  /// A port of the device (`DUT` or `USDS`) and a CC line there (`CC1`, `CC2`).
  public struct Place: Equatable, Sendable {
    public var port: String
    public var line: String
  }

  /// - Throws: `DrPDTextError` unless there are one or six fields.
  public init(_ text: String) throws(DrPDTextError) {
    let fields = DrPDFields(text)
    guard !fields[0].isEmpty, fields.fields.count == 1 || fields.fields.count == 6 else {
      throw DrPDTextError("a role", text)
    }
    role = Role(rawValue: String(fields[0]))
    guard fields.fields.count == 6 else { return }
    attachment = DrPDAttachment(rawValue: String(fields[1]))
    source = Place(port: String(fields[2]), line: String(fields[3]))
    sink = Place(port: String(fields[4]), line: String(fields[5]))
  }
}

/// The answer to `BUS:CC:ROLE:STAT?`.
public struct DrPDAttachment: RawRepresentable, Hashable, Sendable {
  public var rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  public static let unattached = Self(rawValue: "UNATTACHED")
  public static let sourceFound = Self(rawValue: "SOURCE_FOUND")
  public static let attached = Self(rawValue: "ATTACHED")
}

/// The answer to `BUS:VBUS:STAT?`.
public struct DrPDVBUSState: Equatable, Sendable {
  /// `ENABLED`, `DISABLED`, `OVP` or `OCP`.
  public var state: String
  /// The last trip for over-voltage, since boot.
  public var overvoltage: Microseconds?
  public var overcurrent: Microseconds?

  /// - Throws: `DrPDTextError` unless there are a word and two times or `NONE`.
  public init(_ text: String) throws(DrPDTextError) {
    let fields = DrPDFields(text)
    guard fields.fields.count == 3, !fields[0].isEmpty,
      (1...2).allSatisfy({ fields[$0] == "NONE" || fields.microseconds($0) != nil })
    else { throw DrPDTextError("a state of VBUS", text) }
    state = String(fields[0])
    overvoltage = fields.microseconds(1)
    overcurrent = fields.microseconds(2)
  }
}

/// Numbers that single answers hold.
public enum DrPDNumber {
  /// A count, such as of `BUS:CC:CAP:COUNT?`.
  public static func count(_ text: String) throws(DrPDTextError) -> Int {
    guard let value = UInt32(DrPDFields(text)[0]) else { throw DrPDTextError("a count", text) }
    return Int(value)
  }

  /// The clock: `SYST:TIME?`.
  public static func time(_ text: String) throws(DrPDTextError) -> Microseconds {
    guard let value = DrPDFields(text).microseconds(0), value.rawValue >= 0 else {
      throw DrPDTextError("a time", text)
    }
    return value
  }

  /// The rate of pulse counts from `BUS:CC:CAP:CYCLETIME?`, which is in nanoseconds (0.1 to 1,000 are believed).
  public static func pulseRate(_ text: String) throws(DrPDTextError) -> TickRate {
    guard let picoseconds = DrPDFields(text).number(0, decimals: 3), (100...1_000_000).contains(picoseconds)
    else { throw DrPDTextError("the length of a cycle", text) }
    return TickRate(hertz: (1_000_000_000_000 + UInt64(picoseconds) / 2) / UInt64(picoseconds))
  }

  /// Volts, as `BUS:VBUS:OVPT?` gives them.
  public static func volts(_ text: String) throws(DrPDTextError) -> Millivolts {
    guard let value = DrPDFields(text).millivolts(0) else { throw DrPDTextError("a number of volts", text) }
    return value
  }

  /// Millivolts with decimals, as `SINK:STATUS:VOLTAGE?` gives them; cut to whole ones.
  public static func millivolts(_ text: String) throws(DrPDTextError) -> Millivolts {
    guard let value = DrPDFields(text).number(0, decimals: 0).flatMap({ Int32(exactly: $0) }) else {
      throw DrPDTextError("a number of millivolts", text)
    }
    return Millivolts(value)
  }

  /// Milliamperes with decimals, as `SINK:STATUS:CURRENT?` gives them; cut to whole ones.
  public static func milliamperes(_ text: String) throws(DrPDTextError) -> Milliamperes {
    Milliamperes(try millivolts(text).rawValue)
  }
}

extension DrPDCaptureRecord {
  /// Reads a whole answer to `BUS:CC:CAP:DATA?`: head, payload, and a newline behind it or not.
  /// - Throws: `DrPDError` where the head, the length or the counts inside do not agree.
  public init(answer bytes: Span<UInt8>) throws(DrPDError) {
    guard let header = try DrPDBlockHeader(bytes) else { throw .blockHeader }
    let end = header.headLength + header.payloadLength
    guard bytes.count == end || bytes.count == end + 1 && bytes[end] == 0x0A else {
      throw .length(bytes.count - header.headLength)
    }
    try self.init(payload: bytes.extracting(header.headLength..<end))
  }
}
