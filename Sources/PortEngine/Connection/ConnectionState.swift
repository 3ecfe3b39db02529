/// The states of the Type-C connection, by the standard's names (USB Type-C R2.1 §4.5.2).
public enum ConnectionState: UInt8, Equatable, Sendable {
  case disabled, errorRecovery
  case unattachedSNK, attachWaitSNK, attachedSNK
  case unattachedSRC, attachWaitSRC, attachedSRC
  case trySRC, tryWaitSNK, trySNK, tryWaitSRC
  /// VCONN is discharged after a detach before the pins are looked at again.
  case unattachedWaitSRC
  case audioAccessory
  case unorientedDebugAccessorySRC, debugAccessorySNK

  /// How many states there are; raw values are 0 and up.
  public static var count: Int { 16 }

  /// The name that the standard prints.
  public var name: StaticString {
    switch self {
    case .disabled: "Disabled"
    case .errorRecovery: "ErrorRecovery"
    case .unattachedSNK: "Unattached.SNK"
    case .attachWaitSNK: "AttachWait.SNK"
    case .attachedSNK: "Attached.SNK"
    case .unattachedSRC: "Unattached.SRC"
    case .attachWaitSRC: "AttachWait.SRC"
    case .attachedSRC: "Attached.SRC"
    case .trySRC: "Try.SRC"
    case .tryWaitSNK: "TryWait.SNK"
    case .trySNK: "Try.SNK"
    case .tryWaitSRC: "TryWait.SRC"
    case .unattachedWaitSRC: "UnattachedWait.SRC"
    case .audioAccessory: "AudioAccessory"
    case .unorientedDebugAccessorySRC: "UnorientedDebugAccessory.SRC"
    case .debugAccessorySNK: "DebugAccessory.SNK"
    }
  }

  /// Whether a partner is attached with which USB-PD can be spoken.
  public var isAttached: Bool { self == .attachedSRC || self == .attachedSNK }
}
