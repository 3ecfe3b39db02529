/// Who is meant: the port at side A of the link, or at side B. Power roles may swap; sides do not.
public enum Side: UInt8, Sendable {
  case charger, phone

  @inlinable public var other: Side { self == .charger ? .phone : .charger }
  @inlinable public var index: Int { Int(rawValue) }
}

/// A set of sides.
public struct Sides: OptionSet, Sendable {
  public var rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let charger = Sides(rawValue: 1)
  public static let phone = Sides(rawValue: 2)
  public static let both: Sides = [.charger, .phone]

  @inline(__always) func contains(_ side: Side) -> Bool { rawValue & 1 &<< side.rawValue != 0 }
}
