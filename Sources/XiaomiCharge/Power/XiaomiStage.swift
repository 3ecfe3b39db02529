/// How far the two sides trust each other. What a charger offers depends on nothing else.
public enum XiaomiStage: UInt8, Comparable, Sendable {
  /// Nobody has proved anything: what USB-PD allows everybody.
  case standard
  /// The charger has proved itself and the phone has said so (VERIFIED).
  case verified
  /// The phone has proved itself too (REVERSE_AUTHEN).
  case mutual

  public static func < (left: XiaomiStage, right: XiaomiStage) -> Bool { left.rawValue < right.rawValue }
}
