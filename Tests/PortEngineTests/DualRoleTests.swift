import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing

/// Dual-role ports: toggling, preferences, and how two of them meet (USB Type-C R2.1 §4.5.2, §4.5.3).
@Suite("Dual-role connection") struct DualRoleTests {
  @Test("An open dual-role port shows Rp and Rd within tDRP, each for 30 to 70 %")
  func toggling() throws {
    var port = SinglePort.source(.dualRole)
    port.handle(.enable)
    port.run(for: .milliseconds(1_000))
    let changes = port.actions.compactMap { item in
      if case .terminate(let termination) = item.action { return (at: item.at, termination: termination) }
      return nil
    }
    #expect(changes.count > 20)
    for index in 2..<changes.count {
      let period = changes[index].at - changes[index - 2].at
      #expect(Timing.drp.contains(period))
      let share = (changes[index].at - changes[index - 1].at).rawValue * 100 / period.rawValue
      let limits = ElectricalLimits.dcSRCDRP
      #expect(Percent(Int32(share)) >= limits.minimum ?? .zero)
      #expect(Percent(Int32(share)) <= limits.maximum ?? .zero)
      #expect(changes[index].termination != changes[index - 1].termination)
    }
  }

  @Test("A dual-role port becomes what its partner is not", arguments: [true, false])
  func partnerOfOneRole(isSink: Bool) {
    var port = SinglePort.source(.dualRole)
    port.handle(.enable)
    port.plug(isSink ? Partner.sink() : Partner.source())
    if !isSink { port.post(.vbus(.present), after: .milliseconds(250)) }
    port.run(for: .milliseconds(500))
    #expect(port.engine.connection == (isSink ? .attachedSRC : .attachedSNK))
  }

