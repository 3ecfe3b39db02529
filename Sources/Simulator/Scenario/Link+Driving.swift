public import PortEngine

// What a program does to a link that it drives by itself, beside scripts.

extension Link {
  /// Offers something else from now on: a live contract is negotiated again.
  public mutating func offer(_ policy: SourcePolicy) {
    offerUnsettled(policy)
    settle()
  }

  /// The same in the middle of an event.
  mutating func offerUnsettled(_ policy: SourcePolicy) {
    ports[0].engine.sourcePolicy = policy
    switch ports[0].engine.state {
    case .detached, .srcStartup, .srcDiscovery: return
    // Before the first contract the cable is asked first, then the offer is made.
    case .srcVDMIdentityRequest where !ports[0].engine.hasExplicitContract: return
    default:
      feed(.request(.offerCapabilities), .charger)
    }
  }

  /// Closes a port: VBUS and VCONN are taken off, terminations removed.
  public mutating func close(_ side: Side) {
    feed(.disable, side)
    settle()
  }
}
