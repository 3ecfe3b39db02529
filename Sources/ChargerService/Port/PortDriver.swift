public import ChargerSettings
public import Quantities

/// What a port's thread drives: the engine with what is below it, simulated or real.
///
/// The driver holds no clock: it is told what time it is, and says when it wants to be told again.
public protocol PortDriver: Sendable {
  /// When `advance` is due at the latest; `nil` where only a command can move it.
  var nextEventTime: Instant? { get }
  /// Does all that is due by `now`.
  mutating func advance(to now: Instant)
  /// Does what the daemon wants.
  mutating func perform(_ command: PortCommand, at now: Instant)
  /// Hands out what happened since the last call.
  mutating func drain() -> [PortReport]
  var status: PortStatus { get }
  /// What the stage was told and measures, for the guard.
  var setPoint: StageSetPoint { get }
}

/// What the daemon wants of a port.
public enum PortCommand: Equatable, Sendable {
  /// Offer as much as this from now on.
  case offer(Milliwatts)
  /// Become like this, with so much power to offer.
  case reconfigure(PortSettings, Milliwatts)
  /// Take VBUS to 0 V and stay there.
  case close
  /// Something has come that the driver takes by itself: an answer about keys.
  case wake
}
