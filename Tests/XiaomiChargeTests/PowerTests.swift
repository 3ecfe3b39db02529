import PowerDelivery
import Quantities
import Testing
import XiaomiCharge

/// What is offered at each stage, and what phones take of it.
@Suite("Power") struct PowerTests {
  private func words(_ list: PowerDataObjectList) -> [UInt32] {
    (0..<list.count).compactMap { list.word(at: $0 + 1) }
  }

  private func plan(_ powerClass: XiaomiPowerClass, captive current: Int32 = 6_200) -> XiaomiCapabilityPlan {
    XiaomiCapabilityPlan(powerClass, cable: .captive(Milliamperes(current)))
  }

  @Test("The offers by class and stage")
  func offers() {
    let fixed: [UInt32] = [0x0001_912C, 0x0002_D12C]
    let fixed65: [UInt32] = fixed + [0x0004_B12C, 0x0006_4145]
    #expect(words(plan(.watts27).standard.objects) == fixed + [0xC8DC_213C])
    #expect(
      words(plan(.watts33).standard.objects) == fixed + [0x0004_B0B4, 0x0006_4087, 0xC0DC_213C, 0xC1A4_211A])
    #expect(plan(.watts33).mutual == plan(.watts33).standard)
    for high in [XiaomiPowerClass.watts67, .watts90, .watts120] {
      #expect(words(plan(high).standard.objects) == fixed65 + [0xC0DC_213C])
      #expect(words(plan(high).verified.objects) == fixed65 + [0xC0DC_213C, 0xC0DC_217A])
    }
    #expect(plan(.watts67).mutual == plan(.watts67).verified)
    #expect(words(plan(.watts90).mutual.objects).last == 0xC190_325A)
    #expect(words(plan(.watts120).mutual.objects).last == 0xC190_3278)
    #expect(XiaomiPowerClass.allCases.map { plan($0).mutual.power } == XiaomiPowerClass.allCases.map(\.power))
  }

  @Test(
    "Every offer keeps the rules of the standard and the limit of the cable",
    arguments: XiaomiPowerClass.allCases)
  func rules(_ powerClass: XiaomiPowerClass) {
    var faults: [String] = []
    for cable in [
      XiaomiCable.standard(Milliamperes(3_000)), .standard(Milliamperes(5_000)),
      .standard(Milliamperes(6_200)),
      .captive(Milliamperes(5_000)), .captive(Milliamperes(6_000)), .captive(Milliamperes(6_350)),
    ] {
      let plan = XiaomiCapabilityPlan(powerClass, cable: cable)
      for stage in [XiaomiStage.standard, .verified, .mutual] {
        let objects = plan.offer(at: stage).objects
        let currents = words(objects).map { Self.current(SourcePDO(rawValue: $0)) }
        let ranges = words(objects).compactMap { SourcePDO(rawValue: $0).voltages?.maximum }
        if objects.count > 7 || words(objects).first.map({ $0 & 0x000F_FC00 }) != 0x0001_9000 {
          faults.append("\(cable) \(stage): \(words(objects))")
        }
        let programmable = words(objects).filter { $0 >> 28 == 0b1100 }.count
        if Array(ranges.suffix(programmable)) != ranges.suffix(programmable).sorted() {
          faults.append("\(cable) \(stage): order")
        }
        let isOverCable = currents.contains { $0 > cable.current }
        let isOver5A = currents.contains { $0.rawValue > 5_000 }
        let mayExceed = if case .captive = cable { stage > .standard } else { false }
        if isOverCable || isOver5A && !mayExceed { faults.append("\(cable) \(stage): \(currents)") }
        if words(objects).contains(where: { SourcePDO(rawValue: $0).unexpectedBits != 0 }) {
          faults.append("bits")
        }
      }
    }
    #expect(faults == [])
  }

  private static func current(_ object: SourcePDO) -> Milliamperes {
    switch object {
    case .fixed(let fixed): fixed.maximumCurrent
    case .sprPPS(let pps): pps.maximumCurrent
    default: .zero
    }
  }

  @Test("Through an ordinary cable of 3 A the larger object adds nothing and is left out")
  func ordinaryCable() {
    let plan = XiaomiCapabilityPlan(.watts67, cable: .standard(Milliamperes(3_000)))
    #expect(plan.verified == plan.standard)
    let five = XiaomiCapabilityPlan(.watts120, cable: .standard(Milliamperes(9_999)))
    #expect(words(five.mutual.objects).suffix(2) == [0xC0DC_2164, 0xC190_3264])
  }

  @Test("Requests as words")
  func requests() {
    func pps(_ position: UInt8, _ voltage: Int32, _ current: Int32) -> UInt32 {
      XiaomiPowerChoice(
        position: position, isProgrammable: true, voltage: Millivolts(voltage), current: Milliamperes(current)
      ).request
    }
    #expect(pps(6, 8_400, 3_000) == 0x6300_0000 | 420 << 9 | 60)
    #expect(
      [pps(6, 8_400, 3_000), pps(7, 9_000, 6_200), pps(7, 9_020, 6_200)] == [
        0x6303_483C, 0x7303_847C, 0x7303_867C,
      ])
    let fixed = XiaomiPowerChoice(
      position: 1, isProgrammable: false, voltage: Millivolts(5_000), current: Milliamperes(3_000))
    // The recorded request of a phone, without its bit for EPR.
    #expect(fixed.request == 0x1344_B12C & ~0x0040_0000)
  }

  @Test("What is chosen of an offer")
  func choices() {
    let pump = XiaomiPump(ratio: 2, offset: Millivolts(400), share: .zero)
    func choice(_ limits: XiaomiPowerLimits, _ objects: [UInt32], battery: Int32 = 3_800)
      -> XiaomiPowerChoice?
    {
      var list = PowerDataObjectList()
      for object in objects { list.append(object) }
      return limits.choice(from: list, battery: Millivolts(battery), pump: pump)
    }
    let list = words(plan(.watts120).mutual.objects)
    #expect(choice(.verified, list)?.position == 7)
    // 67 W of the 11 V object are more than 65 W of 20 V at 3.25 A.
    #expect(choice(.verified, Array(list.prefix(6)))?.position == 6)
    // Above 5.5 A is not for those who are not verified.
    #expect(choice(.fallback27W, list)?.position == 5)
    #expect(choice(.fallback100W, list)?.position == 7)
    #expect(choice(.fallback18W, list)?.position == 2)
    #expect(
      choice(.fallback27W, [0x0001_912C])
        == XiaomiPowerChoice(
          position: 1, isProgrammable: false, voltage: Millivolts(5_000), current: Milliamperes(2_000)))
    #expect(choice(.verified, []) == nil && choice(.verified, [0, 0xFFFF_FFFF]) == nil)
    // Below 2 A, or below 10 V, a programmable supply does not qualify.
    #expect(choice(.verified, [0x0001_912C, 0xC0DC_2127])?.position == 1)
    #expect(choice(.verified, [0x0001_912C, 0xC0C6_213C])?.position == 1)
    // The first voltage stays 500 mV below the maximum and above the minimum; current times voltage within the power.
    #expect(choice(.verified, [0xC0DC_213C], battery: 5_040)?.voltage.rawValue == 10_480)
    #expect(choice(.verified, [0xC0DC_213C], battery: 11_000)?.voltage.rawValue == 10_500)
    // A pump that would have to go beyond that takes the battery's voltage once.
    #expect(choice(.verified, [0xC0DC_213C], battery: 6_000)?.voltage.rawValue == 6_400)
    #expect(choice(.verified, [0xC190_3278], battery: 0)?.voltage.rawValue == 5_000)
    #expect(choice(.fallback27W, [0xC1A4_213C], battery: 6_000)?.current.rawValue == 2_150)
    #expect(choice(.verified, [0xC0DC_213C], battery: .max) != nil)
  }

  @Test("An order of commands is its digits, from the left")
  func commandOrder() {
    func commands(_ order: UInt32) -> [UInt8] {
      let order = XiaomiCommandOrder(rawValue: order)
      return (-1...8).compactMap { order[$0]?.rawValue }
    }
    #expect(commands(0x134_5687) == [1, 3, 4, 5, 6, 8, 7])
    #expect(commands(0x1234_5687) == [1, 2, 3, 4, 5, 6, 8, 7])
    #expect(commands(0) == [] && commands(0xA) == [10])
  }
}
