import CLibUSB
import Threading

/// An open device.
///
/// Calls may come from several threads; each waits for its own transfer. Whatever happens to the device meanwhile, a
/// call ends: with data, with its time-out, or with the error that says what happened.
@safe public final class USBDevice: @unchecked Sendable {
  public let info: USBDeviceInfo
  let context: USBContext
  let handle: OpaquePointer

  private let lock = ThreadLock()
  private var isClosing = false
  /// Calls and changes that use the handle at this moment.
  private var users = 0
  private var calls: [UnsafeMutablePointer<libusb_transfer>] = unsafe []
  private var queues: [InQueueTransfers] = []
  /// Interfaces that are ours, and whether a kernel driver wants them back.
  private var claimed: [UInt8: Bool] = [:]
  /// Closed when nobody uses the handle any more.
  private let idle = Mailbox<Bool>()

  init(_ handle: OpaquePointer, info: USBDeviceInfo, context: USBContext) {
    unsafe self.handle = handle
    self.info = info
    self.context = context
  }

  deinit { close() }

  public var name: USBDeviceName { USBDeviceName(info) }

  /// An error of this device.
  public func failure(_ cause: USBError.Cause, _ action: USBError.Action) -> USBError {
    USBError(cause, action, of: name)
  }

  // MARK: Interfaces

  /// Takes an interface; a kernel driver that holds it is sent away and called back by `release` or `close`.
  public func claim(_ interface: USBInterface) throws(USBError) {
    let number = interface.number
    try use(.claim(number)) { () throws(USBError) in
      guard lock.with({ claimed[number] == nil }) else { return }
      let hadDriver = unsafe libusb_kernel_driver_active(handle, Int32(number)) == 1
      if hadDriver {
        let result = unsafe libusb_detach_kernel_driver(handle, Int32(number))
        guard result == 0 || result == LIBUSB_ERROR_NOT_FOUND.rawValue else {
          throw failure(USBError.Cause(libusb: result), .claim(number))
        }
      }
      let result = unsafe libusb_claim_interface(handle, Int32(number))
      guard result == 0 else {
        if hadDriver { unsafe libusb_attach_kernel_driver(handle, Int32(number)) }
        throw failure(USBError.Cause(libusb: result), .claim(number))
      }
      lock.with { claimed[number] = hadDriver }
      guard interface.alternate != 0 else { return }
      let setting = unsafe libusb_set_interface_alt_setting(
        handle, Int32(number), Int32(interface.alternate))
      guard setting == 0 else { throw failure(USBError.Cause(libusb: setting), .claim(number)) }
    }
  }

  /// Gives an interface back, to the kernel driver that had it. On a device that is gone this does nothing.
  public func release(_ interface: USBInterface) {
    try? use(.claim(interface.number)) { () throws(USBError) in giveBack(interface.number) }
  }

  private func giveBack(_ number: UInt8) {
    guard let hadDriver = lock.with({ claimed.removeValue(forKey: number) }) else { return }
    unsafe libusb_release_interface(handle, Int32(number))
    if hadDriver { unsafe libusb_attach_kernel_driver(handle, Int32(number)) }
  }

  // MARK: Closing

  /// Ends what is under way (calls end with `.cancelled`, queues close), gives the interfaces back and closes the
  /// device. Calls afterwards end with `.closed`. Not to be called in the event thread.
  public func close() {
    let first = lock.with {
      defer { isClosing = true }
      return !isClosing
    }
    guard first else { return }
    for queue in lock.with({ queues }) { queue.stop() }
    cancelCalls()
    if !lock.with({ users == 0 }) { while !idle.take(until: .max).isClosed {} }
    for number in claimed.keys { giveBack(number) }
    unsafe libusb_close(handle)
  }

  /// Ends the calls that are waiting, with `.cancelled`.
  public func cancelCalls() {
    lock.with { unsafe calls.forEach { unsafe _ = libusb_cancel_transfer($0) } }
  }

  // MARK: For calls and queues

  /// Keeps the handle open while `body` runs.
  func use<Value>(
    _ action: USBError.Action, _ body: () throws(USBError) -> Value
  ) throws(USBError) -> Value {
    let isOpen = lock.with {
      if !isClosing { users += 1 }
      return !isClosing
    }
    guard isOpen else { throw failure(.closed, action) }
    defer {
      let isLast = lock.with {
        users -= 1
        return isClosing && users == 0
      }
      if isLast { idle.close() }
    }
    return try body()
  }

  /// Hands a transfer to libusb unless the device is being closed; gives libusb's code, `nil` where it is.
  func submit(_ call: UnsafeMutablePointer<libusb_transfer>) -> Int32? {
    lock.with {
      guard !isClosing else { return nil }
      let result = unsafe libusb_submit_transfer(call)
      if result == 0 { unsafe calls.append(call) }
      return result
    }
  }

  func finished(_ call: UnsafeMutablePointer<libusb_transfer>) {
    lock.with { unsafe calls.removeAll { unsafe $0 == call } }
  }

  func add(_ queue: InQueueTransfers) { lock.with { queues.append(queue) } }

  func remove(_ queue: InQueueTransfers) { lock.with { queues.removeAll { $0 === queue } } }
}
