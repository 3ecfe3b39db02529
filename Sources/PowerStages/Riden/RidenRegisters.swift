public import Quantities

/// The holding registers of a Riden RD60xx that the project uses.
///
/// Sources: the register lists of `Baldanos/rd6006` and `ShayBox/Riden`, which agree. Registers for calibration and
/// for the boot loader exist as well; they are left alone.
public enum RidenRegister {
  /// Five digits: RD6006 is 60060 to 60064, and so on.
  public static var model: UInt16 { 0 }
  /// 1 where the temperature is below zero.
  public static var temperatureSign: UInt16 { 4 }
  /// Inside the supply, in °C.
  public static var temperature: UInt16 { 5 }
  public static var targetVoltage: UInt16 { 8 }
  public static var currentLimit: UInt16 { 9 }
  public static var voltage: UInt16 { 10 }
  public static var current: UInt16 { 11 }
  /// In 10 mV.
  public static var inputVoltage: UInt16 { 14 }
  /// 0 none, 1 over-voltage, 2 over-current.
  public static var protection: UInt16 { 16 }
  /// 0 holds the voltage, 1 the current.
  public static var regulation: UInt16 { 17 }
  /// 0 off, 1 on.
  public static var output: UInt16 { 18 }
}

/// A model of the RD60xx series: what its registers count, and how far it goes.
///
/// Source of the steps and of the numbers: `ShayBox/Riden`. The ends of the ranges are what the names say: 60 V, and as
/// many amperes as the last two digits.
public enum RidenModel: UInt8, CaseIterable, Sendable {
  case rd6006, rd6006P, rd6012, rd6018

  /// From register 0; `nil` for a supply whose steps are not known.
  public init?(number: UInt16) {
    switch number {
    case 60060...60064: self = .rd6006
    case 60065: self = .rd6006P
    case 60120...60129: self = .rd6012
    case 60180...60189: self = .rd6018
    default: return nil
    }
  }

  public var voltages: ClosedRange<Millivolts> { Millivolts(0)...Millivolts(60_000) }

  public var currents: ClosedRange<Milliamperes> {
    switch self {
    case .rd6006, .rd6006P: Milliamperes(0)...Milliamperes(6_000)
    case .rd6012: Milliamperes(0)...Milliamperes(12_000)
    case .rd6018: Milliamperes(0)...Milliamperes(18_000)
    }
  }

  private var countsPerVolt: Int32 { self == .rd6006P ? 1_000 : 100 }

  private var countsPerAmpere: Int32 {
    switch self {
    case .rd6006: 1_000
    case .rd6006P: 10_000
    case .rd6012, .rd6018: 100
    }
  }

  /// The register value of the voltage, cut to the range and rounded down to a step.
  public func code(_ voltage: Millivolts) -> UInt16 {
    let cut = min(max(voltage, voltages.lowerBound), voltages.upperBound)
    return UInt16(truncatingIfNeeded: cut.rawValue &* countsPerVolt / 1_000)
  }

  /// The register value of the current, cut to the range and rounded down to a step.
  public func code(_ current: Milliamperes) -> UInt16 {
    let cut = min(max(current, currents.lowerBound), currents.upperBound)
    return UInt16(truncatingIfNeeded: cut.rawValue &* countsPerAmpere / 1_000)
  }

  public func voltage(_ code: UInt16) -> Millivolts { Millivolts(Int32(code) &* 1_000 / countsPerVolt) }

  public func current(_ code: UInt16) -> Milliamperes { Milliamperes(Int32(code) &* 1_000 / countsPerAmpere) }
}
