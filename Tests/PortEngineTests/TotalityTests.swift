import PortEngine
import PowerDelivery
import Quantities
import TestSupport
import Testing

/// Whatever happens to a port, in whatever order: nothing traps, nothing is lost, nothing stands still that may not.
@Suite("Any event at any time") struct TotalityTests {
  #if DEBUG
    static let seeds = UInt64(0)..<24
  #else
    static let seeds = UInt64(0)..<100
  #endif

  @Test(
    "Random events into a port of each kind",
    arguments: [
      PortConfiguration.Roles.sourceOnly, .sinkOnly, .dualRole, .dualRoleTrySource, .dualRoleTrySink,
    ])
  func randomEvents(roles: PortConfiguration.Roles) {
    var complaints: [String] = []
    var visited: Set<PolicyState> = []
    var most = 0
    for seed in TotalityTests.seeds {
      var world = HostileWorld(PortConfiguration(roles: roles), seed: seed)
      world.run(events: 2_000)
      world.compareTwins()
      let isStuck = !world.recovers()
      if isStuck {
        complaints.append(
          "seed \(seed): no contract any more, \(world.engine.connection) \(world.engine.state)")
      }
      if let complaint = world.complaint { complaints.append("seed \(seed): \(complaint)") }
      visited.formUnion(world.visited)
      most = max(most, world.mostActions)
    }
    #expect(complaints == [])
    #expect(most <= HostileWorld.actionLimit)
    // The events lead somewhere.
    #expect(visited.contains(roles.canBeSource ? .srcReady : .snkReady))
    #expect(visited.count > (roles.isDualRole ? 45 : roles.canBeSource ? 28 : 22))
  }

  @Test(
    "All requests at once, and then the partner is gone: the queue of actions holds it",
    arguments: [true, false])
  func allRequests(isErrorRecovery: Bool) {
    var port = SinglePort.source(.dualRole)
    port.acknowledges = { $0.orderedSet == .sop }
    port.handle(.enable)
    port.plug(Partner.sink(marked: true))
    port.run(for: .milliseconds(500)) { $0.engine.state == .srcSendCapabilities }
    port.run(for: .milliseconds(5))
    let requests: [PortRequest] = [
      .softReset, .offerCapabilities, .gotoMin, .choosePower, .getSourceCapabilities, .getSinkCapabilities,
      .enterEPR, .exitEPR, .dataRoleSwap, .powerRoleSwap, .vconnSwap, .alert(AlertDataObject()),
      .get(.getStatus), .getBattery(.getBatteryCap, reference: 0), .discoverIdentity, .discoverSVIDs,
      .discoverModes(svid: 1), .sendVendorDefined(ShortMessage(header: MessageHeader())),
      .sendBIST(BISTDataObject()),
    ]
    for request in requests { port.handle(.request(request)) }
    if isErrorRecovery {
      var header = port.partnerHeader(0)
      header.portDataRole = port.engine.dataRole
      port.handle(.received(ShortMessage(.softReset, header: header)))
    } else {
      port.handle(.disable)
    }
    for request in requests { #expect(port.count(of: .requestEnded(request.kind, .interrupted)) == 1) }
    #expect(port.termination == .open)
    #expect(port.mostActions < 32)
  }
}
