import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing
import TestSupport

/// The connection state machine with one partner (USB Type-C R2.1 §4.5.2).
@Suite("Type-C connection") struct ConnectionTests {
  @Test("A source attaches after tCCDebounce, on the pin with Rd", arguments: [CCPin.cc1, .cc2])
  func sourceAttach(pin: CCPin) {
    var port = SinglePort.source()
    port.handle(.enable)
    port.run(for: .milliseconds(10))
    let start = port.now
    port.plug(Partner.sink(pin))
    port.run(for: .milliseconds(300))
    #expect(Timing.ccDebounce.contains(port.entry(.attachedSRC) - start))
    #expect(port.engine.orientation == pin)
    #expect(port.time(of: .setOrientation(pin)) == port.entry(.attachedSRC))
    #expect(port.count(of: .notify(.attached(.source, pin))) == 1)
    #expect(port.time(of: .supply(.on(Milliamperes(3_000)))) == port.entry(.attachedSRC))
    #expect(port.count(of: .setVCONN(true)) == 0)
  }

  @Test(
    "A sink attaches after tCCDebounce once VBUS is there, on the pin with Rp", arguments: [CCPin.cc1, .cc2])
  func sinkAttach(pin: CCPin) {
    var port = SinglePort.sink()
    port.handle(.enable)
    let start = port.now
    port.plug(Partner.source(pin))
    port.post(.vbus(.present), after: .milliseconds(20))
    port.run(for: .milliseconds(300))
    #expect(Timing.ccDebounce.contains(port.entry(.attachedSNK) - start))
    #expect(port.engine.orientation == pin)
  }

  @Test("A sink does not attach before VBUS is there, and then at once")
  func sinkWaitsForVBUS() {
    var port = SinglePort.sink()
    port.handle(.enable)
    port.plug(Partner.source())
    port.run(for: .milliseconds(900))
    #expect(port.engine.connection == .attachWaitSNK)
    port.handle(.vbus(.absent))
    #expect(port.engine.connection == .attachWaitSNK)
    port.handle(.vbus(.present))
    #expect(port.engine.connection == .attachedSNK)
  }

  @Test("A source does not attach while VBUS is not at vSafe0V", arguments: [VBUSLevel.present, .absent])
  func residualVBUS(level: VBUSLevel) {
    var port = SinglePort.source()
    port.handle(.vbus(level))
    port.handle(.enable)
    port.plug(Partner.sink())
    port.run(for: .milliseconds(900))
    #expect(port.engine.connection == .attachWaitSRC)
    port.handle(.vbus(.safe0V))
    #expect(port.engine.connection == .attachedSRC)
  }

  @Test("VCONN goes on where the other pin shows Ra, and off at detach")
  func vconn() {
    var port = SinglePort.source()
    port.handle(.enable)
    port.plug(Partner.sink(.cc2, marked: true))
    port.run(for: .milliseconds(300)) { $0.engine.connection == .attachedSRC }
    port.run(for: .milliseconds(10))
    #expect(port.count(of: .setVCONN(true)) == 1)
    #expect(port.engine.cable.wantsVCONN)
    let start = port.now
    port.plug(Partner.nobody)
    port.run(for: .milliseconds(25))
    #expect(port.count(of: .setVCONN(false)) == 1)
    #expect(port.engine.connection == .unattachedWaitSRC)
    #expect(port.termination == .open)
    port.run(for: .milliseconds(60))
    #expect(port.engine.connection == .unattachedSRC)
    let discharge = port.entry(.unattachedSRC) - port.entry(.unattachedWaitSRC)
    #expect(Timing.vconnoff.contains(discharge))
    #expect(Timing.srcDisconnect.contains(port.entry(.unattachedWaitSRC) - start))
  }

  @Test("A captive cable and a port without VCONN leave Ra alone", arguments: [true, false])
  func noVCONN(isCaptive: Bool) {
    var port = SinglePort.source {
      $0.hasCaptiveCable = isCaptive
      $0.canSupplyVCONN = isCaptive
    }
    port.handle(.enable)
    port.plug(Partner.sink(marked: true))
    port.run(for: .milliseconds(300))
    #expect(port.engine.connection == .attachedSRC)
    #expect(port.count(of: .setVCONN(true)) == 0)
    #expect(!port.engine.isVCONNSource)
  }

