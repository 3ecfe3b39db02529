public import PowerDelivery
public import Quantities

/// What a phone asked for, and what it got: the first, the highest, and what was refused.
public struct XiaomiPowerTrack: Equatable, Sendable {
  /// A request with its power, where that can be told.
  public struct Demand: Equatable, Sendable {
    public var request: RequestBody
    public var place: EntryPlace
    /// Voltage times current; `nil` where the object that it selects is not known.
    public var power: Milliwatts?
  }

  /// The first contract and the one of most power.
  public private(set) var first: Demand?
  public private(set) var highest: Demand?
  /// The request of most power, granted or not.
  public private(set) var highestRequest: Demand?
  public private(set) var contractCount = 0
  /// The first request that was refused, and how many were.
  public private(set) var refused: Demand?
  public private(set) var refusedCount = 0
  /// The request that is under way.
  private var pending: Demand?
  private var isAccepted = false

  mutating func ask(_ request: RequestBody, at place: EntryPlace) {
    let demand = Demand(request: request, place: place, power: request.power)
    pending = demand
    isAccepted = false
    highestRequest = Self.larger(highestRequest, demand)
  }

  mutating func accept() { isAccepted = pending != nil }

  /// Reject or Wait.
  mutating func refuse() {
    guard let demand = pending else { return }
    pending = nil
    refusedCount += 1
    refused = refused ?? demand
  }

  /// PS_RDY; gives whether it made a contract.
  @discardableResult mutating func activate() -> Bool {
    guard let demand = pending, isAccepted else { return false }
    pending = nil
    isAccepted = false
    contractCount += 1
    first = first ?? demand
    highest = Self.larger(highest, demand)
    return true
  }

  private static func larger(_ old: Demand?, _ new: Demand) -> Demand {
    guard let old else { return new }
    return (new.power ?? .zero) > (old.power ?? .zero) ? new : old
  }
}

extension RequestBody {
  /// What is asked for at most; `nil` where the selected object is not known.
  var power: Milliwatts? {
    switch request {
    case .fixedVariable(let object): selected?.highestVoltage.map { $0.power(object.operatingCurrent) }
    case .fixedVariableGiveBack(let object):
      selected?.highestVoltage.map { $0.power(object.operatingCurrent) }
    case .battery(let object): object.operatingPower
    case .batteryGiveBack(let object): object.operatingPower
    case .pps(let object): object.outputVoltage.power(object.operatingCurrent)
    case .avs(let object): object.outputVoltage.power(object.operatingCurrent)
    case .unresolved: nil
    }
  }
}

extension SourcePDO {
  fileprivate var highestVoltage: Millivolts? { voltages?.maximum }

  /// The most current of the object; `nil` where it is offered as power.
  var highestCurrent: Milliamperes? {
    switch self {
    case .fixed(let object): object.maximumCurrent
    case .variable(let object): object.maximumCurrent
    case .sprPPS(let object): object.maximumCurrent
    case .sprAVS(let object): max(object.maximumCurrent15V, object.maximumCurrent20V)
    case .battery, .eprAVS, .reserved, .empty: nil
    }
  }

  /// What the object gives at most.
  var highestPower: Milliwatts {
    switch self {
    case .battery(let object): object.maximumPower
    case .eprAVS(let object): object.pdp
    default: voltages.flatMap { range in highestCurrent.map { range.maximum.power($0) } } ?? .zero
    }
  }
}

extension PowerDataObjectList {
  /// What the largest object gives.
  var highestPower: Milliwatts {
    (1...max(1, count)).compactMap { source(at: $0)?.highestPower }.max() ?? .zero
  }
}

extension Millivolts {
  func power(_ current: Milliamperes) -> Milliwatts {
    Milliwatts(Int32(clamping: Int64(rawValue) * Int64(current.rawValue) / 1_000))
  }
}
