public import Quantities

/// Why something with a USB device did not work: which device, which part of it, what happened, what to do.
public struct USBError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The device; `nil` where no device is concerned.
  public var device: USBDeviceName?
  public var action: Action
  public var cause: Cause

  public init(_ cause: Cause, _ action: Action, of device: USBDeviceName? = nil) {
    self.cause = cause
    self.action = action
    self.device = device
  }

  /// What was being done.
  public enum Action: Equatable, Sendable {
    case start
    case list
    case open
    /// Looking for the interfaces that do this.
    case find(USBFunction)
    /// Claiming or giving back the interface of this number.
    case claim(UInt8)
    case control(USBControlRequest)
    case transfer(USBEndpoint.Kind, USBEndpointAddress)
    case clearHalt(USBEndpointAddress)
    case watch
  }

  public enum Cause: Equatable, Sendable {
    /// The system does not let this user open the device.
    case notPermitted
    /// The device is not there: unplugged, or never was.
    case gone
    /// Somebody else has it: another program, or a kernel driver that did not let go.
    case busy
    /// Nothing came within this time; `done` bytes had been transferred.
    case timedOut(Milliseconds, done: Int)
    /// The device refuses: the endpoint is halted, or the request is not known to it.
    case stalled
    /// The device sent more than was asked for.
    case overflow
    /// Fewer bytes than were needed.
    case short(expected: Int, done: Int)
    /// The transfer was cancelled.
    case cancelled
    /// The device was closed on this side.
    case closed
    /// The device has no such endpoint or interface.
    case notFound
    /// The bus carried no answer, or a damaged one.
    case transferFailed
    case noMemory
    /// The system cannot do that.
    case notSupported
    /// Something that libusb reports with this code.
    case other(Int32)
  }

  /// One line, but for a missing permission, whose remedy takes a few.
  public var description: String {
    let subject = device.map { "\($0)" } ?? "USB"
    return "\(subject): \(action.words): \(cause.words(action))\(remedy)"
  }

  private var remedy: String {
    switch cause {
    case .notPermitted:
      guard let device else { return "" }
      return "; \(UdevRule.advice(device.identity))"
    case .busy:
      return "; end the other program that uses the device"
    case .gone: return "; plug it in again"
    case .timedOut, .transferFailed:
      return "; if it goes on, unplug the device and plug it in again"
    default: return ""
    }
  }
}

/// What a device is called in messages: `5FC9:0063 at 1-2.4 (POWER-Z KM003C)`.
public struct USBDeviceName: Hashable, Sendable, CustomStringConvertible {
  public var identity: USBIdentity
  public var place: USBPlace
  public var product: String?

  public init(identity: USBIdentity, place: USBPlace, product: String? = nil) {
    self.identity = identity
    self.place = place
    self.product = product
  }

  init(_ info: USBDeviceInfo) {
    self.init(identity: info.identity, place: info.place, product: info.product)
  }

  public var description: String {
    "\(identity) at \(place)" + (product.map { " (\($0))" } ?? "")
  }
}

extension USBError.Action {
  fileprivate var words: String {
    switch self {
    case .start: "starting libusb"
    case .list: "listing devices"
    case .open: "opening it"
    case .find(let function): "looking for \(function.rawValue)"
    case .claim(let number): "interface \(number)"
    case .control(let request): "\(request)"
    case .transfer(let kind, let endpoint): "\(kind.rawValue) \(endpoint)"
    case .clearHalt(let endpoint): "clearing the halt of \(endpoint)"
    case .watch: "watching for devices"
    }
  }
}

extension USBError.Cause {
  fileprivate func words(_ action: USBError.Action) -> String {
    switch self {
    case .notPermitted: "this user may not open it"
    case .gone: "the device is gone"
    case .busy: "it is in use"
    case .timedOut(let limit, let done):
      "no end within \(limit.rawValue) ms" + (done > 0 ? " (\(done) bytes came through)" : "")
    case .stalled: "the device refused (stall)"
    case .overflow: "the device sent more than was asked for"
    case .short(let expected, let done): "\(done) bytes instead of \(expected)"
    case .cancelled: "it was cancelled"
    case .closed: "the device was closed"
    case .notFound: "the device has no such thing"
    case .transferFailed: "the transfer failed on the bus"
    case .noMemory: "out of memory"
    case .notSupported: "the system cannot do that"
    case .other(let code): "libusb reports error \(code)"
    }
  }
}
