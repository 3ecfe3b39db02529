public import PowerDelivery
public import Quantities

/// The power classes of chargers for which a plan is given (Xiaomi 6.1).
public enum XiaomiPowerClass: UInt8, CaseIterable, Sendable {
  case watts27, watts33, watts67, watts90, watts120

  /// The power at the highest stage.
  public var power: Milliwatts {
    switch self {
    case .watts27: Milliwatts(27_000)
    case .watts33: Milliwatts(33_000)
    case .watts67: Milliwatts(67_000)
    case .watts90: Milliwatts(90_000)
    case .watts120: Milliwatts(120_000)
    }
  }
}

/// What is between charger and phone.
public enum XiaomiCable: Equatable, Sendable {
  /// Any cable: it carries what its marker says, never more than 5 A (USB Type-C R2.1 §4.6.2.1); without one 3 A.
  case standard(Milliamperes)
  /// A cable that belongs to the charger and is known to carry this much.
  case captive(Milliamperes)

  /// The most current that may be offered through it.
  public var current: Milliamperes {
    switch self {
    case .standard(let current): min(current, Milliamperes(5_000))
    case .captive(let current): current
    }
  }
}

/// What a charger offers at each stage.
///
/// No recording shows one charger before and after authentication; the plans by power class are assumptions in the range
/// of labels and read-outs (Xiaomi 6.1). Each list can be replaced.
public struct XiaomiCapabilityPlan: Equatable, Sendable {
  /// The offer of a stage: SPR objects in the order of the standard, and the power that they stand for.
  public struct Offer: Equatable, Sendable {
    public var objects: PowerDataObjectList
    public var power: Milliwatts

    public init(objects: PowerDataObjectList, power: Milliwatts) {
      self.objects = objects
      self.power = power
    }
  }

  public var standard: Offer
  public var verified: Offer
  public var mutual: Offer

  public init(standard: Offer, verified: Offer, mutual: Offer) {
    self.standard = standard
    self.verified = verified
    self.mutual = mutual
  }

  /// The plan of a power class. Through a cable of less current each object gives less, and one that then adds nothing
  /// is left out: more than 5 A appear with a captive cable only.
  public init(_ powerClass: XiaomiPowerClass, cable: XiaomiCable) {
    let most = cable.current
    let open = Offer(standard: powerClass, most)
    // 3.3 V to 11 V, 6.1 A.
    let full = Offer(power: Milliwatts(67_000), open, adding: 0xC0DC_217A, most)
    standard = open
    switch powerClass {
    case .watts27, .watts33:
      verified = open
      mutual = open
    case .watts67:
      verified = full
      mutual = full
    case .watts90:
      verified = full
      // 5 V to 20 V, 4.5 A.
      mutual = Offer(power: powerClass.power, full, adding: 0xC190_325A, most)
    case .watts120:
      verified = full
      // 5 V to 20 V, 6 A.
      mutual = Offer(power: powerClass.power, full, adding: 0xC190_3278, most)
    }
  }

  public func offer(at stage: XiaomiStage) -> Offer {
    switch stage {
    case .standard: standard
    case .verified: verified
    case .mutual: mutual
    }
  }
}

extension XiaomiCapabilityPlan.Offer {
  /// What everybody gets.
  fileprivate init(standard powerClass: XiaomiPowerClass, _ most: Milliamperes) {
    self.init(objects: PowerDataObjectList(), power: powerClass.power)
    add(fixed: Millivolts(5_000), Milliamperes(3_000), most)
    add(fixed: Millivolts(9_000), Milliamperes(3_000), most)
    switch powerClass {
    case .watts27:
      // 3.3 V to 11 V, 3 A, within the rated power.
      add(programmable: 0xC8DC_213C, most)
    case .watts33:
      add(fixed: Millivolts(15_000), Milliamperes(1_800), most)
      add(fixed: Millivolts(20_000), Milliamperes(1_350), most)
      // 3.3 V to 11 V, 3 A, and 3.3 V to 21 V, 1.3 A.
      add(programmable: 0xC0DC_213C, most)
      add(programmable: 0xC1A4_211A, most)
    case .watts67, .watts90, .watts120:
      power = Milliwatts(65_000)
      add(fixed: Millivolts(15_000), Milliamperes(3_000), most)
      add(fixed: Millivolts(20_000), Milliamperes(3_250), most)
      add(programmable: 0xC0DC_213C, most)
    }
  }

  /// Another offer with one object more.
  fileprivate init(power: Milliwatts, _ base: Self, adding word: UInt32, _ most: Milliamperes) {
    self = base
    if add(programmable: word, most) { self.power = power }
  }

  private mutating func add(fixed voltage: Millivolts, _ current: Milliamperes, _ most: Milliamperes) {
    var object = FixedSupplySourcePDO()
    object.voltage = voltage
    object.maximumCurrent = min(current, most)
    objects.append(object.rawValue)
  }

  /// Adds a programmable supply as far as the cable lets it; `false` where another object covers what is left.
  @discardableResult private mutating func add(programmable word: UInt32, _ most: Milliamperes) -> Bool {
    var object = SPRPPSSourceAPDO(rawValue: word)
    object.maximumCurrent = min(object.maximumCurrent, most)
    for position in 1...max(1, objects.count) {
      guard case .sprPPS(let other) = objects.source(at: position) else { continue }
      let covers =
        other.maximumVoltage >= object.maximumVoltage && other.minimumVoltage <= object.minimumVoltage
        && other.maximumCurrent >= object.maximumCurrent
      if covers { return false }
    }
    objects.append(object.rawValue)
    return true
  }
}
