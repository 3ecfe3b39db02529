public import Quantities

/// What time it is for a port of chips, whose bus takes time while the port waits for it.
public protocol PortClock {
  /// Never goes back.
  var now: Instant { get }
}
