import PortEngine
public import PowerDelivery
public import PowerSupervision
public import Quantities

/// What a sink wants of a charger.
public enum SinkWish: Equatable, Sendable {
  /// The object of exactly this fixed voltage, with at most this current.
  case fixed(Millivolts, Milliamperes)
  /// This voltage of a PPS object, with at most this current.
  case pps(Millivolts, Milliamperes)
  /// This voltage of an AVS object, with at most this current.
  case avs(Millivolts, Milliamperes)

  public var voltage: Millivolts {
    switch self {
    case .fixed(let voltage, _), .pps(let voltage, _), .avs(let voltage, _): voltage
    }
  }

  /// How the engine is told, and the power that it has to need for that; `nil` where it is not offered.
  func choice(in offer: PowerDataObjectList) -> (strategy: SinkStrategy, power: Milliwatts)? {
    guard offer.count > 0 else { return nil }
    for position in 1...offer.count {
      guard let object = offer.source(at: position), matches(object) else { continue }
      switch (self, object) {
      case (.fixed(let voltage, let current), .fixed(let supply)):
        let drawn = min(current, supply.maximumCurrent)
        let power = Int64(voltage.rawValue) * Int64(drawn.rawValue) / 1_000
        return (.object(UInt8(position)), Milliwatts(Int32(clamping: power)))
      case (.pps(let voltage, let current), _): return (.pps(voltage: voltage, current: current), .zero)
      case (.avs(let voltage, let current), _): return (.avs(voltage: voltage, current: current), .zero)
      default: continue
      }
    }
    return nil
  }

  private func matches(_ object: SourcePDO) -> Bool {
    switch (self, object) {
    case (.fixed(let voltage, _), .fixed(let supply)): supply.voltage == voltage
    case (.pps(let voltage, _), .sprPPS), (.avs(let voltage, _), .sprAVS), (.avs(let voltage, _), .eprAVS):
      object.voltages?.contains(voltage) ?? false
    default: false
    }
  }

  /// Whether a contract is what was wished for; its current may be less, where the charger has no more.
  public func isMet(by contract: PowerContract) -> Bool {
    switch self {
    case .fixed(let voltage, _): contract.supply == .fixed && contract.voltage == voltage
    case .pps(let voltage, _): contract.supply == .sprPPS && contract.voltage == voltage
    case .avs(let voltage, _):
      (contract.supply == .sprAVS || contract.supply == .eprAVS) && contract.voltage == voltage
    }
  }
}

/// Wishes one after the other, through what a charger offers.
public struct SinkSweep: Equatable, Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    case fixed, pps, avs
  }

  public var kind: Kind
  /// `nil`: as far as the charger offers.
  public var from: Millivolts?
  public var to: Millivolts?
  /// Between two wishes; fixed voltages are taken as they are offered.
  public var step: Millivolts
  public var current: Milliamperes

  public init(_ kind: Kind, step: Millivolts = Millivolts(100), current: Milliamperes = Milliamperes(3_000)) {
    self.kind = kind
    self.step = step
    self.current = current
  }

  /// The wishes for a charger that offers this: upwards, each once, both ends included.
  public func wishes(_ offer: PowerDataObjectList) -> [SinkWish] {
    var voltages: Set<Millivolts> = []
    for position in 1...max(1, offer.count) {
      switch (kind, offer.source(at: position)) {
      case (.fixed, .fixed(let object)?): voltages.insert(object.voltage)
      case (.pps, .sprPPS(let object)?):
        voltages.formUnion(steps(object.minimumVoltage, object.maximumVoltage))
      case (.avs, .sprAVS?), (.avs, .eprAVS?):
        if let range = offer.source(at: position)?.voltages {
          voltages.formUnion(steps(range.minimum, range.maximum))
        }
      default: break
      }
    }
    return voltages.filter { $0 >= from ?? $0 && $0 <= to ?? $0 }.sorted().map { voltage in
      switch kind {
      case .fixed: .fixed(voltage, current)
      case .pps: .pps(voltage, current)
      case .avs: .avs(voltage, current)
      }
    }
  }

  private func steps(_ lowest: Millivolts, _ highest: Millivolts) -> [Millivolts] {
    // What can be told: 20 mV in PPS, 100 mV in AVS.
    let grain: Int32 = kind == .pps ? 20 : 100
    let first = max(lowest, from ?? lowest).rawValue
    let last = min(highest, to ?? highest).rawValue
    let step = max(grain, step.rawValue / grain * grain)
    guard first <= last else { return [] }
    var found = stride(from: (first + grain - 1) / grain * grain, through: last, by: Int(step)).map {
      Millivolts($0)
    }
    let end = Millivolts(last / grain * grain)
    if found.last != end, end.rawValue >= first { found.append(end) }
    return found
  }
}
