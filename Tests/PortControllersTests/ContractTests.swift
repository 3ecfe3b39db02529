import PortControllers
import PortEngine
import PowerDelivery
import Quantities
import Simulator
import Testing

@Suite("Two engines over FUSB302 drivers and models")
struct ContractTests {
  @Test("A fixed contract")
  func fixed() {
    let link = ChipLink(ChipLink.fixed(9_000))
    link.start()
    let reached = link.runToContract()
    for entry in link.bench.log { print(entry.end.nanoseconds / 1000, entry.sender, entry.signal, entry.isSound) }
    print(link.charger.engine.connection, link.charger.engine.state, link.phone.engine.connection, link.phone.engine.state, link.bench.stage.voltage)
    print(link.charger.controller.condition, link.charger.controller.statistics, link.phone.controller.statistics)
    print(link.charger.notices, link.phone.notices)
    print(link.charger.tripsPerMessage, link.phone.tripsPerMessage)
    #expect(reached)
  }
}
