import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities

/// The comparators on VBUS of one port: which level they report, and where the next crossing is.
///
/// Thresholds in µV, with hysteresis: present from 4.0 V on, absent below vSinkDisconnect (3.67 V at 5 V; in a contract
/// four fifths of the lowest voltage that it allows), vSafe0V at 0.8 V (USB Type-C R2.1 §4.4.2).
struct VBUSSense {
  private(set) var level = VBUSLevel.safe0V
  /// Below this a VBUS that was present is absent.
  var disconnect: Int64 = VBUSSense.disconnectAt5V

  static var safe0V: Int64 { Int64(ElectricalLimits.vSafe0V.maximum?.rawValue ?? 0) &* 1000 }
  static var disconnectAt5V: Int64 {
    Int64(ElectricalLimits.vSinkDisconnect.maximum?.rawValue ?? 0) &* 1000
  }
  static var present: Int64 { 4_000_000 }
  /// The lowest voltage of any PPS object.
  static var lowestPPS: Int64 { 3_300_000 }

  /// Four fifths of the lowest voltage that the contract may have, at 5 V and below vSinkDisconnect.
  static func disconnect(of contract: PowerContract) -> Int64 {
    var lowest = Int64(contract.voltage.rawValue) &* 1000
    if contract.supply == .sprPPS || contract.supply == .proprietary {
      let range = SourcePDO(rawValue: contract.object).voltages
      lowest = min(lowest, range.map { Int64($0.minimum.rawValue) &* 1000 } ?? lowest)
      return max(lowest, lowestPPS) &* 4 / 5
    }
    return lowest <= 5_000_000 ? disconnectAt5V : lowest &* 4 / 5
  }

  /// Takes the voltage of the moment; returns whether the level has changed.
  mutating func take(_ microvolts: Int64) -> Bool {
    let before = level
    if microvolts <= VBUSSense.safe0V {
      level = .safe0V
    } else if level == .present {
      if microvolts < disconnect { level = .absent }
    } else if microvolts >= max(VBUSSense.present, disconnect) {
      level = .present
    } else {
      level = .absent
    }
    return level != before
  }

  /// When the level changes at the earliest, as VBUS goes now.
  @inline(__always) func nextCrossing(_ bus: borrowing PowerBus, _ side: Side) -> Instant {
    let rises = bus.slope(on: side) > 0
    switch (level, rises) {
    case (.safe0V, true): return bus.crossing(of: VBUSSense.safe0V &+ 1, on: side)
    case (.absent, true): return bus.crossing(of: max(VBUSSense.present, disconnect), on: side)
    case (.absent, false): return bus.crossing(of: VBUSSense.safe0V, on: side)
    case (.present, false): return bus.crossing(of: disconnect &- 1, on: side)
    case (.safe0V, false), (.present, true): return .distantFuture
    }
  }
}
