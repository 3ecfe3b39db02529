import CLibUSB
import Glibc
public import Quantities
import Threading

// Synchronous calls: for a port's thread, which waits in one place. All throw `USBError`.

extension USBDevice {
  /// Reads one transfer from a bulk or interrupt endpoint: until a short packet, or `capacity` is full.
  /// - Parameters:
  ///   - capacity: how many bytes are wanted at most; rounded up to whole packets, so that a device that sends a packet
  ///     more is heard and not cut off.
  ///   - timeout: at least 1 ms.
  /// - Returns: what came; where the time-out passed behind some packets, those.
  /// - Throws: `.timedOut` where nothing came in time.
  public func read(
    _ endpoint: USBEndpoint, capacity: Int, timeout: Milliseconds
  ) throws(USBError) -> [UInt8] {
    let packet = max(1, endpoint.maximumPacketSize)
    let length = max(1, (max(1, capacity) + packet - 1) / packet) * packet
    return try transfer(endpoint, [UInt8](repeating: 0, count: length), timeout)
  }

  /// Writes `bytes` as one transfer to a bulk or interrupt endpoint.
  /// - Throws: `.short` where the device took fewer.
  public func write(
    _ bytes: [UInt8], to endpoint: USBEndpoint, timeout: Milliseconds
  ) throws(USBError) {
    let written = try transfer(endpoint, bytes, timeout).count
    guard written == bytes.count else {
      throw failure(
        .short(expected: bytes.count, done: written), .transfer(endpoint.kind, endpoint.address))
    }
  }

  /// A control transfer towards the host; gives what came, which may be fewer bytes than `count`.
  public func control(
    _ request: USBControlRequest, reading count: Int, timeout: Milliseconds = Milliseconds(500)
  ) throws(USBError) -> [UInt8] {
    try control(request, [UInt8](repeating: 0, count: max(0, min(count, 0xFFFF))), timeout)
  }

  /// A control transfer towards the device; at most 65,535 bytes.
  /// - Throws: `.short` where the device took fewer.
  public func control(
    _ request: USBControlRequest, writing bytes: [UInt8] = [], timeout: Milliseconds = Milliseconds(500)
  ) throws(USBError) {
    guard bytes.count <= 0xFFFF else { throw failure(.overflow, .control(request)) }
    let written = try control(request, bytes, timeout).count
    guard written == bytes.count else {
      throw failure(.short(expected: bytes.count, done: written), .control(request))
    }
  }

  /// Makes a halted endpoint usable again.
  public func clearHalt(_ endpoint: USBEndpoint) throws(USBError) {
    let action = USBError.Action.clearHalt(endpoint.address)
    try use(action) { () throws(USBError) in
      let result = unsafe libusb_clear_halt(handle, endpoint.address.rawValue)
      guard result == 0 else { throw failure(USBError.Cause(libusb: result), action) }
    }
  }

  private func transfer(
    _ endpoint: USBEndpoint, _ bytes: [UInt8], _ timeout: Milliseconds
  ) throws(USBError) -> [UInt8] {
    let action = USBError.Action.transfer(endpoint.kind, endpoint.address)
    let type =
      switch endpoint.kind {
      case .bulk: LIBUSB_TRANSFER_TYPE_BULK
      case .interrupt: LIBUSB_TRANSFER_TYPE_INTERRUPT
      case .control, .isochronous: throw failure(.notSupported, action)
      }
    return try run(
      Call(type: type, endpoint: endpoint.address.rawValue, head: 0, bytes: bytes, timeout: timeout), action)
  }

  private func control(
    _ request: USBControlRequest, _ bytes: [UInt8], _ timeout: Milliseconds
  ) throws(USBError) -> [UInt8] {
    let setUp = request.setUp(length: bytes.count)
    return try run(
      Call(
        type: LIBUSB_TRANSFER_TYPE_CONTROL, endpoint: 0, head: setUp.count, bytes: setUp + bytes,
        timeout: timeout), .control(request))
  }

  private func run(_ call: Call, _ action: USBError.Action) throws(USBError) -> [UInt8] {
    try use(action) { () throws(USBError) in
      guard let transfer = unsafe libusb_alloc_transfer(0) else { throw failure(.noMemory, action) }
      defer { unsafe libusb_free_transfer(transfer) }
      let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, call.bytes.count))
      defer { unsafe buffer.deallocate() }
      for index in call.bytes.indices { unsafe (buffer + index).initialize(to: call.bytes[index]) }
      let end = CallEnd()

      unsafe transfer.pointee.dev_handle = handle
      unsafe transfer.pointee.endpoint = call.endpoint
      unsafe transfer.pointee.type = UInt8(truncatingIfNeeded: call.type.rawValue)
      unsafe transfer.pointee.timeout = UInt32(clamping: max(1, call.timeout.rawValue))
      unsafe transfer.pointee.buffer = buffer
      unsafe transfer.pointee.length = Int32(clamping: call.bytes.count)
      unsafe transfer.pointee.user_data = Unmanaged.passUnretained(end).toOpaque()
      unsafe transfer.pointee.callback = callIsDone

      guard let result = unsafe submit(transfer) else { throw failure(.closed, action) }
      guard result == 0 else { throw failure(USBError.Cause(libusb: result), action) }
      while !end.hasCome {
        let result = unsafe libusb_handle_events_completed(context.pointer, end.flag)
        if result < 0, result != LIBUSB_ERROR_INTERRUPTED.rawValue { unsafe libusb_cancel_transfer(transfer) }
      }
      unsafe finished(transfer)

      let done = max(0, Int(unsafe transfer.pointee.actual_length))
      let status = unsafe transfer.pointee.status
      let keepsPart = call.keepsPart && done > 0 && status == LIBUSB_TRANSFER_TIMED_OUT
      if !keepsPart, let cause = USBError.Cause(status, timeout: call.timeout, done: done) {
        throw failure(cause, action)
      }
      return unsafe [UInt8](UnsafeBufferPointer(start: buffer + call.head, count: done))
    }
  }
}

/// What a synchronous call transfers.
private struct Call {
  var type: libusb_transfer_type
  var endpoint: UInt8
  /// Bytes of the set-up stage in front.
  var head: Int
  var bytes: [UInt8]
  var timeout: Milliseconds

  /// What came from the device before the time-out is worth having.
  var keepsPart: Bool { head == 0 && endpoint & 0x80 != 0 }
}

/// Whether libusb has finished with a transfer. Its callback may run in another thread: the lock hands over what that
/// thread wrote. libusb looks at the flag while it waits.
@safe private final class CallEnd: @unchecked Sendable {
  let flag: UnsafeMutablePointer<Int32>
  private let lock = ThreadLock()

  init() {
    unsafe flag = .allocate(capacity: 1)
    unsafe flag.initialize(to: 0)
  }

  deinit { unsafe flag.deallocate() }

  var hasCome: Bool { lock.with { unsafe flag.pointee != 0 } }

  func come() { lock.with { unsafe flag.pointee = 1 } }
}

/// The call holds its end until `hasCome`.
private let callIsDone: @convention(c) (UnsafeMutablePointer<libusb_transfer>?) -> Void = { transfer in
  guard let context = unsafe transfer?.pointee.user_data else { return }
  unsafe Unmanaged<CallEnd>.fromOpaque(context).takeUnretainedValue().come()
}
