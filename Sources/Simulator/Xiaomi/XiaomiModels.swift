public import PortEngine
import PowerDelivery
import PowerSupervision
public import Quantities
public import XiaomiCharge

extension ChargerModel {
  /// A charger of a power class of Xiaomi's, with the plan that the class has, and a cable fixed to it or not.
  /// - Parameter adapterID: what its Discover Identity answer gives as its model.
  public static func xiaomi(
    _ powerClass: XiaomiPowerClass, cable: XiaomiCable, adapterID: XiaomiAdapterID
  ) -> PortSetup {
    var configuration = PortConfiguration(roles: .sourceOnly)
    if case .captive(let current) = cable {
      configuration.fitCaptiveCable(current, isEPR: false)
    }
    let offer = XiaomiCapabilityPlan(powerClass, cable: cable).standard
    configuration.speakXiaomi(XiaomiIdentity(adapterID: adapterID), answersZMI: false, power: offer.power)
    var setup = PortSetup(configuration, source: SourcePolicy(offer))
    setup.supply = SupervisorLimits(
      voltage: Millivolts(21_000), current: Milliamperes(6_350), power: Milliwatts(130_000))
    return setup
  }
}

extension XiaomiChargerSetup {
  /// What belongs to such a port.
  public init(_ powerClass: XiaomiPowerClass, cable: XiaomiCable, adapterID: XiaomiAdapterID, keys: Keys) {
    let plan = XiaomiCapabilityPlan(powerClass, cable: cable)
    self.init(
      XiaomiChargerSettings(adapterID: adapterID), verified: SourcePolicy(plan.verified),
      mutual: SourcePolicy(plan.mutual), keys: keys)
  }
}

extension SourcePolicy {
  public init(_ offer: XiaomiCapabilityPlan.Offer) {
    self.init(capabilities: offer.objects, pdp: offer.power)
  }
}

extension PhoneModel {
  /// A phone that speaks Xiaomi's private protocol: two cells behind a charge pump, 17 Wh.
  /// - Parameter charge: how full the battery is at first.
  public static func xiaomi(charge: Percent) -> PortSetup {
    var configuration = PortConfiguration(roles: .sinkOnly)
    configuration.dataRoleSwap = .accept
    configuration.usbCommunicationsCapable = true
    configuration.vendorProtocols.insert(XiaomiSVID.xiaomi)
    configuration.vendorProtocols.insert(XiaomiSVID.zmi)
    configuration.timing.ppsRequest = Nanoseconds(5_000_000_000)
    var objects = PowerDataObjectList()
    for (voltage, current) in [(5_000, 3_000), (9_000, 2_000)] as [(Int32, Int32)] {
      var object = FixedSupplySinkPDO()
      object.voltage = Millivolts(voltage)
      object.operationalCurrent = Milliamperes(current)
      objects.append(object.rawValue)
    }
    var sink = SinkPolicy(
      capabilities: objects, strategy: .fixed(maximumVoltage: Millivolts(5_000)),
      operatingPower: Milliwatts(15_000))
    sink.evaluation = .ask
    var setup = PortSetup(configuration, sink: sink)
    setup.battery = Battery(
      capacity: MilliwattHours(17_000), fullPower: Milliwatts(27_000), charge: charge)
    setup.battery?.taper = Percent(95)
    setup.pump = ChargePump(cells: 2)
    return setup
  }
}

extension LinkConfiguration {
  /// A charger of a class and a phone of a family.
  public static func xiaomi(
    _ powerClass: XiaomiPowerClass, cable: XiaomiCable = .captive(Milliamperes(6_200)),
    keys: XiaomiChargerSetup.Keys, phone profile: XiaomiPhoneProfile,
    phoneKeys: (any XiaomiDigestProvider)?, charge: Percent = Percent(20)
  ) -> LinkConfiguration {
    let adapterID = XiaomiAdapterID(rawValue: 0xA819)
    var configuration = LinkConfiguration(
      charger: ChargerModel.xiaomi(powerClass, cable: cable, adapterID: adapterID),
      phone: PhoneModel.xiaomi(charge: charge), cable: Cable(.passive5A))
    if case .captive = cable { configuration.cable.kind = .captive }
    configuration.xiaomiCharger = XiaomiChargerSetup(
      powerClass, cable: cable, adapterID: adapterID, keys: keys)
    configuration.xiaomiPhone = XiaomiPhoneSetup(profile, keys: phoneKeys)
    return configuration
  }
}
