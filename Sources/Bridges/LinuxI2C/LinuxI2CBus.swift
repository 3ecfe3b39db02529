import CLinuxI2C
import Glibc
public import RegisterBus

/// An I2C bus that the Linux kernel drives, through `/dev/i2c-N`.
///
/// Each operation is one call of I2C_RDWR: a write is one message, a read two with a repeated START between them. The
/// operations of a batch are calls of their own, as the kernel puts STOP only behind the last message of a call. What
/// an adapter's driver reports as EIO may be anything that went wrong on the bus. The bus belongs to one thread.
public struct LinuxI2CBus: RegisterBus {
  /// The node, as `/dev/i2c-1`.
  public let path: String
  /// Calls of the kernel.
  public private(set) var calls = 0
  /// The error number of the last call; 0 where it went well.
  public private(set) var lastErrorNumber: Int32 = 0

  private let file: OpenFile

  /// Opens the node and sees that its adapter carries out plain I2C messages.
  public init(path: String) throws(BridgeError) {
    let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw BridgeError(.cannotOpen(path, errorNumber: errno)) }
    try self.init(descriptor: descriptor, path: path)
  }

  /// Takes over a node that is open; it is closed when the bus goes.
  public init(descriptor: Int32, path: String) throws(BridgeError) {
    file = OpenFile(descriptor)
    self.path = path
    var functions: UInt = 0
    let number = unsafe ofc_i2c_functions(descriptor, &functions)
    guard number == 0 else { throw BridgeError(.noI2CBus(path, errorNumber: number)) }
    guard functions & UInt(ofc_i2c_can_transfer) != 0 else { throw BridgeError(.onlySMBus(path)) }
  }

  public var lastProblem: String? {
    lastErrorNumber == 0 ? nil : "\(path): \(SystemError.words(lastErrorNumber))"
  }

  public mutating func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
    guard !batch.isOverfull else { throw RegisterBusError(.overfullBatch) }
    lastErrorNumber = 0
    for index in 0..<batch.count {
      guard let operation = batch.operation(index) else { break }
      guard operation.direction == .write || operation.count > 0 else {
        throw RegisterBusError(.unsupported, operation: index, address: operation.address)
      }
      var bytes = [operation.register]
      if operation.direction == .write { bytes += (0..<operation.count).map { batch.byte($0, of: index) } }
      var answer = [UInt8](repeating: 0, count: operation.direction == .read ? operation.count : 0)
      calls += 1
      lastErrorNumber = transfer(operation.address, &bytes, &answer)
      guard lastErrorNumber == 0 else {
        throw RegisterBusError(
          RegisterBusError.Cause(errorNumber: lastErrorNumber), operation: index, address: operation.address)
      }
      for (position, byte) in answer.enumerated() { batch.store(byte, at: position, of: index) }
    }
  }

  private func transfer(_ address: BusAddress, _ bytes: inout [UInt8], _ answer: inout [UInt8]) -> Int32 {
    unsafe bytes.withUnsafeMutableBufferPointer { written in
      unsafe answer.withUnsafeMutableBufferPointer { read in
        var messages = unsafe [
          i2c_msg(
            addr: UInt16(address.rawValue), flags: 0, len: UInt16(clamping: written.count),
            buf: written.baseAddress)
        ]
        if !read.isEmpty {
          unsafe messages.append(
            i2c_msg(
              addr: UInt16(address.rawValue), flags: ofc_i2c_read, len: UInt16(clamping: read.count),
              buf: read.baseAddress))
        }
        return unsafe ofc_i2c_transfer(file.descriptor, &messages, UInt32(messages.count))
      }
    }
  }
}

extension RegisterBusError.Cause {
  /// What an error number of I2C_RDWR means (the kernel's i2c/fault-codes).
  public init(errorNumber: Int32) {
    switch errorNumber {
    case ENXIO, EREMOTEIO: self = .addressNotAcknowledged
    case EAGAIN: self = .arbitrationLost
    case EBUSY: self = .lineStuckLow
    case ETIMEDOUT: self = .timedOut
    case ENODEV, ENOENT, EBADF, ESHUTDOWN: self = .deviceGone
    case EOPNOTSUPP, EINVAL, EMSGSIZE, ENOTTY: self = .unsupported
    default: self = .unexpectedAnswer
    }
  }
}
