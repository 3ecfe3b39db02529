import CLibUSB
import Quantities

extension USBError.Cause {
  /// From an error code of libusb.
  init(libusb code: Int32) {
    switch libusb_error(code) {
    case LIBUSB_ERROR_IO: self = .transferFailed
    case LIBUSB_ERROR_ACCESS: self = .notPermitted
    case LIBUSB_ERROR_NO_DEVICE: self = .gone
    case LIBUSB_ERROR_NOT_FOUND: self = .notFound
    case LIBUSB_ERROR_BUSY: self = .busy
    case LIBUSB_ERROR_OVERFLOW: self = .overflow
    case LIBUSB_ERROR_PIPE: self = .stalled
    case LIBUSB_ERROR_NO_MEM: self = .noMemory
    case LIBUSB_ERROR_NOT_SUPPORTED: self = .notSupported
    default: self = .other(code)
    }
  }

  /// From the status of a transfer; `nil` where it was completed.
  init?(_ status: libusb_transfer_status, timeout: Milliseconds, done: Int) {
    switch status {
    case LIBUSB_TRANSFER_COMPLETED: return nil
    case LIBUSB_TRANSFER_TIMED_OUT: self = .timedOut(timeout, done: done)
    case LIBUSB_TRANSFER_CANCELLED: self = .cancelled
    case LIBUSB_TRANSFER_STALL: self = .stalled
    case LIBUSB_TRANSFER_NO_DEVICE: self = .gone
    case LIBUSB_TRANSFER_OVERFLOW: self = .overflow
    default: self = .transferFailed
    }
  }
}
