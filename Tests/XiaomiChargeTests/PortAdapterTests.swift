import LineCode
import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing
import XiaomiCharge

/// How the machines stand at a port: which notice is which event, which action is which request.
@Suite("Machines at a port") struct PortAdapterTests {
  private static let message = ShortMessage(words: [0x2717_0105, 1, 2, 3, 4])
  private static let contract = PowerContract.typeC(Milliamperes(3_000))

  @Test("What a charger hears of its port")
  func charger() {
    func event(_ notice: PortNotice, _ role: PortPowerRole = .source) -> XiaomiChargerEvent? {
      XiaomiChargerEvent(notice, role: role)
    }
    #expect(event(.vendorDefined(Self.message)) == .received(Self.message))
    #expect(event(.vendorDefined(Self.message), .sink) == nil)
    #expect(event(.contract(Self.contract)) == .contract && event(.contract(Self.contract), .sink) == nil)
    #expect(event(.rolesChanged) == nil && event(.rolesChanged, .sink) == .detached)
    #expect(event(.hardReset(bySelf: true, .requested)) == .hardReset)
    #expect(event(.detached) == .detached && event(.errorRecovery(.requested)) == .detached)
    #expect(event(.softReset(bySelf: false)) == nil)
  }

  @Test("What a charger asks of its port")
  func chargerRequests() {
    #expect(XiaomiChargerAction.answer(Self.message).request == .answerVendorDefined(Self.message))
    #expect(XiaomiChargerAction.hardReset.request == .hardReset)
    #expect(XiaomiChargerAction.offer(.mutual, .now).request == nil)
    #expect(XiaomiChargerAction.notify(.verified).request == nil)
  }

  @Test("What a phone hears of its port")
  func phone() {
    let port = PortEngine(PortConfiguration(roles: .sinkOnly))
    func event(_ notice: PortNotice) -> XiaomiPhoneEvent? { XiaomiPhoneEvent(notice, port) }
    #expect(event(.contract(Self.contract)) == .contract(.revision3, .upstreamFacing))
    #expect(event(.rolesChanged) == .dataRole(.upstreamFacing))
    #expect(event(.decisionNeeded(.capabilities)) == .capabilities(PowerDataObjectList()))
    #expect(event(.decisionNeeded(.dataRoleSwap)) == nil && event(.sourceCapabilities) == nil)
    #expect(event(.vendorDefined(Self.message)) == .received(Self.message))
    #expect(event(.notSupported(Self.message)) == .received(Self.message))
    #expect(event(.requestRejected) == .choiceRejected && event(.requestDeferred) == nil)
    #expect(event(.hardReset(bySelf: false, .received)) == .hardReset)
    #expect(event(.detached) == .detached && event(.errorRecovery(.requested)) == .detached)
  }

  @Test("Answers to discoveries are their objects, refusals are not")
  func discoveries() {
    let port = PortEngine(PortConfiguration(roles: .sinkOnly))
    func event(_ words: [UInt32]) -> XiaomiPhoneEvent? {
      XiaomiPhoneEvent(.vendorDefined(ShortMessage(words: words)), port)
    }
    #expect(event([0xFF00_A041, 1, 2, 3]) == .identity(XiaomiWords([1, 2, 3])))
    #expect(event([0xFF00_A042, 0x2717_0000]) == .svids(XiaomiWords([0x2717_0000])))
    // A NAK, and an answer to something else.
    for word in [0xFF00_A081, 0xFF00_A043] as [UInt32] {
      #expect(event([word]) == .received(ShortMessage(words: [word])))
    }
  }

  @Test(
    "A request of the dialogue that ends without success is heard of, and no other",
    arguments: [
      (.dataRoleSwap, true), (.discoverIdentity, true), (.discoverSVIDs, true), (.get, true),
      (.getSourceCapabilities, true), (.sendVendorDefined, true), (.choosePower, false), (.vconnSwap, false),
    ] as [(PortRequest.Kind, Bool)])
  func requestsEnd(_ kind: PortRequest.Kind, _ isOfDialogue: Bool) {
    let port = PortEngine(PortConfiguration(roles: .sinkOnly))
    func event(_ outcome: RequestOutcome) -> XiaomiPhoneEvent? {
      XiaomiPhoneEvent(.requestEnded(kind, outcome), port)
    }
    #expect(event(.done) == nil)
    #expect(event(.wait) == (isOfDialogue ? .requestFailed(.wait) : nil))
    for outcome in [RequestOutcome.rejected, .notSupported, .noAnswer, .interrupted, .notPossible] {
      #expect(event(outcome) == (isOfDialogue ? .requestFailed(.refused) : nil))
    }
  }

  @Test("What a phone asks of its port")
  func phoneRequests() {
    #expect(XiaomiPhoneAction.swapDataRole.request == .dataRoleSwap)
    #expect(XiaomiPhoneAction.discoverIdentity.request == .discoverIdentity)
    #expect(XiaomiPhoneAction.discoverSVIDs.request == .discoverSVIDs)
    #expect(XiaomiPhoneAction.getExtendedCapabilities.request == .get(.getSourceCapExtended))
    #expect(XiaomiPhoneAction.getCapabilities.request == .getSourceCapabilities)
    #expect(XiaomiPhoneAction.send(Self.message).request == .sendVendorDefined(Self.message))
    #expect(XiaomiPhoneAction.drawSession.request == nil)
  }
}