  @Test("Try.SRC in front of a source alone ends as a sink, by TryWait.SNK")
  func trySourceMeetsSource() {
    var port = SinglePort.source(.dualRoleTrySource)
    port.handle(.enable)
    port.plug(Partner.source())
    port.handle(.vbus(.present))
    port.run(for: .milliseconds(300)) { $0.engine.connection == .trySRC }
    // The source sees Rd no more and takes VBUS off; when Rd is back it starts over.
    port.post(.vbus(.safe0V), after: .milliseconds(60))
    port.run(for: .milliseconds(300)) { $0.engine.connection == .tryWaitSNK }
    let tried = port.entry(.tryWaitSNK) - port.entry(.trySRC)
    #expect(Timing.drpTry.contains(tried))
    port.post(.vbus(.present), after: .milliseconds(200))
    port.run(for: .milliseconds(500))
    #expect(port.engine.connection == .attachedSNK)
    #expect(
      port.connections.map(\.state) == [
        .unattachedSNK, .attachWaitSNK, .trySRC, .tryWaitSNK, .attachedSNK,
      ])
  }

  @Test("Try.SRC takes the part of the source as soon as Rd has been there for tTryCCDebounce")
  func trySourceMeetsDualRole() {
    var port = SinglePort.source(.dualRoleTrySource)
    port.handle(.enable)
    port.plug(Partner.source())
    port.handle(.vbus(.present))
    port.run(for: .milliseconds(300)) { $0.engine.connection == .trySRC }
    port.handle(.vbus(.safe0V))
    port.run(for: .milliseconds(30))
    let start = port.now
    port.plug(Partner.sink())
    port.run(for: .milliseconds(50))
    #expect(port.engine.connection == .attachedSRC)
    #expect(Timing.tryCCDebounce.contains(port.entry(.attachedSRC) - start))
  }

  @Test("Try.SNK in front of a sink alone ends as a source, by TryWait.SRC")
  func trySinkMeetsSink() {
    var port = SinglePort.source(.dualRoleTrySink)
    port.handle(.enable)
    port.plug(Partner.sink())
    port.run(for: .milliseconds(800)) { $0.engine.connection == .attachedSRC }
    #expect(
      port.connections.map(\.state).suffix(4) == [.attachWaitSRC, .trySNK, .tryWaitSRC, .attachedSRC])
    let tried = port.entry(.tryWaitSRC) - port.entry(.trySNK)
    #expect(Timing.drpTry.contains(tried))
    #expect(Timing.tryCCDebounce.contains(port.entry(.attachedSRC) - port.entry(.tryWaitSRC)))
  }

  @Test("Try.SNK whose partner shows Rp for a while and gives up goes on to TryWait.SRC")
  func trySinkLosesRp() {
    var port = SinglePort.source(.dualRoleTrySink)
    port.handle(.enable)
    port.plug(Partner.sink())
    port.run(for: .milliseconds(800)) { $0.engine.connection == .trySNK }
    port.run(for: .milliseconds(50))
    port.plug(Partner.source())
    port.run(for: .milliseconds(150))
    #expect(port.engine.connection == .trySNK)
    port.plug(Partner.sink())
    port.run(for: .milliseconds(100))
    #expect(port.engine.connection == .attachedSRC)
  }

  @Test("TryWait.SRC without a partner goes back to the start")
  func tryWaitSourceAlone() {
    var port = SinglePort.source(.dualRoleTrySink)
    port.handle(.enable)
    port.plug(Partner.sink())
    port.run(for: .milliseconds(800)) { $0.engine.connection == .trySNK }
    port.plug(Partner.nobody)
    port.run(for: .milliseconds(800)) { $0.engine.connection == .tryWaitSRC }
    let start = port.now
    port.run(for: .milliseconds(800)) { $0.engine.connection == .unattachedSNK }
    #expect(Timing.drpTry.contains(port.now - start))
  }

  // MARK: Two of them

  typealias Roles = PortConfiguration.Roles

  /// Preferences of the two ports, and which one must be the source; `nil` where either may.
  static let meetings: [(Roles, Roles, Int?)] = [
    (.sourceOnly, .dualRole, 0), (.sourceOnly, .dualRoleTrySource, 0), (.sourceOnly, .dualRoleTrySink, 0),
    (.dualRole, .sinkOnly, 0), (.dualRoleTrySource, .sinkOnly, 0), (.dualRoleTrySink, .sinkOnly, 0),
    (.dualRole, .dualRole, nil), (.dualRole, .dualRoleTrySource, 1), (.dualRole, .dualRoleTrySink, 0),
    (.dualRoleTrySource, .dualRole, 0), (.dualRoleTrySink, .dualRole, 1),
    (.dualRoleTrySource, .dualRoleTrySink, 0), (.dualRoleTrySink, .dualRoleTrySource, 1),
    (.dualRoleTrySource, .dualRoleTrySource, nil), (.dualRoleTrySink, .dualRoleTrySink, nil),
  ]

  @Test("Two ports meet, whatever they prefer and whenever they are opened", arguments: meetings.indices)
  func meeting(index: Int) {
    let (first, second, source) = DualRoleTests.meetings[index]
    for offset in [3, 11, 20, 29, 37, 46, 55, 64] {
      var pair = Pair(
        PortEngine(
          PortConfiguration(roles: first), source: Sample.charger,
          sink: Sample.phone(.fixed(maximumVoltage: Millivolts(9_000)))),
        PortEngine(
          PortConfiguration(roles: second), source: Sample.charger,
          sink: Sample.phone(.fixed(maximumVoltage: Millivolts(9_000)))))
      pair.handle(0, .enable)
      pair.run(for: .milliseconds(Int64(offset)))
      pair.handle(1, .enable)
      pair.run(for: .milliseconds(6_000))
      let states = pair.ports.map(\.state)
      #expect(states.contains(.srcReady) && states.contains(.snkReady), "opened \(offset) ms later")
      if let source { #expect(states[source] == .srcReady, "opened \(offset) ms later") }
    }
  }
}
