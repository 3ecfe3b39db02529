import ChargerSettings
import PowerDelivery
import PowerSupervision
import Quantities
import TestSupport
import Testing
import XiaomiCharge

@Suite struct PowerOfferTests {
  /// A PPS object of any range and current that says nothing of a limit.
  private static func pps(_ generator: inout SeededGenerator) -> UInt32 {
    var object = SPRPPSSourceAPDO()
    object.minimumVoltage = Millivolts(Int32.random(in: 33...50, using: &generator) * 100)
    object.maximumVoltage = Millivolts(Int32.random(in: 51...210, using: &generator) * 100)
    object.maximumCurrent = Milliamperes(Int32.random(in: 20...127, using: &generator) * 50)
    return object.rawValue
  }

  private static func offer(_ generator: inout SeededGenerator) -> PowerOffer {
    var offer = StandardOffer.offer(pdp: Milliwatts(Int32.random(in: 15...100, using: &generator) * 1_000))
    while offer.objects.count < 7 { offer.objects.append(pps(&generator)) }
    offer.pdp = max(offer.pdp, offer.highestPower)
    return offer
  }

  /// The most power that a request for the object at its highest voltage and its full current comes to, as the engine
  /// judges it; `nil` where the object says that the power limits it.
  private static func mostPower(_ list: PowerDataObjectList, _ position: Int) -> Milliwatts? {
    switch list.source(at: position) {
    case .fixed(let object):
      PowerContract(supply: .fixed, voltage: object.voltage, current: object.maximumCurrent).power
    case .sprPPS(let object):
      object.ppsPowerLimited
        ? nil
        : PowerContract(supply: .sprPPS, voltage: object.maximumVoltage, current: object.maximumCurrent).power
    case .sprAVS(let object):
      max(
        PowerContract(supply: .sprAVS, voltage: Millivolts(15_000), current: object.maximumCurrent15V).power,
        PowerContract(supply: .sprAVS, voltage: Millivolts(20_000), current: object.maximumCurrent20V).power)
    default: .zero
    }
  }

  /// Whatever is offered at a power is granted at that power, or says that it may be cut.
  @Test func whatIsOfferedIsNeverRefused() {
    var generator = SeededGenerator(seed: 4)
    var broken: [String] = []
    for _ in 0..<500 {
      let full = Self.offer(&generator)
      for _ in 0..<20 {
        let power = Milliwatts(Int32.random(in: 5_000...full.pdp.rawValue + 5_000, using: &generator))
        let offer = full.limited(to: power)
        for position in 1...max(1, offer.objects.count) {
          guard let most = Self.mostPower(offer.objects, position), most > power else { continue }
          broken.append("\(power) \(String(describing: offer.objects.source(at: position)))")
        }
      }
    }
    #expect(broken == [])
  }

  /// An object that fits is not said to be limited.
  @Test func onlyWhatIsTooMuchIsLimited() {
    var objects = PowerDataObjectList()
    for word in [0x0001_912C, 0xC0DC_213C, 0xC0DC_217A] as [UInt32] { objects.append(word) }
    let offer = PowerOffer(objects: objects, pdp: Milliwatts(67_100))
    let limited = offer.limited(to: Milliwatts(67_000)).objects
    #expect(limited.word(at: 2) == 0xC0DC_213C && limited.word(at: 3) == 0xC8DC_217A)
    // 30 W: 3 A of 3.3 A are within what 9 V allow, not within 11 V.
    let small = offer.limited(to: Milliwatts(30_000)).objects
    #expect(small.word(at: 2) == 0xC8DC_213C && small.word(at: 3) == 0xC8DC_2142)
    // 25 W make both objects the same.
    let least = offer.limited(to: Milliwatts(25_000)).objects
    #expect(least.count == 2 && least.word(at: 2) == 0xC8DC_2137)
  }

  /// The label of 67 W is less than 11 V at 6.1 A.
  @Test(arguments: XiaomiPowerClass.allCases) func plansCoverWhatTheyOffer(_ powerClass: XiaomiPowerClass) {
    let plan = XiaomiCapabilityPlan(powerClass, cable: .captive(Milliamperes(6_200)))
    let offers = [plan.standard, plan.verified, plan.mutual].map { PowerOffer($0) }
    let powers = offers.map { offer in
      (1...offer.objects.count).compactMap { Self.mostPower(offer.objects, $0) }.max() ?? .zero
    }
    #expect(zip(offers, powers).allSatisfy { $0.pdp >= $1 })
  }
}
