public import PortEngine
public import PowerSupervision
public import Quantities
public import Trace
public import XiaomiCharge

/// What a port's thread tells the rest of the daemon.
public struct PortReport: Equatable, Sendable {
  /// The port, by its name.
  public var port: String
  /// In the port's time, from the start of the daemon.
  public var time: Instant
  public var content: Content

  public enum Content: Equatable, Sendable {
    /// A packet, a reset, or a word about power, for the conversation.
    case record(TraceRecord)
    case attached, detached
    case contract(PowerContract)
    /// How far the phone is trusted from now on (Xiaomi).
    case trust(XiaomiStage)
    /// The port was closed and VBUS is at vSafe0V.
    case closed(Millivolts)
  }

  public init(port: String, time: Instant, content: Content) {
    self.port = port
    self.time = time
    self.content = content
  }
}

/// What a port is like at a moment.
public struct PortStatus: Equatable, Sendable {
  public var name: String
  public var connection: ConnectionState
  public var state: PolicyState
  /// The explicit contract, or what Type-C gives; `nil` while nothing is attached.
  public var contract: PowerContract?
  public var hasExplicitContract: Bool
  public var vbus: Millivolts
  public var current: Milliamperes
  /// What the port may offer now.
  public var offered: Milliwatts
  /// Whether the port was closed and VBUS is at vSafe0V.
  public var isClosed: Bool
  /// How far the phone is trusted; `nil` for a port without Xiaomi's protocol.
  public var trust: XiaomiStage?

  public init(
    name: String, connection: ConnectionState = .disabled, state: PolicyState = .detached,
    contract: PowerContract? = nil, hasExplicitContract: Bool = false, vbus: Millivolts = .zero,
    current: Milliamperes = .zero, offered: Milliwatts = .zero, isClosed: Bool = false,
    trust: XiaomiStage? = nil
  ) {
    self.name = name
    self.connection = connection
    self.state = state
    self.contract = contract
    self.hasExplicitContract = hasExplicitContract
    self.vbus = vbus
    self.current = current
    self.offered = offered
    self.isClosed = isClosed
    self.trust = trust
  }

  /// The power that flows.
  public var power: Milliwatts {
    Milliwatts(Int32(clamping: Int64(vbus.rawValue) * Int64(current.rawValue) / 1_000))
  }
}
