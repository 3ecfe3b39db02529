/// What has changed at this moment and was not carried on yet.
struct DirtyParts: OptionSet, Sendable {
  var rawValue: UInt16
  static var chargerEngine: DirtyParts { DirtyParts(rawValue: 1) }
  static var phoneEngine: DirtyParts { DirtyParts(rawValue: 2) }
  static var chargerSupervisor: DirtyParts { DirtyParts(rawValue: 4) }
  static var phoneSupervisor: DirtyParts { DirtyParts(rawValue: 8) }
  static var terminations: DirtyParts { DirtyParts(rawValue: 16) }
  static var power: DirtyParts { DirtyParts(rawValue: 32) }
  static var vconn: DirtyParts { DirtyParts(rawValue: 64) }

  static func engine(_ side: Side) -> DirtyParts { side == .charger ? chargerEngine : phoneEngine }
  static func supervisor(_ side: Side) -> DirtyParts {
    side == .charger ? chargerSupervisor : phoneSupervisor
  }
}
