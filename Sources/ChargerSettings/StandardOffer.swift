import PowerDelivery
public import Quantities

/// What the standard's power rules want a source of a given power to offer (USB-PD R3.2 §10.2.3).
public enum StandardOffer {
  /// The fixed voltages that a source must offer, with the least current of each, lowest voltage first.
  public static func fixed(pdp: Milliwatts) -> [(voltage: Millivolts, current: Milliamperes)] {
    let three = Milliamperes(3_000)
    let five = Milliamperes(5_000)
    var list = [(Millivolts(5_000), min(three, pdp.current(at: Millivolts(5_000), step: 10)))]
    let steps: [(voltage: Int32, above: Int32, full: Milliamperes)] = [
      (9_000, 15_000, three), (15_000, 27_000, three), (20_000, 45_000, five),
      (28_000, 100_000, five), (36_000, 140_000, five), (48_000, 180_000, five),
    ]
    for step in steps where pdp > Milliwatts(step.above) {
      let voltage = Millivolts(step.voltage)
      list.append((voltage, min(step.full, pdp.current(at: voltage, step: 10))))
    }
    return list
  }

  /// The PPS ranges that a source with PPS offers at least, lowest first; empty up to 15 W, where PPS is not allowed.
  public static func pps(pdp: Milliwatts) -> [(maximum: Millivolts, current: Milliamperes)] {
    let nine = (maximum: Millivolts(11_000), nominal: Millivolts(9_000))
    let fifteen = (maximum: Millivolts(16_000), nominal: Millivolts(15_000))
    let twenty = (maximum: Millivolts(21_000), nominal: Millivolts(20_000))
    let ranges =
      switch pdp.rawValue {
      case ...15_000: [] as [(maximum: Millivolts, nominal: Millivolts)]
      case ...27_000: [nine]
      case ..<45_000: [nine, fifteen]
      case 45_000: [fifteen]
      case ..<60_000: [fifteen, twenty]
      default: [twenty]
      }
    return ranges.map { range in
      let most = pdp > Milliwatts(60_000) ? Milliamperes(5_000) : Milliamperes(3_000)
      return (range.maximum, min(most, pdp.current(at: range.nominal, step: 50)))
    }
  }

  /// The fixed voltage that a PPS range belongs to: 9 V for one up to 11 V and so on.
  static func nominalVoltage(ofPPSUpTo maximum: Millivolts) -> Millivolts {
    switch maximum.rawValue {
    case ...5_900: Millivolts(5_000)
    case ...11_000: Millivolts(9_000)
    case ...16_000: Millivolts(15_000)
    default: Millivolts(20_000)
    }
  }

  /// The standard offer for a power, with PPS and AVS where the standard has them.
  public static func offer(pdp: Milliwatts, includesPPS: Bool = true) -> PowerOffer {
    var objects = PowerDataObjectList()
    var eprObjects = PowerDataObjectList()
    for entry in fixed(pdp: pdp) {
      let word = Objects.fixed(entry.voltage, entry.current)
      if entry.voltage > Millivolts(20_000) { eprObjects.append(word) } else { objects.append(word) }
    }
    if pdp > Milliwatts(27_000),
      let fifteen = fixed(pdp: pdp).first(where: { $0.voltage == Millivolts(15_000) })
    {
      let twenty = fixed(pdp: pdp).first { $0.voltage == Millivolts(20_000) }?.current ?? .zero
      objects.append(Objects.avs(upTo15V: fifteen.current, upTo20V: twenty))
    }
    if includesPPS {
      for range in pps(pdp: pdp) where range.current >= Milliamperes(1_000) {
        objects.append(Objects.pps(Millivolts(5_000), range.maximum, range.current))
      }
    }
    if pdp > Milliwatts(100_000) {
      let highest = eprObjects.source(at: eprObjects.count)?.voltages?.maximum ?? Millivolts(28_000)
      eprObjects.append(Objects.eprAVS(Millivolts(15_000), highest, pdp))
    }
    return PowerOffer(objects: objects, eprObjects: eprObjects, pdp: pdp)
  }
}

/// Power data objects from quantities.
enum Objects {
  static func fixed(_ voltage: Millivolts, _ current: Milliamperes) -> UInt32 {
    var object = FixedSupplySourcePDO()
    object.voltage = voltage
    object.maximumCurrent = current
    return object.rawValue
  }

  static func pps(_ minimum: Millivolts, _ maximum: Millivolts, _ current: Milliamperes) -> UInt32 {
    var object = SPRPPSSourceAPDO()
    object.minimumVoltage = minimum
    object.maximumVoltage = maximum
    object.maximumCurrent = current
    // The current falls at high voltage, so that the port's power is never exceeded (USB-PD R3.2 §6.4.1.2.4.1).
    object.ppsPowerLimited = true
    return object.rawValue
  }

  static func avs(upTo15V: Milliamperes, upTo20V: Milliamperes) -> UInt32 {
    var object = SPRAVSSourceAPDO()
    object.maximumCurrent15V = upTo15V
    object.maximumCurrent20V = upTo20V
    return object.rawValue
  }

  static func eprAVS(_ minimum: Millivolts, _ maximum: Millivolts, _ pdp: Milliwatts) -> UInt32 {
    var object = EPRAVSSourceAPDO()
    object.minimumVoltage = minimum
    object.maximumVoltage = maximum
    object.pdp = pdp
    return object.rawValue
  }
}
