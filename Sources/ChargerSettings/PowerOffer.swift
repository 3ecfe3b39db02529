public import PowerDelivery
public import Quantities

/// What a port offers: its power data objects and its power.
public struct PowerOffer: Equatable, Sendable {
  /// The SPR objects in the order of the standard.
  public var objects: PowerDataObjectList
  /// The EPR objects, positions 8 to 11; empty where the port has no EPR.
  public var eprObjects: PowerDataObjectList
  /// The port's power (PDP).
  public var pdp: Milliwatts

  public init(objects: PowerDataObjectList, eprObjects: PowerDataObjectList = .init(), pdp: Milliwatts) {
    self.objects = objects
    self.eprObjects = eprObjects
    self.pdp = pdp
  }

  public var isEPR: Bool { eprObjects.count > 0 }

  /// The largest current of any object.
  public var highestCurrent: Milliamperes {
    var highest = Milliamperes.zero
    for list in [objects, eprObjects] where list.count > 0 {
      for position in 1...list.count {
        guard let object = list.source(at: position) else { continue }
        highest = max(highest, object.highestCurrent)
      }
    }
    return highest
  }

  /// The largest voltage of any object.
  public var highestVoltage: Millivolts {
    var highest = Millivolts.zero
    for list in [objects, eprObjects] where list.count > 0 {
      for position in 1...list.count {
        highest = max(highest, list.source(at: position)?.voltages?.maximum ?? .zero)
      }
    }
    return highest
  }

  /// The most that a sink may ask of any object, where the object does not say itself that it is limited by the power.
  /// A source of at least this power refuses no request for what it offers.
  public var highestPower: Milliwatts {
    var highest = Milliwatts.zero
    for list in [objects, eprObjects] where list.count > 0 {
      for position in 1...list.count {
        highest = max(highest, list.source(at: position)?.highestPower ?? .zero)
      }
    }
    return highest
  }

  /// The same offer while only `power` may be given: the same voltages with less current, as the standard's rule for
  /// reduced power wants (USB-PD R3.2 §10.2.3). Programmable objects that would fall below 1 A are left out.
  public func limited(to power: Milliwatts) -> PowerOffer {
    guard power < pdp else { return self }
    return PowerOffer(
      objects: PowerOffer.limited(objects, to: power),
      eprObjects: PowerOffer.limited(eprObjects, to: power), pdp: power)
  }

  private static func limited(_ list: PowerDataObjectList, to power: Milliwatts) -> PowerDataObjectList {
    var limited = PowerDataObjectList()
    for position in 1...max(1, list.count) {
      guard let object = list.source(at: position), let word = object.limited(to: power) else { continue }
      // Ranges of different current become one where the power cuts both.
      guard limited.count == 0 || limited.word(at: limited.count) != word else { continue }
      limited.append(word)
    }
    return limited
  }
}

extension Milliwatts {
  /// The current at a voltage, rounded down to whole steps.
  func current(at voltage: Millivolts, step: Int32) -> Milliamperes {
    guard voltage.rawValue > 0 else { return .zero }
    let current = Int64(rawValue) * 1_000 / Int64(voltage.rawValue)
    return Milliamperes(Int32(clamping: current / Int64(step) * Int64(step)))
  }
}

extension Milliamperes {
  /// The power at a voltage, rounded up.
  fileprivate func power(at voltage: Millivolts) -> Milliwatts {
    let microwatts = Int64(rawValue) * Int64(voltage.rawValue)
    return Milliwatts(Int32(clamping: (microwatts + 999) / 1_000))
  }
}

extension SourcePDO {
  var highestCurrent: Milliamperes {
    switch self {
    case .fixed(let object): object.maximumCurrent
    case .variable(let object): object.maximumCurrent
    case .sprPPS(let object): object.maximumCurrent
    case .sprAVS(let object): max(object.maximumCurrent15V, object.maximumCurrent20V)
    case .eprAVS(let object):
      min(Milliamperes(5_000), object.pdp.current(at: object.minimumVoltage, step: 50))
    case .battery(let object): object.maximumPower.current(at: object.minimumVoltage, step: 10)
    case .reserved, .empty: .zero
    }
  }

  /// The most that can be asked for, rounded up; `.zero` for an object that says it is limited by the source's power.
  var highestPower: Milliwatts {
    switch self {
    case .fixed(let object): object.maximumCurrent.power(at: object.voltage)
    case .variable(let object): object.maximumCurrent.power(at: object.maximumVoltage)
    case .battery(let object): object.maximumPower
    case .sprPPS(let object):
      object.ppsPowerLimited ? .zero : object.maximumCurrent.power(at: object.maximumVoltage)
    case .sprAVS(let object):
      max(
        object.maximumCurrent15V.power(at: Millivolts(15_000)),
        object.maximumCurrent20V.power(at: Millivolts(20_000)))
    case .eprAVS(let object): object.pdp
    case .reserved, .empty: .zero
    }
  }

  /// The object with less current; `nil` where nothing sensible is left.
  fileprivate func limited(to power: Milliwatts) -> UInt32? {
    let least = Milliamperes(1_000)
    switch self {
    case .fixed(var object):
      object.maximumCurrent = min(object.maximumCurrent, power.current(at: object.voltage, step: 10))
      return object.rawValue
    case .variable(var object):
      object.maximumCurrent = min(object.maximumCurrent, power.current(at: object.maximumVoltage, step: 10))
      return object.rawValue
    case .battery(var object):
      object.maximumPower = min(object.maximumPower, Milliwatts(power.rawValue / 250 * 250))
      return object.rawValue
    case .sprPPS(var object):
      // A PPS object of 11 V is the one of 9 V with room above (§10.2.3.1.2): its current is that of the lower voltage.
      let nominal = StandardOffer.nominalVoltage(ofPPSUpTo: object.maximumVoltage)
      object.maximumCurrent = min(object.maximumCurrent, power.current(at: nominal, step: 50))
      // Both ends at once may be more than the power: an object that does not say so would have its request refused.
      if SourcePDO.sprPPS(object).highestPower > power { object.ppsPowerLimited = true }
      return object.maximumCurrent < least ? nil : object.rawValue
    case .sprAVS(var object):
      object.maximumCurrent15V = min(
        object.maximumCurrent15V, power.current(at: Millivolts(15_000), step: 10))
      object.maximumCurrent20V = min(
        object.maximumCurrent20V, power.current(at: Millivolts(20_000), step: 10))
      return object.maximumCurrent15V < least ? nil : object.rawValue
    case .eprAVS(var object):
      object.pdp = min(object.pdp, Milliwatts(power.rawValue / 1_000 * 1_000))
      return object.rawValue
    case .reserved, .empty: return rawValue
    }
  }
}
