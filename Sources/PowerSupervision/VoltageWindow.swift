public import PowerDelivery
public import Quantities

/// Voltages between two limits, each inclusive.
public struct VoltageWindow: Equatable, Sendable {
  public var lowest: Millivolts
  public var highest: Millivolts

  @inlinable public init(_ lowest: Millivolts, _ highest: Millivolts) {
    self.lowest = lowest
    self.highest = highest
  }

  @inlinable public func contains(_ voltage: Millivolts) -> Bool { voltage >= lowest && voltage <= highest }

  /// The smallest window that holds both: what VBUS may pass through on its way from one to the other.
  @inlinable public func spanning(_ other: VoltageWindow) -> VoltageWindow {
    VoltageWindow(min(lowest, other.lowest), max(highest, other.highest))
  }

  @inlinable func widened(by margin: QuantityLimits<Millivolts>) -> VoltageWindow {
    VoltageWindow(lowest + (margin.minimum ?? .zero), highest + (margin.maximum ?? .zero))
  }

  /// Shares of a voltage; an end that has no share is the voltage itself.
  init(_ share: QuantityLimits<Percent>, of voltage: Millivolts) {
    lowest = (share.minimum ?? Percent(100)).of(voltage)
    highest = (share.maximum ?? Percent(100)).of(voltage)
  }
}

extension Percent {
  /// The share of a voltage, rounded towards zero to whole millivolts.
  func of(_ voltage: Millivolts) -> Millivolts {
    Millivolts(Int32(truncatingIfNeeded: Int64(voltage.rawValue) * Int64(rawValue) / 100))
  }
}

extension PowerContract {
  /// Where VBUS is while nothing changes: vSrcNew, vPpsNew, vAvsNew or vSafe5V (USB-PD R3.2 §7.4.1).
  ///
  /// The 5 V object is the vSafe5V fixed supply, so its window is vSafe5V's.
  public var settledWindow: VoltageWindow {
    switch supply {
    case .typeC: return PowerContract.safe5V
    case .fixed:
      return voltage == Millivolts(5_000)
        ? PowerContract.safe5V : VoltageWindow(ElectricalLimits.vSrcNewFixed, of: voltage)
    case .variable, .battery:
      return VoltageWindow(
        VoltageWindow(ElectricalLimits.vSrcNewVariable, of: voltage).lowest, highestVoltage)
    case .sprPPS, .proprietary: return VoltageWindow(ElectricalLimits.vPpsNew, of: voltage)
    case .sprAVS, .eprAVS: return VoltageWindow(ElectricalLimits.vAvsNew, of: voltage)
    }
  }

  /// Where VBUS may be for as long as a transient lasts: vSrcValid, vPpsValid or vAvsValid (§7.4.1).
  public var validWindow: VoltageWindow {
    switch supply {
    case .typeC, .fixed, .variable, .battery: settledWindow.widened(by: ElectricalLimits.vSrcValid)
    case .sprPPS, .proprietary: settledWindow.widened(by: ElectricalLimits.vPpsValid)
    case .sprAVS, .eprAVS: settledWindow.widened(by: ElectricalLimits.vAvsValid)
    }
  }

  private static var safe5V: VoltageWindow {
    VoltageWindow(
      ElectricalLimits.vSafe5V.minimum ?? .zero, ElectricalLimits.vSafe5V.maximum ?? .zero)
  }

  /// Whether the supply holds the current at the agreed limit and lets the voltage fall (§7.1.4.2).
  public var limitsCurrent: Bool { supply == .sprPPS || supply == .proprietary }

  /// How long VBUS may take from this contract into the settled window of `next`, from the moment that it may
  /// begin to change: tSrcSettle, tPpsSrcTransSmall, tAvsSrcTransLarge and so on (§7.1.4, §7.1.8).
  public func settleTime(to next: PowerContract) -> TimerLimits {
    let step = abs(Int64(next.voltage.rawValue) - Int64(voltage.rawValue))
    guard isSameProgrammableObject(as: next) else {
      return isEPR || next.isEPR ? Timing.srcSettleEPR : Timing.srcSettleSPR
    }
    if limitsCurrent {
      return step <= Int64(ElectricalLimits.vPpsSmallStep.maximum?.rawValue ?? 0)
        ? Timing.ppsSrcTransSmall : Timing.ppsSrcTransLarge
    }
    return step <= Int64(ElectricalLimits.vAvsSmallStep.maximum?.rawValue ?? 0)
      ? Timing.avsSrcTransSmall : Timing.avsSrcTransLarge
  }
}
