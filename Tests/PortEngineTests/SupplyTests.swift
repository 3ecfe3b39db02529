import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing

/// What the engine makes of a supply that fails, or says nothing (USB-PD R3.2 §7.1.7).
@Suite("Faults of the supply") struct SupplyTests {
  @Test(
    "A fault of the supply in a contract: Hard Reset, and a new contract when it is over",
    arguments: [
      SupplyFault.overCurrent, .overVoltage, .overTemperature, .settleTimeout,
    ])
  func fault(fault: SupplyFault) {
    var port = SinglePort.sourceReady()
    port.handle(.supply(.fault(fault)))
    #expect(port.count(of: .supplyFault(fault)) == 1)
    #expect(port.count(of: .hardReset(bySelf: true, .supplyFault)) == 1)
    port.run(for: .milliseconds(2_500)) { $0.engine.state == .srcSendCapabilities }
    #expect(port.engine.state == .srcSendCapabilities)
  }

  @Test("What a protection did is told by an Alert in the next contract, once")
  func alert() {
    var pair = Sample.pair()
    pair.plugIn()
    pair.run(for: .milliseconds(1_000))
    pair.handle(0, .supply(.fault(.overCurrent)))
    pair.run(for: .milliseconds(4_000))
    var alert = AlertDataObject()
    alert.ocpEvent = true
    #expect(pair.notices[1].filter { $0 == .alert(alert) }.count == 1)
    #expect(pair.source.state == .srcReady && pair.sink.state == .snkReady)
    pair.request(0, .offerCapabilities)
    pair.run(for: .milliseconds(500))
    #expect(pair.log.count { $0.hasPrefix("S Alert") } == 1)
  }

  @Test("A fault while nobody speaks, or in a Hard Reset: ErrorRecovery", arguments: [true, false])
  func faultWithoutContract(isInReset: Bool) {
    var port = isInReset ? SinglePort.sourceReady() : SinglePort.source()
    if isInReset {
      port.handle(.hardResetReceived)
      port.run(for: .milliseconds(100))
    } else {
      port.acknowledges = { _ in false }
      port.handle(.enable)
      port.plug(Partner.sink())
      port.run(for: .milliseconds(400))
    }
    port.handle(.supply(.fault(.dischargeTimeout)))
    #expect(port.engine.connection == .errorRecovery)
    #expect(port.count(of: .errorRecovery(.supplyFault)) == 1)
    #expect(port.count(of: .sendHardReset) == 0)
  }

  @Test("A fault without a partner changes nothing")
  func faultAlone() {
    var port = SinglePort.source()
    port.handle(.enable)
    port.handle(.supply(.fault(.overTemperature)))
    #expect(port.engine.connection == .unattachedSRC)
    #expect(port.count(of: .supplyFault(.overTemperature)) == 1)
  }

  @Test("A supply that does not come up: ErrorRecovery after tVBUSON")
  func supplyNeverComes() {
    var port = SinglePort.source()
    port.supplyAnswers = false
    port.handle(.enable)
    port.plug(Partner.sink())
    port.run(for: .milliseconds(800)) { $0.engine.connection == .errorRecovery }
    #expect(port.now - port.entry(.attachedSRC) == Timing.vbuson.maximum ?? .zero)
    #expect(port.names() == [])
  }

  @Test("A supply that does not reach the contract: Hard Reset before the sink gives up")
  func supplyNeverSettles() {
    var port = SinglePort.sourceAwaitingRequest()
    port.supplyAnswers = false
    port.receive(.request, [Sample.request(2, 2_000)])
    let start = port.now
    port.run(for: .milliseconds(600)) { $0.count(of: .sendHardReset) == 1 }
    #expect(port.count(of: .hardReset(bySelf: true, .supplyFault)) == 1)
    #expect(port.now - start <= Timing.psTransitionSPR.minimum ?? .zero)
    #expect(!port.names().contains { $0.hasPrefix("PS_RDY") })
  }

  @Test("A supply that does not go off in a Hard Reset: ErrorRecovery after tSafe0V")
  func supplyNeverGoesOff() {
    var port = SinglePort.sourceReady()
    port.supplyAnswers = false
    port.handle(.hardResetReceived)
    port.run(for: .milliseconds(900)) { $0.engine.connection == .errorRecovery }
    #expect(port.now - port.entry(.srcTransitionToDefault) == Timing.safe0V.maximum ?? .zero)
  }

  @Test("A supply that does not come back after a Hard Reset: ErrorRecovery after tSrcTurnOn")
  func supplyNeverReturns() {
    var port = SinglePort.sourceReady()
    port.handle(.hardResetReceived)
    port.run(for: .milliseconds(200))
    port.supplyAnswers = false
    port.run(for: .milliseconds(2_000)) { $0.engine.connection == .errorRecovery }
    #expect(port.now - port.time(of: ResetTests.on) == Timing.srcTurnOn.maximum ?? .zero)
  }

  @Test(
    "Reports of the supply that nobody awaits change nothing",
    arguments: [
      SupplyReport.ready, .safe0V, .recovered,
    ])
  func strayReports(report: SupplyReport) {
    for var port in [SinglePort.sourceReady(), .sinkReady(), .source(), .sourceAwaitingRequest()] {
      let state = port.engine.state
      let count = port.actions.count
      port.handle(.supply(report))
      #expect(port.engine.state == state)
      #expect(port.actions.count == count)
    }
  }
}
