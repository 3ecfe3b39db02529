import PortEngine
import PowerDelivery
import Quantities
import TestSupport
import Testing

/// Answers of the user to a vendor's messages, and what the user of a sink decides.
struct VendorAnswerTests {
  private static func pair() -> Pair {
    var pair = Sample.pair {
      $0.vendorProtocols.insert(0x2717)
      $1.vendorProtocols.insert(0x2717)
    }
    pair.plugIn()
    pair.run(for: Nanoseconds(1_000_000_000)) { $0.source.state == .srcReady && $0.sink.state == .snkReady }
    pair.run(for: Nanoseconds(100_000_000))
    pair.log = []
    return pair
  }

  private static func message(_ word: UInt32) -> ShortMessage {
    var message = ShortMessage(.vendorDefined, header: MessageHeader())
    message.append(word)
    return message
  }

  /// The phone has asked, the charger's user knows.
  private static func asked() -> Pair {
    var pair = Self.pair()
    pair.request(1, .sendVendorDefined(message(0x2717_0105)))
    pair.run(for: Nanoseconds(50_000_000)) {
      $0.notices[0].contains { if case .vendorDefined = $0 { true } else { false } }
    }
    return pair
  }

  private static func names(_ pair: Pair) -> [String] { pair.log.map { String($0.dropLast(2)) } }

  @Test("An own sequence that has not begun gives way to the answer, and follows it")
  func ownSequenceWaits() {
    var pair = Self.asked()
    pair.request(0, .offerCapabilities)
    pair.request(0, .answerVendorDefined(Self.message(0x2717_0205)))
    pair.run(for: Nanoseconds(100_000_000))
    #expect(
      Self.names(pair).prefix(4) == [
        "K Vendor_Defined", "S Vendor_Defined", "S Source_Capabilities", "K Request",
      ])
    #expect(pair.notices[0].contains(.requestEnded(.answerVendorDefined, .done)))
  }

  @Test("Once another sequence has begun nobody waits for the answer: it is not sent")
  func lateAnswer() {
    var pair = Self.asked()
    pair.request(0, .offerCapabilities)
    pair.run(for: Nanoseconds(30_000_000)) { $0.log.last?.hasPrefix("S Source_Capabilities") == true }
    pair.request(0, .answerVendorDefined(Self.message(0x2717_0205)))
    pair.run(for: Nanoseconds(200_000_000))
    #expect(!Self.names(pair).contains("S Vendor_Defined"))
    #expect(pair.notices[0].contains(.requestEnded(.answerVendorDefined, .interrupted)))
    #expect(pair.source.state == .srcReady && pair.sink.state == .snkReady)
  }

  @Test("Not_Supported as the answer is sent from the state that is there for it, and the asker hears of it")
  func notSupported() {
    var pair = Self.asked()
    pair.request(0, .answerVendorDefined(ShortMessage(.notSupported, header: MessageHeader())))
    pair.run(for: Nanoseconds(50_000_000))
    #expect(Self.names(pair) == ["K Vendor_Defined", "S Not_Supported"])
    #expect(pair.steps[0].contains(.srcSendNotSupported))
    #expect(pair.notices[0].contains(.requestEnded(.answerVendorDefined, .done)))
    let heard = pair.notices[1].count { if case .notSupported = $0 { true } else { false } }
    #expect(heard == 1 && pair.sink.state == .snkReady)
  }

  // MARK: Capabilities

  private static func asking() -> Pair {
    var pair = Sample.pair(.fixed(maximumVoltage: Millivolts(5_000)))
    pair.ports[1].sinkPolicy.evaluation = .ask
    return pair
  }

  @Test("A sink that asks its user sends what the user has set by then")
  func userChooses() {
    var pair = Self.asking()
    pair.plugIn()
    pair.run(for: Nanoseconds(1_000_000_000)) { $0.notices[1].contains(.decisionNeeded(.capabilities)) }
    #expect(pair.sink.state == .snkEvaluateCapability)
    pair.run(for: Nanoseconds(5_000_000))
    #expect(!Self.names(pair).contains("K Request"))
    pair.ports[1].sinkPolicy.strategy = .fixed(maximumVoltage: Millivolts(9_000))
    pair.handle(1, .decision(.accept))
    pair.run(for: Nanoseconds(500_000_000))
    #expect(pair.sink.contract?.voltage == Millivolts(9_000))
    #expect(pair.log.filter { $0.hasPrefix("K Request") }.count == 1)
  }

  @Test("A user who says nothing leaves it to the strategy, in time for the source")
  func silentUser() {
    var pair = Self.asking()
    pair.plugIn()
    pair.run(for: Nanoseconds(1_000_000_000)) { $0.source.state == .srcReady }
    #expect(pair.sink.contract?.voltage == Millivolts(5_000))
    #expect(!pair.log.contains { $0.hasSuffix("Hard Reset") })
  }

  @Test("Whatever else comes meanwhile is answered as in any state that awaits nothing: by Soft Reset")
  func interrupted() {
    var pair = Self.asking()
    pair.plugIn()
    pair.run(for: Nanoseconds(1_000_000_000)) { $0.notices[1].contains(.decisionNeeded(.capabilities)) }
    var message = ShortMessage(.getSinkCap, header: MessageHeader())
    message.header.portPowerRole = .source
    message.header.portDataRole = .downstreamFacing
    message.header.specificationRevision = .revision3
    message.header.messageID = 6
    pair.handle(1, .received(message))
    pair.run(for: Nanoseconds(1_000_000_000))
    #expect(pair.steps[1].contains(.snkSendSoftReset))
    // A decision about what is over decides nothing.
    let count = pair.log.count
    pair.handle(1, .decision(.accept))
    #expect(pair.log.count == count && pair.sink.state == .snkReady)
  }
}
