public import PortEngine
public import PowerDelivery

// How the charger's machine stands at a port: the port's notices are its events, its actions the port's requests.
//
//     while let action = port.nextAction() {
//       if case .notify(let notice) = action, let event = XiaomiChargerEvent(notice, role: port.powerRole) {
//         charger.handle(event, at: now)
//       }
//     }
//     while let action = charger.nextAction() {
//       if let request = action.request { port.handle(.request(request), at: now) }
//     }

extension XiaomiChargerEvent {
  /// What a notice of the port means to the charger; `nil`: nothing.
  /// - Parameter role: the power role of the port now.
  public init?(_ notice: PortNotice, role: PortPowerRole) {
    switch notice {
    case .vendorDefined(let message) where role == .source: self = .received(message)
    case .contract where role == .source: self = .contract
    case .rolesChanged where role == .sink: self = .detached
    case .hardReset: self = .hardReset
    case .detached, .errorRecovery: self = .detached
    default: return nil
    }
  }
}

extension XiaomiChargerAction {
  /// What the port has to be asked for; `nil` where the action is for whoever drives both.
  public var request: PortRequest? {
    switch self {
    case .answer(let message): .answerVendorDefined(message)
    case .hardReset: .hardReset
    case .computeDigest, .offer, .notify: nil
    }
  }
}
