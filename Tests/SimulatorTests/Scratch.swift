import PortEngine
import Quantities
import Testing
@testable import Simulator
struct Scratch {
  @Test func counts() {
    var link = Link(LinkConfiguration(charger: ChargerModel(.pps, power: Milliwatts(45_000)).setup, phone: PhoneModel.pps.setup, cable: Cable(.epr)), seed: 1)
    link.perform(.plugIn)
    var counts = Array(repeating: 0, count: 16)
    while !link.isAtRest { counts[link.slots.next.slot.rawValue] += 1; link.step() }
    print(counts, link.eventCount)
    print("sizes", MemoryLayout<Link>.size, MemoryLayout<SimulatedPort>.size, MemoryLayout<PortEngine>.size, MemoryLayout<PortSetup>.size, MemoryLayout<PortConfiguration>.size, MemoryLayout<Wire>.size, MemoryLayout<PowerBus>.size, MemoryLayout<DeliveryQueue>.size)
  }
}