  @Test("A source's partner that is gone for tSRCDisconnect is gone: VBUS off, and ready for the next")
  func sourceDetach() {
    var port = SinglePort.sourceReady()
    let start = port.now
    port.plug(Partner.nobody)
    port.run(for: .milliseconds(50))
    #expect(Timing.srcDisconnect.contains(port.time(of: .supply(.off)) - start))
    #expect(port.count(of: .detached) == 1)
    #expect(port.engine.state == .detached)
    #expect(port.engine.contract == nil)
    #expect(port.engine.connection == .unattachedSRC)
    port.plug(Partner.sink(.cc2))
    port.run(for: .milliseconds(300))
    #expect(port.engine.orientation == .cc2)
  }

  @Test("A source's pin that opens for less than tSRCDisconnect is still connected")
  func sourceGlitch() {
    var port = SinglePort.sourceReady()
    port.plug(Partner.nobody)
    port.run(for: .milliseconds(5))
    port.plug(Partner.sink())
    port.run(for: .milliseconds(100))
    #expect(port.engine.state == .srcReady)
    #expect(port.count(of: .supply(.off)) == 0)
  }

  @Test("A sink detaches when VBUS goes, not when Rp goes")
  func sinkDetach() {
    var port = SinglePort.sinkReady()
    port.plug(Partner.nobody)
    port.run(for: .milliseconds(300))
    #expect(port.engine.connection == .attachedSNK)
    port.handle(.vbus(.absent))
    #expect(port.engine.connection == .unattachedSNK)
    #expect(port.count(of: .detached) == 1)
    let nothing = SinkAllowance(.nothing, voltage: .zero, current: .zero)
    #expect(port.time(of: .draw(nothing)) == port.now)
  }

  @Test("A sink without a contract follows Rp at once", arguments: [CCLevel.rpDefault, .rp1500, .rp3000])
  func rpChange(level: CCLevel) {
    var port = SinglePort.sinkAttached(level: level == .rp1500 ? .rp3000 : .rp1500)
    let current: Int32 = level == .rpDefault ? 500 : level == .rp1500 ? 1_500 : 3_000
    port.plug(Partner.source(.cc1, level))
    #expect(port.engine.contract == .typeC(Milliamperes(current)))
    let allowance = SinkAllowance(.typeC, voltage: Millivolts(5_000), current: Milliamperes(current))
    #expect(port.time(of: .draw(allowance)) == port.now)
  }

  @Test("In a contract Rp does not change what a sink draws")
  func rpInContract() {
    var port = SinglePort.sinkReady()
    let contract = port.engine.contract
    let start = port.actions.count
    port.plug(Partner.source(.cc1, .rp1500))
    port.run(for: .milliseconds(100))
    #expect(port.engine.contract == contract)
    #expect(port.actions.count == start)
  }

  @Test("Ra on both pins is an audio accessory; it gets no VBUS")
  func audio() {
    var port = SinglePort.source()
    port.handle(.enable)
    port.plug(Partner.both(.ra))
    port.run(for: .milliseconds(300))
    #expect(port.engine.connection == .audioAccessory)
    #expect(port.count(of: .audioAccessory) == 1)
    #expect(port.count(of: .supply(.on(Milliamperes(3_000)))) == 0)
    port.plug(Partner.nobody)
    port.run(for: .milliseconds(100))
    #expect(port.engine.connection == .unattachedSRC)
  }

