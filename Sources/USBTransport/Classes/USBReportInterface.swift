public import Quantities
public import Threading

/// A report of an HID interface.
public struct USBReport: Hashable, Sendable {
  /// 0 where the device uses no report ids; such an id is never on the wire (`usb-hardware.md` §2).
  public var id: UInt8
  /// Without the id.
  public var bytes: [UInt8]

  public init(id: UInt8 = 0, _ bytes: [UInt8]) {
    self.id = id
    self.bytes = bytes
  }

  /// As it is transferred.
  var wire: [UInt8] { id == 0 ? bytes : [id] + bytes }
}

/// An HID interface, spoken to without the kernel's driver `usbhid`.
public final class USBReportInterface: Sendable {
  public let device: USBDevice
  public let interface: USBInterface
  private let interruptIn: USBEndpoint
  private let interruptOut: USBEndpoint?

  /// Takes an HID interface; its kernel driver comes back when the device is closed.
  /// - Parameter match: which one of several; the first by default.
  /// - Throws: `.notFound` where the device has none with an interrupt IN endpoint; what `USBDevice.claim` throws.
  public init(
    _ device: USBDevice, where match: (USBInterface) -> Bool = { _ in true }
  ) throws(USBError) {
    let found = device.info.interface {
      $0.interfaceClass.code == 0x03 && $0.endpoint(.interrupt, isIn: true) != nil && match($0)
    }
    guard let found, let interruptIn = found.endpoint(.interrupt, isIn: true) else {
      throw device.failure(.notFound, .find(.reports))
    }
    self.device = device
    interface = found
    self.interruptIn = interruptIn
    interruptOut = found.endpoint(.interrupt, isIn: false)
    try device.claim(found)
  }

  /// Where input reports come from.
  public var streamEndpoint: USBEndpoint { interruptIn }

  /// Bytes of the longest report that fits one packet, its id included.
  public var packetSize: Int { interruptIn.maximumPacketSize }

  /// Starts a stream of input reports, one a transfer. After a stall: `clearHalt`, then a new stream.
  /// - Parameters:
  ///   - transfers: how many are under way at once.
  ///   - mailbox: where what comes is put down; the bytes are those of the wire, an id in front where there are ids.
  public func stream(
    transfers: Int = 8, into mailbox: Mailbox<USBArrival> = Mailbox()
  ) throws(USBError) -> USBInQueue {
    // A transfer of one packet ends with that packet: reports do not run into each other.
    try USBInQueue(device, interruptIn, transfers: transfers, size: packetSize, into: mailbox)
  }

  /// Makes the endpoint of the stream usable again after a stall.
  public func clearHalt() throws(USBError) { try device.clearHalt(interruptIn) }

  /// Makes the endpoint that takes output reports usable again after a stall; nothing to do where there is none.
  public func clearOutHalt() throws(USBError) {
    if let interruptOut { try device.clearHalt(interruptOut) }
  }

  /// Sends an output report: through the interrupt OUT endpoint, or by SET_REPORT where there is none.
  /// - Throws: `.short` where the device took fewer bytes.
  public func write(_ report: USBReport, timeout: Milliseconds = Milliseconds(500)) throws(USBError) {
    if let interruptOut {
      try device.write(report.wire, to: interruptOut, timeout: timeout)
    } else {
      try set(report, type: 0x0200, timeout)
    }
  }

  /// Sends a feature report.
  public func setFeature(_ report: USBReport, timeout: Milliseconds = Milliseconds(500)) throws(USBError) {
    try set(report, type: 0x0300, timeout)
  }

  /// Asks for a feature report.
  /// - Parameter count: how many bytes are wanted at most, without the id.
  /// - Throws: `.transferFailed` where another report comes than was asked for, `.short` where not even an id does.
  public func feature(
    id: UInt8 = 0, count: Int, timeout: Milliseconds = Milliseconds(500)
  ) throws(USBError) -> USBReport {
    let request = request(0xA1, 0x01, 0x0300 | UInt16(id))
    let bytes = try device.control(request, reading: count + (id == 0 ? 0 : 1), timeout: timeout)
    guard id != 0 else { return USBReport(bytes) }
    guard let first = bytes.first else {
      throw device.failure(.short(expected: 1, done: 0), .control(request))
    }
    guard first == id else { throw device.failure(.transferFailed, .control(request)) }
    return USBReport(id: id, Array(bytes.dropFirst()))
  }

  private func set(_ report: USBReport, type: UInt16, _ timeout: Milliseconds) throws(USBError) {
    try device.control(
      request(0x21, 0x09, type | UInt16(report.id)), writing: report.wire, timeout: timeout)
  }

  private func request(_ type: UInt8, _ code: UInt8, _ value: UInt16) -> USBControlRequest {
    USBControlRequest(
      requestType: type, request: code, value: value, index: UInt16(interface.number))
  }
}
