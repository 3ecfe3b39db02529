import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing

/// Soft Reset, and what is answered to messages that nobody awaits (USB-PD R3.2 §6.8, §8.3.3.4).
@Suite("Soft Reset") struct SoftResetTests {
  /// Where a port is when something happens.
  enum Place: CaseIterable, Sendable {
    case sourceReady, sinkReady, sourceAMS, sinkAMS
    case sourceAwaitingRequest, sinkAwaitingAccept
    case sourceTransition, sinkTransition

    var port: SinglePort {
      var port: SinglePort
      switch self {
      case .sourceReady: port = .sourceReady()
      case .sinkReady: port = .sinkReady()
      case .sourceAMS:
        port = .sourceReady()
        port.handle(.request(.getSinkCapabilities))
        port.run(for: .milliseconds(25))
      case .sinkAMS:
        port = .sinkReady()
        port.handle(.request(.getSourceCapabilities))
        port.run(for: .milliseconds(5))
      case .sourceAwaitingRequest: port = .sourceAwaitingRequest()
      case .sinkAwaitingAccept: port = .sinkAwaitingAccept()
      case .sourceTransition:
        port = .sourceAwaitingRequest()
        port.receive(.request, [Sample.request(2, 2_000)])
        port.run(for: .milliseconds(10))
      case .sinkTransition:
        port = .sinkAwaitingAccept()
        port.receive(.accept)
        port.run(for: .milliseconds(10))
      }
      return port
    }

    var isTransition: Bool { self == .sourceTransition || self == .sinkTransition }

    var isSource: Bool {
      switch self {
      case .sourceReady, .sourceAMS, .sourceAwaitingRequest, .sourceTransition: true
      default: false
      }
    }
  }

  @Test("A message that nobody awaits: Soft_Reset, in a transition Hard Reset", arguments: Place.allCases)
  func protocolError(place: Place) {
    var port = place.port
    let start = port.now
    port.receive(place == .sinkAwaitingAccept ? .psRDY : place.isSource ? .psRDY : .drSwap)
    if place == .sinkReady {
      // There a swap is a question like any other.
      port.run(for: .milliseconds(3))
      port.receive(.psRDY)
    }
    port.run(for: .milliseconds(5))
    if place.isTransition {
      #expect(port.count(of: .hardReset(bySelf: true, .protocolErrorInTransition)) == 1)
      #expect(port.time(of: .sendHardReset) - start <= Timing.protErrHardReset.maximum ?? .zero)
    } else {
      #expect(port.names(since: start).last == "Soft_Reset 0")
      #expect(port.count(of: .softReset(bySelf: true)) == 1)
      #expect(port.count(of: .sendHardReset) == 0)
    }
  }

  @Test(
    "A Soft_Reset is accepted with MessageID 0, in a transition it is a Hard Reset", arguments: Place.allCases
  )
  func received(place: Place) {
    var port = place.port
    let start = port.now
    let contract = port.engine.contract
    port.receive(.softReset)
    port.run(for: .milliseconds(2))
    if place.isTransition {
      #expect(port.count(of: .hardReset(bySelf: true, .protocolErrorInTransition)) == 1)
      return
    }
    #expect(port.names(since: start).first == "Accept 0")
    #expect(port.sent(since: start)[0].at - start <= Timing.softReset.maximum ?? .zero)
    #expect(port.count(of: .softReset(bySelf: false)) == 1)
    // Power stays as it is; the contract is made anew.
    #expect(port.engine.contract == contract)
    if place.isSource {
      port.run(for: .milliseconds(30)) { $0.names(since: start).count == 2 }
      #expect(port.names(since: start) == ["Accept 0", "Source_Capabilities 1"])
      #expect(port.now - start <= Timing.firstSourceCap.maximum ?? .zero)
    } else {
      #expect(port.engine.state == .snkWaitForCapabilities)
    }
    #expect(port.count(of: .sendHardReset) == 0)
  }

