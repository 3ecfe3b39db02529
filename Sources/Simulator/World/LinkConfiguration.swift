public import PortEngine
public import PowerSupervision
public import Quantities
public import XiaomiCharge

/// What a link is made of.
public struct LinkConfiguration: Sendable {
  public var charger: PortSetup
  public var phone: PortSetup
  public var cable: Cable
  public var wire: WireConfiguration
  public var faults: FaultMix
  /// Xiaomi's private protocol, at the ends that speak it.
  public var xiaomiCharger: XiaomiChargerSetup?
  public var xiaomiPhone: XiaomiPhoneSetup?

  public init(charger: PortSetup, phone: PortSetup, cable: Cable) {
    self.charger = charger
    self.phone = phone
    self.cable = cable
    wire = WireConfiguration()
    faults = .none
  }
}

/// Something that happened in the world, for those who watch.
public struct WorldEvent: Equatable, Sendable {
  public var time: Instant
  /// Which link of the world.
  public var link: Int
  public var content: Content

  public enum Content: Equatable, Sendable {
    case plugged, unplugged
    case notice(Side, PortNotice)
    /// The policy engine went from one state to another.
    case step(Side, PolicyStep)
    /// VBUS at the charger's connector, at every bend.
    case vbus(Millivolts)
    /// What a supervisor told its stage.
    case stage(Side, StageCommand)
    /// What a port offers was changed because its share of the budget was.
    case share(Milliwatts)
    /// What the charger offers from now on, because trust has changed.
    case trust(XiaomiStage)
    case xiaomiCharger(XiaomiChargerNotice)
    case xiaomiPhone(XiaomiPhoneNotice)
  }
}

/// Something that a script does to a link.
public enum LinkAction: Equatable, Sendable {
  /// Puts the cable into both receptacles, or pulls it out of the phone.
  case plugIn, unplug
  /// Pulls the cable out, turns its phone end, and puts it in again half a second later.
  case flip
  /// Tears or mends the CC wire, the VBUS wire.
  case setCCWire(isWhole: Bool)
  case setVBUSWire(isWhole: Bool)
  /// Lets an engine do something.
  case request(Side, PortRequest)
  case decide(Side, PortDecision)
  /// Changes what a source offers or a sink wants, and tells the engine.
  case offer(SourceChoice)
  case want(SinkStrategy, Milliwatts)
  case setSource(SourcePolicy)
  case setSink(SinkPolicy)
  /// A digest of Xiaomi's protocol is there; `nil`: no key.
  case digest(Side, XiaomiDigestQuestion, XiaomiDigest?)
  /// Opens a port, or closes it and takes VBUS down.
  case enable(Side), disable(Side)
  /// The air around a port's stage, or the phone's battery.
  case setAmbient(Side, DegreesCelsius)
  case setBatteryTemperature(DegreesCelsius)
  case breakStage(Side), repairStage(Side)
  case setFaults(FaultMix)
  case scriptFault(ScriptedFault)
  case noise(Nanoseconds)

  /// What a charger offers, by its power.
  public struct SourceChoice: Equatable, Sendable {
    public var model: ChargerModel
    public var power: Milliwatts

    public init(_ model: ChargerModel, power: Milliwatts) {
      self.model = model
      self.power = power
    }
  }
}

extension LinkConfiguration {
  /// The wire, idle.
  var newWire: Wire { Wire(wire, faults: faults) }

  /// VBUS with both stages and loads, off.
  var newBus: PowerBus {
    PowerBus(charger: charger.stage, phone: phone.stage, chargerLoad: charger.load, phoneLoad: phone.load)
  }
}

/// An action and when it is due.
public struct ScheduledAction: Equatable, Sendable {
  public var time: Instant
  public var action: LinkAction

  public init(_ time: Instant, _ action: LinkAction) {
    self.time = time
    self.action = action
  }
}
