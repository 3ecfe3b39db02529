public import PortEngine
import PowerDelivery
import PowerSupervision
public import Quantities

/// Chargers by what they offer. What they offer follows from their power and the cable, as the standard's power rules
/// have it (USB-PD R3.2 §10.2).
public struct ChargerModel: Equatable, Sendable {
  public enum Kind: UInt8, Equatable, Sendable, CaseIterable {
    /// Fixed voltages, Revision 2.0.
    case fixedPD2
    /// Fixed voltages, Revision 3.x.
    case fixed
    /// Fixed voltages and PPS.
    case pps
    /// Fixed voltages, PPS and SPR AVS.
    case avs
    /// All of them, and EPR.
    case epr
  }

  public var kind: Kind
  /// The power of the port when it has all to itself.
  public var power: Milliwatts
  /// Whether a 5 A cable is fixed to it.
  public var hasFixedCable: Bool

  public init(_ kind: Kind, power: Milliwatts, hasFixedCable: Bool = false) {
    self.kind = kind
    self.power = power
    self.hasFixedCable = hasFixedCable
  }

  /// What it offers with so much power.
  public func policy(power: Milliwatts) -> SourcePolicy {
    var objects = PowerDataObjectList()
    for voltage in [Int32](arrayLiteral: 5_000, 9_000, 15_000, 20_000) {
      let current = current(power, at: voltage)
      guard voltage == 5_000 || current >= 500, voltage <= 9_000 || power.rawValue >= voltage * 18 / 10 else {
        continue
      }
      objects.append(fixed(voltage, current))
    }
    if kind == .pps || kind == .epr || kind == .avs {
      var object = SPRPPSSourceAPDO()
      object.minimumVoltage = Millivolts(3_300)
      object.maximumVoltage = Millivolts(power.rawValue >= 45_000 ? 21_000 : 11_000)
      object.maximumCurrent = Milliamperes(
        current(power, at: power.rawValue >= 45_000 ? 20_000 : 9_000) / 50 * 50)
      object.ppsPowerLimited = true
      objects.append(object.rawValue | 0xC000_0000)
    }
    if kind == .avs || kind == .epr, power.rawValue >= 27_000 {
      var object = SPRAVSSourceAPDO()
      object.maximumCurrent15V = Milliamperes(current(power, at: 15_000) / 10 * 10)
      if power.rawValue > 45_000 {
        object.maximumCurrent20V = Milliamperes(current(power, at: 20_000) / 10 * 10)
      }
      objects.append(object.rawValue | 0xE000_0000)
    }
    var policy = SourcePolicy(capabilities: objects, pdp: power)
    if kind == .epr, power.rawValue >= 100_000 { policy.eprCapabilities = eprObjects(power) }
    return policy
  }

  private func eprObjects(_ power: Milliwatts) -> PowerDataObjectList {
    var objects = PowerDataObjectList()
    objects.append(fixed(28_000, min(5_000, power.rawValue * 1000 / 28_000)))
    if power.rawValue >= 180_000 { objects.append(fixed(36_000, min(5_000, power.rawValue * 1000 / 36_000))) }
    if power.rawValue >= 240_000 { objects.append(fixed(48_000, min(5_000, power.rawValue * 1000 / 48_000))) }
    var object = EPRAVSSourceAPDO()
    object.minimumVoltage = Millivolts(15_000)
    object.maximumVoltage = Millivolts(
      power.rawValue >= 240_000 ? 48_000 : power.rawValue >= 180_000 ? 36_000 : 28_000)
    object.pdp = Milliwatts(power.rawValue / 1000 * 1000)
    objects.append(object.rawValue | 0xD000_0000)
    return objects
  }

  private func fixed(_ voltage: Int32, _ current: Int32) -> UInt32 {
    var object = FixedSupplySourcePDO()
    object.voltage = Millivolts(voltage)
    object.maximumCurrent = Milliamperes(current / 10 * 10)
    return object.rawValue
  }

  /// At most 3 A up to 60 W, 5 A above.
  private func current(_ power: Milliwatts, at voltage: Int32) -> Int32 {
    let most: Int32 = power.rawValue > 60_000 && voltage >= 20_000 ? 5_000 : 3_000
    return min(most, power.rawValue * 1_000 / voltage)
  }

  /// The port with everything that belongs to it.
  public var setup: PortSetup {
    var configuration = PortConfiguration(roles: .sourceOnly)
    configuration.revision = kind == .fixedPD2 ? .revision2 : .revision3
    if hasFixedCable { configuration.fitCaptiveCable(Milliamperes(5_000), isEPR: kind == .epr) }
    var setup = PortSetup(configuration, source: policy(power: power))
    setup.supply = SupervisorLimits(
      voltage: Millivolts(kind == .epr ? 50_000 : 21_500), current: Milliamperes(5_000), power: power)
    setup.stage.slew = MicrovoltsPerMicrosecond(kind == .epr ? 2_000 : 1_000)
    return setup
  }
}