  @Test("The same on both pins is a debug accessory", arguments: [CCLevel.rd, .rp3000, .rpDefault])
  func debug(level: CCLevel) {
    var port = level == .rd ? SinglePort.source() : SinglePort.sink()
    port.handle(.enable)
    port.plug(Partner.both(level))
    port.handle(.vbus(level == .rd ? .safe0V : .present))
    port.run(for: .milliseconds(300))
    #expect(
      port.engine.connection == (level == .rd ? .unorientedDebugAccessorySRC : .debugAccessorySNK))
    #expect(port.count(of: .debugAccessory) == 1)
    port.plug(Partner.nobody)
    port.run(for: .milliseconds(100))
    #expect(port.engine.connection == (level == .rd ? .unattachedSRC : .unattachedSNK))
  }

  @Test("Ra alone is an empty cable: no source attaches")
  func emptyCable() {
    var port = SinglePort.source()
    port.handle(.enable)
    port.plug { _ in CCLevels(.ra, .open) }
    port.run(for: .milliseconds(500))
    #expect(!port.engine.connection.isAttached)
    #expect(port.count(of: .setVCONN(true)) == 0)
  }

  @Test("ErrorRecovery opens the pins, takes VBUS off and lasts tErrorRecovery")
  func errorRecovery() {
    var port = SinglePort.sourceReady()
    let start = port.now
    // Both ports claim the same data role.
    var header = port.partnerHeader(3)
    header.portDataRole = port.engine.dataRole
    port.arrive(ShortMessage(.getSinkCap, header: header))
    #expect(port.engine.connection == .errorRecovery)
    #expect(port.termination == .open)
    #expect(port.time(of: .supply(.off)) == start)
    #expect(port.count(of: .errorRecovery(.dataRoleConflict)) == 1)
    port.run(for: .milliseconds(600)) { $0.engine.connection == .unattachedSRC }
    #expect(Timing.errorRecoverySourcingVCONN.contains(port.entry(.unattachedSRC) - start))
    port.run(for: .milliseconds(300))
    #expect(port.engine.connection == .attachedSRC)
  }

  @Test("Closing the port takes everything off, whatever it was doing")
  func disable() {
    var port = SinglePort.sourceReady()
    port.handle(.disable)
    #expect(port.engine.connection == .disabled)
    #expect(port.engine.state == .detached)
    #expect(port.termination == .open)
    #expect(port.time(of: .supply(.off)) == port.now)
    port.run(for: .milliseconds(2_000))
    #expect(port.engine.connection == .disabled)
    #expect(port.engine.nextDeadline == nil)
  }

  // MARK: Contact bounce

  @Test(
    "A bounce shorter than tPDDebounce delays the attach by no more than itself", arguments: [true, false])
  func bounce(isSource: Bool) {
    var port = isSource ? SinglePort.source() : SinglePort.sink()
    let partner = isSource ? Partner.sink() : Partner.source()
    port.handle(.enable)
    port.run(for: .milliseconds(1))
    if !isSource { port.handle(.vbus(.present)) }
    port.plug(partner)
    port.run(for: .milliseconds(50))
    port.plug(Partner.nobody)
    port.run(for: .milliseconds(5))
    let start = port.now
    port.plug(partner)
    port.run(for: .milliseconds(300))
    let attached = port.entry(isSource ? ConnectionState.attachedSRC : .attachedSNK)
    #expect(Timing.ccDebounce.contains(attached - start))
    #expect(port.connections.count == 3)
  }

  @Test("An attach that ends before tCCDebounce is none")
  func shortContact() {
    var port = SinglePort.source()
    port.handle(.enable)
    port.plug(Partner.sink())
    port.run(for: .milliseconds(80))
    port.plug(Partner.nobody)
    port.run(for: .milliseconds(300))
    #expect(port.engine.connection == .unattachedSRC)
    #expect(port.entry(.attachedSRC) == .distantFuture)
  }

  @Test(
    "Any chatter of the contacts ends attached",
    arguments: [
      PortConfiguration.Roles.sourceOnly, .sinkOnly, .dualRole, .dualRoleTrySource, .dualRoleTrySink,
    ])
  func chatter(roles: PortConfiguration.Roles) {
    var unattached: [UInt64] = []
    for seed in UInt64(0)..<60 {
      var generator = SeededGenerator(seed: seed)
      var port = SinglePort.source(roles)
      port.acknowledges = { _ in false }
      port.handle(.enable)
      let isSink = roles.canBeSource && (roles == .sourceOnly || seed & 1 == 0)
      let partner = isSink ? Partner.sink() : Partner.source()
      for _ in 0..<Int.random(in: 1...40, using: &generator) {
        let level = CCLevel(rawValue: UInt8.random(in: 0...5, using: &generator)) ?? .open
        let other = CCLevel(rawValue: UInt8.random(in: 0...5, using: &generator)) ?? .open
        port.plug { _ in CCLevels(level, other) }
        port.run(for: .microseconds(Int64.random(in: 10...60_000, using: &generator)))
      }
      port.plug(partner)
      if isSink {
        port.run(for: .milliseconds(3_000)) { $0.engine.connection == .attachedSRC }
      } else {
        // Such a source gives VBUS when it has seen Rd for long enough.
        _ = port.run(for: .milliseconds(3_000)) {
          $0.engine.connection == .attachWaitSNK || $0.engine.connection == .attachedSNK
        }
        port.run(for: .milliseconds(160))
        port.handle(.vbus(.present))
        port.run(for: .milliseconds(3_000)) { $0.engine.connection == .attachedSNK }
      }
      if !port.engine.connection.isAttached { unattached.append(seed) }
    }
    #expect(unattached == [])
  }
}
