import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Testing

@testable import Simulator

/// Good chargers and good phones.
struct ContractTests {
  @Test(arguments: PhoneModel.allCases.filter { $0 != .usbDefaultOnly })
  func reachesWhatItWants(phone: PhoneModel) {
    let charger = ChargerModel(.epr, power: Milliwatts(140_000))
    var link = Link(
      LinkConfiguration(charger: charger.setup, phone: phone.setup, cable: Cable(.epr)), seed: 1)
    link.watcher.isOn = true
    link.perform(.plugIn)
    let time = link.runUntilContract(limit: Instant(nanoseconds: 5_000_000_000))
    #expect(time != nil)
    link.run(until: Instant(nanoseconds: 8_000_000_000))
    print(link.isStuck, link.ports[0].supervisor.state, link.now, link.slots.next, link.ports[1].sense.level, phone, time as Any, link.ports[1].engine.contract as Any, link.vbus(), link.current)
    let log = link.watcher.drain()
    for event in log.prefix(400) { 
      switch event.content {
      case .vbus: break
      case .step(let side, let step): print(event.time.nanoseconds / 1000, side, step.from, step.stimulus.rawValue, step.to)
      case .notice(let side, let n): print(event.time.nanoseconds / 1000, side, "NOTICE", n)
      default: print(event.time.nanoseconds / 1000, event.content)
      }
    }
  }
}
