import CLibUSB
import Glibc
import Quantities
import Threading

/// The transfers of one queue. libusb's callbacks hold it as long as one of them is under way.
@safe final class InQueueTransfers: @unchecked Sendable {
  private let lock = ThreadLock()
  private let name: USBDeviceName
  private let endpoint: USBEndpoint
  private let arrivals: Mailbox<USBArrival>
  private var transfers: [UnsafeMutablePointer<libusb_transfer>] = unsafe []
  private var underWay = 0
  private var isStopping = false
  /// Closed when nothing is under way any more.
  private let idle = Mailbox<Bool>()

  init(_ device: USBDevice, _ endpoint: USBEndpoint, _ arrivals: Mailbox<USBArrival>) {
    name = device.name
    self.endpoint = endpoint
    self.arrivals = arrivals
  }

  private var action: USBError.Action { .transfer(endpoint.kind, endpoint.address) }

  func start(_ device: USBDevice, count: Int, size: Int) throws(USBError) {
    let type =
      endpoint.kind == .interrupt ? LIBUSB_TRANSFER_TYPE_INTERRUPT : LIBUSB_TRANSFER_TYPE_BULK
    guard endpoint.kind == .bulk || endpoint.kind == .interrupt, endpoint.address.isIn else {
      throw USBError(.notSupported, action, of: name)
    }
    let packet = max(1, endpoint.maximumPacketSize)
    let length = (size + packet - 1) / packet * packet
    let failure: Int32? = lock.with {
      for _ in 0..<count {
        guard let transfer = unsafe libusb_alloc_transfer(0) else { break }
        unsafe transfer.pointee.dev_handle = device.handle
        unsafe transfer.pointee.endpoint = endpoint.address.rawValue
        unsafe transfer.pointee.type = UInt8(truncatingIfNeeded: type.rawValue)
        unsafe transfer.pointee.buffer = .allocate(capacity: length)
        unsafe transfer.pointee.length = Int32(clamping: length)
        unsafe transfer.pointee.user_data = Unmanaged.passRetained(self).toOpaque()
        unsafe transfer.pointee.callback = transferIsDone
        let result = unsafe libusb_submit_transfer(transfer)
        guard result == 0 else {
          unsafe free(transfer)
          // With fewer under way than asked for the stream still runs.
          return underWay == 0 ? result : nil
        }
        unsafe transfers.append(transfer)
        underWay += 1
      }
      return underWay == 0 ? LIBUSB_ERROR_NO_MEM.rawValue : nil
    }
    if let failure {
      finish()
      throw USBError(USBError.Cause(libusb: failure), action, of: name)
    }
  }

  /// Cancels what is under way and waits for its end.
  func stop() {
    let isIdle = lock.with {
      cancelAll()
      return underWay == 0
    }
    if !isIdle { while !idle.take(until: .max).isClosed {} }
  }

  /// In libusb's callback.
  func done(_ transfer: UnsafeMutablePointer<libusb_transfer>) {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    let now = Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    let isLast = lock.with {
      let count = max(0, Int(unsafe transfer.pointee.actual_length))
      if count > 0 {
        let bytes = unsafe [UInt8](UnsafeBufferPointer(start: transfer.pointee.buffer, count: count))
        arrivals.put([.bytes(bytes, at: now)])
      }
      var cause = USBError.Cause(
        unsafe transfer.pointee.status, timeout: Milliseconds(0), done: count)
      if cause == nil, !isStopping {
        let result = unsafe libusb_submit_transfer(transfer)
        if result == 0 { return false }
        cause = USBError.Cause(libusb: result)
      }
      if let cause, !isStopping {
        arrivals.put([.fault(USBError(cause, action, of: name))])
        unsafe transfers.removeAll { unsafe $0 == transfer }
        cancelAll()
      }
      unsafe transfers.removeAll { unsafe $0 == transfer }
      unsafe free(transfer)
      underWay -= 1
      return underWay == 0
    }
    if isLast { finish() }
  }

  private func cancelAll() {
    isStopping = true
    unsafe transfers.forEach { unsafe _ = libusb_cancel_transfer($0) }
  }

  private func finish() {
    arrivals.close()
    idle.close()
  }

  private func free(_ transfer: UnsafeMutablePointer<libusb_transfer>) {
    unsafe Unmanaged<InQueueTransfers>.fromOpaque(transfer.pointee.user_data).release()
    unsafe transfer.pointee.buffer.deallocate()
    unsafe libusb_free_transfer(transfer)
  }
}

/// libusb has finished with a transfer of a queue. The queue may go when its last transfer does: it is held here.
private let transferIsDone: @convention(c) (UnsafeMutablePointer<libusb_transfer>?) -> Void = { transfer in
  guard let transfer = unsafe transfer else { return }
  let queue = unsafe Unmanaged<InQueueTransfers>.fromOpaque(transfer.pointee.user_data)
  unsafe queue.takeUnretainedValue().done(transfer)
}
