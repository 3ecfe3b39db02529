public import ChargerSettings
import PortEngine
import PowerDelivery
public import Quantities
public import Simulator

extension PortSettings {
  /// The port as the simulated world wants it: engine, supervisor, stage.
  public func setup(power: Milliwatts) -> PortSetup {
    var setup = PortSetup(configuration, source: sourcePolicy(power: power))
    setup.supply = supervisorLimits
    return setup
  }
}

extension PhoneSettings {
  /// The phone as the simulated world wants it.
  public var setup: PortSetup {
    if model == .xiaomi { return PhoneModel.xiaomi(charge: charge ?? Percent(30)) }
    var configuration = PortConfiguration(roles: .sinkOnly)
    configuration.revision = model == .pd2 ? .revision2 : .revision3
    configuration.usbCommunicationsCapable = true
    configuration.dataRoleSwap = .accept
    var setup = PortSetup(configuration, sink: policy)
    setup.speaksPowerDelivery = model != .basic
    let watts = policy.operatingPower
    setup.battery = Battery(capacity: MilliwattHours(19_000), fullPower: watts, charge: charge ?? Percent(30))
    if model == .pps, voltage == nil { setup.stepping = VoltageStepping() }
    return setup
  }

  /// The highest voltage, or the one that is wanted, where the file does not say.
  private var defaultVoltage: Millivolts {
    switch model {
    case .basic: Millivolts(5_000)
    case .pd2, .pd3, .avs: Millivolts(9_000)
    case .pps: Millivolts(8_400)
    case .epr: Millivolts(28_000)
    // Until its own machine has chosen, the first contract of 5 V holds.
    case .xiaomi: Millivolts(5_000)
    }
  }

  private var defaultPower: Milliwatts {
    switch model {
    case .basic: Milliwatts(15_000)
    case .pd2: Milliwatts(18_000)
    case .pd3, .pps, .avs: Milliwatts(25_000)
    case .epr: Milliwatts(100_000)
    case .xiaomi: Milliwatts(15_000)
    }
  }

  private var policy: SinkPolicy {
    let voltage = voltage ?? defaultVoltage
    let current = current ?? Milliamperes(model == .epr ? 5_000 : 3_000)
    let strategy: SinkStrategy =
      switch model {
      case .basic, .pd2, .pd3, .epr, .xiaomi: .fixed(maximumVoltage: voltage)
      case .pps: .pps(voltage: voltage, current: current)
      case .avs: .avs(voltage: voltage, current: current)
      }
    var policy = SinkPolicy(
      capabilities: capabilities(upTo: voltage, current), strategy: strategy,
      operatingPower: power ?? defaultPower)
    policy.entersEPR = model == .epr
    if model == .epr { policy.eprCapabilities.append(PhoneSettings.fixed(voltage, current)) }
    return policy
  }

  /// What the phone says in Sink_Capabilities: vSafe5V, and what it takes beside.
  private func capabilities(upTo voltage: Millivolts, _ current: Milliamperes) -> PowerDataObjectList {
    var objects = PowerDataObjectList()
    objects.append(PhoneSettings.fixed(Millivolts(5_000), min(current, Milliamperes(3_000))))
    for step in [Millivolts(9_000), Millivolts(15_000), Millivolts(20_000)] where step <= voltage {
      objects.append(PhoneSettings.fixed(step, min(current, Milliamperes(3_000))))
    }
    if model == .pps {
      var object = SPRPPSSinkAPDO()
      object.minimumVoltage = Millivolts(3_300)
      object.maximumVoltage = Millivolts(11_000)
      object.maximumCurrent = Milliamperes(current.rawValue / 50 * 50)
      objects.append(object.rawValue)
    }
    return objects
  }

  private static func fixed(_ voltage: Millivolts, _ current: Milliamperes) -> UInt32 {
    var object = FixedSupplySinkPDO()
    object.voltage = Millivolts(voltage.rawValue / 50 * 50)
    object.operationalCurrent = Milliamperes(current.rawValue / 10 * 10)
    return object.rawValue
  }
}
