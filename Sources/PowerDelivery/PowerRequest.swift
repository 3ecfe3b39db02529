/// A request data object, read against the power data object that it selects (USB-PD R3.2 §6.4.2).
///
/// The bits below 21 mean different things for each kind of supply, so a request cannot be read alone.
public enum PowerRequest: Hashable, Sendable {
  case fixedVariable(FixedVariableRDO)
  /// Revision 2.0 with GiveBack set: the last field is the minimum operating current.
  case fixedVariableGiveBack(FixedVariableGiveBackRDO)
  case battery(BatteryRDO)
  /// Revision 2.0 with GiveBack set, for a battery supply.
  case batteryGiveBack(BatteryGiveBackRDO)
  case pps(PPSRDO)
  /// SPR AVS and EPR AVS share one form.
  case avs(AVSRDO)
  /// The selected object is unknown, empty or of a reserved kind: only the common fields can be read.
  case unresolved(RequestDataObject)

  /// Reads `rawValue` as a request for `object`; without an object it stays unresolved.
  public init(rawValue: UInt32, for object: SourcePDO?) {
    let giveBack = RequestDataObject(rawValue: rawValue).giveBack
    switch object {
    case .fixed, .variable:
      self =
        giveBack
        ? .fixedVariableGiveBack(FixedVariableGiveBackRDO(rawValue: rawValue))
        : .fixedVariable(FixedVariableRDO(rawValue: rawValue))
    case .battery:
      self =
        giveBack
        ? .batteryGiveBack(BatteryGiveBackRDO(rawValue: rawValue)) : .battery(BatteryRDO(rawValue: rawValue))
    case .sprPPS: self = .pps(PPSRDO(rawValue: rawValue))
    case .sprAVS, .eprAVS: self = .avs(AVSRDO(rawValue: rawValue))
    case .reserved, .empty, nil: self = .unresolved(RequestDataObject(rawValue: rawValue))
    }
  }

  public var rawValue: UInt32 {
    switch self {
    case .fixedVariable(let object): object.rawValue
    case .fixedVariableGiveBack(let object): object.rawValue
    case .battery(let object): object.rawValue
    case .batteryGiveBack(let object): object.rawValue
    case .pps(let object): object.rawValue
    case .avs(let object): object.rawValue
    case .unresolved(let object): object.rawValue
    }
  }

  /// The fields that every kind of request has.
  public var common: RequestDataObject { RequestDataObject(rawValue: rawValue) }

  /// Reserved bits that are 1 and constant bits that differ.
  public var unexpectedBits: UInt32 {
    switch self {
    case .fixedVariable(let object): object.unexpectedBits
    case .fixedVariableGiveBack(let object): object.unexpectedBits
    case .battery(let object): object.unexpectedBits
    case .batteryGiveBack(let object): object.unexpectedBits
    case .pps(let object): object.unexpectedBits
    case .avs(let object): object.unexpectedBits
    case .unresolved: 0
    }
  }
}

/// A Request or EPR_Request with what it refers to.
public struct RequestBody: Hashable, Sendable {
  public var request: PowerRequest
  /// The object that the request selects, from the capabilities that were read before; `nil` where they are unknown
  /// or do not have that position. For an EPR_Request whose capabilities are unknown: the copy that it carries.
  public var selected: SourcePDO?
  /// The copy of the selected object that an EPR_Request carries (§6.4.9); `nil` for a Request.
  public var copy: SourcePDO?

  public init(request: PowerRequest, selected: SourcePDO?, copy: SourcePDO? = nil) {
    self.request = request
    self.selected = selected
    self.copy = copy
  }
}
