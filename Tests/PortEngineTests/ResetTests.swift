import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing

/// Hard Reset on the wire and on VBUS (USB-PD R3.2 §6.8.3, §7.1.5, §8.3.3.2, §8.3.3.3).
@Suite("Hard Reset") struct ResetTests {
  static var on: PortAction { .supply(.on(Milliamperes(3_000))) }
  static var nothing: PortAction { .draw(SinkAllowance(.nothing, voltage: .zero, current: .zero)) }

  // MARK: Source

  @Test("A source takes VBUS off, waits tSrcRecover and offers again", arguments: [true, false])
  func source(bySelf: Bool) {
    var port = SinglePort.sourceReady()
    port.handle(bySelf ? .request(.hardReset) : .hardResetReceived)
    #expect(port.count(of: .sendHardReset) == (bySelf ? 1 : 0))
    #expect(!port.engine.hasExplicitContract)
    let signalled = bySelf ? port.now + SinglePort.hardResetLength : port.now
    port.run(for: .milliseconds(100))
    let off = port.time(of: .supply(.off))
    #expect(Timing.psHardReset.contains(off - signalled))
    #expect(port.engine.contract == nil)
    port.run(for: .milliseconds(1_500)) {
      $0.entry(.srcStartup) > off && $0.engine.state != .srcTransitionToDefault
    }
    let safe0V = off + port.supplyDelay
    #expect(Timing.srcRecoverSPR.contains(port.time(of: ResetTests.on) - safe0V))
    let safe5V = port.time(of: ResetTests.on) + port.supplyDelay
    port.run(for: .milliseconds(300)) { !$0.names(since: safe5V).isEmpty }
    #expect(port.names(since: off) == ["Source_Capabilities 0"])
    #expect(port.now - safe5V <= Timing.firstSourceCap.maximum ?? .zero)
    #expect(port.engine.dataRole == .downstreamFacing)
    #expect(port.termination == .rp(.current3000))
  }

  @Test("VCONN goes with VBUS and comes back with it")
  func vconn() {
    var port = SinglePort.source()
    port.acknowledges = { $0.orderedSet == .sop }
    port.handle(.enable)
    port.plug(Partner.sink(marked: true))
    port.run(for: .milliseconds(500)) { $0.engine.state == .srcSendCapabilities }
    port.handle(.hardResetReceived)
    port.run(for: .milliseconds(100))
    #expect(port.time(of: .setVCONN(false)) == port.time(of: .supply(.off)))
    port.run(for: .milliseconds(1_500)) {
      $0.entry(.srcStartup) > $0.time(of: .supply(.off))
        && $0.time(of: .setVCONN(true)) > $0.time(of: .supply(.off))
    }
    let on = port.time(of: .setVCONN(true)) - port.time(of: ResetTests.on) - port.supplyDelay
    #expect(Timing.vconnon.contains(on))
  }

  @Test("A driver that does not say that the signalling has left is not waited for")
  func hardResetComplete() {
    var port = SinglePort.sourceReady()
    port.reportsHardReset = false
    let start = port.now
    port.handle(.request(.hardReset))
    port.run(for: .milliseconds(100))
    let limits = Timing.hardResetComplete
    let off = port.time(of: .supply(.off)) - start
    #expect(off >= (limits.minimum ?? .zero) + (Timing.psHardReset.minimum ?? .zero))
    #expect(off <= (limits.maximum ?? .zero) + (Timing.psHardReset.maximum ?? .zero))
    // The report comes after all.
    let steps = port.engine.journal.total
    port.handle(.hardResetSent)
    #expect(port.engine.journal.total == steps)
  }

  @Test("Between the signalling and its end nothing is taken and nothing is sent")
  func silence() {
    var port = SinglePort.sourceReady()
    port.handle(.hardResetReceived)
    let start = port.now + Nanoseconds(1)
    for _ in 0..<4 {
      port.run(for: .milliseconds(20))
      port.receive(.getSourceCap)
      port.handle(.hardResetReceived)
      port.handle(.transmitted(.sent))
    }
    #expect(port.goodCRCs.last.map { $0.at < start } == true)
    #expect(port.names(since: start) == [])
    #expect(port.count(of: .supply(.off)) == 1)
    #expect(port.count(of: .hardReset(bySelf: false, .received)) == 1)
  }

