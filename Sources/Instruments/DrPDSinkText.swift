public import Quantities

/// An object of a source as a Dr. PD words it: the answer to `SINK:PDO?` and `SINK:STATUS:PDO?`.
public enum DrPDSourceObject: Equatable, Sendable {
  case fixed(Millivolts, Milliamperes)
  case variable(ClosedRange<Millivolts>, Milliamperes)
  case battery(ClosedRange<Millivolts>, Milliwatts)
  /// SPR_PPS; also AUGMENTED, its old name.
  case programmable(ClosedRange<Millivolts>, Milliamperes)
  /// SPR_AVS as older firmware words it, by its power.
  case sprAdjustable(ClosedRange<Millivolts>, Milliwatts)
  /// SPR_AVS as newer firmware words it, by its currents up to 15 V and up to 20 V.
  case sprAdjustableCurrents(ClosedRange<Millivolts>, at15V: Milliamperes, at20V: Milliamperes)
  case eprAdjustable(ClosedRange<Millivolts>, Milliwatts)
  /// Anything else, as it came.
  case other(String)

  /// Reads an object; a comma at the end is ignored. `nil` for `NONE`.
  /// - Throws: `DrPDTextError` where the numbers are not those of the kind.
  public init?(_ text: String) throws(DrPDTextError) {
    let fields = DrPDFields(text)
    let count = fields.fields.count
    let range = Self.range(fields)
    switch (fields[0], count) {
    case ("NONE", _): return nil
    case ("FIXED", 3):
      guard let voltage = fields.millivolts(1), let current = fields.milliamperes(2) else { break }
      self = .fixed(voltage, current)
      return
    case ("SPR_AVS", 5):
      guard let range, let low = fields.milliamperes(3), let high = fields.milliamperes(4) else { break }
      self = .sprAdjustableCurrents(range, at15V: low, at20V: high)
      return
    case ("VARIABLE", 4), ("SPR_PPS", 4), ("AUGMENTED", 4):
      guard let range, let current = fields.milliamperes(3) else { break }
      self = fields[0] == "VARIABLE" ? .variable(range, current) : .programmable(range, current)
      return
    case ("BATTERY", 4), ("SPR_AVS", 4), ("EPR_AVS", 4):
      guard let range, let power = fields.milliwatts(3) else { break }
      self =
        fields[0] == "BATTERY"
        ? .battery(range, power)
        : fields[0] == "SPR_AVS" ? .sprAdjustable(range, power) : .eprAdjustable(range, power)
      return
    case ("FIXED", _), ("VARIABLE", _), ("BATTERY", _), ("SPR_PPS", _), ("AUGMENTED", _), ("SPR_AVS", _),
      ("EPR_AVS", _), ("", _):
      break
    default:
      self = .other(text)
      return
    }
    throw DrPDTextError("an object of a source", text)
  }

  private static func range(_ fields: DrPDFields) -> ClosedRange<Millivolts>? {
    guard let low = fields.millivolts(1), let high = fields.millivolts(2), low <= high else { return nil }
    return low...high
  }

  /// The potentials that can be asked for; `nil` where that is not known.
  public var voltages: ClosedRange<Millivolts>? {
    switch self {
    case .fixed(let voltage, _): voltage...voltage
    case .variable(let range, _), .battery(let range, _), .programmable(let range, _),
      .sprAdjustable(let range, _), .sprAdjustableCurrents(let range, _, _), .eprAdjustable(let range, _):
      range
    case .other: nil
    }
  }

  /// An empty place in the list of an EPR source.
  public var isEmpty: Bool {
    if case .fixed(let voltage, _) = self { voltage == .zero } else { false }
  }
}

/// The state of the sink: the answer to `SINK:STATUS?`.
public struct DrPDSinkState: RawRepresentable, Hashable, Sendable {
  public var rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  public static let disconnected = Self(rawValue: "DISCONNECTED")
  public static let ready = Self(rawValue: "PE_SNK_READY")
  public static let eprKeepAlive = Self(rawValue: "PE_SNK_EPR_KEEPALIVE")
  public static let error = Self(rawValue: "ERROR")

  /// Whether a contract is in force and another one may be asked for.
  public var isReady: Bool { self == .ready || self == .eprKeepAlive }
}

/// The answer to `SINK:REQUEST:STATUS?` of newer firmware.
public struct DrPDRequestStatus: Equatable, Sendable {
  /// `NONE`, `PENDING`, `ACCEPTED`, `REJECTED`, `WAIT`, `NOT_SUPPORTED` or `TIMEOUT`.
  public var outcome: String
  public var index: Int
  public var voltage: Millivolts
  public var current: Milliamperes

  /// - Throws: `DrPDTextError` unless there are a word and three numbers.
  public init(_ text: String) throws(DrPDTextError) {
    let fields = DrPDFields(text)
    guard fields.fields.count == 4, !fields[0].isEmpty, let index = fields.number(1, decimals: 0),
      let voltage = fields.number(2, decimals: 0).flatMap({ Int32(exactly: $0) }),
      let current = fields.number(3, decimals: 0).flatMap({ Int32(exactly: $0) })
    else { throw DrPDTextError("the outcome of a request", text) }
    outcome = String(fields[0])
    self.index = Int(clamping: index)
    self.voltage = Millivolts(voltage)
    self.current = Milliamperes(current)
  }
}
