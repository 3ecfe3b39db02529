public import PortEngine

// What a program does to a link that it drives by itself, beside scripts.

extension Link {
  /// Offers something else from now on: a live contract is negotiated again.
  public mutating func offer(_ policy: SourcePolicy) {
    ports[0].engine.sourcePolicy = policy
    // Before the first offer there is nothing to be offered again.
    let state = ports[0].engine.state
    guard state != .detached, state != .srcStartup, state != .srcDiscovery else { return }
    feed(.request(.offerCapabilities), .charger)
    settle()
  }

  /// Closes a port: VBUS and VCONN are taken off, terminations removed.
  public mutating func close(_ side: Side) {
    feed(.disable, side)
    settle()
  }
}
