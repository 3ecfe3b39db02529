import PowerDelivery
import Quantities

extension SupervisorLimits {
  /// Whether the stage may be asked for `contract`: it keeps within the absolute limits, and within the object that
  /// it names.
  func allow(_ contract: PowerContract) -> Bool {
    guard contract.voltage > .zero, contract.current >= .zero, contract.highestVoltage >= contract.voltage,
      contract.highestVoltage <= maximumVoltage, contract.current <= maximumCurrent
    else { return false }
    guard contract.isCoveredByObject else { return false }
    return contract.demandedPower <= maximumPower || contract.isLimitedByPower
  }

  /// The current at which the stage is told to limit.
  ///
  /// A supply without current limit is told the current at which it counts as over-current, so that the stage helps
  /// where the supervisor's measurements come too late.
  func stageCurrentLimit(for contract: PowerContract) -> Milliamperes {
    guard contract.limitsCurrent else {
      let trip = OverCurrentRule(contract, self).threshold
      return min(trip, shortCircuitCurrent)
    }
    guard contract.power > maximumPower, contract.voltage > .zero else { return contract.current }
    let current = Int64(maximumPower.rawValue) * 1_000 / Int64(contract.voltage.rawValue)
    return Milliamperes(Int32(truncatingIfNeeded: current))
  }
}

extension PowerContract {
  /// What the stage must be able to give: a battery supply keeps its power at any voltage, all others their current.
  var demandedPower: Milliwatts { supply == .battery ? lowestPower : power }

  /// A PPS object may promise more current than its power gives at high voltage (USB-PD R3.2 §6.4.1.2.4.1, bit 27).
  var isLimitedByPower: Bool {
    guard case .sprPPS(let offer) = SourcePDO(rawValue: object) else { return false }
    return offer.ppsPowerLimited
  }

  /// Whether the chosen object offers this voltage and current (§6.4.2).
  var isCoveredByObject: Bool {
    let offered = SourcePDO(rawValue: object)
    if offered.isEPR && !isEPR { return false }
    switch (supply, offered) {
    case (.proprietary, _): return true
    case (.typeC, _): return settledWindow.contains(voltage) && voltage == highestVoltage
    case (.fixed, .fixed(let offer)):
      return matches(offered) && current <= offer.maximumCurrent
    case (.variable, .variable(let offer)):
      return matches(offered) && current <= offer.maximumCurrent
    case (.battery, .battery(let offer)): return matches(offered) && lowestPower <= offer.maximumPower
    case (.sprPPS, .sprPPS(let offer)):
      return isWithin(offered) && current <= offer.maximumCurrent
    case (.sprAVS, .sprAVS(let offer)):
      let limit = voltage <= Millivolts(15_000) ? offer.maximumCurrent15V : offer.maximumCurrent20V
      return isWithin(offered) && current <= limit
    case (.eprAVS, .eprAVS(let offer)):
      return isWithin(offered) && current <= offer.maximumCurrent(at: voltage)
    default: return false
    }
  }

  private func matches(_ offered: SourcePDO) -> Bool {
    offered.voltages == ClosedVoltageRange(voltage, highestVoltage)
  }

  /// For an object with a range: the voltage lies in it, and is the one of the request where that is known.
  private func isWithin(_ offered: SourcePDO) -> Bool {
    guard voltage == highestVoltage, offered.voltages?.contains(voltage) == true else { return false }
    guard request != 0 else { return true }
    switch PowerRequest(rawValue: request, for: offered) {
    case .pps(let request): return request.outputVoltage == voltage
    case .avs(let request): return request.outputVoltage == voltage
    default: return true
    }
  }
}

/// From what current on, and for how long, it is over-current.
struct OverCurrentRule: Equatable, Sendable {
  var threshold: Milliamperes
  var debounce: Nanoseconds

  /// - A supply that limits the current by itself: the limit and what it may exceed while it goes into limiting
  ///   (iPpsCVCLTransient), for as long as that may take.
  /// - An object with Peak Current: the overload that it allows for 10 ms (§6.4.1.2.1.8).
  /// - Anything else: the tolerance and the debounce of the limits.
  init(_ contract: PowerContract, _ limits: SupervisorLimits) {
    if contract.limitsCurrent {
      threshold = contract.current + (ElectricalLimits.iPpsCVCLTransient.maximum ?? .zero)
      debounce = Timing.ppsCVCLTransient.maximum ?? limits.overCurrentDebounce
      return
    }
    var percent = Int64(100) + Int64(limits.overCurrentTolerance.rawValue)
    debounce = limits.overCurrentDebounce
    let overload: Int64 =
      switch contract.peakCurrent {
      case .overload1: 110
      case .overload2: 125
      case .overload3: 150
      default: 0
      }
    if overload > 0 {
      percent = max(percent, overload)
      debounce = max(debounce, OverCurrentRule.longestOverload)
    }
    threshold = Milliamperes(Int32(clamping: Int64(contract.current.rawValue) * percent / 100))
  }

  /// The longest overload that the Peak Current field allows (§6.4.1.2.1.8, Table 6.10).
  private static var longestOverload: Nanoseconds { Nanoseconds(10_000_000) }
}

extension PowerContract {
  fileprivate var peakCurrent: PeakCurrent {
    switch SourcePDO(rawValue: object) {
    case .fixed(let offer) where supply == .fixed: offer.peakCurrent
    case .sprAVS(let offer): offer.peakCurrent
    case .eprAVS(let offer): offer.peakCurrent
    default: .notStated
    }
  }
}
