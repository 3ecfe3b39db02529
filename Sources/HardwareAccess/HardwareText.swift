public import Bridges
public import PortControllers
import RegisterBus

/// What a controller's condition means to a person.
public enum HardwareText {
  /// `nil` for what is as it should be and was not otherwise.
  public static func text(_ condition: PortControllerCondition, _ bus: PortBus) -> String? {
    switch condition {
    case .stopped, .starting: return nil
    case .running: return "the port controller is at work"
    case .failed(.chipWasReset): return "the port controller has lost its registers; it is set up anew"
    case .failed(.wrongDevice(let id)):
      return "another chip answers in place of the port controller: 0x\(String(id, radix: 16))"
    case .failed(.bus(let error)):
      let reason = bus.bus.lastProblem.map { "\($0)" } ?? bus.bus.bus?.lastProblem
      return "the port controller cannot be reached: \(text(error))" + (reason.map { " (\($0))" } ?? "")
    }
  }

  private static func text(_ error: RegisterBusError) -> String {
    let chip = error.address.map { " at 0x\(String($0.rawValue, radix: 16))" } ?? ""
    return switch error.cause {
    case .addressNotAcknowledged: "no chip answers\(chip)"
    case .dataNotAcknowledged: "the chip\(chip) refuses a byte"
    case .arbitrationLost: "another master is on the bus"
    case .lineStuckLow: "a line of the bus is held low; see that pull-ups and power are there"
    case .timedOut: "no answer in time"
    case .deviceGone: "the bridge is unplugged"
    case .shortAnswer: "an answer was cut short"
    case .unexpectedAnswer: "the bridge answered with what its protocol does not know"
    case .unsupported: "the bridge cannot carry such a transfer"
    case .overfullBatch: "the batch is too large"
    }
  }
}
