import Instruments
import USBTransport

/// What can go wrong between a question and its answer.
enum DrPDFault: Error, Equatable, CustomStringConvertible {
  case usb(USBError)
  /// What came is no frame.
  case frame(DrPDFrameError)
  /// The device answered with an error.
  case refused(DrPDRefusal, to: String)
  /// The answer is not of the kind that was due.
  case kind(DrPDFrameKind, to: String)
  case text(DrPDTextError)
  case record(DrPDError)
  /// The firmware updater answers instead of the instrument.
  case updater
  /// What the device says makes what was asked for impossible.
  case unfit(String)

  var description: String {
    switch self {
    case .usb(let error): "\(error)"
    case .frame(let error): "\(error)"
    case .refused(.busy, _): "\(DrPDRefusal.busy)"
    case .refused(let refusal, let question): "it refuses `\(question)`: \(refusal)"
    case .kind(let kind, let question):
      "it answers `\(question)` with a frame of type 0x\(String(kind.rawValue, radix: 16, uppercase: true))"
    case .text(let error): "\(error)"
    case .record(let error): "\(error)"
    case .updater:
      "its firmware updater is at work, not the instrument; finish the update or unplug the device for a moment"
    case .unfit(let reason): reason
    }
  }

  /// The error of the instrument.
  func error(of device: USBDevice) -> InstrumentError {
    switch self {
    case .usb(let error): .usb(error)
    default: .refused(device.name, description)
    }
  }

  /// Whether the device may answer when the session is begun again.
  var isWorthAnotherTry: Bool {
    switch self {
    case .usb(let error): error.isWorthAnotherTry
    case .frame, .kind, .text, .record: true
    case .refused, .updater, .unfit: false
    }
  }

  /// Whether the device knows no such command: firmware before it has none.
  var isUnknownCommand: Bool {
    if case .refused(.error(let entry), _) = self { entry.code == -113 } else { false }
  }

  /// Whether the command came at a moment, or with a value, that the device cannot do.
  var isExecutionError: Bool {
    if case .refused(.error(let entry), _) = self { entry.code == -200 } else { false }
  }
}
