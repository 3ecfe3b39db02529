public import PowerDelivery
public import Quantities

/// One object of an offer, with what a phone asks of it.
public struct XiaomiPowerChoice: Equatable, Sendable {
  /// Position in the offer, counted from 1.
  public var position: UInt8
  public var isProgrammable: Bool
  public var voltage: Millivolts
  public var current: Milliamperes

  public init(position: UInt8, isProgrammable: Bool, voltage: Millivolts, current: Milliamperes) {
    self.position = position
    self.isProgrammable = isProgrammable
    self.voltage = voltage
    self.current = current
  }

  /// The request data object: USB communications capable, no USB suspend (Xiaomi 2.3, step 2).
  public var request: UInt32 {
    if isProgrammable {
      var object = PPSRDO()
      object.objectPosition = position
      object.usbCommunicationsCapable = true
      object.noUSBSuspend = true
      object.outputVoltage = voltage
      object.operatingCurrent = current
      return object.rawValue
    }
    var object = FixedVariableRDO()
    object.objectPosition = position
    object.usbCommunicationsCapable = true
    object.noUSBSuspend = true
    object.operatingCurrent = current
    object.maximumOperatingCurrent = current
    return object.rawValue
  }
}

/// What a phone takes of an offer (Xiaomi 6.2, 6.3).
public struct XiaomiPowerLimits: Equatable, Sendable {
  public var takesProgrammable: Bool
  /// The most current that is asked for; phones stop at 6.1 A or 6.2 A.
  public var programmableCurrent: Milliamperes
  /// The most power that is asked for of a programmable supply.
  public var programmablePower: Milliwatts
  /// Programmable objects of more current are left alone; `nil`: none are.
  public var ignoresCurrentAbove: Milliamperes?
  /// The highest fixed voltage that is taken, and the most current of any fixed supply.
  public var fixedVoltage: Millivolts
  public var fixedCurrent: Milliamperes

  public init(
    takesProgrammable: Bool, programmableCurrent: Milliamperes, programmablePower: Milliwatts,
    ignoresCurrentAbove: Milliamperes? = nil, fixedVoltage: Millivolts, fixedCurrent: Milliamperes
  ) {
    self.takesProgrammable = takesProgrammable
    self.programmableCurrent = programmableCurrent
    self.programmablePower = programmablePower
    self.ignoresCurrentAbove = ignoresCurrentAbove
    self.fixedVoltage = fixedVoltage
    self.fixedCurrent = fixedCurrent
  }

  /// A programmable supply qualifies from 10 V and 2 A on.
  static var leastVoltage: Millivolts { Millivolts(10_000) }
  static var leastCurrent: Milliamperes { Milliamperes(2_000) }

  /// The best object of an offer: a programmable one that qualifies, by power and then by position, otherwise a fixed
  /// one; `nil` where nothing fits.
  public func choice(
    from offer: PowerDataObjectList, battery: Millivolts, pump: XiaomiPump
  ) -> XiaomiPowerChoice? {
    var best: XiaomiPowerChoice?
    var bestPower = Int64(0)
    for position in 1...max(1, offer.count) {
      guard let choice = choice(of: position, from: offer, battery: battery, pump: pump) else { continue }
      let power = weight(of: choice, in: offer)
      if best == nil || choice.isProgrammable && best?.isProgrammable == false
        || choice.isProgrammable == best?.isProgrammable && power > bestPower
      {
        best = choice
        bestPower = power
      }
    }
    return best
  }