  @Test("Two Hard Resets at once are one", arguments: [true, false])
  func simultaneous(isSource: Bool) {
    var port = isSource ? SinglePort.sourceReady() : SinglePort.sinkReady()
    port.handle(.request(.hardReset))
    port.handle(.hardResetReceived)
    port.run(for: .milliseconds(100))
    let notices = port.actions.count {
      if case .notify(.hardReset) = $0.action { true } else { false }
    }
    #expect(notices == 1)
    #expect(port.count(of: .supply(.off)) == (isSource ? 1 : 0))
    #expect(port.engine.state == (isSource ? .srcTransitionToDefault : .snkDiscovery))
  }

  @Test("A message that was under way when the reset came is not sent any more")
  func transmissionEnds() {
    var port = SinglePort.sourceReady()
    port.acknowledges = { _ in false }
    port.handle(.request(.getSinkCapabilities))
    port.run(for: .milliseconds(30)) { $0.engine.transmitState == .waitForPHYResponse }
    let start = port.now + Nanoseconds(1)
    port.handle(.hardResetReceived)
    #expect(port.count(of: .requestEnded(.getSinkCapabilities, .interrupted)) == 1)
    port.run(for: .milliseconds(20))
    #expect(port.names(since: start) == [])
  }

  // MARK: Sink

  @Test(
    "A sink draws nothing, sees VBUS fall and return, and waits for capabilities", arguments: [true, false])
  func sink(bySelf: Bool) {
    var port = SinglePort.sinkReady()
    let start = port.now
    port.handle(bySelf ? .request(.hardReset) : .hardResetReceived)
    port.run(for: .milliseconds(10))
    #expect(port.time(of: ResetTests.nothing) - start <= Timing.snkHardResetPrepare.maximum ?? .zero)
    #expect(port.engine.contract == nil)
    port.run(for: .milliseconds(100))
    port.handle(.vbus(.absent))
    port.handle(.vbus(.safe0V))
    #expect(port.engine.connection == .attachedSNK)
    port.run(for: .milliseconds(1_400))
    #expect(port.engine.connection == .attachedSNK)
    port.handle(.vbus(.present))
    #expect(port.engine.state == .snkWaitForCapabilities)
    #expect(port.engine.contract == .typeC(Milliamperes(3_000)))
    #expect(port.engine.dataRole == .upstreamFacing)
    port.resetPartnerID()
    let offered = port.now
    port.receive(.sourceCapabilities, [Sample.fixed(5, 3_000)])
    port.run(for: .milliseconds(3))
    #expect(port.names(since: offered) == ["Request 0"])
    // From here on a loss of VBUS is a detach again.
    port.handle(.vbus(.absent))
    #expect(port.engine.connection == .unattachedSNK)
  }

  @Test(
    "What a source still says after a Hard Reset, before VBUS falls, is not heard",
    arguments: [
      ControlMessageType.getSinkCap, .softReset, .accept,
    ])
  func lateMessage(type: ControlMessageType) {
    var port = SinglePort.sinkReady()
    let start = port.now
    port.handle(.hardResetReceived)
    port.run(for: .milliseconds(5))
    port.receive(type)
    port.run(for: .milliseconds(5))
    #expect(port.goodCRCs.allSatisfy { $0.at < start })
    port.handle(.vbus(.safe0V))
    port.run(for: .milliseconds(900))
    port.handle(.vbus(.present))
    #expect(port.engine.state == .snkWaitForCapabilities)
    port.handle(.vbus(.absent))
    #expect(port.engine.connection == .unattachedSNK)
  }

  @Test("A sink whose VBUS never falls goes on when it must have fallen")
  func vbusStays() {
    var port = SinglePort.sinkReady()
    port.handle(.hardResetReceived)
    let start = port.now
    port.run(for: .milliseconds(900)) { $0.engine.state == .snkWaitForCapabilities }
    let limit = (Timing.psHardReset.maximum ?? .zero) + (Timing.safe0V.maximum ?? .zero)
    #expect(port.now - start == limit)
    port.handle(.vbus(.absent))
    #expect(port.engine.connection == .unattachedSNK)
  }

