public import Quantities

/// What the source has agreed to put on VBUS, and how much the sink may draw (USB-PD R3.2 §7, §6.4.2).
///
/// Every fast-charging protocol states its result in this form; the supervisor knows no other.
public struct PowerContract: Equatable, Sendable {
  /// The kind of supply; it decides tolerance, step and time limits.
  public enum Supply: UInt8, Sendable {
    /// vSafe5V at the current that Rp advertises: no contract yet.
    case typeC
    case fixed, variable, battery
    case sprPPS, sprAVS, eprAVS
    /// Agreed by a protocol other than USB-PD, with windows as for PPS.
    case proprietary
  }

  public var supply: Supply
  /// The voltage that the source aims at; for variable and battery supplies, the lowest that it may have.
  public var voltage: Millivolts
  /// The highest voltage of a variable or battery supply; equal to `voltage` for all others.
  public var highestVoltage: Millivolts
  /// The most that the sink may draw: Operating Current, or operating power over the lowest voltage.
  public var current: Milliamperes
  /// Position of the object in the capabilities, from 1; 0 where there is none.
  public var position: UInt8
  /// The object that was chosen, as on the wire; 0 where there is none.
  public var object: UInt32
  /// The request, as on the wire; 0 where there is none.
  public var request: UInt32
  /// Whether the ports are in EPR mode; then the EPR time limits hold.
  public var isEPR: Bool

  public init(
    supply: Supply, voltage: Millivolts, highestVoltage: Millivolts? = nil, current: Milliamperes,
    position: UInt8 = 0, object: UInt32 = 0, request: UInt32 = 0, isEPR: Bool = false
  ) {
    self.supply = supply
    self.voltage = voltage
    self.highestVoltage = highestVoltage ?? voltage
    self.current = current
    self.position = position
    self.object = object
    self.request = request
    self.isEPR = isEPR
  }

  /// vSafe5V with the current that Rp advertises.
  public static func typeC(_ current: Milliamperes) -> PowerContract {
    PowerContract(supply: .typeC, voltage: Millivolts(5_000), current: current)
  }

  /// Whether `next` is a step within the same PPS or AVS object, for which no tSrcTransition is waited (§7.1.4).
  public func isSameProgrammableObject(as next: PowerContract) -> Bool {
    switch supply {
    case .sprPPS, .sprAVS, .eprAVS:
      return supply == next.supply && position == next.position && object == next.object
    case .proprietary: return next.supply == .proprietary
    default: return false
    }
  }

  /// The most power that the sink may draw.
  public var power: Milliwatts { PowerContract.power(highestVoltage, current) }

  /// The power at the lowest voltage that the supply may have.
  public var lowestPower: Milliwatts { PowerContract.power(voltage, current) }

  private static func power(_ voltage: Millivolts, _ current: Milliamperes) -> Milliwatts {
    let microwatts = Int64(voltage.rawValue) &* Int64(current.rawValue)
    return Milliwatts(Int32(truncatingIfNeeded: min(microwatts / 1_000, Int64(Int32.max))))
  }
}
