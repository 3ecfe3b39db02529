import PortEngine
import PowerDelivery
import PowerSupervision
public import Quantities

/// Phones and other things that are charged, by how they ask for power.
public enum PhoneModel: UInt8, Equatable, Sendable, CaseIterable {
  /// Revision 2.0, up to 9 V.
  case pd2Fixed
  /// Revision 3.x, up to 9 V.
  case pd3Fixed
  /// Charges directly from PPS, 9 to 11 V, and steps every few seconds with its battery.
  case pps
  /// A notebook that takes SPR AVS up to 20 V.
  case avs
  /// A notebook that enters EPR mode and takes 28 V, and EPR AVS where that is offered.
  case eprLaptop
  /// No USB-PD at all.
  case usbDefaultOnly
  /// A power bank that can be either, and prefers to be charged.
  case powerBank

  /// The contract voltage that it reaches at a charger that has all it wants; `nil` for a phone without USB-PD.
  public var wantedVoltage: Millivolts? {
    switch self {
    case .pd2Fixed, .pd3Fixed: Millivolts(9_000)
    case .pps: Millivolts(9_000)
    case .avs: Millivolts(15_000)
    case .eprLaptop: Millivolts(28_000)
    case .usbDefaultOnly: nil
    case .powerBank: Millivolts(9_000)
    }
  }

  /// The port with everything that belongs to it.
  public var setup: PortSetup {
    switch self {
    case .pd2Fixed: return fixedPhone(.revision2, Milliwatts(18_000))
    case .pd3Fixed: return fixedPhone(.revision3, Milliwatts(25_000))
    case .pps: return ppsPhone
    case .avs: return avsNotebook
    case .eprLaptop: return eprNotebook
    case .usbDefaultOnly:
      var setup = PortSetup(PortConfiguration(roles: .sinkOnly))
      setup.speaksPowerDelivery = false
      return setup
    case .powerBank: return powerBankSetup
    }
  }

  private func fixedPhone(_ revision: SpecificationRevision, _ power: Milliwatts) -> PortSetup {
    var configuration = PortConfiguration(roles: .sinkOnly)
    configuration.revision = revision
    var setup = PortSetup(
      configuration, sink: policy(.fixed(maximumVoltage: Millivolts(9_000)), power, [9_000]))
    setup.battery = Battery(capacity: MilliwattHours(19_000), fullPower: power, charge: Percent(30))
    return setup
  }

  private var ppsPhone: PortSetup {
    var setup = PortSetup(
      PortConfiguration(roles: .sinkOnly),
      sink: policy(
        .pps(voltage: Millivolts(9_000), current: Milliamperes(3_000)), Milliwatts(27_000), [9_000]))
    var object = SPRPPSSinkAPDO()
    object.minimumVoltage = Millivolts(3_300)
    object.maximumVoltage = Millivolts(11_000)
    object.maximumCurrent = Milliamperes(3_000)
    setup.sink.capabilities.append(object.rawValue | 0xC000_0000)
    setup.battery = Battery(
      capacity: MilliwattHours(19_000), fullPower: Milliwatts(27_000), charge: Percent(90))
    setup.battery?.taper = Percent(95)
    setup.stepping = VoltageStepping()
    return setup
  }

  private var avsNotebook: PortSetup {
    var setup = PortSetup(
      PortConfiguration(roles: .sinkOnly),
      sink: policy(
        .avs(voltage: Millivolts(15_000), current: Milliamperes(2_500)), Milliwatts(37_000), [9_000, 15_000]))
    setup.battery = Battery(
      capacity: MilliwattHours(60_000), fullPower: Milliwatts(37_000), charge: Percent(40))
    return setup
  }

  private var eprNotebook: PortSetup {
    var setup = PortSetup(
      PortConfiguration(roles: .sinkOnly),
      sink: policy(
        .fixed(maximumVoltage: Millivolts(28_000)), Milliwatts(140_000), [9_000, 15_000, 20_000]))
    setup.sink.eprCapabilities.append(PhoneModel.fixed(28_000, 5_000))
    setup.sink.entersEPR = true
    setup.battery = Battery(
      capacity: MilliwattHours(99_000), fullPower: Milliwatts(120_000), charge: Percent(20))
    return setup
  }

  private var powerBankSetup: PortSetup {
    var configuration = PortConfiguration(roles: .dualRoleTrySink)
    configuration.powerRoleSwap = .accept
    configuration.dataRoleSwap = .accept
    let charger = ChargerModel(.fixed, power: Milliwatts(18_000))
    var setup = PortSetup(
      configuration, source: charger.policy(power: Milliwatts(18_000)),
      sink: policy(.fixed(maximumVoltage: Millivolts(9_000)), Milliwatts(18_000), [9_000]))
    setup.supply = SupervisorLimits(
      voltage: Millivolts(9_500), current: Milliamperes(3_000), power: Milliwatts(18_000))
    setup.battery = Battery(
      capacity: MilliwattHours(37_000), fullPower: Milliwatts(18_000), charge: Percent(50))
    return setup
  }

  private func policy(_ strategy: SinkStrategy, _ power: Milliwatts, _ voltages: [Int32]) -> SinkPolicy {
    var objects = PowerDataObjectList()
    objects.append(PhoneModel.fixed(5_000, 3_000))
    for voltage in voltages {
      objects.append(PhoneModel.fixed(voltage, min(3_000, power.rawValue * 1_000 / voltage)))
    }
    return SinkPolicy(capabilities: objects, strategy: strategy, operatingPower: power)
  }

  private static func fixed(_ voltage: Int32, _ current: Int32) -> UInt32 {
    var object = FixedSupplySinkPDO()
    object.voltage = Millivolts(voltage)
    object.operationalCurrent = Milliamperes(current / 10 * 10)
    return object.rawValue
  }
}