  @Test("A sink whose VBUS never returns is detached")
  func vbusNeverReturns() {
    var port = SinglePort.sinkReady()
    port.handle(.hardResetReceived)
    port.run(for: .milliseconds(50))
    port.handle(.vbus(.safe0V))
    let start = port.now
    port.run(for: .milliseconds(2_500)) { $0.engine.connection == .unattachedSNK }
    let longest = (Timing.srcRecoverEPR.maximum ?? .zero) + (Timing.srcTurnOn.maximum ?? .zero)
    #expect(port.engine.connection == .unattachedSNK)
    #expect(port.now - start >= longest)
    #expect(port.count(of: .detached) == 1)
  }

  // MARK: Who does not answer

  @Test("A sink that acknowledges and does not ask: Hard Reset after tSenderResponse")
  func noRequest() {
    var port = SinglePort.source()
    port.handle(.enable)
    port.plug(Partner.sink())
    port.run(for: .milliseconds(300)) { $0.engine.state == .srcSendCapabilities }
    port.run(for: .milliseconds(10)) { $0.engine.transmitState == .waitForMessageRequest }
    let start = port.now
    port.run(for: .milliseconds(60)) { $0.count(of: .sendHardReset) == 1 }
    #expect(Timing.senderResponse(.revision2).contains(port.now - start))
    #expect(Timing.senderResponse(.revision3).contains(port.now - start))
    #expect(port.count(of: .hardReset(bySelf: true, .senderResponseTimeout)) == 1)
  }

  @Test(
    "A source that acknowledges and does not accept: Hard Reset after tSenderResponse",
    arguments: [
      SpecificationRevision.revision2, .revision3,
    ])
  func noAccept(revision: SpecificationRevision) {
    var port = SinglePort.sinkAttached()
    port.receive(.sourceCapabilities, [Sample.fixed(5, 3_000)], revision: revision)
    port.run(for: .milliseconds(10)) {
      $0.engine.state == .snkSelectCapability && $0.engine.transmitState == .waitForMessageRequest
    }
    let start = port.now
    port.run(for: .milliseconds(60)) { $0.count(of: .sendHardReset) == 1 }
    #expect(Timing.senderResponse(revision).contains(port.now - start))
    #expect(port.count(of: .hardReset(bySelf: true, .senderResponseTimeout)) == 1)
  }

  @Test("A query that nobody answers ends without a reset", arguments: [true, false])
  func noAnswer(isSource: Bool) {
    var port = isSource ? SinglePort.sourceReady() : SinglePort.sinkReady()
    let kind = isSource ? PortRequest.getSinkCapabilities : .getSourceCapabilities
    port.handle(.request(kind))
    port.run(for: .milliseconds(100))
    #expect(port.count(of: .requestEnded(kind.kind, .noAnswer)) == 1)
    #expect(port.engine.state == (isSource ? .srcReady : .snkReady))
    #expect(port.count(of: .sendHardReset) == 0)
  }

  @Test("No PS_RDY within tPSTransition: Hard Reset")
  func psTransition() {
    var port = SinglePort.sinkAwaitingAccept()
    port.receive(.accept)
    let start = port.entry(.snkTransitionSink)
    port.run(for: .milliseconds(700)) { $0.count(of: .sendHardReset) == 1 }
    #expect(Timing.psTransitionSPR.contains(port.now - start))
    #expect(port.count(of: .hardReset(bySelf: true, .psTransitionTimeout)) == 1)
  }

  @Test("No capabilities: nHardResetCount more Hard Resets after the first, then what Rp advertises")
  func noCapabilities() {
    var port = SinglePort.sinkAttached(level: .rp1500)
    let start = port.entry(.snkWaitForCapabilities)
    port.run(for: .milliseconds(700)) { $0.count(of: .sendHardReset) == 1 }
    #expect(Timing.typeCSinkWaitCap.contains(port.now - start))
    // A source without USB-PD leaves VBUS where it is.
    port.run(for: .milliseconds(20_000))
    #expect(port.count(of: .sendHardReset) == Counters.hardResetCount + 1)
    #expect(port.count(of: .noPowerDelivery) == 1)
    #expect(port.engine.contract == .typeC(Milliamperes(1_500)))
    #expect(port.engine.nextDeadline == nil)
    // A source that speaks after all is heard.
    port.receive(.sourceCapabilities, [Sample.fixed(5, 3_000)])
    port.run(for: .milliseconds(3))
    #expect(port.names() == ["Request 0"])
  }

