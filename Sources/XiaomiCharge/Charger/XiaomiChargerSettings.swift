public import Quantities

/// What a charger says of itself, and how strict it is.
public struct XiaomiChargerSettings: Equatable, Sendable {
  /// The low half of the Product VDO that the charger's Discover Identity answer gives.
  public var adapterID: XiaomiAdapterID
  /// What it answers to CHARGER_VERSION.
  public var version: XiaomiChargerVersion
  /// In which steps it tells its voltage; sources disagree (Xiaomi 3.3).
  public var voltageStep: VoltageStep
  public var enforcement: Enforcement
  /// Whether messages of ZMI (0x2B01) are answered like those of Xiaomi.
  public var answersZMI: Bool
  /// Whether a verified phone may take VBUS down by RESET_VSAFE0V.
  public var obeysReset: Bool

  public enum VoltageStep: UInt8, Equatable, Sendable {
    case hundredMillivolts, tenMillivolts
  }

  /// What unlocks and what locks (Xiaomi 5.2).
  public enum Enforcement: UInt8, Equatable, Sendable {
    /// VERIFIED gives the stage `verified`, a right proof of the phone `mutual`; a wrong one locks.
    case strict
    /// VERIFIED gives `mutual` at once; a wrong proof of the phone is answered as such and changes nothing.
    case lenient
  }

  public init(adapterID: XiaomiAdapterID) {
    self.adapterID = adapterID
    version = XiaomiChargerVersion(rawValue: 0x0003_0001)
    voltageStep = .hundredMillivolts
    enforcement = .strict
    answersZMI = false
    obeysReset = true
  }
}

/// What a charger measures of itself.
public struct XiaomiReading: Equatable, Sendable {
  /// At its output.
  public var voltage: Millivolts
  public var temperature: DegreesCelsius

  public init(voltage: Millivolts, temperature: DegreesCelsius) {
    self.voltage = voltage
    self.temperature = temperature
  }
}
