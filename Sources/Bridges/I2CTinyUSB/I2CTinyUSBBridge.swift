public import Quantities
public import RegisterBus
public import USBTransport

/// I2C behind the firmware i2c-tiny-usb: AVR boards, and the Raspberry Pi Pico with compatible firmware.
///
/// A write takes two control transfers, a read three: firmwares tell by the status, not by the transfer, whether the
/// address was acknowledged. No transfer without data is made, which one firmware takes for a read. A firmware does not
/// say whether a data byte was acknowledged. The bridge belongs to one thread.
public struct I2CTinyUSBBridge: RegisterBus {
  public static let identities = [
    USBIdentity(vendor: 0x0403, product: 0xC631), USBIdentity(vendor: 0x1C40, product: 0x0534),
  ]

  /// What the smallest firmware takes in one transfer.
  public static var capacity: Int { 64 }

  /// Control transfers that were made.
  public private(set) var transfers = 0
  /// What went wrong on USB behind the last error; `nil` where the fault was on the bus.
  public private(set) var lastFault: USBError?

  private let device: USBDevice
  private let timeout: Milliseconds

  /// - Throws: `.notFound` where the device is no i2c-tiny-usb.
  public init(_ device: USBDevice, timeout: Milliseconds = Milliseconds(500)) throws(USBError) {
    guard Self.identities.contains(device.info.identity), let interface = device.info.interfaces.first
    else { throw device.failure(.notFound, .claim(0)) }
    try device.claim(interface)
    self.device = device
    self.timeout = timeout
  }

  private enum Request {
    static let status: UInt8 = 3
    static let transfer: UInt8 = 4
    static let begin: UInt8 = 1
    static let end: UInt8 = 2
  }

  public mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
    guard !batch.isOverfull else { throw RegisterBusError(.overfullBatch) }
    lastFault = nil
    for index in 0..<batch.count {
      guard let operation = batch.operation(index) else { break }
      // The register goes with the bytes of a write; a read without bytes would be a transfer without data.
      let isTooLong =
        operation.direction == .write ? operation.count >= Self.capacity : operation.count > Self.capacity
      guard !isTooLong, operation.direction == .write || operation.count > 0 else {
        throw RegisterBusError(.unsupported, operation: index, address: operation.address)
      }
      do throws(Fault) {
        switch operation.direction {
        case .write:
          let bytes = [operation.register] + (0..<operation.count).map { batch.byte($0, of: index) }
          try write(bytes, to: operation.address, Request.begin | Request.end)
        case .read:
          try write([operation.register], to: operation.address, Request.begin)
          let bytes = try read(operation.count, from: operation.address)
          for (position, byte) in bytes.enumerated() { batch.store(byte, at: position, of: index) }
        }
        try checkStatus()
      } catch {
        throw RegisterBusError(explain(error), operation: index, address: operation.address)
      }
    }
  }

  private enum Fault: Error {
    case usb(USBError)
    case bus(RegisterBusError.Cause)
  }

  private mutating func write(_ bytes: [UInt8], to address: BusAddress, _ flags: UInt8) throws(Fault) {
    transfers += 1
    do throws(USBError) {
      try device.control(
        USBControlRequest(
          requestType: 0x41, request: Request.transfer | flags, index: UInt16(address.rawValue)),
        writing: bytes, timeout: timeout)
    } catch {
      throw .usb(error)
    }
  }

  private mutating func read(_ count: Int, from address: BusAddress) throws(Fault) -> [UInt8] {
    transfers += 1
    let bytes: [UInt8]
    do throws(USBError) {
      bytes = try device.control(
        USBControlRequest(
          requestType: 0xC1, request: Request.transfer | Request.begin | Request.end, value: 1,
          index: UInt16(address.rawValue)), reading: count, timeout: timeout)
    } catch {
      throw .usb(error)
    }
    guard bytes.count == count else { throw .bus(.shortAnswer) }
    return bytes
  }

  /// 1 is an acknowledged address, 2 one that was not.
  private mutating func checkStatus() throws(Fault) {
    transfers += 1
    let status: [UInt8]
    do throws(USBError) {
      status = try device.control(
        USBControlRequest(requestType: 0xC1, request: Request.status), reading: 1, timeout: timeout)
    } catch {
      throw .usb(error)
    }
    switch status {
    case [1]: return
    case [2]: throw .bus(.addressNotAcknowledged)
    case []: throw .bus(.shortAnswer)
    default: throw .bus(.unexpectedAnswer)
    }
  }

  /// A firmware that stalls, or ends the data early, says in its status what that means.
  private mutating func explain(_ fault: Fault) -> RegisterBusError.Cause {
    let cause: RegisterBusError.Cause
    switch fault {
    case .bus(.addressNotAcknowledged): return .addressNotAcknowledged
    case .bus(let other): cause = other
    case .usb(let error):
      lastFault = error
      cause = RegisterBusError.Cause(error.cause)
      guard error.cause == .stalled || cause == .shortAnswer else { return cause }
    }
    guard cause != .unexpectedAnswer || lastFault != nil else { return cause }
    do throws(Fault) {
      try checkStatus()
    } catch .bus(.addressNotAcknowledged) {
      lastFault = nil
      return .addressNotAcknowledged
    } catch {
      return cause
    }
    return cause
  }
}