  @Test("An accepted Soft_Reset leads to a contract again, and touches no power", arguments: [true, false])
  func accepted(isSource: Bool) {
    var port = isSource ? SinglePort.sourceReady() : SinglePort.sinkReady()
    let contract = port.engine.contract
    let start = port.now + Nanoseconds(1)
    port.run(for: .milliseconds(1))
    port.handle(.request(.softReset))
    port.run(for: .milliseconds(3))
    port.resetPartnerID()
    port.receive(.accept)
    if isSource {
      port.run(for: .milliseconds(30)) { $0.names(since: start).count == 2 }
      port.run(for: .milliseconds(3))
      port.receive(.request, [Sample.request(2, 2_000)])
      port.run(for: .milliseconds(60))
      #expect(
        port.names(since: start) == ["Soft_Reset 0", "Source_Capabilities 1", "Accept 2", "PS_RDY 3"])
      #expect(port.count(of: .supply(.off)) == 0)
    } else {
      port.receive(.sourceCapabilities, [Sample.fixed(5, 3_000), Sample.fixed(9, 3_000)])
      port.run(for: .milliseconds(3))
      port.receive(.accept)
      port.receive(.psRDY)
      #expect(port.names(since: start) == ["Soft_Reset 0", "Request 1"])
    }
    #expect(port.engine.state == (isSource ? .srcReady : .snkReady))
    #expect(port.engine.contract == contract)
    #expect(port.count(of: .requestEnded(.softReset, .done)) == 1)
    #expect(port.count(of: .sendHardReset) == 0)
  }

  @Test("A Soft_Reset that nobody acknowledges: Hard Reset within tHardReset", arguments: [true, false])
  func notAcknowledged(isSource: Bool) {
    var port = isSource ? SinglePort.sourceReady() : SinglePort.sinkReady()
    port.acknowledges = { _ in false }
    let start = port.now
    port.handle(.request(.softReset))
    port.run(for: .milliseconds(20)) { $0.count(of: .sendHardReset) == 1 }
    #expect(port.names(since: start) == ["Soft_Reset 0", "Soft_Reset 0", "Soft_Reset 0"])
    let last = port.sent(since: start)[2]
    let failure = last.at + SinglePort.length(last.message) + (Timing.receive.maximum ?? .zero)
    #expect(port.now - failure <= Timing.hardReset.maximum ?? .zero)
    #expect(port.count(of: .hardReset(bySelf: true, .softResetFailed)) == 1)
  }

  @Test("A Soft_Reset that is not accepted in tSenderResponse: Hard Reset", arguments: [true, false])
  func notAccepted(isSource: Bool) {
    var port = isSource ? SinglePort.sourceReady() : SinglePort.sinkReady()
    port.handle(.request(.softReset))
    port.run(for: .milliseconds(3))
    let start = port.entry(isSource ? PolicyState.srcSendSoftReset : .snkSendSoftReset)
    port.run(for: .milliseconds(60)) { $0.count(of: .sendHardReset) == 1 }
    // Counted from the Soft_Reset, which took 0.6 ms, and its GoodCRC.
    let wait = port.now - start - .microseconds(1_200)
    #expect(Timing.senderResponse(.revision3).contains(wait))
    #expect(port.count(of: .hardReset(bySelf: true, .softResetFailed)) == 1)
  }

  @Test("Nothing but Accept ends a Soft_Reset", arguments: [true, false])
  func answeredWrongly(isSource: Bool) {
    var port = isSource ? SinglePort.sourceReady() : SinglePort.sinkReady()
    port.handle(.request(.softReset))
    port.run(for: .milliseconds(3))
    port.receive(.reject)
    port.run(for: .milliseconds(40))
    #expect(port.count(of: .hardReset(bySelf: true, .softResetFailed)) == 1)
  }

  @Test("A late GoodCRC for an older message is not for the Soft_Reset that has not left yet")
  func lateGoodCRC() throws {
    var port = SinglePort.sinkAwaitingAccept()
    port.acknowledges = { _ in false }
    let start = port.now
    // The driver keeps the Soft_Reset: the line is busy.
    port.reports = { $0.kind != .control(.softReset) }
    port.receive(.psRDY)
    port.run(for: .milliseconds(1))
    let packet = try #require(port.sent(since: start).last?.message)
    #expect(packet.kind == .control(.softReset))
    port.handle(.received(port.goodCRC(packet, id: 0)))
    #expect(port.engine.transmitState == .waitForPHYResponse)
  }

  @Test("An Accept that is not the partner's first message answers something older", arguments: [0, 1, 5])
  func olderAccept(id: UInt8) {
    var port = SinglePort.sinkAwaitingAccept()
    port.receive(.psRDY)
    port.run(for: .milliseconds(5))
    #expect(port.engine.state == .snkSendSoftReset)
    port.receive(.accept, id: id)
    port.run(for: .milliseconds(2))
    #expect(port.engine.state == (id == 0 ? .snkWaitForCapabilities : .snkSendSoftReset))
  }

  @Test("An Accept that crosses the Soft_Reset on the line is not its answer")
  func crossingAccept() {
    var port = SinglePort.sinkAwaitingAccept()
    port.acknowledges = { $0.kind != .control(.softReset) }
    port.receive(.psRDY)
    port.run(for: .microseconds(1_600))
    #expect(port.engine.state == .snkSendSoftReset && port.engine.transmitState == .waitForPHYResponse)
    let start = port.now
    port.receive(.accept, id: 0)
    port.run(for: .milliseconds(1))
    #expect(port.engine.state == .snkSendSoftReset)
    #expect(port.names(since: start).first == "Soft_Reset 0")
  }

  @Test("No chunk is asked for of a message that crosses the Soft_Reset")
  func crossingChunk() {
    var port = SinglePort.sinkReady()
    port.handle(.request(.softReset))
    port.acknowledges = { $0.kind != .control(.softReset) }
    port.run(for: .microseconds(900))
    #expect(port.engine.state == .snkSendSoftReset)
    let start = port.now
    port.receive(.eprSourceCapabilities, chunk: 0, of: 40)
    port.run(for: .milliseconds(1))
    #expect(port.names(since: start).allSatisfy { $0 == "Soft_Reset 0" })
  }
}
