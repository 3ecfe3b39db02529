public import PortEngine
public import PowerSupervision
import Settings

/// What the engine tells its user, in a few words for a log.
public enum NoticeText {
  /// `nil` for what a log has no use for: every message is in the conversation already.
  public static func text(_ notice: PortNotice) -> String? {
    switch notice {
    case .contract(let contract):
      "contract \(supply(contract.supply)) \(contract.voltage.settingsText) \(contract.current.settingsText)"
    case .requestRejected: "request rejected"
    case .requestDeferred: "request deferred"
    case .rolesChanged: "roles changed"
    case .eprModeEntered: "EPR mode entered"
    case .eprModeLeft: "EPR mode left"
    case .eprEntryFailed(let failure): "EPR mode not entered: \(words("\(failure)"))"
    case .softReset(let bySelf): "Soft Reset by \(bySelf ? "this port" : "the partner")"
    case .hardReset(let bySelf, let reason):
      "Hard Reset by \(bySelf ? "this port" : "the partner"): \(words("\(reason)"))"
    case .errorRecovery(let reason): "ErrorRecovery: \(words("\(reason)"))"
    case .noPowerDelivery: "the partner speaks no USB-PD"
    case .cableIdentified: "the cable has told what it is"
    case .cableSilent: "the cable has no e-marker"
    case .supplyFault(let fault): "supply fault: \(words("\(fault)"))"
    case .bistStarted: "BIST started"
    case .bistEnded: "BIST ended"
    case .audioAccessory: "audio accessory"
    case .debugAccessory: "debug accessory"
    default: nil
    }
  }

  /// The kind of supply, as the standard names it.
  public static func supply(_ supply: PowerContract.Supply) -> String {
    switch supply {
    case .typeC: "Type-C"
    case .fixed: "Fixed"
    case .variable: "Variable"
    case .battery: "Battery"
    case .sprPPS: "PPS"
    case .sprAVS: "SPR AVS"
    case .eprAVS: "EPR AVS"
    case .proprietary: "proprietary"
    }
  }

  /// `senderResponseTimeout` as `sender response timeout`.
  private static func words(_ identifier: String) -> String {
    identifier.reduce(into: "") { text, character in
      if character.isUppercase, text.last?.isLowercase == true { text.append(" ") }
      text.append(contentsOf: character.lowercased())
    }
  }
}
