public import Quantities
public import Threading

/// A serial port of a device (CDC-ACM), spoken to without the kernel's driver `cdc_acm`.
///
/// Many firmwares send nothing before DTR is set (`usb-hardware.md` §2): `open` does that.
public final class USBSerialPort: Sendable {
  public let device: USBDevice
  /// Communication class, subclass abstract control model.
  public let communication: USBInterface
  /// Data class, with the two bulk endpoints.
  public let data: USBInterface
  private let bulkIn: USBEndpoint
  private let bulkOut: USBEndpoint

  /// Takes both interfaces of a serial port; kernel drivers come back when the device is closed.
  /// - Parameter index: which one of several serial ports, counted from 0.
  /// - Throws: `.notFound` where the device has none; what `USBDevice.claim` throws. Then neither interface is held.
  public init(_ device: USBDevice, index: Int = 0) throws(USBError) {
    let ports = Self.ports(of: device.info)
    guard ports.indices.contains(index), let bulkIn = ports[index].data.endpoint(.bulk, isIn: true),
      let bulkOut = ports[index].data.endpoint(.bulk, isIn: false)
    else { throw device.failure(.notFound, .find(.serialPort)) }
    self.device = device
    communication = ports[index].communication
    data = ports[index].data
    self.bulkIn = bulkIn
    self.bulkOut = bulkOut
    try device.claim([communication, data])
  }

  /// The serial ports that the descriptors show: each communication interface goes with the next data interface that has
  /// endpoints.
  static func ports(of info: USBDeviceInfo) -> [(communication: USBInterface, data: USBInterface)] {
    info.interfaces.filter { $0.interfaceClass.code == 0x02 && $0.interfaceClass.subclass == 0x02 }
      .compactMap { communication in
        let partner = info.interfaces.filter {
          $0.interfaceClass.code == 0x0A && $0.number > communication.number
            && $0.endpoint(.bulk, isIn: true) != nil && $0.endpoint(.bulk, isIn: false) != nil
        }.min { $0.number < $1.number }
        return partner.map { (communication, $0) }
      }
  }

  /// Sets the line coding, then DTR and RTS.
  public func open(_ coding: USBLineCoding = USBLineCoding()) throws(USBError) {
    try set(coding)
    try set([.dataTerminalReady, .requestToSend])
  }

  /// SET_LINE_CODING. A port that is no real line accepts any.
  public func set(_ coding: USBLineCoding) throws(USBError) {
    try device.control(request(0x20, value: 0), writing: coding.bytes)
  }

  /// SET_CONTROL_LINE_STATE.
  public func set(_ lines: USBControlLines) throws(USBError) {
    try device.control(request(0x22, value: lines.rawValue))
  }

  /// Starts a stream of what the device sends. After a stall: `clearHalt`, then a new stream.
  /// - Parameters:
  ///   - transfers: how many are under way at once.
  ///   - mailbox: where what comes is put down.
  public func stream(
    transfers: Int = 16, into mailbox: Mailbox<USBArrival> = Mailbox()
  ) throws(USBError) -> USBInQueue {
    // One packet a transfer: what ends with a full packet must not wait for the next, which may never come.
    try USBInQueue(device, bulkIn, transfers: transfers, size: bulkIn.maximumPacketSize, into: mailbox)
  }

  /// Makes the endpoint of the stream usable again after a stall.
  public func clearHalt() throws(USBError) { try device.clearHalt(bulkIn) }

  /// Writes all bytes.
  /// - Throws: `.short` where the device took fewer.
  public func write(_ bytes: [UInt8], timeout: Milliseconds = Milliseconds(500)) throws(USBError) {
    try device.write(bytes, to: bulkOut, timeout: timeout)
  }

  private func request(_ code: UInt8, value: UInt16) -> USBControlRequest {
    USBControlRequest(requestType: 0x21, request: code, value: value, index: UInt16(communication.number))
  }
}

/// How a serial line is coded (PSTN 1.2 table 17).
public struct USBLineCoding: Equatable, Sendable {
  public var rate: BitsPerSecond
  public var stopBits: StopBits
  public var parity: Parity
  /// 5 to 8, or 16.
  public var dataBits: UInt8

  public enum StopBits: UInt8, Sendable { case one, oneAndHalf, two }
  public enum Parity: UInt8, Sendable { case none, odd, even, mark, space }

  /// 115,200 bit/s, 8 data bits, no parity, 1 stop bit unless said otherwise.
  public init(
    rate: BitsPerSecond = BitsPerSecond(115_200), stopBits: StopBits = .one, parity: Parity = .none,
    dataBits: UInt8 = 8
  ) {
    self.rate = rate
    self.stopBits = stopBits
    self.parity = parity
    self.dataBits = dataBits
  }

  /// The seven bytes of SET_LINE_CODING.
  public var bytes: [UInt8] {
    let rate = UInt32(bitPattern: self.rate.rawValue)
    return (0..<4).map { UInt8(truncatingIfNeeded: rate >> (8 * $0)) }
      + [stopBits.rawValue, parity.rawValue, dataBits]
  }
}

/// The control lines of a serial port (PSTN 1.2 table 18).
public struct USBControlLines: OptionSet, Hashable, Sendable {
  public var rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// DTR: somebody listens.
  public static let dataTerminalReady = Self(rawValue: 1)
  /// RTS.
  public static let requestToSend = Self(rawValue: 2)
}
