import PowerDelivery
import Quantities
import Testing

@testable import Trace

/// How a contract comes about and ends.
@Suite struct ContractTests {
  private static func read(_ write: (inout Script) -> Void) -> Recording {
    var script = Script()
    write(&script)
    return Recording(script.records)
  }

  private static func microseconds(_ value: Int64) -> Nanoseconds { Nanoseconds(value * 1_000) }

  @Test func theHistoryHasEveryStep() throws {
    let recording = Self.read {
      for hex in [Hex.capabilities, Hex.requestPPS, Hex.accept, Hex.psRDY, "9204"] { $0.exchange(hex) }
    }
    let contract = try #require(recording.statistics.contract)
    // An exchange takes 500 µs, 100 µs and 500 µs, and begins 2 ms after the one before.
    #expect(contract.offeredAt == Self.microseconds(2_000))
    #expect(contract.requestedAt == Self.microseconds(5_100))
    #expect(contract.answeredAt == Self.microseconds(8_200) && contract.answer == .accepted)
    #expect(contract.activeAt == Self.microseconds(11_300) && contract.isActive)
    #expect(contract.summary == "PPS 9.00 V 3.00 A (object 5)")
    // A message knows the contract that was in force when it came.
    #expect(recording.readings.map { $0.contract != nil } == [false, false, false, false, true])
  }

  /// The offer that counts is the copy that arrived.
  @Test func anOfferThatIsSentAgainCountsFromItsLastCopy() throws {
    let recording = Self.read {
      $0.say(Hex.capabilities)
      $0.exchange(Hex.capabilities, after: 100_000)
      for hex in [Hex.requestPPS, Hex.accept, Hex.psRDY] { $0.exchange(hex) }
    }
    let contract = try #require(recording.statistics.contract)
    #expect(contract.offeredAt == Self.microseconds(102_500))
  }

  @Test(arguments: [(Hex.reject, Contract.Answer.rejected), (Hex.wait, .wait)])
  func aRefusedRequestLeavesTheOldContract(answer: String, expected: Contract.Answer) {
    let recording = Self.read {
      for hex in [Hex.capabilities, Hex.requestFixed, Hex.accept, Hex.psRDY] { $0.exchange(hex) }
      $0.exchange(Hex.requestAVS)
      $0.exchange(answer)
      // A PS_RDY out of place makes no contract of it.
      $0.exchange(Hex.psRDY)
    }
    let contracts = recording.contracts[0]
    #expect(recording.contract == "9.00 V 3.00 A (object 2)")
    #expect(contracts.contractCount == 1 && contracts.rejectedCount == 1 && contracts.pending == nil)
    #expect(contracts.first.map(\.answer) == [.accepted, expected])
    #expect(contracts.first.last?.activeAt == nil)
  }

  @Test func withoutPSRDYThereIsNoContract() {
    let recording = Self.read {
      for hex in [Hex.capabilities, Hex.requestFixed, Hex.accept] { $0.exchange(hex) }
    }
    #expect(recording.statistics.contract == nil)
    #expect(recording.contracts[0].pending?.answer == .accepted)
  }

  @Test func anEPRContractComesFromTheChunkedOffer() {
    let recording = Self.read {
      $0.exchange("aa1900000003")
      $0.exchange("b1fb20802c91812b2cd102002cc103002cb10400f44106006421a4c90000")
      $0.exchange("9194008c0000")
      for hex in ["b1ad20880000f4c10800", "8926f4d14781f4c10800", "a30f", "a601"] { $0.exchange(hex) }
    }
    #expect(recording.contract == "28.00 V 5.00 A (object 8)")
    #expect(recording.statistics.contract?.request.selected?.rawValue == 0x0008_C1F4)
  }

  enum End: String, CaseIterable, Sendable { case hardReset, detach, attach }

  @Test(arguments: End.allCases) func aContractEnds(with end: End) {
    let recording = Self.read {
      for hex in [Hex.capabilities, Hex.requestFixed, Hex.accept, Hex.psRDY] { $0.exchange(hex) }
      switch end {
      case .hardReset: $0.signal(.hardReset)
      case .detach: $0.event(.detach)
      case .attach: $0.event(.attach)
      }
      $0.exchange(Hex.capabilities)
    }
    #expect(recording.statistics.contract == nil)
    #expect(recording.contract == "lost: 9.00 V 3.00 A (object 2)")
    #expect(recording.readings.last?.contract == nil)
  }

  /// First message, and whether an older contract may have been in force.
  @Test(arguments: [
    ("9204", true), (Hex.accept, true), ("a90f", true), (Hex.capabilities, false), ("8700", false),
    ("8d00", false),
  ])
  func aLateStartIsTold(first: String, isLate: Bool) {
    let recording = Self.read {
      $0.exchange("8f1001a000ff", .sopPrime)
      $0.exchange(first)
    }
    #expect(recording.contracts.map(\.beganLate) == [isLate])
    #expect((recording.contract == "carried over") == isLate)
  }
}