  private func choice(
    of position: Int, from offer: PowerDataObjectList, battery: Millivolts, pump: XiaomiPump
  ) -> XiaomiPowerChoice? {
    let place = UInt8(truncatingIfNeeded: position)
    switch offer.source(at: position) {
    case .fixed(let object):
      guard object.voltage <= fixedVoltage, object.maximumCurrent > .zero else { return nil }
      return XiaomiPowerChoice(
        position: place, isProgrammable: false, voltage: object.voltage,
        current: min(object.maximumCurrent, fixedCurrent))
    case .sprPPS(let object):
      guard takesProgrammable, object.maximumVoltage >= XiaomiPowerLimits.leastVoltage,
        object.maximumCurrent >= XiaomiPowerLimits.leastCurrent
      else { return nil }
      if let limit = ignoresCurrentAbove, object.maximumCurrent > limit { return nil }
      let voltage = voltage(pump.firstVoltage(of: object, battery: battery), of: object)
      return XiaomiPowerChoice(
        position: place, isProgrammable: true, voltage: voltage, current: current(of: object, at: voltage))
    default: return nil
    }
  }

  /// What the object could give at its highest voltage, in microwatts.
  private func weight(of choice: XiaomiPowerChoice, in offer: PowerDataObjectList) -> Int64 {
    guard case .sprPPS(let object) = offer.source(at: Int(choice.position)) else {
      return Int64(choice.voltage.rawValue) &* Int64(choice.current.rawValue)
    }
    let current = min(object.maximumCurrent, programmableCurrent)
    return Int64(object.maximumVoltage.rawValue) &* Int64(current.rawValue)
  }

  /// A voltage that may be asked of an object, in steps of 20 mV: below its maximum by 500 mV where that is above 10 V
  /// and by 300 mV otherwise.
  func voltage(_ wanted: Millivolts, of object: SPRPPSSourceAPDO) -> Millivolts {
    let bounded = max(object.minimumVoltage, min(wanted, XiaomiPump.highestVoltage(of: object)))
    return Millivolts(bounded.rawValue / 20 &* 20)
  }

  /// The most current that may be asked of an object at a voltage, in steps of 50 mA.
  func current(of object: SPRPPSSourceAPDO, at voltage: Millivolts) -> Milliamperes {
    guard voltage > .zero else { return .zero }
    let current = Int64(programmablePower.rawValue) &* 1_000 / Int64(voltage.rawValue)
    let bounded = Milliamperes(Int32(truncatingIfNeeded: min(current, 6_350) / 50 &* 50))
    return min(object.maximumCurrent, programmableCurrent, bounded)
  }
}

/// How the charge pump of a phone stands to its battery, which gives the first voltage that it asks for (Xiaomi 6.2).
public struct XiaomiPump: Equatable, Sendable {
  /// How many times the battery voltage the pump takes at most: 1, 2 or 4. It goes down to what an object reaches.
  public var ratio: Int32
  /// What is asked for above that: an offset, and a share of it.
  public var offset: Millivolts
  public var share: Percent

  public init(ratio: Int32, offset: Millivolts, share: Percent) {
    self.ratio = ratio
    self.offset = offset
    self.share = share
  }

  /// How many times the battery voltage the pump takes from an object: `ratio`, halved until the object reaches it.
  public func ratio(for object: SPRPPSSourceAPDO, battery: Millivolts) -> Int32 {
    var ratio = max(1, self.ratio)
    while ratio > 1, wanted(ratio, battery) > Int64(XiaomiPump.highestVoltage(of: object).rawValue) {
      ratio /= 2
    }
    return ratio
  }

  /// The first voltage asked of a supply.
  func firstVoltage(of object: SPRPPSSourceAPDO, battery: Millivolts) -> Millivolts {
    Millivolts(Int32(truncatingIfNeeded: min(wanted(ratio(for: object, battery: battery), battery), 21_000)))
  }

  private func wanted(_ ratio: Int32, _ battery: Millivolts) -> Int64 {
    let multiple = Int64(ratio) &* Int64(battery.rawValue)
    return multiple &+ multiple &* Int64(share.rawValue) / 100 &+ Int64(offset.rawValue)
  }

  /// What phones keep away from the end of an object.
  static func highestVoltage(of object: SPRPPSSourceAPDO) -> Millivolts {
    object.maximumVoltage - Millivolts(object.maximumVoltage > Millivolts(10_000) ? 500 : 300)
  }
}
