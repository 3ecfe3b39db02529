import RegisterBus
import USBTransport

extension RegisterBusError.Cause {
  /// What a fault of a bridge's USB side is on the bus.
  init(_ cause: USBError.Cause) {
    switch cause {
    case .gone, .closed, .cancelled: self = .deviceGone
    case .timedOut: self = .timedOut
    case .short: self = .shortAnswer
    case .notSupported, .notFound: self = .unsupported
    default: self = .unexpectedAnswer
    }
  }
}
