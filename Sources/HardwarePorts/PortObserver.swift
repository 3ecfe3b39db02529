public import PortEngine
public import Quantities
public import XiaomiCharge

/// Sees everything that a port does, in its order: for recordings, views and counts. It changes nothing.
public protocol PortObserver {
  /// What the engine is about to be told; time that has passed is not among it.
  mutating func observe(_ event: PortEvent, at now: Instant)
  /// What the engine wants done.
  mutating func observe(_ action: PortAction, at now: Instant)
  /// What became of Xiaomi's dialogue.
  mutating func observe(_ notice: XiaomiChargerNotice, at now: Instant)
  mutating func observe(_ notice: XiaomiPhoneNotice, at now: Instant)
  /// How far the phone is trusted from now on.
  mutating func observe(_ stage: XiaomiStage, at now: Instant)
}

extension PortObserver {
  public mutating func observe(_ event: PortEvent, at now: Instant) {}
  public mutating func observe(_ action: PortAction, at now: Instant) {}
  public mutating func observe(_ notice: XiaomiChargerNotice, at now: Instant) {}
  public mutating func observe(_ notice: XiaomiPhoneNotice, at now: Instant) {}
  public mutating func observe(_ stage: XiaomiStage, at now: Instant) {}
}

/// Looks away.
public struct NoObserver: PortObserver {
  public init() {}
}
