import LineCode
import PowerDelivery
import Quantities
import Testing

@testable import Simulator

/// The CC wire alone, stepped by hand.
struct WireTests {
  var wire = Wire()
  var random = SeededRandom(seed: 7)
  let phy = PhyProfile()

  private func message(_ type: ControlMessageType) -> ShortMessage {
    ShortMessage(type, header: MessageHeader())
  }

  private func at(_ microseconds: Int64) -> Instant { Instant(nanoseconds: microseconds * 1000) }

  /// Starts a packet at `start`; returns its end.
  private mutating func begin(_ station: Station, at start: Instant, _ message: ShortMessage? = nil)
    -> Instant
  {
    _ = wire.submit(.packet, message ?? self.message(.accept), from: station, at: start, phy: phy)
    guard case .started(let end) = wire.step(station, at: start, random: &random) else { return .zero }
    return end
  }

  private mutating func end(_ station: Station, at time: Instant) -> EndedSignal? {
    guard case .ended(let ended) = wire.step(station, at: time, random: &random) else { return nil }
    return ended
  }

  /// 64 bits of preamble, 20 of SOP, 10 a byte with four bytes of CRC, 5 of EOP.
  @Test(arguments: [(0, 149), (1, 189), (7, 429)])
  mutating func aPacketLastsAsLongAsItsBits(objects: Int, bits: Int64) {
    var message = ShortMessage(.sourceCapabilities, header: MessageHeader())
    for _ in 0..<objects { message.append(0) }
    let end = begin(.charger, at: at(100), message)
    #expect(end == at(100) + Nanoseconds(bits * 1_000_000 / 300))
  }

  @Test mutating func aSlowerClockTakesLonger() {
    let slow = PhyProfile(bitRate: BitsPerSecond(270_000))
    _ = wire.submit(.hardReset, message(.accept), from: .phone, at: at(0), phy: slow)
    guard case .started(let end) = wire.step(.phone, at: at(0), random: &random) else {
      Issue.record("the reset did not start")
      return
    }
    #expect(end == Instant(nanoseconds: 84 * 1_000_000_000 / 270_000))
  }

  @Test mutating func whoFindsTheLineBusyIsDiscardedWhenItIsIdle() {
    let end = begin(.charger, at: at(0))
    _ = wire.submit(.packet, message(.reject), from: .phone, at: at(50), phy: phy)
    guard case .again(let time) = wire.step(.phone, at: at(50), random: &random) else {
      Issue.record("the phone did not wait")
      return
    }
    #expect(time > end)
    let isSoundOfEnd = self.end(.charger, at: end)?.isSound
    #expect(isSoundOfEnd == true)
    guard case .discarded = wire.step(.phone, at: time, random: &random) else {
      Issue.record("the packet was not discarded")
      return
    }
  }

  @Test mutating func aResetWaitsForTheLineAndIsSent() {
    let end = begin(.charger, at: at(0))
    _ = wire.submit(.hardReset, message(.accept), from: .phone, at: at(50), phy: phy)
    guard case .again(let time) = wire.step(.phone, at: at(50), random: &random) else {
      Issue.record("the phone did not wait")
      return
    }
    _ = self.end(.charger, at: end)
    #expect(time == end + wire.configuration.interFrameGap)
    guard case .started = wire.step(.phone, at: time, random: &random) else {
      Issue.record("the reset did not start")
      return
    }
  }

  /// Two that start within the blind time damage each other.
  @Test mutating func twoThatStartTogetherCollide() {
    let first = begin(.charger, at: at(0))
    let second = begin(.phone, at: at(5))
    let isSoundOfFirst = self.end(.charger, at: first)?.isSound
    #expect(isSoundOfFirst == false)
    let isSoundOfSecond = self.end(.phone, at: second)?.isSound
    #expect(isSoundOfSecond == false)
  }

  @Test mutating func betweenTwoPacketsIsAGap() {
    let first = begin(.charger, at: at(0))
    _ = end(.charger, at: first)
    _ = wire.submit(.packet, message(.goodCRC), from: .phone, at: first, phy: phy)
    guard case .again(let time) = wire.step(.phone, at: first, random: &random) else {
      Issue.record("the packet did not wait")
      return
    }
    #expect(time == first + Nanoseconds(25_000))
  }

  @Test mutating func aResetFollowsTheOwnPacket() {
    let end = begin(.charger, at: at(0))
    _ = wire.submit(.hardReset, message(.accept), from: .charger, at: at(10), phy: phy)
    let kindOfEnd = self.end(.charger, at: end)?.kind
    #expect(kindOfEnd == .packet)
    #expect(wire.kind(of: .charger) == .hardReset)
    let isBusy = wire.isBusy(.charger)
    #expect(isBusy)
  }

  @Test mutating func scriptedFaultsHitWhatTheyName() {
    wire.add(ScriptedFault(.damage, station: .phone, kind: .control(.accept), skip: 1))
    var sound: [Bool] = []
    var time = at(0)
    for station in [Station.charger, .phone, .phone, .phone] {
      time = begin(station, at: time + Nanoseconds(30_000))
      sound.append(end(station, at: time)?.isSound ?? false)
    }
    #expect(sound == [true, true, false, true])
  }

  @Test mutating func noiseDamagesWhatOverlaps() {
    wire.makeNoise(until: at(100))
    let first = begin(.charger, at: at(50))
    let isSoundOfFirst = self.end(.charger, at: first)?.isSound
    #expect(isSoundOfFirst == false)
    let second = begin(.charger, at: first + Nanoseconds(30_000))
    let isSoundOfSecond = self.end(.charger, at: second)?.isSound
    #expect(isSoundOfSecond == true)
  }

  @Test mutating func faultsEndWhenTheyAreToEnd() {
    wire.faults = FaultMix(bitError: PerMille(1000), end: at(1_000))
    let first = begin(.charger, at: at(0))
    let isSoundOfFirst = self.end(.charger, at: first)?.isSound
    #expect(isSoundOfFirst == false)
    let second = begin(.charger, at: at(1_000))
    let isSoundOfSecond = self.end(.charger, at: second)?.isSound
    #expect(isSoundOfSecond == true)
  }

  @Test mutating func onATornWireNothingArrives() {
    wire.isCut = true
    let first = begin(.charger, at: at(0))
    let isSoundOfFirst = self.end(.charger, at: first)?.isSound
    #expect(isSoundOfFirst == false)
  }

  @Test func deliveriesComeInTheOrderOfTime() {
    var queue = DeliveryQueue()
    for time in [Int64(30), 10, 20] {
      queue.append(.init(time: at(time), kind: .packet, sender: .phone, message: message(.accept)))
    }
    var times: [Instant] = []
    for _ in 0..<3 {
      let next = queue.nextTime
      if let delivery = queue.take(at: next) { times.append(delivery.time) }
    }
    #expect(times == [at(10), at(20), at(30)])
    #expect(queue.nextTime == .distantFuture)
  }
}
