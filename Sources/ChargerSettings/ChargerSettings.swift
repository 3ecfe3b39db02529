public import PortEngine
import PowerDelivery
public import PowerSupervision
public import Quantities
public import XiaomiCharge

/// A charger as a file describes it: its power and its ports.
public struct ChargerSettings: Equatable, Sendable {
  /// What all ports together may give.
  public var budget: Milliwatts
  public var ports: [PortSettings]
  /// How much is logged.
  public var logLevel: LogWord
  /// Whether the daemon writes JSON lines.
  public var isJSON: Bool

  /// The levels of the log, by the names that the configuration knows.
  public enum LogWord: String, CaseIterable, Equatable, Sendable {
    case trace, debug, info, notice, warning, error, critical
  }

  public init(
    budget: Milliwatts, ports: [PortSettings], logLevel: LogWord = .notice, isJSON: Bool = false
  ) {
    self.budget = budget
    self.ports = ports
    self.logLevel = logLevel
    self.isJSON = isJSON
  }
}

/// One port of a charger.
public struct PortSettings: Equatable, Sendable {
  public var name: String
  public var offer: PowerOffer
  /// What Rp advertises before a contract.
  public var rp: RpCurrent
  public var cable: CableSettings
  /// Whether the port supplies VCONN; without it no e-marker is read.
  public var suppliesVCONN: Bool
  /// Ports of a higher priority get their power first.
  public var priority: Int
  /// What the port keeps when the budget is short.
  public var minimum: Milliwatts
  public var temperature: TemperatureLimits
  public var stage: StageRating
  /// Xiaomi's private protocol; `nil` leaves its messages unanswered.
  public var xiaomi: XiaomiPortSettings?
  /// The phones that a simulated port sees, in the order of their arrival.
  public var visits: [PhoneVisit]
  /// The chips of the port; `nil` for a simulated one.
  public var hardware: HardwareSettings?

  public init(name: String, offer: PowerOffer) {
    self.name = name
    self.offer = offer
    rp = .current3000
    cable = .receptacle
    suppliesVCONN = true
    priority = 1
    minimum = min(offer.pdp, Milliwatts(7_500))
    temperature = TemperatureLimits()
    stage = .standard(isEPR: offer.isEPR)
    xiaomi = nil
    visits = []
    hardware = nil
  }

  /// The port as the engine wants it described.
  public var configuration: PortConfiguration {
    var configuration = PortConfiguration(roles: .sourceOnly)
    configuration.rp = rp
    configuration.canSupplyVCONN = suppliesVCONN
    configuration.discoversCable = suppliesVCONN
    if case .captive(let current, let isEPR) = cable {
      configuration.fitCaptiveCable(current, isEPR: isEPR)
    }
    configuration.information = information
    if let xiaomi {
      configuration.speakXiaomi(
        xiaomi.identity, answersZMI: xiaomi.charger.answersZMI, power: offer.pdp)
    }
    return configuration
  }

  /// What the port says when it is asked (USB-PD R3.2 §6.13): Status, which Alerts of a PPS source call for, and
  /// Source_Info, since ports share the budget. Its maker is not known.
  private var information: PortInformation {
    var information = PortInformation()
    information.status = StatusBlock()
    var source = SourceInfoDataObject()
    source.portType = .managedCapability
    information.sourceInfo = source.rawValue
    var manufacturer = DataBytes()
    for byte in [0xFF, 0xFF, 0, 0] as [UInt8] { manufacturer.append(byte) }
    for byte in "OpenFastCharge".utf8 { manufacturer.append(byte) }
    manufacturer.append(0)
    information.manufacturerInfo = manufacturer
    return information
  }

  /// What the port offers at a stage of trust when it has all the power to itself.
  public func offer(at stage: XiaomiStage) -> PowerOffer {
    guard let xiaomi else { return offer }
    return switch stage {
    case .standard: offer
    case .verified: xiaomi.verified
    case .mutual: xiaomi.mutual
    }
  }

  /// The most that the port may ever give: its power at the stage of trust where it has most.
  public var highestPower: Milliwatts {
    max(offer.pdp, offer(at: .verified).pdp, offer(at: .mutual).pdp)
  }

  /// What the engine offers while the port may give `power`.
  /// - Parameter stage: how far the phone is trusted; without meaning where `xiaomi` is `nil`.
  public func sourcePolicy(power: Milliwatts, stage: XiaomiStage = .standard) -> SourcePolicy {
    let full = offer(at: stage)
    let offer = full.limited(to: power)
    var policy = SourcePolicy(capabilities: offer.objects, pdp: full.pdp)
    policy.eprCapabilities = offer.eprObjects
    policy.budget = min(power, full.pdp)
    return policy
  }

  /// What the supervisor may never exceed: what the stage can bear, whatever is offered.
  public var supervisorLimits: SupervisorLimits {
    // Currents may be rounded up to 10 mA: a stage of 27 W may be asked for 15 V 1.81 A.
    let rounding = Milliwatts(stage.voltage.rawValue / 100)
    var limits = SupervisorLimits(
      voltage: stage.voltage, current: stage.current, power: stage.power + rounding)
    limits.temperatureWarning = temperature.warning
    limits.temperatureShutdown = temperature.shutdown
    return limits
  }

  /// Whether the engine and the supervisor have to be made anew to become like `other`; otherwise a new offer does.
  public func needsNewPort(toBecome other: PortSettings) -> Bool {
    // Trust that a phone won from other keys, or under other rules, may not outlive them.
    configuration != other.configuration || stage != other.stage || temperature != other.temperature
      || hardware != other.hardware || xiaomi?.charger != other.xiaomi?.charger
      || xiaomi?.keys != other.xiaomi?.keys
  }
}

/// What a power stage can bear.
public struct StageRating: Equatable, Sendable {
  public var voltage: Millivolts
  public var current: Milliamperes
  public var power: Milliwatts

  public init(voltage: Millivolts, current: Milliamperes, power: Milliwatts) {
    self.voltage = voltage
    self.current = current
    self.power = power
  }

  /// What all of SPR needs, or all of EPR.
  public static func standard(isEPR: Bool) -> StageRating {
    isEPR
      ? StageRating(voltage: Millivolts(48_000), current: Milliamperes(5_000), power: Milliwatts(240_000))
      : StageRating(voltage: Millivolts(21_000), current: Milliamperes(5_000), power: Milliwatts(100_000))
  }

  /// What a port with Xiaomi's private protocol needs: the current of a PPS object ends at 6.35 A (Xiaomi 6.1).
  public static func xiaomi(isEPR: Bool) -> StageRating {
    isEPR
      ? StageRating(voltage: Millivolts(48_000), current: Milliamperes(6_350), power: Milliwatts(240_000))
      : StageRating(voltage: Millivolts(21_000), current: Milliamperes(6_350), power: Milliwatts(130_000))
  }
}

/// What the port is connected by.
public enum CableSettings: Equatable, Sendable {
  /// A receptacle: what the cable carries is read from its e-marker.
  case receptacle
  /// A cable that is fixed to the charger.
  case captive(current: Milliamperes, isEPR: Bool)
}

/// From which temperatures on a port offers less, and nothing.
public struct TemperatureLimits: Equatable, Sendable {
  public var warning = DegreesCelsius(85)
  public var shutdown = DegreesCelsius(105)

  public init() {}
}
