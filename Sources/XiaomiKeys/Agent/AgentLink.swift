import Glibc
import Quantities

/// A stream to an agent: a socket, and the process at its other end where it is ours.
///
/// A program gets a pair of sockets for its standard input and output, not pipes: they are closed on exec from their
/// first moment on, and writing to them never raises SIGPIPE.
final class AgentLink {
  /// The longest path that `sockaddr_un` takes.
  static let longestPath = 107

  let descriptor: Int32
  private let process: pid_t?

  init(descriptor: Int32, process: pid_t?) {
    self.descriptor = descriptor
    self.process = process
  }

  /// Why there is no link: a number of the system's.
  struct Failure: Error { let number: Int32 }

  /// Connects to the socket of an agent that runs already.
  static func connect(_ path: String) throws(Failure) -> AgentLink {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else { throw Failure(number: errno) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) {
      unsafe $0.copyBytes(from: path.utf8.prefix(longestPath))
    }
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe Glibc.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else {
      let number = errno
      close(descriptor)
      throw Failure(number: number)
    }
    return AgentLink(descriptor: descriptor, process: nil)
  }

  /// What has come, at most `most` bytes; empty when nothing has, `nil` when nothing will any more.
  func receive(_ most: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: most)
    let count = unsafe recv(descriptor, &bytes, most, Int32(MSG_DONTWAIT))
    if count < 0, AgentLink.isPassing(errno) { return [] }
    guard count > 0 else { return nil }
    bytes.removeLast(most - count)
    return bytes
  }

  /// Sends what goes without waiting.
  /// - Returns: how many bytes went; `nil` when none will any more.
  func send(_ bytes: [UInt8]) -> Int? {
    let count = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    if count < 0 { return AgentLink.isPassing(errno) ? 0 : nil }
    return count
  }

  private static func isPassing(_ number: Int32) -> Bool {
    number == EAGAIN || number == EWOULDBLOCK || number == EINTR
  }

  /// Closes the stream, waits until the program has ended, and after `grace` makes it end.
  /// - Returns: how it ended.
  func end(grace: Nanoseconds) -> String {
    guard let process else {
      close(descriptor)
      return "has closed the connection"
    }
    shutdown(descriptor, Int32(SHUT_WR))
    let deadline = MonotonicTime.now + grace
    while !AgentLink.hasEnded(process), MonotonicTime.now < deadline {
      // What it still writes is read away, so that it does not wait for a reader instead of ending.
      var end = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if unsafe poll(&end, 1, 2) > 0, receive(4_096) == nil { _ = poll(nil, 0, 2) }
    }
    close(descriptor)
    // The whole group, before the process is waited for: until then its number cannot be anybody else's.
    kill(-process, SIGKILL)
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 {
      if errno != EINTR { return "has ended" }
    }
    return status & 0x7F == 0
      ? "has ended with exit status \(status >> 8 & 0xFF)" : "was ended by signal \(status & 0x7F)"
  }

  /// Whether our program has ended, though its stream may still be open in a process that it started.
  var hasEnded: Bool { process.map(AgentLink.hasEnded) ?? false }

  private static func hasEnded(_ process: pid_t) -> Bool {
    var information = unsafe siginfo_t()
    let result = unsafe waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT)
    guard result == 0 else { return errno != EINTR }
    return unsafe information.si_signo != 0
  }
}

/// CLOCK_MONOTONIC.
enum MonotonicTime {
  static var now: Instant {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
  }
}
