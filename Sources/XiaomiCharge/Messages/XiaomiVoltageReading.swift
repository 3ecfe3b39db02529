public import Quantities

extension XiaomiChargerVoltage {
  /// The voltage in the likelier of the two readings: codes above 0x0120 (28.8 V at 100 mV) count in steps of 10 mV
  /// (Xiaomi 3.3).
  public var likelyVoltage: Millivolts {
    let code = rawValue & 0xFFFF
    return code > 0x0120 ? XiaomiFineChargerVoltage(rawValue: rawValue).voltage : voltage
  }
}
