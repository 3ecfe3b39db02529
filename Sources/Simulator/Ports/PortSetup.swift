public import PortEngine
public import PowerSupervision

/// Everything that makes one end of a link: what the engine is told, the silicon below it, the supply or the load.
public struct PortSetup: Sendable {
  public var configuration: PortConfiguration
  public var source: SourcePolicy
  public var sink: SinkPolicy
  public var phy: PhyProfile
  /// What the supervisor is told of the stage; `nil` for a port without a supply.
  public var supply: SupervisorLimits?
  public var stage: StageProfile
  public var load: Load
  /// What is charged; `nil` draws all that is allowed.
  public var battery: Battery?
  /// How a programmable supply is followed; `nil` keeps the policy as it is.
  public var stepping: VoltageStepping?
  /// What lies between VBUS and the battery; `nil` where it is a switching charger alone.
  public var pump: ChargePump?
  public var misbehaviours: MisbehaviourList
  /// Whether the port has no USB-PD at all: the engine is left out, only the terminations and the load are there.
  public var speaksPowerDelivery: Bool

  public init(
    _ configuration: PortConfiguration, source: SourcePolicy = .none, sink: SinkPolicy = .none
  ) {
    self.configuration = configuration
    self.source = source
    self.sink = sink
    phy = PhyProfile()
    supply = nil
    stage = StageProfile()
    load = Load()
    battery = nil
    stepping = nil
    pump = nil
    misbehaviours = MisbehaviourList()
    speaksPowerDelivery = true
  }
}
