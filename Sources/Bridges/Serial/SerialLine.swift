import Glibc
public import Quantities

/// How fast a serial port talks: 8 bits, no parity, one stop bit.
public enum SerialSpeed: Sendable {
  case baud9600, baud115200, baud921600

  fileprivate var code: speed_t {
    switch self {
    case .baud9600: speed_t(B9600)
    case .baud115200: speed_t(B115200)
    case .baud921600: speed_t(B921600)
    }
  }
}

/// Why a serial port that was open does not work.
public struct SerialError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Cause: Equatable, Sendable {
    /// It was unplugged, or closed at the other end.
    case gone
    /// Not all was taken in time; so many bytes were.
    case timedOut(done: Int)
    case system(errorNumber: Int32)
  }

  public var path: String
  public var cause: Cause

  public init(path: String, cause: Cause) {
    self.path = path
    self.cause = cause
  }

  public var description: String {
    switch cause {
    case .gone: "\(path): the serial port is gone; plug it in again"
    case .timedOut(let done): "\(path): the serial port took \(done) bytes only"
    case .system(let number): "\(path): \(SystemError.words(number))"
    }
  }
}

/// A serial port of this machine, as bytes: nothing is echoed, translated or held back. It belongs to one thread.
public final class SerialLine {
  public let path: String
  private let file: OpenFile

  /// Opens the port for this program alone, and forgets what had come before.
  /// - Throws: `.cannotOpen` with what to do, `.noSerialPort` where it is none, or does not talk at this speed.
  public init(path: String, speed: SerialSpeed = .baud115200) throws(BridgeError) {
    let descriptor = unsafe open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw BridgeError(.cannotOpen(path, errorNumber: errno)) }
    file = OpenFile(descriptor)
    self.path = path
    var settings = termios()
    guard unsafe tcgetattr(descriptor, &settings) == 0 else {
      throw BridgeError(.noSerialPort(path, errorNumber: errno))
    }
    unsafe cfmakeraw(&settings)
    // No modem control: the lines of a three-wire cable are not connected.
    settings.c_cflag |= tcflag_t(CLOCAL | CREAD)
    settings.c_cflag &= ~(tcflag_t(CSTOPB) | tcflag_t(CRTSCTS))
    guard unsafe cfsetspeed(&settings, speed.code) == 0, unsafe tcsetattr(descriptor, TCSANOW, &settings) == 0
    else { throw BridgeError(.noSerialPort(path, errorNumber: errno)) }
    _ = ioctl(descriptor, UInt(TIOCEXCL))
    tcflush(descriptor, TCIOFLUSH)
  }

  /// Writes all of `bytes`.
  /// - Parameter deadline: by CLOCK_MONOTONIC.
  /// - Throws: `.timedOut` where the port did not take them in time.
  public func write(_ bytes: [UInt8], until deadline: Instant) throws(SerialError) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(file.descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
      }
      if count > 0 {
        done += count
      } else if count < 0, errno != EAGAIN, errno != EINTR {
        throw failure(errno)
      } else if try !wait(for: POLLOUT, until: deadline) {
        throw SerialError(path: path, cause: .timedOut(done: done))
      }
    }
  }

  /// Reads what is there, and waits for it where nothing is.
  /// - Parameters:
  ///   - capacity: how many bytes at most.
  ///   - deadline: by CLOCK_MONOTONIC; one that has passed does not wait.
  /// - Returns: nothing where nothing came in time.
  public func read(_ capacity: Int, until deadline: Instant) throws(SerialError) -> [UInt8] {
    guard capacity > 0, try wait(for: POLLIN, until: deadline) else { return [] }
    var bytes = [UInt8](repeating: 0, count: capacity)
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe Glibc.read(file.descriptor, buffer.baseAddress, buffer.count)
    }
    guard count >= 0 else {
      if errno == EAGAIN || errno == EINTR { return [] }
      throw failure(errno)
    }
    // Ready to be read, and nothing in it: the other end is gone.
    guard count > 0 else { throw SerialError(path: path, cause: .gone) }
    return Array(bytes.prefix(count))
  }

  private func wait(for events: Int32, until deadline: Instant) throws(SerialError) -> Bool {
    while true {
      let span = max(0, (deadline - MonotonicTime.now()).rawValue)
      // Rounded up: a wait that ends early would be made again and again.
      let milliseconds = Int32(clamping: span / 1_000_000 + (span % 1_000_000 == 0 ? 0 : 1))
      var request = pollfd(fd: file.descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
      let result = unsafe poll(&request, 1, milliseconds)
      if result > 0 { return true }
      if result == 0 { return false }
      guard errno == EINTR else { throw failure(errno) }
    }
  }

  private func failure(_ number: Int32) -> SerialError {
    switch number {
    case EIO, ENODEV, ENXIO, EBADF, EPIPE: SerialError(path: path, cause: .gone)
    default: SerialError(path: path, cause: .system(errorNumber: number))
    }
  }
}
