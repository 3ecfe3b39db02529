import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities

// Conversations that break the rules of packets (P) and of who may say what when (C).

extension BadTalk {
  static let packets: [BadTalk] = [
    BadTalk("P01", "a MessageID is skipped") {
      $0.ids[0] += 2
      $0.send(.getSinkCap, .charger, .srcGetSinkCap)
    },
    BadTalk("P01", "a MessageID again after the GoodCRC") {
      $0.ids[0] -= 1
      $0.send(.getSinkCap, .charger, .srcGetSinkCap)
    },
    BadTalk("P01", "Soft_Reset with another MessageID than 0") {
      $0.send(.softReset, .charger, .srcSendSoftReset)
    },
    BadTalk("P01", "MessageIDs go on after a Soft Reset") {
      $0.ids[0] = 0
      $0.send(.softReset, .charger, .srcSendSoftReset)
      $0.send(.accept, .phone, .snkSoftReset)
    },
    BadTalk("P02", "a retry with another content") {
      $0.state(.srcGetSinkCap, .charger)
      $0.packet($0.control(.getSinkCap, .charger), .charger, delivered: false)
      $0.wait(microseconds: 1_100)
      $0.state(.srcSendCapabilities, .charger)
      $0.packet($0.data(.sourceCapabilities, Talk.offer, .charger), .charger, delivered: false)
    },
    BadTalk("P03", "a fourth copy in Revision 3") {
      $0.state(.srcGetSinkCap, .charger)
      for _ in 0..<4 {
        $0.packet($0.control(.getSinkCap, .charger), .charger, delivered: false)
        $0.wait(microseconds: 1_100)
      }
    },
    BadTalk("P04", "a GoodCRC with another MessageID") {
      $0.state(.srcGetSinkCap, .charger)
      $0.packet($0.control(.getSinkCap, .charger), .charger)
      $0.ids[0] += 1
      $0.goodCRC(for: $0.control(.getSinkCap, .charger), by: .phone)
    },
    BadTalk("P05", "a GoodCRC for nothing") { $0.goodCRC(for: $0.control(.accept, .charger), by: .phone) },
    BadTalk("P06", "the power role is wrong") {
      $0.state(.srcGetSinkCap, .charger)
      $0.roles[0] = .sink
      $0.packet($0.control(.getSinkCap, .charger), .charger, delivered: false)
    },
    BadTalk("P06", "the power role of a GoodCRC is wrong") {
      $0.state(.srcGetSinkCap, .charger)
      $0.packet($0.control(.getSinkCap, .charger), .charger)
      $0.roles[1] = .source
      $0.goodCRC(for: $0.control(.getSinkCap, .charger), by: .phone)
    },
    BadTalk("P07", "the data role is wrong") {
      $0.state(.srcGetSinkCap, .charger)
      $0.dataRoles[0] = .upstreamFacing
      $0.packet($0.control(.getSinkCap, .charger), .charger, delivered: false)
    },
    BadTalk("P07", "the data role does not follow a swap") {
      $0.send(.drSwap, .phone, .drsUFPDFPSendSwap)
      $0.send(.accept, .charger, .drsDFPUFPAcceptSwap)
      $0.state(.srcGetSinkCap, .charger)
      $0.wait(1)
      $0.packet($0.control(.getSinkCap, .charger), .charger, delivered: false)
    },
    BadTalk("P08", "a higher revision than negotiated", from: Talk.inRevision2) {
      $0.revision = .revision3
      $0.state(.srcGetSinkCap, .charger)
      $0.packet($0.control(.getSinkCap, .charger), .charger, delivered: false)
    },
    BadTalk("P08", "a Request of a higher revision than the capabilities", from: Talk.attached) {
      $0.revision = .revision2
      $0.capabilities()
      $0.revision = .revision3
      $0.request(Talk.request(1))
    },
    BadTalk("P09", "a message instead of the GoodCRC") {
      $0.state(.srcReady, .charger)
      $0.state(.snkGetSourceCap, .phone)
      $0.wait(1)
      $0.packet($0.control(.getSourceCap, .phone), .phone)
      $0.wait(microseconds: 100)
      $0.state(.srcSendCapabilities, .charger)
      $0.packet($0.data(.sourceCapabilities, Talk.offer, .charger), .charger, delivered: false)
    },
  ]

  static let conversation: [BadTalk] = [
    BadTalk("C01", "a message that the state does not send") {
      $0.send(.getSinkCap, .charger, .srcReady)
    },
    BadTalk("C02", "Accept without a request") { $0.send(.accept, .charger, .srcTransitionSupply) },
    BadTalk("C02", "an answer to another question") {
      $0.send(.getStatus, .phone, .getInformation)
      $0.send(.revision, [0x3211_0000], .charger, .giveInformation)
    },
    BadTalk("C02", "a Request before any capabilities", from: Talk.attached) {
      $0.send(.request, [Talk.request(1)], .phone, .snkSelectCapability)
    },
    BadTalk("C02", "Not_Supported for nothing") {
      $0.send(.notSupported, .charger, .srcSendNotSupported)
    },
    BadTalk("C02", "Not_Supported for Not_Supported") {
      $0.send(.getStatus, .phone, .getInformation)
      $0.send(.notSupported, .charger, .srcSendNotSupported)
      $0.send(.notSupported, .phone, .snkSendNotSupported)
    },
    BadTalk("C03", "a question instead of an answer") {
      $0.send(.getStatus, .phone, .getInformation)
      $0.send(.getSinkCap, .charger, .srcGetSinkCap)
    },
    BadTalk("C03", "a second question before the answer to the first") {
      $0.send(.getSinkCap, .charger, .srcGetSinkCap)
      $0.send(.getRevision, .charger, .getInformation)
    },
    BadTalk("C03", "a question while the supply changes") {
      $0.request(Talk.request(1))
      $0.accept()
      $0.send(.getSinkCap, .charger, .srcGetSinkCap)
    },
    BadTalk("C04", "a sink offers power") {
      $0.send(.sourceCapabilities, Talk.offer, .phone, .srcSendCapabilities)
    },
    BadTalk("C04", "a source requests power") {
      $0.send(.request, [Talk.request(1)], .charger, .snkSelectCapability)
    },
    BadTalk("C05", "Get_Revision in Revision 2.0", from: Talk.inRevision2) {
      $0.send(.getRevision, .phone, .getInformation)
    },
    BadTalk("C05", "GotoMin in Revision 3") { $0.send(.gotoMin, .charger, .srcTransitionSupply) },
  ]
}
