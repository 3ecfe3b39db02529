/// A USB device that is not there: what it answers, as a value.
///
/// Who plugs it in (a test, through libusb) hands it each transfer. A model has no clock and no thread: what it has to
/// send, it has as soon as something reached it.
public protocol USBDeviceModel: Sendable {
  var descriptors: USBModelDescriptors { get }

  /// A class or vendor request on endpoint 0. Standard requests never come here.
  /// - Parameter data: of the data stage towards the device.
  mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer

  /// A transfer to an OUT endpoint.
  mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer

  /// What an IN endpoint has to send now; at most `capacity` bytes.
  mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer

  /// The host ended the halt of an endpoint.
  mutating func clearHalt(_ endpoint: UInt8)
}

extension USBDeviceModel {
  public mutating func clearHalt(_ endpoint: UInt8) {}
}

/// How a device answers a transfer.
public enum USBModelAnswer: Equatable, Sendable {
  /// Done: what is sent to the host, nothing for a transfer to the device.
  case done([UInt8])
  /// Not yet: the transfer waits (NAK).
  case notYet
  /// The endpoint is halted, or the request unknown.
  case stall
}

/// The set-up stage of a control transfer (USB 2.0 §9.3).
public struct USBModelSetUp: Equatable, Sendable {
  public var requestType: UInt8
  public var request: UInt8
  public var value: UInt16
  public var index: UInt16
  public var length: UInt16

  /// - Parameter bytes: the eight bytes; missing ones are 0.
  public init(_ bytes: [UInt8]) {
    func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }
    func word(_ index: Int) -> UInt16 { UInt16(byte(index)) | UInt16(byte(index + 1)) << 8 }
    requestType = byte(0)
    request = byte(1)
    value = word(2)
    index = word(4)
    length = word(6)
  }
}

/// The descriptors of a device with one configuration.
public struct USBModelDescriptors: Equatable, Sendable {
  /// What an interface has.
  public struct Interface: Equatable, Sendable {
    public var number: UInt8
    /// Class, subclass, protocol.
    public var codes: [UInt8]
    public var endpoints: [Endpoint]

    public init(_ number: UInt8, codes: [UInt8], endpoints: [Endpoint]) {
      self.number = number
      self.codes = codes
      self.endpoints = endpoints
    }
  }

  /// An endpoint: address, type (2 bulk, 3 interrupt), packet size, interval.
  public struct Endpoint: Equatable, Sendable {
    public var address: UInt8
    public var type: UInt8
    public var packetSize: UInt16
    public var interval: UInt8

    public init(_ address: UInt8, type: UInt8 = 2, packetSize: UInt16, interval: UInt8 = 0) {
      self.address = address
      self.type = type
      self.packetSize = packetSize
      self.interval = interval
    }
  }

  /// 18 bytes.
  public var device: [UInt8]
  /// The configuration with all that belongs to it.
  public var configuration: [UInt8]
  /// Strings 1, 2, 3: manufacturer, product, serial number.
  public var strings: [String]
  public var isHighSpeed: Bool

  public init(
    vendor: UInt16, product: UInt16, codes: [UInt8] = [0, 0, 0], strings: [String], isHighSpeed: Bool,
    interfaces: [Interface]
  ) {
    func word(_ value: UInt16) -> [UInt8] { [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)] }
    device =
      [18, 1, 0x10, 0x02] + codes + [64] + word(vendor) + word(product) + [0, 1]
      + (0..<3).map { $0 < strings.count ? UInt8($0 + 1) : 0 } + [1]
    var body: [UInt8] = []
    for interface in interfaces {
      body += [9, 4, interface.number, 0, UInt8(interface.endpoints.count)] + interface.codes + [0]
      for endpoint in interface.endpoints {
        body += [7, 5, endpoint.address, endpoint.type] + word(endpoint.packetSize) + [endpoint.interval]
      }
    }
    configuration =
      [9, 2] + word(UInt16(body.count + 9)) + [UInt8(interfaces.count), 1, 0, 0x80, 50] + body
    self.strings = strings
    self.isHighSpeed = isHighSpeed
  }

  /// The answer to GET_DESCRIPTOR; `nil` where there is no such descriptor.
  public func descriptor(_ value: UInt16) -> [UInt8]? {
    switch (value >> 8, Int(value & 0xFF)) {
    case (1, _): return device
    case (2, _): return configuration
    case (3, 0): return [4, 3, 0x09, 0x04]
    case (3, let index) where index <= strings.count:
      let text = strings[index - 1].utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
      return [UInt8(text.count + 2), 3] + text
    default: return nil
    }
  }
}
