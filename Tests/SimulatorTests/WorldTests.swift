import PortEngine
import PowerSupervision
import Quantities
import Testing

@testable import Simulator

/// Links on one timeline, and the budget that they share.
struct WorldTests {
  private static let model = ChargerModel(.pps, power: Milliwatts(45_000))

  private static func world(total: Int32) -> World {
    let links = (0..<2).map { index in
      Link(
        LinkConfiguration(charger: model.setup, phone: PhoneModel.pd3Fixed.setup, cable: Cable(.plain)),
        seed: UInt64(index))
    }
    return World(
      links,
      sharing: BudgetSharing(total: Milliwatts(total), models: [model, model], minimum: Milliwatts(15_000)))
  }

  private func power(_ world: World, _ link: Int) -> Milliwatts {
    world.links[link].ports[0].engine.sourcePolicy.pdp
  }

  private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

  @Test func aSecondPhoneHalvesThePower() {
    var world = WorldTests.world(total: 40_000)
    world.perform(.plugIn, on: 0)
    world.advance(to: at(1_000))
    #expect(power(world, 0) == Milliwatts(25_000))
    #expect(world.links[0].ports[1].engine.contract?.voltage == Millivolts(9_000))
    world.perform(.plugIn, on: 1)
    world.advance(to: at(2_000))
    #expect(power(world, 0) == Milliwatts(20_000))
    #expect(power(world, 1) == Milliwatts(20_000))
    #expect(world.links[0].hasContract && world.links[1].hasContract)
    let granted = (0..<2).reduce(Int32(0)) {
      $0 + (world.links[$1].ports[0].engine.contract?.power.rawValue ?? 0)
    }
    #expect(granted <= 40_000)
    world.perform(.unplug, on: 1)
    world.advance(to: at(4_000))
    #expect(power(world, 0) == Milliwatts(25_000))
  }

  @Test func aSmallerBudgetIsOfferedAtOnce() {
    var world = WorldTests.world(total: 60_000)
    world.perform(.plugIn, on: 0)
    world.advance(to: at(1_000))
    let before = world.links[0].contractCount
    world.setBudget(Milliwatts(30_000))
    world.advance(to: at(2_000))
    #expect(power(world, 0) == Milliwatts(15_000))
    #expect(world.links[0].contractCount > before)
    #expect((world.links[0].ports[0].engine.contract?.power ?? .zero) <= Milliwatts(15_000))
  }

  @Test func scheduledActionsHappenWhenTheyAreDue() {
    var world = WorldTests.world(total: 90_000)
    world.withLink(1) { $0.watcher.isOn = true }
    world.schedule(.plugIn, on: 1, at: at(500))
    world.schedule(.unplug, on: 1, at: at(2_000))
    world.advance(to: at(3_000))
    let events = world.drainEvents()
    #expect(events.first { $0.content == .plugged }?.time == at(500))
    #expect(events.first { $0.content == .unplugged }?.time == at(2_000))
    #expect(events.allSatisfy { $0.link == 1 })
    #expect(zip(events, events.dropFirst()).allSatisfy { $0.time <= $1.time })
  }

  /// A pacer that goes from event to event sees the same as one long step.
  @Test func steppingIsAdvancing() {
    var stepped = WorldTests.world(total: 90_000)
    var advanced = stepped
    stepped.perform(.plugIn, on: 0)
    advanced.perform(.plugIn, on: 0)
    while let time = stepped.nextEventTime, time <= at(800) { stepped.advance(to: time) }
    stepped.advance(to: at(800))
    advanced.advance(to: at(800))
    #expect(stepped.links[0].eventCount == advanced.links[0].eventCount)
    #expect(stepped.links[0].vbus() == advanced.links[0].vbus())
    #expect(stepped.links[0].hasContract)
  }

  @Test func waitsForTheContract() {
    var world = WorldTests.world(total: 90_000)
    world.perform(.plugIn, on: 1)
    let time = world.runUntilContract(on: 1, limit: at(2_000))
    #expect(time.map { $0 > at(100) && $0 < at(500) } == true)
    let never = world.runUntilContract(on: 0, limit: at(3_000))
    #expect(never == nil)
  }
}
