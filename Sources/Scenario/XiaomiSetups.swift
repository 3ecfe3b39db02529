public import ChargerSettings

public import Quantities
public import Simulator
public import XiaomiCharge

// Xiaomi's private protocol as the simulated world wants it.

extension PortSettings {
  /// What the port offers at each stage of trust while it may give `power`.
  public func offers(power: Milliwatts) -> SourceOffers {
    SourceOffers(
      standard: sourcePolicy(power: power), verified: sourcePolicy(power: power, stage: .verified),
      mutual: sourcePolicy(power: power, stage: .mutual))
  }
}

extension PhoneSettings.XiaomiFamily {
  public var profile: XiaomiPhoneProfile {
    switch self {
    case .reference: XiaomiPhoneProfile()
    case .qualcomm: .qualcomm
    case .mediatek: .mediaTek
    case .maxim: .maxim
    case .xiaomi17: .xiaomi17
    case .communityTester: .communityTester
    case .communityDaemon: .communityDaemon
    }
  }
}

extension LinkConfiguration {
  /// A port and a phone as files describe them.
  /// - Parameters:
  ///   - power: what the port may offer at first.
  ///   - chargerKeys: who computes the charger's digests; `nil` takes the port's own keys from the ring.
  public init(
    _ port: PortSettings, power: Milliwatts, phone: PhoneSettings, cable: Cable, keys: KeyRing,
    chargerKeys: XiaomiChargerSetup.Keys? = nil
  ) {
    self.init(charger: port.setup(power: power), phone: phone.setup, cable: cable)
    if let xiaomi = port.xiaomi {
      let offers = port.offers(power: power)
      xiaomiCharger = XiaomiChargerSetup(
        xiaomi.charger, verified: offers.verified, mutual: offers.mutual,
        keys: chargerKeys ?? XiaomiChargerSetup.Keys(keys.provider(xiaomi.keys)))
    }
    guard phone.model == .xiaomi else { return }
    var setup = XiaomiPhoneSetup(phone.xiaomi.family.profile, keys: keys.provider(phone.xiaomi.keys))
    if let seeds = keys.seeds(phone.xiaomi.keys), !seeds.isEmpty { setup.seeds = seeds }
    xiaomiPhone = setup
  }
}
