import Foundation
import LineCode
import PowerDelivery
import Quantities
import TestSupport
import Testing
import XiaomiCharge

@testable import Trace

/// Each reason why a phone stays slow, from a conversation that shows it, and nothing else with it.
@Suite struct XiaomiFindingTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var codes: [XiaomiFinding.Code]
    var write: @Sendable (inout XiaomiTalk) -> Void

    init(
      _ description: String, _ codes: [XiaomiFinding.Code],
      _ write: @escaping @Sendable (inout XiaomiTalk) -> Void
    ) {
      testDescription = description
      self.codes = codes
      self.write = write
    }
  }

  /// The phone asks the charger for its identity before it swaps, so that the vendor is known.
  private static func meet(_ talk: inout XiaomiTalk) {
    talk.contract()
    talk.identity()
  }

  private static let preparation: [Case] = [
    Case("DR_Swap rejected", [.swapRejected]) {
      meet(&$0)
      $0.swap(.reject)
    },
    Case("DR_Swap told to wait", [.swapRejected]) {
      meet(&$0)
      $0.swap(.wait)
      $0.swap(.wait)
    },
    Case("DR_Swap not supported", [.swapNotSupported]) {
      meet(&$0)
      $0.swap(.notSupported)
    },
    Case("DR_Swap unanswered", [.swapUnanswered]) {
      meet(&$0)
      $0.swap(nil)
      $0.script.wait(40)
      $0.phone(.getSourceCap)
    },
    Case("the phone's own Not_Supported answers nothing that it asked", [.swapUnanswered]) {
      meet(&$0)
      $0.swap(nil)
      $0.phone(.notSupported)
      $0.script.wait(40)
      $0.phone(.getSourceCap)
    },
    Case("DR_Swap may still be answered when the recording ends", []) {
      meet(&$0)
      $0.swap(nil)
    },
    Case("DR_Swap not asked", [.swapNotAsked]) { meet(&$0) },
    Case("revision 2.0", [.revision2]) {
      $0.revision = 1
      meet(&$0)
    },
    Case("Discover Identity NAK", [.identityRefused]) {
      $0.contract()
      $0.swap()
      $0.identity([0xFF00_A081])
      $0.svids()
    },
    Case("Discover Identity not supported", [.identityRefused]) {
      $0.contract()
      $0.swap()
      $0.identity(nil)
      $0.charger(.notSupported)
      $0.svids()
    },
    Case("Discover Identity unanswered", [.identityUnanswered]) {
      $0.contract()
      $0.swap()
      $0.identity(nil)
      $0.script.wait(100)
      $0.svids()
    },
    Case("SVID missing", [.svidMissing]) {
      $0.contract()
      $0.swap()
      $0.identity()
      $0.svids([0xFF00_A042, 0xFF01_0000])
    },
    Case("Discover SVIDs NAK", [.svidMissing]) {
      $0.contract()
      $0.swap()
      $0.identity()
      $0.svids([0xFF00_A082])
    },
    Case("no SVIDs at all", [.svidMissing]) {
      $0.contract()
      $0.swap()
      $0.identity()
      $0.svids([0xFF00_A042, 0])
    },
    Case("never started", [.notStarted]) { $0.prepare() },
    Case("silence between contract and dialogue", [.swapNotAsked, .rpSilence]) {
      $0.contract()
      // The charger tells its vendor by itself, the phone says nothing.
      $0.vendorOfCharger()
      $0.script.wait(1_500)
      $0.offer(XiaomiTalk.publicOffer)
    },
    Case("Rp at 1.5 A", [.rpLow]) {
      $0.prepare()
      for _ in 0..<6 { $0.script.measure(cc1: Millivolts(930), after: 50_000) }
    },
    Case("Rp at the default level", [.rpLow]) {
      $0.prepare()
      for _ in 0..<6 { $0.script.measure(cc1: Millivolts(420), after: 50_000) }
    },
    Case("Rp at 3.0 A", [.notStarted]) {
      $0.prepare()
      for _ in 0..<6 { $0.script.measure(cc1: Millivolts(1_680), after: 50_000) }
    },
    Case("Rp below 3.0 A, but the phone speaks", [.notStarted]) {
      $0.prepare()
      for _ in 0..<4 {
        for _ in 0..<3 { $0.script.measure(cc1: Millivolts(930), after: 30_000) }
        $0.phone(.getSourceCap)
      }
    },
    Case("Rp below 3.0 A around messages only", [.notStarted]) {
      $0.prepare()
      for _ in 0..<6 {
        $0.script.measure(cc1: Millivolts(930), after: 20_000)
        $0.script.measure(cc1: Millivolts(930), after: 50_000)
        $0.script.measure(cc1: Millivolts(1_680), after: 50_000)
      }
    },
  ]

  private static let commands: [Case] = [
    Case("a command unanswered", [.commandUnanswered]) {
      $0.prepare()
      $0.exchange(1, [], [0x0003_0001])
      $0.ask(3)
      $0.script.wait(500)
      $0.ask(3)
      $0.script.wait(500)
      $0.phone(.getSourceCap)
    },
    Case("the recording ends with a command", []) {
      $0.prepare()
      $0.ask(1)
    },
    Case("the recording ends while a command may be answered", []) {
      $0.prepare()
      $0.ask(1)
      $0.offer(XiaomiTalk.publicOffer, after: 15_000)
    },
    Case("answered on the second try", [.commandUnanswered]) {
      $0.prepare()
      $0.ask(1)
      $0.script.wait(500)
      $0.exchange(1, [], [0x0003_0001])
      $0.exchange(3, [], [25])
      $0.exchange(4, XiaomiTalk.seed, [])
      $0.exchange(5, XiaomiTalk.challenge, XiaomiTalk.chargerProof)
      $0.confirm()
      $0.charge()
    },
    Case("a late answer", [.answerLate]) {
      $0.prepare()
      $0.exchange(1, [], [0x0003_0001], after: 26_500)
    },
    Case("an answer at the limit", [.brokeOff, .answerSlow]) {
      $0.prepare()
      $0.exchange(1, [], [0x0003_0001], after: 25_400)
      $0.script.wait(100)
      $0.phone(.getSourceCap)
    },
    Case("an answer in time", []) {
      $0.prepare()
      $0.authenticate()
      $0.exchange(6, [1], [1], after: 14_300)
      $0.charge()
    },
    Case("no key", [.noKey]) {
      $0.prepare()
      $0.exchange(4, XiaomiTalk.seed, [])
      $0.ask(5, XiaomiTalk.challenge)
      $0.charger(.notSupported)
    },
    Case("a command not supported", [.commandNotSupported]) {
      $0.prepare()
      $0.ask(2)
      $0.charger(.notSupported)
      $0.authenticate()
      $0.confirm()
      $0.charge()
    },
    Case("the dialogue breaks off", [.brokeOff]) {
      $0.prepare()
      $0.exchange(1, [], [0x0003_0001])
      $0.phone(.getSourceCap, after: 50_000)
      $0.offer(XiaomiTalk.publicOffer)
    },
    Case("the charger's proof is wrong", [.proofWrong, .notVerified]) {
      $0.prepare()
      $0.authenticate(proof: XiaomiTalk.otherProof)
      $0.confirm(0)
    },
    Case("VERIFIED 0 though the proof is right", [.notVerified]) {
      $0.prepare()
      $0.authenticate()
      $0.confirm(0)
    },
    Case("the phone's proof is wrong and refused", [.phoneProofWrong, .reverseRefused]) {
      $0.prepare()
      $0.authenticate()
      $0.confirm(proof: XiaomiTalk.otherProof, result: 0)
    },
    Case("the phone's proof is wrong and accepted", [.phoneProofWrong]) {
      $0.prepare()
      $0.authenticate()
      $0.confirm(proof: XiaomiTalk.otherProof)
      $0.charge()
    },
    Case("REVERSE_AUTHEN refused", [.reverseRefused]) {
      $0.prepare()
      $0.authenticate()
      $0.confirm(result: 0)
    },
    Case("Hard Reset during the dialogue", [.hardReset]) {
      $0.prepare()
      $0.authenticate()
      $0.ask(6, [1])
      $0.answer(6, [1])
      $0.script.signal(.hardReset)
    },
  ]

  private static let power: [Case] = [
    Case("all is well", []) { $0.everything() },
    Case("Rp at 1.5 A, and the phone says nothing", [.rpLow]) {
      $0.contract()
      $0.vendorOfCharger()
      for _ in 0..<6 { $0.script.measure(cc1: Millivolts(930), after: 50_000) }
    },
    Case("a Hard Reset after the contract", []) {
      $0.everything()
      $0.script.signal(.hardReset)
    },
    Case("no new offer though asked", [.noNewOffer]) {
      $0.prepare()
      $0.authenticate()
      $0.confirm()
      $0.phone(.getSourceCap)
      $0.script.wait(600)
      $0.phone(.getSourceCap)
    },
    Case("no new offer in 2 s", [.noNewOffer]) {
      $0.prepare()
      $0.authenticate()
      $0.confirm()
      $0.script.wait(2_500)
      $0.request(0x1304_B12C)
    },
    Case("the recording ends before the new offer", []) {
      $0.prepare()
      $0.authenticate()
      $0.confirm()
    },
    Case("the offer is no larger", [.offerNotLarger, .currentLimited]) {
      $0.prepare()
      $0.authenticate()
      $0.confirm()
      $0.phone(.getSourceCap)
      $0.offer(XiaomiTalk.publicOffer)
      $0.request(XiaomiTalk.pps(3, 10_000, 3_000))
    },
    Case("the larger offer was there before VERIFIED", [.offerNotLarger]) {
      $0.prepare()
      $0.authenticate()
      $0.offer(XiaomiTalk.largeOffer)
      $0.confirm()
      $0.charge()
    },
    Case("PPS below 10 V", [.objectTooSmall]) {
      $0.prepare()
      $0.authenticate()
      $0.confirm()
      $0.phone(.getSourceCap)
      $0.offer([0x0E01_912C, 0x0002_D12C, 0xC0C6_2178])  // 3.3-9.9 V 6 A.
      $0.request(XiaomiTalk.pps(3, 9_000, 6_000))
    },
    Case("PPS below 2 A", [.objectTooSmall]) {
      $0.prepare()
      $0.authenticate()
      $0.confirm()
      $0.phone(.getSourceCap)
      $0.offer([0x0E01_912C, 0x0002_D12C, 0xC1A4_2127])  // 3.3-21 V 1.95 A.
      $0.request(XiaomiTalk.pps(3, 20_000, 1_950))
    },
    Case("limited to the 5 A of a cable", [.currentLimited]) {
      $0.prepare()
      $0.authenticate()
      $0.confirm()
      $0.charge(XiaomiTalk.publicOffer + [0xC1A4_2164])
    },
    Case("the request is rejected", [.requestRejected]) {
      $0.prepare()
      $0.authenticate()
      $0.confirm()
      $0.phone(.getSourceCap)
      $0.offer(XiaomiTalk.largeOffer)
      $0.request(XiaomiTalk.pps(5, 20_000, 6_000), .reject)
    },
    Case("the phone asks for less", [.asksForLess]) {
      $0.prepare()
      $0.authenticate()
      $0.confirm()
      $0.phone(.getSourceCap)
      $0.offer(XiaomiTalk.largeOffer)
      $0.request(XiaomiTalk.pps(5, 9_000, 6_000))
    },
  ]

  private static let cases = preparation + commands + power

  @Test(arguments: cases) func codes(_ example: Case) throws {
    let story = try #require(XiaomiTalk.story { example.write(&$0) })
    #expect(story.dialogues.count == 1)
    #expect(story.dialogues.last?.findings.map(\.code) == example.codes)
  }

  /// Each code comes from a recording above, is said in a text of its own, and names its evidence.
  @Test func everyCodeIsShown() throws {
    let shown = Set(Self.cases.flatMap(\.codes))
    #expect(XiaomiFinding.Code.allCases.filter { !shown.contains($0) } == [])
    for example in Self.cases {
      let dialogue = try #require(XiaomiTalk.story { example.write(&$0) }?.dialogues.last)
      for finding in dialogue.findings {
        #expect(finding.place != nil && !finding.text.isEmpty, "\(example.testDescription) \(finding.code)")
      }
    }
    #expect(Set(XiaomiFinding.Code.allCases.map(\.advice)).count == XiaomiFinding.Code.allCases.count)
  }

  /// The table of spec/text/xiaomi.md 9 has each code once, in the order of the code.
  @Test func theSpecificationListsTheCodes() throws {
    let text = try String(contentsOf: ProjectFiles.url("spec/text/xiaomi.md"), encoding: .utf8)
    let codes = text.split(separator: "\n").filter { $0.hasPrefix("| `xiaomi-") }
      .compactMap { $0.split(separator: "`").dropFirst().first }
    #expect(codes.map(String.init) == XiaomiFinding.Code.allCases.map(\.rawValue))
  }

  /// What keeps a phone from more power by itself, and what only may.
  @Test func severity() throws {
    func severities(_ write: (inout XiaomiTalk) -> Void) -> [XiaomiFinding.Severity]? {
      XiaomiTalk.story(write)?.dialogues.last?.findings.map(\.severity)
    }
    #expect(
      severities {
        $0.prepare(); $0.authenticate(); $0.confirm(0)
      } == [.reason])
    // The same late answer, with and without success.
    #expect(
      severities {
        $0.prepare(); $0.exchange(1, [], [1], after: 30_000)
      } == [.reason])
    #expect(
      severities {
        $0.prepare()
        $0.exchange(2, [], [0x33], after: 30_000)
        $0.authenticate()
        $0.confirm()
        $0.charge()
      } == [.hint])
  }

  /// Nothing is said of the other side where its messages are not recorded.
  @Test(arguments: [true, false]) func oneDirection(isPhone: Bool) throws {
    let dialogue = try #require(
      XiaomiTalk.story {
        $0.recordsCharger = !isPhone
        $0.recordsPhone = isPhone
        $0.everything()
        $0.script.wait(5_000)
        if isPhone { $0.phone(.getSourceCap) } else { $0.offer(XiaomiTalk.largeOffer) }
      }?.dialogues.last)
    #expect(dialogue.findings == [])
    #expect(dialogue.voices == (isPhone ? .phoneOnly : .chargerOnly))
    #expect(dialogue.exchanges.map(\.isAnswered) == [Bool](repeating: !isPhone, count: 7))
    #expect(dialogue.exchanges.allSatisfy { ($0.request != nil) == isPhone })
  }
}