  @Test("A sink that is told so stays on what Rp advertises without a Hard Reset")
  func noHardResetWithoutCapabilities() {
    var port = SinglePort.sinkAttached { $0.timing.hardResetWithoutCapabilities = false }
    port.run(for: .milliseconds(5_000))
    #expect(port.count(of: .sendHardReset) == 0)
    #expect(port.count(of: .noPowerDelivery) == 1)
    #expect(port.engine.contract == .typeC(Milliamperes(3_000)))
  }

  @Test("Capabilities that nobody acknowledges are sent again each tTypeCSendSourceCap, nCapsCount times")
  func capsCount() {
    var port = SinglePort.source()
    port.acknowledges = { _ in false }
    port.handle(.enable)
    port.plug(Partner.sink())
    port.run(for: .milliseconds(30_000))
    let entries = port.steps.filter { $0.state == .srcSendCapabilities }
    // CapsCounter is looked at before it exceeds nCapsCount: one more than that in all.
    #expect(entries.count == Counters.capsCount + 1)
    let discoveries = port.steps.filter { $0.state == .srcDiscovery }
    for (discovery, entry) in zip(discoveries, entries.dropFirst()) {
      #expect(Timing.typeCSendSourceCap.contains(entry.at - discovery.at))
    }
    #expect(port.engine.state == .srcDisabled)
    #expect(port.count(of: .noPowerDelivery) == 1)
    #expect(port.engine.nextDeadline == nil)
    #expect(port.count(of: .sendHardReset) == 0)
    // VBUS stays; messages are not heard any more, Hard Reset is.
    #expect(port.count(of: .supply(.off)) == 0)
    port.receive(.getSourceCap)
    #expect(port.goodCRCs.isEmpty)
    port.handle(.hardResetReceived)
    port.run(for: .milliseconds(2_000)) { $0.engine.state == .srcSendCapabilities }
    #expect(port.engine.state == .srcSendCapabilities)
  }

  @Test("A source without a limit offers for ever")
  func capsWithoutLimit() {
    var port = SinglePort.source { $0.capsCountLimit = nil }
    port.acknowledges = { _ in false }
    port.handle(.enable)
    port.plug(Partner.sink())
    port.run(for: .milliseconds(30_000))
    #expect(port.steps.count { $0.state == .srcSendCapabilities } > 3 * Counters.capsCount)
  }

  @Test("A partner that fell silent: Hard Resets each tNoResponse, then ErrorRecovery")
  func noResponse() {
    var port = SinglePort.sourceReady()
    port.acknowledges = { _ in false }
    port.handle(.request(.hardReset))
    var moments = [port.now]
    while moments.count < 10 {
      let count = moments.count
      guard port.run(for: .milliseconds(8_000), until: { $0.count(of: .sendHardReset) > count }) else {
        break
      }
      moments.append(port.now)
      if port.engine.connection == .errorRecovery { break }
    }
    for (earlier, later) in zip(moments, moments.dropFirst()) {
      #expect(Timing.noResponse.contains(later - earlier - SinglePort.hardResetLength))
    }
    #expect(moments.count == Counters.hardResetCount + 1)
    #expect(port.count(of: .errorRecovery(.noResponse)) >= 1)
  }

  @Test("Hard Resets that lead to a contract are not counted", arguments: [true, false])
  func counterStartsOver(isSource: Bool) {
    var port = isSource ? SinglePort.sourceReady() : SinglePort.sinkReady()
    for _ in 0..<(2 * Counters.hardResetCount + 2) {
      port.handle(.request(.hardReset))
      port.resetPartnerID()
      if isSource {
        port.run(for: .milliseconds(2_000)) { $0.engine.state == .srcSendCapabilities }
        port.run(for: .milliseconds(5))
        port.receive(.request, [Sample.request(2, 2_000)])
        port.run(for: .milliseconds(100))
      } else {
        port.run(for: .milliseconds(900)) { $0.engine.state == .snkWaitForCapabilities }
        port.receive(.sourceCapabilities, [Sample.fixed(5, 3_000)])
        port.run(for: .milliseconds(5))
        port.receive(.accept)
        port.receive(.psRDY)
      }
    }
    #expect(port.count(of: .sendHardReset) == 2 * Counters.hardResetCount + 2)
    #expect(port.engine.state == (isSource ? .srcReady : .snkReady))
  }
}
