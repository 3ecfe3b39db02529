import PortEngine
import PowerDelivery
import Quantities
import Testing

@Suite("From attach to contract") struct ContractTests {
  @Test("A fixed contract, message by message, with the states of the standard")
  func fixed() {
    var pair = Sample.pair()
    pair.plugIn()
    pair.run(for: Nanoseconds(2_000_000_000))
    #expect(
      pair.log == ["S Source_Capabilities 0", "K Request 0", "S Accept 1", "S PS_RDY 2"])
    #expect(
      pair.steps[0] == [
        .srcStartup, .srcSendCapabilities, .srcNegotiateCapability, .srcTransitionSupply, .srcReady,
      ])
    #expect(
      pair.steps[1] == [
        .snkStartup, .snkDiscovery, .snkWaitForCapabilities, .snkEvaluateCapability, .snkSelectCapability,
        .snkTransitionSink, .snkReady,
      ])
    #expect(pair.source.contract == pair.sink.contract)
    #expect(pair.source.contract?.voltage == Millivolts(9_000))
    #expect(pair.source.contract?.current == Milliamperes(3_000))
  }
}
